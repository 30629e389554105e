/* What a call does to the object of its name: bits of enum use. */
#ifndef BEE_TRACE_USES_H
#define BEE_TRACE_USES_H

#include "calls.h"

/* Its flags, with AT_SYMLINK_NOFOLLOW in the place of the call's own bit for that. */
uint64_t uses_flags(const struct call *call, uint64_t flags);
/* Whether a link of this name is followed. */
bool uses_follows(enum call_kind kind, uint64_t flags);
/* Of an object of this type. */
unsigned uses_found(enum call_kind kind, uint64_t flags, unsigned mode);
/* Of a name that is not there. */
unsigned uses_missing(const struct call *call, enum call_kind kind, uint64_t flags);

#endif
