/* What the programs of a list need and no run opened: their loaders and libraries. */
#ifndef BEE_TRACE_CLOSURE_H
#define BEE_TRACE_CLOSURE_H

#include "finds.h"

/* Adds them, as "needed" by the file that names them. */
void closure_add(struct finds *finds, int top);

#endif
