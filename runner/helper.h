/*
 * Children of the monitor that do what may hang, and may be abandoned: they write, look and
 * list. Each has a pipe or socket of its own for what it says, and ends with the monitor unless
 * it hangs in the kernel.
 */
#ifndef BEE_RUNNER_HELPER_H
#define BEE_RUNNER_HELPER_H

#include "clock.h"

#include <sys/types.h>

struct helper {
	pid_t pid; /* 0 in the helper itself */
	int pidfd;
	int answers; /* read end of its pipe; in the helper: the write end */
};

/*
 * Starts one. It inherits every descriptor: it must leave at once what it does not use. 0 in
 * both processes, helper->pid tells which; -errno: there is none.
 */
MUST_CHECK int helper_start(struct helper *helper);
/* In the helper: keeps its pipe and the descriptors 0 to 2 alone, or the pipe alone. */
void helper_keep(const struct helper *helper);
void helper_keep_pipe(const struct helper *helper);
/* In the helper: says `error` (0 or -errno), and ends. */
_Noreturn void helper_answer(const struct helper *helper, int error);
/* Waits for that until `after` past T, then ends the helper. -ETIMEDOUT: it said nothing. */
MUST_CHECK int helper_wait(struct helper *helper, struct audit_clock *clock,
			   nsec_t after);
/* KILL, and nobody waits for what becomes of it. */
void helper_end(struct helper *helper);

#endif
