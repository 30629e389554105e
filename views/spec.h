/* What was ordered: a short text that people write by hand, or have made from a document. */
#ifndef BEE_VIEWS_SPEC_H
#define BEE_VIEWS_SPEC_H

#include "sections.h"

#define SPEC_NO_SERIAL "-" /* among serial numbers: of a part that tells none */

enum spec_op { OP_IS, OP_LEAST, OP_MOST };

#define SPEC_PROPERTIES 9
#define SPEC_CONDITIONS 16

struct spec_property {
	const char *word;    /* in a spec: "firmware" */
	const char *from[2]; /* properties of the record: the first that says anything */
	enum unit unit;      /* PLAIN, DECIMAL or BINARY */
	bool made;           /* bee expect writes it */
	enum spec_op op;     /* the one it writes */
};

struct spec_kind {
	const char *word, *type;
	json_t *(*rows)(const json_t *document); /* NULL: the records that are there */
	const char *model[2];                    /* what its parts are ordered by */
	bool alone; /* there is one: no count, no model of its own */
	bool open;  /* others may be there */
	struct spec_property properties[SPEC_PROPERTIES]; /* the last has a NULL word */
};

/* The last has a NULL word. */
extern const struct spec_kind spec_kinds[];

const struct spec_kind *spec_kind_find(const char *word);
const struct spec_property *spec_property_find(const struct spec_kind *kind,
					       const char *word);
/* Its parts in a document: a new array. */
json_t *spec_records(const struct spec_kind *kind, const json_t *document);
/* Borrowed; NULL: not known. */
const json_t *spec_value(const json_t *record, const struct spec_property *property);
const char *spec_model(const struct spec_kind *kind, const json_t *record);
/* A value as a spec has it: "64GiB", "4800", "SN05". Owned by the caller. */
char *spec_text(const json_t *value, const struct spec_property *property);

struct condition {
	const struct spec_property *property;
	enum spec_op op;
	char *value; /* owned */
};

enum wish_sort { WISH_PARTS, WISH_SERIALS, WISH_TOTAL };

struct wish { /* one line about parts */
	const struct spec_kind *kind;
	enum wish_sort sort;
	unsigned line;
	uint64_t count;
	bool counted;
	enum spec_op count_op;
	char *model; /* owned: as it is, or its beginning and '*'; NULL: any */
	char *at;    /* owned: the key of the one part that is meant; NULL: any */
	struct condition conditions[SPEC_CONDITIONS];
	size_t condition_count;
	json_t *serials; /* owned, for WISH_SERIALS: an array */
};

struct spec {
	struct wish *wishes; /* owned */
	size_t count;
	int worst; /* the severity that findings may have: 0 OK, 1 Warning; 2: any */
	unsigned worst_line, complete_line; /* 0: nothing is said of it */
	json_t *allowed;                    /* owned: rules whose findings do not count */
	bool open;                          /* parts that no line asks for are nothing */
	json_t *unchecked; /* owned: lines of another's spec that no document can answer */
};

/* Words of health, from good to bad; the number is the one of spec.worst. -1: no such word. */
int severity_number(const char *word);

/* Reads a spec. False: what is wrong is in *error, "LINE: words", owned by the caller. */
/* Those of others (spec_foreign.c) are read as they are. */
MUST_CHECK bool spec_parse(struct spec *spec, const char *text, char **error);
void spec_done(struct spec *spec);

/*
 * A spec that is another program's, in our words, line by line: a node configuration of NHC, as
 * azurehpc-health-checks has them, or a machine manifest of gcm. Owned by the caller; NULL: it is
 * none, or *error says, as spec_parse does, what is wrong with it. What it asks that no document
 * tells goes to `unchecked`.
 */
char *spec_foreign(const char *text, json_t *unchecked, char **error);

/* Whether a value is what was ordered. */
bool condition_holds(const struct condition *condition, const json_t *value);
/* A model is this one; "EX*" is any that begins so. */
bool model_matches(const char *wanted, const char *model);
/* "EX-100 80GB" with quotes where a spec needs them. Owned by the caller. */
char *spec_quoted(const char *text);

/* A spec of the machine of a document; owned by the caller. */
char *spec_make(const json_t *document, bool serials);

#endif
