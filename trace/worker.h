/* The process that answers the listener: it looks each name up, and lets the call go on. */
#ifndef BEE_TRACE_WORKER_H
#define BEE_TRACE_WORKER_H

#include "board.h"

#include <sys/types.h>

/* Does so until nobody is left to ask, and exits with 0. `first` is pid 1 of the run. */
_Noreturn void worker_main(struct board *board, int listener, pid_t first);

#endif
