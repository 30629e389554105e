/* A program and all that it starts, run under ptrace(2): each system call, before and after. */
#ifndef BEE_LEARN_WATCH_H
#define BEE_LEARN_WATCH_H

#include "log.h"

#include <sys/types.h>

/* One call, at its end. */
struct call_seen {
	pid_t pid;
	int number;
	uint64_t args[6];
	int64_t result;   /* of the call, negative errno */
	const char *path; /* as it was named, absolute; NULL: the call has none */
	bool nofollow;    /* a link there is not followed */
};

/*
 * Runs it as a jail does: in /, its environment, an empty standard input, pipes for the others, which
 * are copied to `out` and standard error. Fills the log's tasks, took and status; calls_take() has what
 * each call comes to. False, with a message: it could not be started.
 */
MUST_CHECK bool watch_run(char *const *argv, int out, struct run_log *log);

/* calls.c */
void calls_take(struct run_log *log, const struct call_seen *call);
/* Which arguments are the path and its folder, -1: none. False: the call has no path. */
bool calls_path(int number, const uint64_t args[6], int *path, int *folder,
		bool *nofollow);
/* commands.c: an ioctl that was made, whatever came of it. */
void calls_ioctl(struct run_log *log, const struct call_seen *call, const char *by);
/* The program that a process runs: its name in `by`. */
#define BY_SIZE 64
void calls_by(pid_t pid, char by[BY_SIZE]);
/* What a descriptor of a process leads to; of malloc, NULL: nothing with a name. */
char *calls_descriptor(pid_t pid, int fd);

#endif
