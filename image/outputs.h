/*
 * The files that are being made, which may be in the tree: packed, the image would be another one each time, and
 * larger by the last.
 */
#ifndef BEE_IMAGE_OUTPUTS_H
#define BEE_IMAGE_OUTPUTS_H

#include "whole.h"

#include <sys/types.h>

struct statx;

struct outputs {
	size_t count;
	struct output {
		dev_t device;
		ino_t inode;
	} all[4];
};

/* Two that are open, and what has their names yet. */
void outputs_know(struct outputs *outputs, const struct whole *image,
		  const struct whole *list);
bool outputs_have(const struct outputs *outputs, const struct statx *st);

#endif
