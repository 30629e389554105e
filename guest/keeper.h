/* Who holds a guest's terminal, so that it lives on without the supervisor. */
#ifndef BEE_GUEST_KEEPER_H
#define BEE_GUEST_KEEPER_H

#include "util.h"

#define KEEPER_LOG_MAX (1u << 20) /* bytes of the log; there are two, the older is .1 */
#define KEEPER_MESSAGE 4096
enum { KEEPER_BYTES = 'b', KEEPER_SIZE = 's' }; /* first byte of a message to it */

/* The socket for console, bound before the keeper is made. Its descriptor or -errno. */
MUST_CHECK int keeper_socket(const char *name);
/*
 * Forks it: it writes what the terminal says to GUEST_RECORDS/NAME/console.log and to all who
 * are connected, and ends with the guest. Its pid or -errno.
 */
MUST_CHECK int keeper_start(const char *name, int terminal, int socket, int guest_pidfd);
/* A connection to it: what the terminal says. A descriptor or -errno. */
MUST_CHECK int keeper_connect(const char *name);
/* Between this terminal and the guest's, until "^]" or the end. 0, or -errno. */
MUST_CHECK int keeper_attach(const char *name, bool told);
/* The same between this terminal and `terminal`, a pty's other end, until `pidfd` ends. */
void keeper_relay(int terminal, int pidfd);

#endif
