/* What ELF programs of a tree need besides themselves: loaders and libraries (ld.so(8)). */
#ifndef BEE_LIB_LIBRARIES_H
#define BEE_LIB_LIBRARIES_H

#include "util.h"

struct libraries {
	/* Opens a file of the tree for reading, seen from its root, links followed; -1. */
	int (*open)(void *context, const char *path);
	/* `path` is needed by `by`; both as they are named, through links. */
	void (*found)(void *context, const char *path, const char *by);
	/* No folder has it; may be NULL. */
	void (*missing)(void *context, const char *name, const char *by);
	void *context;
	/* Own. */
	char **folders; /* of /etc/ld.so.conf, then the usual ones */
	unsigned folder_count;
	void *seen;   /* of tsearch(3): paths that were looked into, and files */
	void *places; /* of tsearch(3): where names were found in these folders */
	unsigned depth;
};

/* Tells all that the ELF file at `path` needs, and what that needs, each once; nothing for what is
 * none. */
void libraries_of(struct libraries *libraries, const char *path);
void libraries_done(struct libraries *libraries);

#endif
