/* What bee-read printed, as a tree of files: probes/read.c describes the lines. */
#ifndef BEE_COLLECTORS_TREE_H
#define BEE_COLLECTORS_TREE_H

#include "text.h"

struct tree_line {
	char kind; /* v, l or e */
	struct span path, content;
	size_t order; /* of the input: keeps a file's lines in order */
};

struct tree {
	struct tree_line *lines; /* owned, sorted by path; the spans are borrowed */
	size_t count;
};

/* Takes the lines apart; what is not such a line is told to `out` as an error. */
void tree_open(struct tree *tree, const struct input *in, const char *where,
	       struct output *out);
void tree_close(struct tree *tree);

/* First line of folder/name/attribute ("" attribute: the entry itself), or NULL. */
const struct tree_line *tree_find(const struct tree *tree, const char *folder,
				  struct span name, const char *attribute);

/* Takes the next name below `folder` in sorted order; *at is 0 for the first call. */
bool tree_next(const struct tree *tree, const char *folder, size_t *at,
	       struct span *name);
/* The *at from which tree_next gives names that begin with `prefix`, or come after those.
 */
size_t tree_seek(const struct tree *tree, const char *folder, const char *prefix);

/* The first line of a file; false when there is none, or it is empty or unreadable. */
bool tree_value(const struct tree *tree, const char *folder, struct span name,
		const char *attribute, struct span *value);
/*
 * All bytes of a file, owned, with its length; NULL when there is none or it could not be read.
 * bee-read prints the same for a newline at the end and none: it is left out here.
 */
char *tree_bytes(const struct tree *tree, const char *folder, struct span name,
		 const char *attribute, size_t *len);
/* The target of a link. */
bool tree_link(const struct tree *tree, const char *folder, struct span name,
	       const char *attribute, struct span *target);
/* The last component of a path. */
struct span tree_base(struct span path);

/* props["read_errors"] lists "attribute: EIO" for what is there and failed in earnest. */
void tree_errors(const struct tree *tree, const char *folder, struct span name,
		 json_t *props);

#endif
