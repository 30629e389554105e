/* What an attacker in a jail tries: each attempt has a name, and had success or not. */
#ifndef BEE_TESTS_ATTEMPTS_H
#define BEE_TESTS_ATTEMPTS_H

#include <stdbool.h>
#include <stddef.h>

struct attempt {
	const char *name;
	bool (*won)(void);
};

/* Tables that end with an attempt without a name. */
extern const struct attempt attempts_around[]; /* what is outside of the jail */
extern const struct attempt
	attempts_calls[]; /* what the kernel offers to every process */
extern const struct attempt attempts_rights[]; /* what a process may be and have */

/* What the attacker is told of the machine: the number of a process outside, a port on which
 * somebody listens there, the key of a queue of messages. */
extern long outside_pid, outside_port, outside_key;

/* The program once more, as somebody else: what it prints there is told. */
bool again(const char *path, const char *mode);
/* CAP_CHOWN, which no policy here grants. */
bool has_rights(void);

#endif
