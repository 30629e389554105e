/* What `bee show` can show: one table of sections, each with its columns. */
#ifndef BEE_VIEWS_SECTIONS_H
#define BEE_VIEWS_SECTIONS_H

#include "util.h"

#include <jansson.h>

enum unit { /* how a number is written for a person */
	    PLAIN,
	    DECIMAL, /* bytes in thousands: drives */
	    BINARY,  /* bytes in 1024s: memory */
	    LINK,    /* "8 GT/s x4 of 16 GT/s x8"; of the row, not of one property */
	    READING, /* a number and the unit in the row's "unit" */
	    MILLI,   /* milliseconds as seconds */
};

enum column_flag { /* bits */
		   RIGHT = 1,
		   CUT = 2,     /* may be cut short on a screen */
		   WRAP = 4,    /* goes on below */
		   JUDGED = 8,  /* a word of health, which has a colour */
		   MORE = 16,   /* only where it is asked for */
		   BRANCH = 32, /* the tree is drawn in front of it */
};

#define COLUMN_PROPERTIES 3

struct column {
	const char *name; /* its heading, and its name for -o; in JSON in lower case */
	const char
		*from[COLUMN_PROPERTIES]; /* properties: the first that says anything */
	enum unit unit;
	unsigned flags;
	const char *suffix; /* behind a number, for a person */
};

struct section {
	const char *name, *what;
	const char *type; /* of its records, or NULL where `rows` makes them */
	json_t *(*rows)(const json_t *document); /* a new array; NULL: the records */
	const char *parent; /* the property that names the row above, in a tree */
	const struct column *columns; /* the most wanted first; ends in a NULL name */
};

/* The last has a NULL name. */
extern const struct section sections[];

const struct section *section_find(const char *name);
/* A new array of objects. */
json_t *section_rows(const struct section *section, const json_t *document);

#endif
