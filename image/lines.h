/* Lists of what an image is made of: bee-list(5). */
#ifndef BEE_IMAGE_LINES_H
#define BEE_IMAGE_LINES_H

#include "scan.h"

/* Takes all objects of a list, "-" is standard input. Ends the program (65) at a line that is
 * none, with the place. */
void lines_take(struct scan *scan, const char *file);
/* The same of a list that is open; `name` is what it is called. */
void lines_take_from(struct scan *scan, FILE *from, const char *name);

#endif
