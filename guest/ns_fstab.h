/* The mounts that a guest's own /etc/fstab asks for. */
#ifndef BEE_GUEST_NS_FSTAB_H
#define BEE_GUEST_NS_FSTAB_H

#include <stdbool.h>

#define FSTAB_PLACE_SIZE 201 /* bytes of the longest place that is taken, with its end */

struct fstab_line {
	const char *device, *at; /* absolute; `at` has no ".." in it */
	bool read_only;          /* option "ro" */
};

/*
 * Calls `each` with every line of the tree's /etc/fstab that has to be mounted without being asked
 * for ("noauto"), until it returns something else than 0. Links are followed inside the tree. False:
 * the tree has no such file; one that an overlay's upper layer has removed is there, and empty.
 */
bool fstab_each(const char *root, int (*each)(const struct fstab_line *line, void *data),
		void *data);

#endif
