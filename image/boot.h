/* What an image needs beside what is listed, so that it boots: /init, folders, device nodes. */
#ifndef BEE_IMAGE_BOOT_H
#define BEE_IMAGE_BOOT_H

#include "scan.h"

/*
 * Adds them where the set lacks them. The tree's /init comes with the interpreters its first
 * lines name; `init_file` (or NULL) is another one, from outside the tree; where there is
 * neither, one is made, and a line on stderr says what it starts.
 */
void boot_add(struct scan *scan, const char *init_file);

#endif
