/* Whether a process that was written down is still the same one. */
#ifndef BEE_GUEST_PROCESS_H
#define BEE_GUEST_PROCESS_H

#include "util.h"

#include <sys/types.h>

#define BOOT_ID_SIZE 37

struct process {
	pid_t pid;      /* 0: none */
	uint64_t start; /* ticks after boot, proc(5) starttime */
};

/* The kernel's boot id; "" where it cannot be read. */
void boot_id(char out[BOOT_ID_SIZE]);
/* 0 or -errno. */
MUST_CHECK int process_of(pid_t pid, struct process *out);
/*
 * Its pidfd, or -ESRCH: it is not there any more, or was of another boot; another -errno: that
 * cannot be told now. The start time is
 * looked at before and after the pidfd is taken: a number that was given anew in between
 * has another. Command lines tell nothing.
 */
int process_open(const struct process *process, const char boot[BOOT_ID_SIZE]);
enum process_state {
	PROCESS_GONE,
	PROCESS_ALIVE,
	PROCESS_UNKNOWN, /* whoever acts on its end has to wait */
};
enum process_state process_look(const struct process *process,
				const char boot[BOOT_ID_SIZE]);

#endif
