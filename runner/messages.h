/* What stubs and listers say of their jobs. */
#ifndef BEE_RUNNER_MESSAGES_H
#define BEE_RUNNER_MESSAGES_H

#include "monitor.h"

/* Takes what is there to read: into the job, to the gatherer, or as a new job of the plan. */
void messages_take(struct monitor *monitor, struct job *job);

#endif
