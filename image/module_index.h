/*
 * What modprobe(8) and udev look modules up in: modules.dep and its like, as texts and as tries
 * (*.bin). Format of the tries: kmod's libkmod/libkmod-index.h.
 */
#ifndef BEE_IMAGE_MODULE_INDEX_H
#define BEE_IMAGE_MODULE_INDEX_H

#include "kmods.h"

struct index_line {
	const char *key, *value; /* borrowed */
	unsigned priority;       /* of several values of one key the lower comes first */
};

/* A trie of them, sorted here; of malloc. Keys that are no ASCII are left out, as kmod does. */
char *index_trie(struct index_line *lines, size_t count, size_t *len);

/*
 * Calls `put` with each file that describes the modules that are `present`, and the kernel's
 * own: its name, and its bytes, of malloc, which it takes.
 */
void module_index_make(const struct kmods *mods,
		       void (*put)(void *context, const char *name, char *bytes,
				   size_t len),
		       void *context);

#endif
