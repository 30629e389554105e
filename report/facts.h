/* What the summary tells, counted from a document whose every value may be of any type.
 */
#ifndef BEE_REPORT_FACTS_H
#define BEE_REPORT_FACTS_H

#include "util.h"

#include <jansson.h>

#define MODELS_MAX 4 /* those that come later are only counted */

struct range { /* of the values seen; high 0: none */
	uint64_t low, high;
};

struct models {
	unsigned count;
	struct model {
		const char *name; /* NULL: not known */
		uint64_t watts;   /* of a power supply; 0: not known */
		unsigned count;
	} list[MODELS_MAX]; /* the most of them first */
};

/* Strings are borrowed from the document; NULL is "not known" or "not collected". */
struct facts {
	const char *manufacturer, *model, *serial, *health;
	bool discreet; /* `serial` is no serial number, but a word for one (discreet.h) */
	unsigned criticals, warnings, notes; /* findings by severity */
	const char *
		worst_drive; /* key of the first drive with the worst health, if not OK */

	bool has_processors;
	unsigned processors, processors_off, processor_sockets, cores, threads;
	const char *processor_model;
	bool processors_differ;

	bool has_cpu; /* what the kernel counts */
	unsigned cpu_sockets, cpu_cores, cpu_threads;
	const char *cpu_model;

	bool has_memory;
	unsigned modules, modules_unsized, empty_slots;
	uint64_t memory_bytes, visible_bytes; /* visible: by the kernel */
	struct range memory_speed;            /* MT/s */
	const char *memory_type;
	bool memory_types_differ;

	bool has_drives;
	unsigned drives, drives_unsized, drives_ok, drives_warning, drives_critical;
	unsigned drives_elsewhere; /* in storage.others */
	bool drives_unlisted;      /* nobody listed them: others may be there */
	uint64_t drive_bytes;

	bool has_pcie;
	unsigned pcie, networks, displays, storages;

	bool has_supplies;
	unsigned supplies, supplies_unrated, empty_bays;
	uint64_t supply_watts;
	struct models supply_models;

	bool has_gpus;
	unsigned gpus;
	struct models gpu_models;

	unsigned jobs, incomplete, unavailable;
	bool complete;
	const char *interrupted;
	uint64_t duration_ms, stopped_ms;
	bool partial; /* only some collectors were asked for */
};

void facts_count(struct facts *facts, const json_t *document);

/* "1 Critical, 2 notes"; nothing found: "". Owned by the caller, as the next. */
char *facts_counts(const struct facts *facts);
/* How the audit ended, and how long it took. */
char *facts_audit(const struct facts *facts);

#endif
