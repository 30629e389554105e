/* remote.policy: what an image lets orders have. Without a line for it an order has nothing. */
#ifndef BEE_REMOTE_GRANTS_H
#define BEE_REMOTE_GRANTS_H

#include "action.h"

#define GRANTS_MAX 32

struct grants {
	bool net, disk, write;                    /* `write` has `disk` in it */
	char see[GRANTS_MAX][ORDER_NEED_MAX + 1]; /* absolute paths */
	unsigned see_count;
	bool actions[ACTION_KINDS]; /* what an order may have done for it */
	bool filter;                /* packets are filtered; */
	bool open_ssh;              /* but for ssh, which may come in from the start */
	bool override_trust; /* a medium's TRUST, cacert.pem and pubring.gpg count */
	bool debug_sshd;     /* "on-failure sshd": an order that fails leaves a way in */
	uint64_t time_limit; /* the longest that an order may run, in seconds */
	/*
	 * Of no line: the machine has a key of its own, by which it signs what it asks; for who judges an answer: it has
	 * signed the question.
	 */
	bool proved;
};

typedef void grants_error(void *arg, unsigned line, const char *words);
/* 0, or -1 after at least one error. Without a file: grants_none(). */
MUST_CHECK int grants_read(const char *text, size_t len, struct grants *out,
			   grants_error *error, void *arg);
void grants_none(struct grants *out);

/* One "#bee-need" of an order, by its kind. */
struct need {
	enum { NEED_NET, NEED_SEE, NEED_DISK, NEED_WRITE, NEED_KEY } kind;
	const char *value; /* a path, a disk's serial; borrowed from the line */
};

/* Whether `line` is granted. 0; -1 with words where it is not, or is none that there is. */
MUST_CHECK int grants_check(const struct grants *grants, const char *line,
			    struct need *out, struct said *said);
/* Whether this "#bee-do" of the order is. 0; -1 with words. */
MUST_CHECK int grants_check_action(const struct grants *grants, const struct order *order,
				   const char *line, struct said *said);
/* All needs, what is to be done, and the time limit of an order. */
MUST_CHECK int grants_check_order(const struct grants *grants, const struct order *order,
				  struct said *said);

#endif
