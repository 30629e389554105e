/* Resources of a Redfish service: tables of which property becomes what. */
#ifndef BEE_EXPORT_REDFISH_H
#define BEE_EXPORT_REDFISH_H

#include "lists.h"

#define REDFISH_ROOT "/redfish/v1"
#define REDFISH_SYSTEM REDFISH_ROOT "/Systems/1"
#define REDFISH_CHASSIS REDFISH_ROOT "/Chassis/1"

/* What each record of a type becomes: a member of a collection. */
struct redfish_list {
	const char *uri, *collection;    /* where they are; "ProcessorCollection" */
	const char *schema;              /* "Processor.v1_19_3.Processor" */
	const char *type;                /* of the records */
	const struct list_field *fields; /* names with a / are inside of an object */
	/* What no table says; false: it is no such resource. Or NULL. */
	bool (*finish)(json_t *resource, const json_t *record);
};

/* The last has a NULL uri. Two may have one collection. */
extern const struct redfish_list redfish_lists[];

/* A PCI function, and the device that its first one tells of. */
extern const struct list_field redfish_system[], redfish_chassis[], redfish_device[],
	redfish_function[];

#endif
