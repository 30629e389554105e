/* The steps of lookup_walk. */
#ifndef BEE_TRACE_WALK_H
#define BEE_TRACE_WALK_H

#include "lookup.h"

/* Where to look up `path`, which its namespace's root sees: the task's root, or the run's for what
 * is outside of that; *relative is the name below it, "." it itself. */
int walk_base(const struct lookup *lookup, const char *path, const char **relative);
/* The link of this name was followed. */
void walk_tell_link(struct lookup *lookup, const char *path);
/* What of a name without links on its way is known or found out; NULL: errno. */
const struct lookup_memory *lookup_name(struct lookup *lookup, const char *path);

/* Whether the folder of this name, and the way to it, was found to be no link; and that it was, and
 * on which mount, or 0. */
bool lookup_is_plain(const struct lookup *lookup, const char *folder);
void lookup_set_plain(struct lookup *lookup, const char *folder, uint64_t mount);
uint64_t lookup_mount(const struct lookup *lookup, const char *folder);

#endif
