/* Tables of IPMI 2.0, revision 1.1: chapters 42 and 43. */
#include "ipmi_names.h"

static const char *const sensor_types[] = {
	NULL,
	"Temperature",
	"Voltage",
	"Current",
	"Fan",
	"Physical Security",
	"Platform Security",
	"Processor",
	"Power Supply",
	"Power Unit",
	"Cooling Device",
	"Other Units",
	"Memory",
	"Drive Slot",
	"POST Memory Resize",
	"System Firmware Progress",
	"Event Logging Disabled",
	"Watchdog 1",
	"System Event",
	"Critical Interrupt",
	"Button",
	"Module/Board",
	"Microcontroller",
	"Add-in Card",
	"Chassis",
	"Chip Set",
	"Other FRU",
	"Cable/Interconnect",
	"Terminator",
	"System Boot Initiated",
	"Boot Error",
	"OS Boot",
	"OS Stop",
	"Slot/Connector",
	"System ACPI Power State",
	"Watchdog 2",
	"Platform Alert",
	"Entity Presence",
	"Monitor ASIC",
	"LAN",
	"Management Subsystem Health",
	"Battery",
	"Session Audit",
	"Version Change",
	"FRU State",
};

const char *ipmi_sensor_type(unsigned type)
{
	return type < ARRAY_LEN(sensor_types) ? sensor_types[type] : NULL;
}

const char *ipmi_unit_suffix(unsigned unit)
{
	static const struct {
		uint8_t unit;
		const char *suffix;
	} units[] = {
		{ 1, "celsius" }, { 2, "fahrenheit" }, { 3, "kelvin" }, { 4, "volts" },
		{ 5, "amperes" }, { 6, "watts" },      { 7, "joules" }, { 9, "va" },
		{ 17, "cfm" },    { 18, "rpm" },       { 19, "hz" },
	};

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (units[i].unit == unit)
			return units[i].suffix;
	return NULL;
}

const char *ipmi_health(enum ipmi_severity severity)
{
	static const char *const names[] = { "OK", NULL, "Warning", "Critical" };

	return names[severity];
}
