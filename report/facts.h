/* What the summary tells, counted from a document whose every value may be of any type.
 */
#ifndef BEE_REPORT_FACTS_H
#define BEE_REPORT_FACTS_H

#include "util.h"

#include <jansson.h>

struct range { /* of the values seen; high 0: none */
	uint64_t low, high;
};

/* Strings are borrowed from the document; NULL is "not known" or "not collected". */
struct facts {
	const char *manufacturer, *model, *serial, *health;
	unsigned criticals, warnings, notes; /* findings by severity */
	const char *
		worst_drive; /* key of the first drive with the worst health, if not OK */

	bool has_processors;
	unsigned processors, processor_sockets, cores, threads;
	const char *processor_model;
	bool processors_differ;

	bool has_memory;
	unsigned modules, empty_slots;
	uint64_t memory_bytes;
	struct range memory_speed; /* MT/s */
	const char *memory_type;
	bool memory_types_differ;

	bool has_drives;
	unsigned drives, drives_unsized, drives_ok, drives_warning, drives_critical;
	uint64_t drive_bytes;

	bool has_pcie;
	unsigned pcie, networks, displays, storages;

	bool has_supplies;
	unsigned supplies, empty_bays;
	uint64_t supply_watts;

	bool has_gpus;
	unsigned gpus;
	const char *gpu_model;

	unsigned jobs, incomplete, unavailable;
	bool complete;
	const char *interrupted;
	uint64_t duration_ms;
};

void facts_count(struct facts *facts, const json_t *document);

/* A job's status counts as trouble: not ok, absent or unavailable. */
bool facts_incomplete(const char *status);

#endif
