/* What a run used, each object once: the lines of a list (bee-list(5)). */
#ifndef BEE_TRACE_FINDS_H
#define BEE_TRACE_FINDS_H

#include "board.h"

struct find {
	char *path; /* owned; in the tree, "" is its root */
	unsigned uses;
	unsigned mode;   /* of the tree's object; 0: it has none */
	char **programs; /* owned; each once */
	unsigned program_count;
};

struct finds {
	struct find **all; /* owned */
	size_t count, room;
	struct find **by_path; /* owned; open addressing */
	size_t slots;          /* of it, a power of two */
};

/* Adds to the object of that path; `program` may be "". */
struct find *finds_put(struct finds *finds, unsigned uses, const char *path,
		       const char *program);
/* NULL: there is none. */
const struct find *finds_find(const struct finds *finds, const char *path);
void finds_put_log(struct finds *finds, const struct board *board);
/*
 * What the tree has of each: what is not there was made by the run; shared objects that were
 * opened are libraries. `top` is the tree.
 */
void finds_compare(struct finds *finds, int top);
/* The lines, sorted. */
void finds_write(struct finds *finds, FILE *to);
void finds_done(struct finds *finds);

/* All of the above: the list of a run, whole. Ends the program where it cannot be written. */
struct whole;
void list_write(struct finds *finds, int top, struct whole *whole);

#endif
