/* Tables of IPMI 2.0, revision 1.1: chapters 42 and 43. */
#include "ipmi_names.h"

#define SENSOR_SPECIFIC 0x6f

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

#define OK SEVERITY_OK
#define WARN SEVERITY_WARNING
#define CRIT SEVERITY_CRITICAL
#define STATES 12

/* Table 42-2 (event types 02h to 0Ch) and 42-3 (type 6Fh, by sensor type). */
static const struct {
	uint8_t event_type, sensor_type;
	struct ipmi_state states[STATES];
} known[] = {
	{ 0x04,
	  0,
	  { { "predictive failure deasserted", OK }, { "predictive failure", WARN } } },
	{ 0x07,
	  0,
	  { { "OK", OK },
	    { "non-critical", WARN },
	    { "critical", CRIT },
	    { "non-recoverable", CRIT },
	    { "back to non-critical", WARN },
	    { "back to critical", CRIT },
	    { "non-recoverable", CRIT },
	    { "monitor", OK },
	    { "informational", OK } } },
	{ 0x08, 0, { { "absent", OK }, { "present", OK } } },
	{ 0x0b,
	  0,
	  { { "fully redundant", OK },
	    { "redundancy lost", WARN },
	    { "redundancy degraded", WARN },
	    { "not redundant, sufficient resources", WARN },
	    { "not redundant, sufficient resources", WARN },
	    { "not redundant, insufficient resources", CRIT },
	    { "redundancy degraded from full", WARN },
	    { "redundancy degraded from none", WARN } } },
	{ SENSOR_SPECIFIC,
	  0x05,
	  { { "chassis intrusion", WARN },
	    { "drive bay intrusion", WARN },
	    { "I/O card area intrusion", WARN },
	    { "processor area intrusion", WARN },
	    { "LAN leash lost", WARN } } },
	{ SENSOR_SPECIFIC,
	  0x07,
	  { { "internal error", CRIT },
	    { "thermal trip", CRIT },
	    { "BIST failure", CRIT },
	    { "hang in POST", CRIT },
	    { "initialization failure", CRIT },
	    { "configuration error", CRIT },
	    { "uncorrectable CPU complex error", CRIT },
	    { "present", OK },
	    { "disabled", WARN },
	    { "terminator present", OK },
	    { "throttled", WARN },
	    { "machine check exception", CRIT } } },
	{ SENSOR_SPECIFIC,
	  0x08,
	  { { "present", OK },
	    { "failure", CRIT },
	    { "predictive failure", WARN },
	    { "input lost", WARN },
	    { "input lost or out of range", WARN },
	    { "input out of range", WARN },
	    { "configuration error", WARN },
	    { "inactive", OK } } },
	{ SENSOR_SPECIFIC,
	  0x09,
	  { { "off", OK },
	    { "power cycle", OK },
	    { "240 VA power down", CRIT },
	    { "interlock power down", CRIT },
	    { "AC lost", WARN },
	    { "soft power control failure", CRIT },
	    { "failure", CRIT },
	    { "predictive failure", WARN } } },
	{ SENSOR_SPECIFIC,
	  0x0c,
	  { { "correctable ECC", WARN },
	    { "uncorrectable ECC", CRIT },
	    { "parity", CRIT },
	    { "scrub failed", CRIT },
	    { "disabled", WARN },
	    { "correctable ECC logging limit", WARN },
	    { "present", OK },
	    { "configuration error", WARN },
	    { "spare", OK },
	    { "throttled", WARN },
	    { "critical overtemperature", CRIT } } },
	{ SENSOR_SPECIFIC,
	  0x0d,
	  { { "present", OK },
	    { "fault", CRIT },
	    { "predictive failure", WARN },
	    { "hot spare", OK },
	    { "consistency check", OK },
	    { "in critical array", CRIT },
	    { "in failed array", CRIT },
	    { "rebuild", WARN },
	    { "rebuild aborted", WARN } } },
	{ SENSOR_SPECIFIC,
	  0x10,
	  { { "correctable memory error logging disabled", WARN },
	    { "event logging disabled", WARN },
	    { "log cleared", OK },
	    { "all event logging disabled", WARN },
	    { "log full", WARN },
	    { "log almost full", WARN } } },
	{ SENSOR_SPECIFIC,
	  0x13,
	  { { "front panel NMI", WARN },
	    { "bus timeout", CRIT },
	    { "I/O channel check NMI", CRIT },
	    { "software NMI", CRIT },
	    { "PCI PERR", CRIT },
	    { "PCI SERR", CRIT },
	    { "EISA fail-safe timeout", CRIT },
	    { "bus correctable error", WARN },
	    { "bus uncorrectable error", CRIT },
	    { "fatal NMI", CRIT },
	    { "bus fatal error", CRIT },
	    { "bus degraded", WARN } } },
	{ SENSOR_SPECIFIC,
	  0x23,
	  { { "timer expired", WARN },
	    { "hard reset", WARN },
	    { "power down", WARN },
	    { "power cycle", WARN } } },
	{ SENSOR_SPECIFIC,
	  0x25,
	  { { "present", OK }, { "absent", OK }, { "disabled", OK } } },
	{ SENSOR_SPECIFIC,
	  0x28,
	  { { "sensor access degraded", WARN },
	    { "controller access degraded", WARN },
	    { "controller offline", CRIT },
	    { "controller unavailable", CRIT },
	    { "sensor failure", WARN },
	    { "FRU failure", WARN } } },
	{ SENSOR_SPECIFIC,
	  0x29,
	  { { "low", WARN }, { "failed", CRIT }, { "present", OK } } },
};

/* Event type 01h, table 42-2: "going low" and "going high" are told apart by the pair. */
static const struct ipmi_state thresholds[] = {
	{ "below lower caution", WARN },  { "below lower caution", WARN },
	{ "below lower critical", CRIT }, { "below lower critical", CRIT },
	{ "below lower fatal", CRIT },    { "below lower fatal", CRIT },
	{ "above upper caution", WARN },  { "above upper caution", WARN },
	{ "above upper critical", CRIT }, { "above upper critical", CRIT },
	{ "above upper fatal", CRIT },    { "above upper fatal", CRIT },
};

const char *ipmi_sensor_type(unsigned type)
{
	return type < ARRAY_LEN(sensor_types) ? sensor_types[type] : NULL;
}

struct ipmi_state ipmi_state(unsigned sensor_type, unsigned event_type, unsigned offset)
{
	struct ipmi_state none = { NULL, SEVERITY_OK };

	if (event_type == 0x01)
		return offset < ARRAY_LEN(thresholds) ? thresholds[offset] : none;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].event_type == event_type &&
		    (event_type != SENSOR_SPECIFIC ||
		     known[i].sensor_type == sensor_type))
			return offset < STATES ? known[i].states[offset] : none;
	return none;
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

const char *ipmi_health(enum severity severity)
{
	return severity == SEVERITY_CRITICAL  ? "Critical"
	       : severity == SEVERITY_WARNING ? "Warning"
					      : "OK";
}
