/* The parts of a machine as every export asks for them. */
#include "part.h"

#include "json.h"
#include "value.h"

#include <string.h>

/* Bytes stay bytes: no export rounds. */
static const struct column facts[FACT_COUNT] = {
	[FACT_MAKER] = { "manufacturer", { "manufacturer", "vendor" }, PLAIN, 0, NULL },
	[FACT_MODEL] = { "model", { "model", "product" }, PLAIN, 0, NULL },
	[FACT_NUMBER] = { "part_number",
			  { "part_number", "gpu_part_number" },
			  PLAIN,
			  0,
			  NULL },
	[FACT_SERIAL] = { "serial_number",
			  { "serial_number", "unique_id" },
			  PLAIN,
			  0,
			  NULL },
	[FACT_ASSET] = { "asset_tag", { "asset_tag" }, PLAIN, 0, NULL },
	[FACT_FIRMWARE] = { "firmware_version",
			    { "firmware_version", "vbios_version", "revision" },
			    PLAIN,
			    0,
			    NULL },
	[FACT_SIZE] = { "capacity_bytes",
			{ "capacity_bytes", "memory_bytes" },
			PLAIN,
			0,
			NULL },
	[FACT_STATE] = { "state", { "state", "operational_state" }, PLAIN, 0, NULL },
	[FACT_HEALTH] = { "health", { "health_rollup", "health" }, PLAIN, 0, NULL },
	[FACT_MAC] = { "mac_address",
		       { "permanent_mac_address", "mac_address" },
		       PLAIN,
		       0,
		       NULL },
	[FACT_ADDRESS] = { "pci_address",
			   { "pci_address", "controller_pci_address" },
			   PLAIN,
			   0,
			   NULL },
	[FACT_WWN] = { "wwn", { "wwn", "wwid", "sas_address" }, PLAIN, 0, NULL },
};

char *part_fact(const struct part *part, enum part_fact fact)
{
	/* Of the machine's own firmware; of all others a version is that of the hardware. */
	static const struct column version = { "version", { "version" }, PLAIN, 0, NULL };
	bool firmware = fact == FACT_FIRMWARE && !strcmp(part->kind->type, "firmware");

	return value_shown(part->record, firmware ? &version : &facts[fact], true);
}

const char *part_fact_name(enum part_fact fact)
{
	return facts[fact].name;
}

/* Memory controllers, counters and the like are inside the processor. */
static bool is_inside(const struct part *part)
{
	static const char *const classes[] = { "0x05",   "0x08", "0x0b",
					       "0x0c05", "0x11", "0x13" };
	const char *class = record_text(part->record, "class_code");

	if (strcmp(part->kind->type, "pcie.devices") != 0)
		return false;
	for (size_t i = 0; class && i < ARRAY_LEN(classes); i++)
		if (!strncmp(class, classes[i], strlen(classes[i])))
			return true;
	return false;
}

void parts_visit(const json_t *document, part_visit *visit, void *with)
{
	struct lookup lookup;

	lookup_make(&lookup, document);
	for (const struct kind *kind = kinds; kind->type; kind++) {
		struct parts parts;

		parts_collect(&parts, kind, document, &lookup);
		for (size_t i = 0; i < parts.count; i++)
			if (!parts.list[i].covered && !is_inside(&parts.list[i]))
				visit(with, &parts.list[i]);
		parts_done(&parts);
	}
	lookup_done(&lookup);
}
