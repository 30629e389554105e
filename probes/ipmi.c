/*
 * bee-ipmi fru|info|sdr|sel: what the BMC knows, read by commands that cannot change
 * anything.
 *
 * The first line is "bee-ipmi<TAB>1", the version of this format. Then, one per line:
 *
 *   NAME<TAB>NUMBER<TAB>HEX      bytes as the BMC sent them, without the completion code
 *   NAME<TAB>NUMBER<TAB>!WHY     why not: a completion code (two digits) or an errno's
 * name
 *
 * The last line is "end<TAB>0<TAB>", when nothing was left out for want of time.
 *
 *   name            number           bytes
 *   device-id       0                Get Device ID
 *   self-test       0                Get Self Test Results
 *   guid            0                Get System GUID
 *   chassis         0                Get Chassis Status
 *   channel         channel          Get Channel Info, of channels 1 to 11
 *   lan3 ... lan20  channel          Get LAN Configuration Parameters: that parameter,
 * from the parameter's revision on sdr             record id        a whole sensor data
 * record (fru: type 11h alone) reading         record id        Get Sensor Reading, of
 * sensors the BMC itself owns fru-info        FRU id           Get FRU Inventory Area
 * Info fru             FRU id           information storage from offset 0, as far as its
 * areas go sdr-info        0                Get SDR Repository Info sel-info, sel-time  0
 * Get SEL Info, Get SEL Time sel             record id        a SEL record, 16 bytes; the
 * last 128 of them
 */
#include "ipmi_steps.h"

#include <err.h>
#include <errno.h>
#include <string.h>

static const struct {
	const char *name;
	void (*run)(struct ipmi_session *session);
} steps[] = {
	{ "fru", ipmi_step_fru },
	{ "info", ipmi_step_info },
	{ "sdr", ipmi_step_sdr },
	{ "sel", ipmi_step_sel },
};

int main(int argc, char **argv)
{
	struct ipmi_link link;
	struct ipmi_session session = { .link = &link, .out = stdout };
	int status;

	for (size_t i = 0; argc == 2 && i < ARRAY_LEN(steps); i++) {
		if (strcmp(argv[1], steps[i].name) != 0)
			continue;
		status = ipmi_open(&link, "/dev/ipmi0");
		if (status)
			errx(BEE_IOERR, "/dev/ipmi0: %s", strerror(-status));
		(void)printf("bee-ipmi\t1\n");
		steps[i].run(&session);
		if (ipmi_is_silent(&session))
			errx(BEE_IOERR, "the BMC does not answer");
		ipmi_tell(&session, "end", 0, NULL, 0);
		return ferror(stdout) ? BEE_IOERR : BEE_OK;
	}
	errx(BEE_USAGE, "usage: bee-ipmi fru|info|sdr|sel");
}
