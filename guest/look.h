/* What there is of a guest right now. */
#ifndef BEE_GUEST_LOOK_H
#define BEE_GUEST_LOOK_H

#include "state.h"

enum guest_state {
	GUEST_NONE,     /* nothing is known of it */
	GUEST_STOPPED,  /* a record, and nothing else */
	GUEST_STARTING, /* its supervisor is at it */
	GUEST_RUNNING,
	GUEST_KEPT,    /* hibernates: no process, but its mounts and network */
	GUEST_ENDED,   /* it has ended while nobody looked; the rest is to be tidied up */
	GUEST_BAD,     /* its record cannot be read */
	GUEST_NEWER,   /* its record is of a later bee */
	GUEST_UNKNOWN, /* it could not be looked at: nothing is done to it */
};
extern const char *const guest_state_names[];

struct look {
	enum guest_state state;
	enum state_kind record_kind, handles_kind;
	struct record record;
	struct handles handles;
	bool supervisor; /* is alive */
};

void look_guest(const char *name, struct look *look);
void look_done(struct look *look);
/* Files of it that are bad are kept as such. For who has its lock. */
void look_bad_keep(const char *name, const struct look *look);
struct backend;
/* What runs it, or did last. */
const struct backend *look_backend(const struct look *look);
/* The guest's id, from whatever has it; "" */
const char *look_id(const struct look *look);

/*
 * The ids of all guests that start, run or are kept, or may do so. False: of one that may the id
 * is not known.
 */
MUST_CHECK bool look_ids(struct words *ids);
/* A guest of this id starts, runs or is kept, or may do so. */
bool look_id_lives(const char *id);

/*
 * The right to start, stop or tidy up a guest: held while somebody is at it, by the
 * supervisor as long as it lives. A descriptor, or -EWOULDBLOCK: somebody has it; -errno.
 */
MUST_CHECK int look_lock(const char *name);

#endif
