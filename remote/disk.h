/* A disk by its serial: what an order names, and no "sda" that is another one after a reboot. */
#ifndef BEE_REMOTE_DISK_H
#define BEE_REMOTE_DISK_H

#include "said.h"

#define DISK_NODES_MAX 32
#define DISK_NODE_MAX 64

struct disk {
	char nodes[DISK_NODES_MAX][DISK_NODE_MAX]; /* "/dev/sda", then its partitions */
	unsigned node_count;
};

/*
 * The one disk of this machine with that serial. 0, or -1 with words: there is none, or more than one;
 * with `idle` also where it or a partition of it is mounted, or part of something else.
 */
MUST_CHECK int disk_find(const char *serial, bool idle, struct disk *out,
			 struct said *said);

/* The node of its partition with that number, 0: of the disk; NULL: there is none. */
const char *disk_partition(const struct disk *disk, uint64_t number);

#define DISK_FOLDER "/sys/block"
/* What is printable of a file of a disk's folder, from byte `skip` on, without blanks around it. */
bool disk_text(const char *disk, const char *file, size_t skip, char *out, size_t size);
/* Adds the nodes of the disk with that name. 0, or -1 with words: there are too many. */
MUST_CHECK int disk_nodes(const char *name, struct disk *disk, struct said *said);

#endif
