/* A file of the order that is on a disk of this machine, and not the server's. */
#ifndef BEE_REMOTE_DISK_FILE_H
#define BEE_REMOTE_DISK_FILE_H

#include "order.h"

/*
 * Into `to`, a memfd, which is sealed then; its sum is not looked at. `place` is a folder to be made and mounted on. 0, or
 * -1 with words.
 */
MUST_CHECK int disk_file_take(const struct order_file *file, const char *place, int to,
			      struct said *said);

#endif
