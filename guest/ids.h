/* Who a guest is: an id, and ids of users that are its alone. */
#ifndef BEE_GUEST_IDS_H
#define BEE_GUEST_IDS_H

#include "state.h"

/*
 * The first digits of every id that was given here: groups, links and loop devices whose
 * owner begins otherwise belong to guests of somebody else, in a container or a test.
 * Made at the first call. 0 or -errno.
 */
#define STATE_WORLD_SIZE 7
#define STATE_WORLD GUEST_RECORDS "/.world"
MUST_CHECK int state_world(char out[STATE_WORLD_SIZE]);

/* An id, and ids for its users that no other record has. 0 or -errno. */
MUST_CHECK int record_new(const char *backend, bool host_users, struct record *out);

#endif
