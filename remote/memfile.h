/* Files that are in memory alone, and that nobody can change once they are sealed (memfd_create(2)). */
#ifndef BEE_REMOTE_MEMFILE_H
#define BEE_REMOTE_MEMFILE_H

#include "util.h"

/* Empty. -1 with errno. */
int memory_file(const char *name);
/* Nobody can change it any more, and it is read from its start. 0 or -errno. */
MUST_CHECK int memory_seal(int fd);

#endif
