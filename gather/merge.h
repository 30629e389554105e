/* Records of many jobs into the lists of the document; the order of arrival never
 * matters. */
#ifndef BEE_GATHER_MERGE_H
#define BEE_GATHER_MERGE_H

#include "json.h"

struct merge_record {
	json_t *props;      /* owned object */
	char *key;          /* owned */
	const char *source; /* borrowed: the job's name */
	uint32_t job;
	uint32_t sequence; /* within its job */
	int type;          /* index into record_types */
	int rank;          /* of its source in the table of its type */
};

struct merge {                        /* all zero: empty */
	struct merge_record *records; /* owned */
	size_t count, room;
};

/* Adds a record; takes `props`. `source` (the job's name) must outlive the merge. */
void merge_add(struct merge *merge, int type, const char *key, json_t *props,
	       const char *source, uint32_t job, uint32_t sequence);
/* Forgets the records of the jobs whose place in `jobs` is true. */
void merge_drop_jobs(struct merge *merge, const bool *jobs);
void merge_done(struct merge *merge);

/* Gives records of one part, told by its serial number, one key: SMBIOS's power supplies those of
 * the FRUs, drives behind RAID controllers those of the kernel. */
void merge_join(struct merge *merge);
/* Gives GPUs that are on the PCI bus and have no record one with their PCI identity. */
void merge_join_gpus(struct merge *merge);
/* Puts the records in the document's order. Call before merge_type, after the joins. */
void merge_sort(struct merge *merge);
/*
 * All records of a type, merged: an array of objects with "key" and "src" for a list
 * type, else one object with "src" or NULL when there is none. A new reference.
 */
json_t *merge_type(const struct merge *merge, int type);

/* Whether this job, where it ran, knows all records of the type that there are: it is in the
 * table of sources, or nothing is. */
bool merge_may_tell(int type, const char *source);
/* Whether a property name is the gatherer's own ("key", "src", "conflicts"). */
bool merge_reserved(const char *property);

#endif
