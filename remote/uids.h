/* Bare uids of what asks and what runs; doc/ARCHITECTURE.md has the map. */
#ifndef BEE_REMOTE_UIDS_H
#define BEE_REMOTE_UIDS_H

#define UID_FETCH 0x7beefffbu /* bee-fetch */
#define UID_CHECK 0x7beefff9u /* what reads what came from the server */
#define UID_ORDER 0x7beefffdu /* an order */
#define UID_JAIL 0x7beeffffu  /* pid 1 of every jail */

#endif
