/* The record types: what a collector may emit and where each stands in the document. */
#include "record.h"

#include <string.h>

const struct record_type record_types[] = {
	{ "system", NULL, "system", false },
	{ "firmware", NULL, "firmware", false },
	{ "baseboards", NULL, "baseboards", true },
	{ "chassis", NULL, "chassis", true },
	{ "processors", NULL, "processors", true },
	{ "cpu", NULL, "cpu", false },
	{ "memory.arrays", "memory", "arrays", true },
	{ "memory.modules", "memory", "modules", true },
	{ "memory.controllers", "memory", "controllers", true },
	{ "memory.edac", "memory", "edac", true },
	{ "memory.summary", "memory", "summary", false },
	{ "storage.drives", "storage", "drives", true },
	{ "storage.others", "storage", "others", true },
	{ "storage.controllers", "storage", "controllers", true },
	{ "storage.arrays", "storage", "arrays", true },
	{ "storage.enclosures", "storage", "enclosures", true },
	{ "storage.phys", "storage", "phys", true },
	{ "pcie.devices", "pcie", "devices", true },
	{ "pcie.slots", "pcie", "slots", true },
	{ "platform.devices", "platform", "devices", true },
	{ "onboard_devices", NULL, "onboard_devices", true },
	{ "oem_strings", NULL, "oem_strings", true },
	{ "power_supplies", NULL, "power_supplies", true },
	{ "fru.devices", "fru", "devices", true },
	{ "smbios.power_supplies", "smbios", "power_supplies", true },
	{ "smbios.firmware", "smbios", "firmware", true },
	{ "sensors", NULL, "sensors", true },
	{ "bmc", NULL, "bmc", false },
	{ "event_log", NULL, "event_log", false },
	{ "network.interfaces", "network", "interfaces", true },
	{ "network.virtual_functions", "network", "virtual_functions", true },
	{ "network.infiniband", "network", "infiniband", true },
	{ "network.neighbors", "network", "neighbors", true },
	{ "tpm", NULL, "tpm", false },
	{ "usb.devices", "usb", "devices", true },
	{ "gpus", NULL, "gpus", true },
	{ "gpu_links", NULL, "gpu_links", true },
	{ "host", NULL, "host", false },
	{ "kernel.log", "kernel", "log", false },
	{ "kernel.events", "kernel", "events", true },
	{ "kernel.crashes", "kernel", "crashes", true },
	{ NULL, NULL, NULL, false },
};

int record_type_find(const char *name)
{
	for (int i = 0; record_types[i].name; i++)
		if (!strcmp(record_types[i].name, name))
			return i;
	return -1;
}
