/* What bee-kmsg reads of the kernel's log, record by record, and when it ends. */
#ifndef BEE_PROBES_KMSG_COPY_H
#define BEE_PROBES_KMSG_COPY_H

#include "util.h"

#include <sys/types.h>

/* The kernel's own limit of a record with its dictionary is half of that
 * (CONSOLE_EXT_LOG_MAX, kernel/printk/printk.c, Linux 6.1). */
#define KMSG_RECORD_MAX 16384u

/* Where records come from; each read gives one, as /dev/kmsg's does. */
struct kmsg_source {
	ssize_t (*read)(struct kmsg_source *source, char *record,
			size_t size); /* -errno */
	nsec_t (*now)(struct kmsg_source *source);
	int fd;
};

struct kmsg_limits {
	uint64_t records; /* read, also those that are not printed */
	size_t bytes;     /* printed */
	nsec_t end;       /* by the source's clock */
};

/* Prints records, then how it ended. 0, or -errno of a read that failed or of `out`. */
MUST_CHECK int kmsg_copy(struct kmsg_source *source, const struct kmsg_limits *limits,
			 FILE *out);

#endif
