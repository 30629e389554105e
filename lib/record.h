/* The record types: what a collector may emit and where each stands in the document. */
#ifndef BEE_LIB_RECORD_H
#define BEE_LIB_RECORD_H

#include "util.h"

struct record_type {
	const char *name; /* the record's "type", and the word after a policy's "emits" */
	const char *group;  /* top-level object it stands in, or NULL */
	const char *member; /* its name there */
	bool list;          /* many records by key, or one object */
};

/* Index into this table is the bit of an emits mask; the last entry has a NULL name. */
extern const struct record_type record_types[];

/* Index of a type by name, or -1. */
int record_type_find(const char *name);

#endif
