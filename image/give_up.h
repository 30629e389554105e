/* What reads archives gives its rights up before the first byte. */
#ifndef BEE_IMAGE_GIVE_UP_H
#define BEE_IMAGE_GIVE_UP_H

#include "util.h"

/* Bare, of the block that doc/ARCHITECTURE.md describes: what runs as it owns nothing. */
#define GIVE_UP_UID 0x7beefffe

/* Address space of a process that parses: bounds what a hostile archive can take. */
#define GIVE_UP_MEMORY (UINT64_C(1) << 30)

/*
 * From here on this process can only read, seek and write what it has open, and take memory:
 * root becomes GIVE_UP_UID, no capability stays, nobody traces it, the stdio filter is on.
 * Ends the program where that fails.
 */
void give_up_rights(void);
/* The same, and it can still take descriptors through a socket, and close them. */
void give_up_rights_but_sockets(void);
/* Only GIVE_UP_MEMORY from here on: of a process that keeps rights and remembers names of others. */
void give_up_memory(void);

#endif
