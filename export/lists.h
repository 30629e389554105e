/* Lists of records in the words of another system: tables of which property becomes what. */
#ifndef BEE_EXPORT_LISTS_H
#define BEE_EXPORT_LISTS_H

#include "util.h"

#include <jansson.h>

#define LIST_FROM 3

enum list_how {
	LIST_TEXT,
	LIST_WHOLE, /* a whole number */
	LIST_MIB,   /* bytes as MiB */
	LIST_MB,    /* bytes as millions */
	LIST_MBPS,  /* Gb/s as whole Mb/s, a text */
	LIST_FLAG,
	LIST_MATCH,  /* a text that is one of `words`, else it is left out */
	LIST_DIGITS, /* of "0x8086" what follows the 0x */
	LIST_NUMBER, /* any number, as it is */
	LIST_SPEED,  /* Gb/s as whole Mb/s, a number */
	LIST_FORM    /* a text of that form, `words`: h is a hexadecimal digit */
};

struct list_field {
	const char *name;
	const char *from[LIST_FROM]; /* properties: the first that says anything */
	enum list_how how;
	const char *words; /* " up down "; "hh:hh" */
};

struct list_map {
	const char *name, *type;         /* of the list; of its records */
	const struct list_field *fields; /* the last has a NULL name */
	const char *needed; /* a field without which there is no entry, or NULL */
};

/* What the fields make of one record: a new object. */
json_t *list_entry(const json_t *record, const struct list_field *fields);
/* Whether a text has the form: h is a hexadecimal digit, all else itself. */
bool list_form(const char *text, const char *form);
/* Entries of all that is there: a new array. */
json_t *list_made(const json_t *document, const struct list_map *map);

#endif
