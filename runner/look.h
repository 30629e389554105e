/* Reads what stuck jobs hang in, by children that end by themselves or are abandoned. */
#ifndef BEE_RUNNER_LOOK_H
#define BEE_RUNNER_LOOK_H

#include "gatherer.h"
#include "job.h"

void look_start(struct gatherer *gatherer, struct job *const *stuck, size_t count);
/* Takes what they found until `deadline`; what has not answered is left behind. */
void look_wait(nsec_t deadline);

/* For children that read /proc: */
#define LOOK_PROCESSES 32 /* of one job */
#define LOOK_FILE 8192    /* bytes of a file; a stack is far shorter */
/* Contents of /proc/PID/NAME as a string, "" when it cannot be read. */
void look_read(pid_t pid, const char *name, char out[LOOK_FILE]);
/* What look_stat() finds in /proc/PID/stat, in whose text they stand. */
struct look_stat {
	char *comm, *parent, *starttime;
	char state;
};
bool look_stat(char *text, struct look_stat *stat);
/* Writes the frame of a process, as gather_msg.h has it; nothing where there is none. */
void look_frame(int out, pid_t pid);
/* `init` and its descendants, parents before their children: how many. */
size_t look_tree(pid_t init, pid_t found[LOOK_PROCESSES]);
/* From here on it opens and reads files, writes, and nothing else. */
void look_confine(uint64_t caps);
/* The same, and it makes these calls. */
void look_confine_more(uint64_t caps, const int *calls, size_t count);

#endif
