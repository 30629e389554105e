/* The list of an image by watching a run in its tree: bee-trace does that. */
#ifndef BEE_IMAGE_TRACED_H
#define BEE_IMAGE_TRACED_H

#include "util.h"

/*
 * Runs `argv` (NULL: what bee-trace(1) takes without one) in the tree, traced, with `output` for
 * what it prints. 0, or BEE_INCOMPLETE where the program failed; otherwise ends the program. The
 * list is open for reading at *list.
 */
int traced_run(const char *tree, char *const *argv, int output, FILE **list);
/* The same of a boot until it is ready; BEE_INCOMPLETE where it never was. */
int traced_boot(const char *tree, FILE **list);

#endif
