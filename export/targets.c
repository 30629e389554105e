/* The systems that a document can be handed on to. */
#include "export.h"

#include <string.h>

const struct export_target export_targets[] = {
	{ "prometheus", "metrics, for node_exporter's folder of text files",
	  export_prometheus },
	{ "csv", "one row per part, for spreadsheets and databases (RFC 4180)",
	  export_csv },
	{ "netbox", "what NetBox's REST API takes, by endpoint", export_netbox },
	{ "cyclonedx", "a bill of materials of hardware and firmware, CycloneDX 1.6",
	  export_cyclonedx },
	{ "ansible", "an inventory of one host, its hardware in the variable bee",
	  export_ansible },
	{ "ipa", "what ironic-python-agent tells Ironic of a machine", export_ipa },
	{ "glpi", "an inventory as GLPI's agent sends it", export_glpi },
	{ "redfish", "resources of a Redfish service (2023.3), by URI", export_redfish },
	{ NULL, NULL, NULL },
};

const struct export_target *export_target_find(const char *name)
{
	for (const struct export_target *target = export_targets; target->name; target++)
		if (!strcmp(target->name, name))
			return target;
	return NULL;
}
