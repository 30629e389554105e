/* Loaders and libraries of programs that somebody named: a traced list has them already. */
#ifndef BEE_IMAGE_NEEDS_H
#define BEE_IMAGE_NEEDS_H

#include "scan.h"

/* Takes what the program at `path` needs. */
void needs_of(struct scan *scan, const char *path);
/* The same for all programs and libraries that are taken, and that no trace has found. */
void needs_of_all(struct scan *scan);

#endif
