/* The last documents of this machine, one file each, called by when the audit had ended. */
#ifndef BEE_VIEWS_KEPT_H
#define BEE_VIEWS_KEPT_H

#include "util.h"

#define KEPT_DEFAULT "/var/lib/bee/audits"
#define KEPT_NAME sizeof("2026-11-29T09:47:49Z.json")

/* The names in `folder`, the oldest first; owned by the caller, each too. 0 or -errno. */
MUST_CHECK int kept_list(int folder, char ***names, size_t *count);
void kept_free(char **names, size_t count);

#endif
