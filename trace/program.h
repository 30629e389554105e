/* What is run in a tree where nobody says what. */
#ifndef BEE_TRACE_PROGRAM_H
#define BEE_TRACE_PROGRAM_H

#include "util.h"

/* nbic's way: /chroot, which says how one works in the tree; where there is none, a shell. Its
 * words, up to NULL. Ends the program where there is none either. */
char *const *program_default(int top);

#endif
