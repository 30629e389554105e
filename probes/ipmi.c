/*
 * bee-ipmi fru|info|sdr|sel: what the BMC knows, read by commands that change nothing.
 *
 * The first line is "bee-ipmi<TAB>1", the version of this format. Then, one per line:
 *
 *   NAME<TAB>NUMBER<TAB>HEX      bytes as the BMC sent them, no completion code
 *   NAME<TAB>NUMBER<TAB>!WHY     why not: a completion code, or an errno's name
 *
 * The last line is "end<TAB>0<TAB>": without it somebody ended the program.
 *
 *   device-id 0, self-test 0, guid 0, chassis 0: Get Device ID, Get Self Test Results,
 *      Get System GUID, Get Chassis Status
 *
 *   channel NUMBER: Get Channel Info, of channels 1 to 11
 *
 *   lan3 ... lan20 CHANNEL: Get LAN Configuration Parameters, that parameter, from its
 *      revision on
 *
 *   lan51, lan55, lan56, lan59 CHANNEL: the same of IPv6, the last two once per address
 *
 *   sdr RECORD: a whole sensor data record (fru: of type 11h alone)
 *
 *   reading RECORD: Get Sensor Reading, of sensors that the BMC itself owns
 *
 *   fru-info ID: Get FRU Inventory Area Info
 *
 *   fru ID: a FRU's storage from offset 0, as far as its areas go
 *
 *   sdr-info 0, sel-info 0, sel-time 0: Get SDR Repository Info, Get SEL Info and Time
 *
 *   sel RECORD: a SEL record, 16 bytes; the last 128 of them
 */
#include "ipmi_steps.h"

#include <err.h>
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
		if (ipmi_is_over(&session))
			errx(BEE_IOERR, "the BMC does not answer, or too slowly");
		ipmi_tell(&session, "end", 0, NULL, 0);
		return ferror(stdout) ? BEE_IOERR : BEE_OK;
	}
	errx(BEE_USAGE, "usage: bee-ipmi fru|info|sdr|sel");
}
