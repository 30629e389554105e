/* An archive from a set of objects: the entries, their data from the tree, a trailer. */
#ifndef BEE_IMAGE_WRITE_H
#define BEE_IMAGE_WRITE_H

#include "pack.h"
#include "scan.h"

struct writer {
	struct scan *scan; /* its tree and objects, which are numbered */
	struct pack *pack;
	uint32_t newest; /* no time is later: SOURCE_DATE_EPOCH, else UINT32_MAX */
};

/* The size that the archive will have, unless files change: hard links are counted each. */
uint64_t write_about(const struct scan *scan);
/* What has gone or changed since it was looked at is told, and scan->incomplete. */
void write_archive(struct writer *writer);

#endif
