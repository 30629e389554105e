/* A rule judges records of the finished inventory; here are its form, and what rules share. */
#ifndef BEE_GATHER_RULES_H
#define BEE_GATHER_RULES_H

#include "inventory.h"

#define FINDING_EVIDENCE_MAX 10 /* properties a rule copies */

/* Redfish's words for health; "OK" is information: nothing has to be done. */
enum severity { SEVERITY_OK, SEVERITY_WARNING, SEVERITY_CRITICAL, SEVERITY_COUNT };
extern const char *const severity_names[SEVERITY_COUNT];
/* SEVERITY_COUNT for anything else. */
enum severity severity_find(const char *name);

#define SHARE_SERVERS 514
#define SHARE_OFTEN 5
#define SHARE_NONE (-1) /* on none of them */

struct rule;

struct judgement { /* everything borrowed */
	const struct rule *rule;
	const struct inventory *inventory;
	const json_t *subject; /* a record, the list of all, or a job */
	json_t *evidence; /* what is put here stands beside the properties the rule names
			   */
};

/* True: the rule fires. A property that is missing or null was not collected: it never
 * makes a rule fire. */
typedef bool rule_fn(const struct judgement *judgement);

struct rule {
	const char *id; /* stable: programs filter by it. NULL ends a table */
	enum severity severity;
	const char *type; /* of the component: record types, a blank between; NULL: all */
	bool list;        /* judges the list as a whole: the component's key is null */
	const char *jobs; /* judges this collector's entries of collectors[], not records:
			   * the component's key is the instance, or null */
	rule_fn *check;
	double limit;     /* of the checks that compare */
	const char *word; /* of the checks that compare with a text */
	/* Percent of SHARE_SERVERS on which it fires, over their dmidecode texts
	 * (tests/corpora/README.md); 0: those do not have what it looks at. One that fires on more
	 * than SHARE_OFTEN is information. */
	double share;
	/* Properties copied to the evidence where they are there; the first is the one
	 * the checks that compare look at. */
	const char *evidence[FINDING_EVIDENCE_MAX];
	const char *condition; /* in words, for doc/findings.md */
	const char *message;   /* "{name}" stands for a value of the evidence */
	const char *resolution;
	const char
		*source; /* of the condition: a standard, a tool's manual, experience */
};

/* The tables, in the order of doc/findings.md; NULL ends the list. */
extern const struct rule *const rule_tables[];
extern const struct rule rules_drive[], rules_drive_state[], rules_answer[],
	rules_array[], rules_raid[], rules_pcie[], rules_gpu[], rules_memory[],
	rules_processor[], rules_network[], rules_bmc[], rules_log[], rules_machine[],
	rules_unexplained[];

/* Checks many rules share; each looks at evidence[0] of the rule. */
rule_fn rule_over, rule_at_least, rule_at_most, rule_true, rule_false, rule_filled;
/* Of an entry of collectors[]: stuck; ended by its deadline after at least `limit`
 * milliseconds. */
rule_fn rule_job_stuck, rule_job_slow;

/* Over a list: more than one value of evidence[0] among the records that `counts`
 * accepts; puts {value: how many} there. */
bool rule_mixed(const struct judgement *judgement, bool (*counts)(const json_t *record));
/* Adds `by` to the number object[name], which is 0 where it is not there. */
void rule_count(json_t *object, const char *name, json_int_t by);

/* Properties of a record; a number that is not there gives false and leaves *out alone.
 */
MUST_CHECK bool rule_number(const json_t *record, const char *property, double *out);
/* NULL where it is not a string with a character in it. */
const char *rule_text(const json_t *record, const char *property);
bool rule_is(const json_t *record, const char *property, const char *text);
/* Whether a list property has an element that contains `text`. */
bool rule_lists(const json_t *record, const char *property, const char *text);
bool rule_is_absent(const json_t *record);
/* Whether a GPU's maximum of link is of GPU and slot together, as nvidia-smi tells; sysfs's is the
 * GPU's alone, and the slot's stands in pcie.devices. */
bool rule_link_maximum_is_shared(const json_t *gpu);

#endif
