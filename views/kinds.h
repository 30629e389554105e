/* The parts of a machine in an operator's words. */
#ifndef BEE_VIEWS_KINDS_H
#define BEE_VIEWS_KINDS_H

#include "util.h"

#include <jansson.h>

#define KIND_PROPERTIES 2

struct kind {
	const char *type; /* of its records, lib/record.h */
	const char *word; /* one of them: "drive" */
	/* What it is called by: those it has, with blanks between; none: its key. */
	const char *name[KIND_PROPERTIES];
};

/* In the order in which they are shown; the last has a NULL type. */
extern const struct kind kinds[];

/* NULL: a type that is no part (the kernel's log). */
const struct kind *kind_find(const char *type);

/* Owned by the caller, and never NULL. */
char *kind_name(const struct kind *kind, const json_t *record);

/* The records of a type, also where it is one object: a new array, of references. Those
 * that are no objects are left out. */
json_t *kind_records(const struct kind *kind, const json_t *document);

/* A slot, bay or socket with nothing in it. */
bool kind_is_empty(const json_t *record);

/* The string of a property, or NULL where it is none or empty. */
const char *record_text(const json_t *record, const char *property);

#endif
