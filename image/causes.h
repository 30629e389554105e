/* Why objects are in an image: texts, each kept once, as bee-list(5) has them behind the path. */
#ifndef BEE_IMAGE_CAUSES_H
#define BEE_IMAGE_CAUSES_H

#include "objects.h"
#include "whole.h"

struct causes {
	void *by_text; /* of tsearch(3) */
	char **all;    /* owned; [1, count]; 0 is no cause */
	uint32_t count;
	uint32_t now; /* of what is named now */
	const char *
		named; /* borrowed; without a leading slash; NULL: all is for `now` itself */
};

/* "USES\tPROGRAMS", or a part of it. */
uint32_t causes_number(struct causes *causes, const char *text);
/* What is taken from now on is `named` (or NULL), by this cause, or on the way to it. */
void causes_name(struct causes *causes, const char *text, const char *named);
/* Of an object that is taken now. */
uint32_t causes_of(struct causes *causes, const char *path);

/* Writes the list that is kept beside an image, opened as `list`: all its objects, each with its cause;
 * first, as comments, the tree and, where one was traced, the program's words. */
void causes_write(const struct causes *causes, const struct objects *objects,
		  const struct whole *list, const char *tree, char *const *program);
void causes_done(struct causes *causes);

#endif
