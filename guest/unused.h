/* Options that what runs a guest has no use for: none is left aside in silence. */
#ifndef BEE_GUEST_UNUSED_H
#define BEE_GUEST_UNUSED_H

#include "guest.h"

/* Ends the program, with BEE_USAGE, where one was given: by an option, or the config file. */
void unused_ns(const struct guest *guest);
void unused_vm(const struct guest *guest);

#endif
