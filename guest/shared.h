/* What all guests have of this machine's kernel together, and how much of it one more may need. */
#ifndef BEE_GUEST_SHARED_H
#define BEE_GUEST_SHARED_H

#include "guest.h"

/*
 * Before a start: ends the program, in words, where too little is left for this guest, or
 * raises the machine's limit where --raise-limits allows it, and says so. Of guests that
 * start at the same moment neither is counted for the other.
 */
void shared_check(const struct guest *guest);

#endif
