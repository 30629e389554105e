/* Which properties of a document are metrics: one table. */
#ifndef BEE_EXPORT_PROMETHEUS_H
#define BEE_EXPORT_PROMETHEUS_H

#include "util.h"

#define PROMETHEUS_LABELS 8

struct prometheus_metric {
	const char *name, *help, *property;
	bool counter;
	double times, by; /* to the base unit; 0 is 1 */
};

struct prometheus_subject {
	const char *type;             /* of its records */
	const char *label;            /* the label that has the key; NULL: there is one */
	const char *info, *info_help; /* a metric whose labels say what it is; or NULL */
	const char *labels[PROMETHEUS_LABELS];   /* of the info: properties */
	const struct prometheus_metric *metrics; /* the last has a NULL name */
};

/* The last has a NULL type. */
extern const struct prometheus_subject prometheus_subjects[];

#endif
