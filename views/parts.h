/* The parts of one document: which each is, and where it sits, whatever the kernel calls it. */
#ifndef BEE_VIEWS_PARTS_H
#define BEE_VIEWS_PARTS_H

#include "kinds.h"

/* What tells a part from its like: one of these, compared with the same one. */
enum identity {
	ID_SERIAL,
	ID_UUID,
	ID_UNIQUE,
	ID_MAC,
	ID_GUID,
	ID_WWN,
	ID_WWID,
	ID_ENCLOSURE,
	ID_COUNT
};

struct part {
	const struct kind *kind;
	const json_t *record;      /* borrowed */
	char *name;                /* owned: what a person calls it */
	const char *ids[ID_COUNT]; /* borrowed; NULL: not known */
	char *place; /* owned: a slot, bay, socket, path of bridges; NULL: not known */
	char *spot;  /* owned: the place as a person says it; or NULL */
	const char *address; /* borrowed: of its PCI function; or NULL */
	char *around; /* owned: what the place is somewhere below; NULL: not known */
	char *model;  /* owned: what it is one of; "" is not known */
	struct part *other; /* the same part of the other document, or NULL */
	bool replaced;      /* `other` is what has its place now */
	bool covered;       /* another part tells of it: a port of its PCI function */
};

struct parts {
	struct part *list; /* owned */
	size_t count;
};

/* What addresses and enclosures of a document are looked up by. */
struct lookup {
	json_t *pci, *enclosures; /* owned: records by key */
	json_t *covered; /* owned: by PCI address, the other type that tells of it */
};

void lookup_make(struct lookup *lookup, const json_t *document);
/* Adds what another document's parts tell of. */
void lookup_cover(struct lookup *lookup, const json_t *document);
void lookup_done(struct lookup *lookup);

/* Those of a kind that are there: no empty slots, no functions that software made, no bridges. */
void parts_collect(struct parts *parts, const struct kind *kind, const json_t *document,
		   const struct lookup *lookup);
void parts_done(struct parts *parts);

/*
 * Finds the parts of `a` in `b`: by serial number; then by place, where another serial number
 * means that it was replaced; what neither tells apart is paired with its like.
 */
void parts_match(struct parts *a, struct parts *b);

#endif
