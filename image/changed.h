/* What an archive's later entries change besides what they name. */
#ifndef BEE_IMAGE_CHANGED_H
#define BEE_IMAGE_CHANGED_H

#include "util.h"

/*
 * Tells which names are the same file as one that comes again from byte `from` on: the kernel writes
 * into that file. By a process without rights.
 */
void changed_tell(const char *file, uint64_t from);

#endif
