/* A file system of a disk, looked at without a byte being written to the disk. */
#ifndef BEE_REMOTE_READONLY_H
#define BEE_REMOTE_READONLY_H

#include "said.h"

/*
 * ext4 writes to what is mounted read-only: it deletes files that were open when the machine went
 * down (ext4_orphan_cleanup), unless the device itself takes nothing. *closed is for readonly_open;
 * -1 where it was closed to writing before. 0, or -1 with words.
 */
MUST_CHECK int readonly_close(const char *node, int *closed, struct said *said);
/* Once it is mounted nowhere. */
void readonly_open(int closed);
/* Without set-uid files, devices and programs. 0, or -1 with words. */
MUST_CHECK int readonly_mount(const char *node, const char *place, const char *type,
			      struct said *said);
/* A mount namespace of this process alone: what is mounted from then on is gone with it. 0 or -1. */
MUST_CHECK int readonly_namespace(void);

#endif
