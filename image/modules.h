/*
 * Kernel modules of an image, by policy and not by trace: files of words (bee-image(1), "Kernel modules") and
 * documents of audits say which; what those need comes too, with their firmware.
 */
#ifndef BEE_IMAGE_MODULES_H
#define BEE_IMAGE_MODULES_H

#include "scan.h"

struct modules_wish {
	char *const *files;  /* of words; ended by NULL, or NULL */
	char *const *audits; /* documents; the same */
	const char *kernel;  /* the version; NULL: of the tree's one kernel */
};

/*
 * Takes them, and describes all modules that the set has anew: modules.dep and its like. What is
 * not there is told, and scan->incomplete. Ends the program at a word that is none, without a
 * kernel, or with several where none is named.
 */
void modules_take(struct scan *scan, const struct modules_wish *wish);

#endif
