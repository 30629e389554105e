/* What the bits of a discrete sensor mean: IPMI 2.0, revision 1.1, tables 42-2 and 42-3. */
#include "ipmi_names.h"

#define SENSOR_SPECIFIC 0x6f
#define STATES 15 /* offsets 00h to 0Eh */

#define OK IPMI_OK
#define ASK IPMI_UNKNOWN
#define WARN IPMI_WARNING
#define CRIT IPMI_CRITICAL

/* clang-format off */
static const struct {
	uint8_t event_type, sensor_type;
	struct ipmi_state states[STATES];
} known[] = {
	/* Table 42-2, by event type. What "asserted" means the sensor's maker alone knows. */
	{ 0x02, 0, { { "idle", OK }, { "active", OK }, { "busy", OK } } },
	{ 0x03, 0, { { "state deasserted", ASK }, { "state asserted", ASK } } },
	{ 0x04, 0, { { "predictive failure deasserted", OK }, { "predictive failure", WARN } } },
	{ 0x05, 0, { { "limit not exceeded", OK }, { "limit exceeded", WARN } } },
	{ 0x06, 0, { { "performance met", OK }, { "performance lags", WARN } } },
	{ 0x07, 0, { { "OK", OK }, { "non-critical", WARN }, { "critical", CRIT },
		{ "non-recoverable", CRIT }, { "back to non-critical", WARN },
		{ "back to critical", CRIT }, { "non-recoverable", CRIT }, { "monitor", OK },
		{ "informational", OK } } },
	{ 0x08, 0, { { "absent", OK }, { "present", OK } } },
	{ 0x09, 0, { { "disabled", ASK }, { "enabled", OK } } },
	{ 0x0a, 0, { { "running", OK }, { "in test", OK }, { "power off", OK }, { "on line", OK },
		{ "off line", WARN }, { "off duty", OK }, { "degraded", WARN },
		{ "power save", OK }, { "install error", CRIT } } },
	{ 0x0b, 0, { { "fully redundant", OK }, { "redundancy lost", WARN },
		{ "redundancy degraded", WARN }, { "not redundant, sufficient resources", WARN },
		{ "not redundant, sufficient resources", WARN },
		{ "not redundant, insufficient resources", CRIT },
		{ "redundancy degraded from full", WARN },
		{ "redundancy degraded from none", WARN } } },
	{ 0x0c, 0, { { "D0", OK }, { "D1", OK }, { "D2", OK }, { "D3", OK } } },

	/* Table 42-3, by sensor type. */
	{ SENSOR_SPECIFIC, 0x05, { { "chassis intrusion", WARN },
		{ "drive bay intrusion", WARN }, { "I/O card area intrusion", WARN },
		{ "processor area intrusion", WARN }, { "LAN leash lost", WARN },
		{ "unauthorized dock", WARN }, { "fan area intrusion", WARN } } },
	{ SENSOR_SPECIFIC, 0x06, { { "secure mode violation", WARN },
		{ "wrong user password", WARN }, { "wrong set-up password", WARN },
		{ "wrong network boot password", WARN }, { "wrong pre-boot password", WARN },
		{ "wrong out-of-band password", WARN } } },
	{ SENSOR_SPECIFIC, 0x07, { { "internal error", CRIT }, { "thermal trip", CRIT },
		{ "BIST failure", CRIT }, { "hang in POST", CRIT },
		{ "initialization failure", CRIT }, { "configuration error", CRIT },
		{ "uncorrectable CPU complex error", CRIT }, { "present", OK },
		{ "disabled", WARN }, { "terminator present", OK }, { "throttled", WARN },
		{ "machine check exception", CRIT },
		{ "correctable machine check error", WARN } } },
	{ SENSOR_SPECIFIC, 0x08, { { "present", OK }, { "failure", CRIT },
		{ "predictive failure", WARN }, { "input lost", WARN },
		{ "input lost or out of range", WARN }, { "input out of range", WARN },
		{ "configuration error", WARN }, { "inactive", OK } } },
	{ SENSOR_SPECIFIC, 0x09, { { "off", OK }, { "power cycle", OK },
		{ "240 VA power down", CRIT }, { "interlock power down", CRIT },
		{ "AC lost", WARN }, { "soft power control failure", CRIT },
		{ "failure", CRIT }, { "predictive failure", WARN } } },
	{ SENSOR_SPECIFIC, 0x0c, { { "correctable ECC", WARN }, { "uncorrectable ECC", CRIT },
		{ "parity", CRIT }, { "scrub failed", CRIT }, { "disabled", WARN },
		{ "correctable ECC logging limit", WARN }, { "present", OK },
		{ "configuration error", WARN }, { "spare", OK }, { "throttled", WARN },
		{ "critical overtemperature", CRIT } } },
	{ SENSOR_SPECIFIC, 0x0d, { { "present", OK }, { "fault", CRIT },
		{ "predictive failure", WARN }, { "hot spare", OK },
		{ "consistency check", OK }, { "in critical array", CRIT },
		{ "in failed array", CRIT }, { "rebuild", WARN }, { "rebuild aborted", WARN } } },
	{ SENSOR_SPECIFIC, 0x0f, { { "firmware error", CRIT }, { "firmware hang", CRIT },
		{ "firmware progress", OK } } },
	{ SENSOR_SPECIFIC, 0x10, { { "correctable memory error logging disabled", WARN },
		{ "event logging disabled", WARN }, { "log cleared", OK },
		{ "all event logging disabled", WARN }, { "log full", WARN },
		{ "log almost full", WARN },
		{ "correctable machine check error logging disabled", WARN } } },
	{ SENSOR_SPECIFIC, 0x11, { { "firmware watchdog reset", WARN },
		{ "OS watchdog reset", WARN }, { "OS watchdog shut down", WARN },
		{ "OS watchdog power down", WARN }, { "OS watchdog power cycle", WARN },
		{ "OS watchdog NMI", WARN }, { "OS watchdog expired", WARN },
		{ "OS watchdog pre-timeout", WARN } } },
	{ SENSOR_SPECIFIC, 0x12, { { "system reconfigured", OK }, { "OEM boot event", OK },
		{ "undetermined hardware failure", CRIT }, { "entry in auxiliary log", OK },
		{ "platform event action", OK }, { "clock synchronized", OK } } },
	{ SENSOR_SPECIFIC, 0x13, { { "front panel NMI", WARN }, { "bus timeout", CRIT },
		{ "I/O channel check NMI", CRIT }, { "software NMI", CRIT },
		{ "PCI PERR", CRIT }, { "PCI SERR", CRIT }, { "EISA fail-safe timeout", CRIT },
		{ "bus correctable error", WARN }, { "bus uncorrectable error", CRIT },
		{ "fatal NMI", CRIT }, { "bus fatal error", CRIT }, { "bus degraded", WARN } } },
	{ SENSOR_SPECIFIC, 0x14, { { "power button pressed", OK }, { "sleep button pressed", OK },
		{ "reset button pressed", OK }, { "FRU latch open", WARN },
		{ "service requested", WARN } } },
	{ SENSOR_SPECIFIC, 0x19, { { "soft power control failure", CRIT },
		{ "thermal trip", CRIT } } },
	{ SENSOR_SPECIFIC, 0x1b, { { "connected", OK }, { "configuration error", WARN } } },
	{ SENSOR_SPECIFIC, 0x1d, { { "power up", OK }, { "hard reset", OK }, { "warm reset", OK },
		{ "PXE boot requested", OK }, { "boot to diagnostics", OK },
		{ "hard reset by the OS", OK }, { "warm reset by the OS", OK },
		{ "system restart", OK } } },
	{ SENSOR_SPECIFIC, 0x1e, { { "no bootable media", WARN }, { "diskette not bootable", WARN },
		{ "PXE server not found", WARN }, { "invalid boot sector", WARN },
		{ "timeout waiting for a boot source", WARN } } },
	{ SENSOR_SPECIFIC, 0x1f, { { "booted from A:", OK }, { "booted from C:", OK },
		{ "booted by PXE", OK }, { "booted diagnostics", OK }, { "booted from CD", OK },
		{ "booted from ROM", OK }, { "booted", OK }, { "installation started", OK },
		{ "installation completed", OK }, { "installation aborted", WARN },
		{ "installation failed", WARN } } },
	{ SENSOR_SPECIFIC, 0x20, { { "critical stop while the OS was loaded", CRIT },
		{ "run-time critical stop", CRIT }, { "OS graceful stop", OK },
		{ "OS graceful shutdown", OK }, { "soft shutdown by platform event", OK },
		{ "agent not responding", WARN } } },
	{ SENSOR_SPECIFIC, 0x21, { { "fault", CRIT }, { "identify", OK }, { "installed", OK },
		{ "ready for installation", OK }, { "ready for removal", OK },
		{ "slot power off", OK }, { "removal requested", OK }, { "interlock", OK },
		{ "slot disabled", WARN }, { "spare", OK } } },
	{ SENSOR_SPECIFIC, 0x22, { { "S0", OK }, { "S1", OK }, { "S2", OK }, { "S3", OK },
		{ "S4", OK }, { "S5", OK }, { "S4 or S5", OK }, { "G3", OK },
		{ "S1 to S3", OK }, { "G1", OK }, { "S5 by override", OK }, { "legacy on", OK },
		{ "legacy off", OK }, { NULL, ASK }, { "unknown", ASK } } },
	{ SENSOR_SPECIFIC, 0x23, { { "timer expired", WARN }, { "hard reset", WARN },
		{ "power down", WARN }, { "power cycle", WARN }, { NULL, ASK }, { NULL, ASK },
		{ NULL, ASK }, { NULL, ASK }, { "timer interrupt", WARN } } },
	{ SENSOR_SPECIFIC, 0x24, { { "page sent", OK }, { "LAN alert sent", OK },
		{ "platform event trap sent", OK }, { "SNMP trap sent", OK } } },
	{ SENSOR_SPECIFIC, 0x25, { { "present", OK }, { "absent", OK }, { "disabled", OK } } },
	{ SENSOR_SPECIFIC, 0x27, { { "heartbeat lost", WARN }, { "heartbeat", OK } } },
	{ SENSOR_SPECIFIC, 0x28, { { "sensor access degraded", WARN },
		{ "controller access degraded", WARN }, { "controller offline", CRIT },
		{ "controller unavailable", CRIT }, { "sensor failure", WARN },
		{ "FRU failure", WARN } } },
	{ SENSOR_SPECIFIC, 0x29, { { "low", WARN }, { "failed", CRIT }, { "present", OK } } },
	{ SENSOR_SPECIFIC, 0x2a, { { "session activated", OK }, { "session deactivated", OK },
		{ "wrong user or password", WARN }, { "account disabled", WARN } } },
	{ SENSOR_SPECIFIC, 0x2b, { { "hardware changed", OK }, { "firmware changed", OK },
		{ "hardware incompatible", CRIT }, { "firmware incompatible", CRIT },
		{ "hardware invalid or not supported", CRIT },
		{ "firmware invalid or not supported", CRIT }, { "hardware change successful", OK },
		{ "firmware change successful", OK } } },
	{ SENSOR_SPECIFIC, 0x2c, { { "not installed", OK }, { "inactive", OK },
		{ "activation requested", OK }, { "activation in progress", OK },
		{ "active", OK }, { "deactivation requested", OK },
		{ "deactivation in progress", OK }, { "communication lost", WARN } } },
};
/* clang-format on */

/* Event type 01h, table 42-2: "going low" and "going high" are told apart by the pair. */
static const struct ipmi_state thresholds[] = {
	{ "below lower caution", WARN },  { "below lower caution", WARN },
	{ "below lower critical", CRIT }, { "below lower critical", CRIT },
	{ "below lower fatal", CRIT },    { "below lower fatal", CRIT },
	{ "above upper caution", WARN },  { "above upper caution", WARN },
	{ "above upper critical", CRIT }, { "above upper critical", CRIT },
	{ "above upper fatal", CRIT },    { "above upper fatal", CRIT },
};

struct ipmi_state ipmi_state(unsigned sensor_type, unsigned event_type, unsigned offset)
{
	const struct ipmi_state none = { NULL, IPMI_UNKNOWN };

	if (event_type == 0x01)
		return offset < ARRAY_LEN(thresholds) ? thresholds[offset] : none;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].event_type == event_type && offset < STATES &&
		    (event_type != SENSOR_SPECIFIC ||
		     known[i].sensor_type == sensor_type))
			return known[i].states[offset].name ? known[i].states[offset]
							    : none;
	return none;
}
