/* What a document can be handed on as: one row per system that takes it, each a pure function. */
#ifndef BEE_EXPORT_EXPORT_H
#define BEE_EXPORT_EXPORT_H

#include "util.h"

#include <jansson.h>

/* What a document cannot know, and somebody has to say. */
struct export_options {
	const char *site, *role; /* of NetBox: slugs */
};

struct export_target {
	const char *name, *what;
	/* The whole text, NUL-ended and owned by the caller. Ends the program where memory is out. */
	char *(*make)(const json_t *document, const struct export_options *options);
};

/* The last has a NULL name. */
extern const struct export_target export_targets[];

const struct export_target *export_target_find(const char *name);

char *export_prometheus(const json_t *document, const struct export_options *options);
char *export_csv(const json_t *document, const struct export_options *options);
char *export_netbox(const json_t *document, const struct export_options *options);
char *export_cyclonedx(const json_t *document, const struct export_options *options);
char *export_ansible(const json_t *document, const struct export_options *options);
char *export_ipa(const json_t *document, const struct export_options *options);
char *export_redfish(const json_t *document, const struct export_options *options);
char *export_glpi(const json_t *document, const struct export_options *options);

#endif
