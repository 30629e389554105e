/* What is written when the gatherer failed: the statuses alone; and words of documents. */
#ifndef BEE_RUNNER_STATUSES_H
#define BEE_RUNNER_STATUSES_H

#include "monitor.h"

/* The document's word for what there is of cgroups. */
const char *cgroup_word(const struct cgroup *cgroup);
/* Owned bytes, or NULL when memory is out. */
char *statuses_document(const struct monitor *monitor, size_t *len);

#endif
