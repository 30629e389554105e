/* What is written when the gatherer failed: the statuses alone. */
#ifndef BEE_RUNNER_STATUSES_H
#define BEE_RUNNER_STATUSES_H

#include "monitor.h"

/* Owned bytes, or NULL when memory is out. */
char *statuses_document(const struct monitor *monitor, size_t *len);

#endif
