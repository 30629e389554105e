/* What it costs that a tool's device commands are copied and performed by others. */
#include "bench.h"

#include <err.h>
#include <fcntl.h>
#include <scsi/sg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	AS_SMARTCTL = 24,
	LOTS = 4000
}; /* commands: smartctl -x of a SATA disk sends 24 */

int broker_commands(const char *device, const char *number)
{
	unsigned char cdb[6] = { 0x12, 0, 0, 0, 36, 0 }, data[36], sense[64];
	int fd = open(device, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	for (int i = atoi(number); i > 0 && fd >= 0; i--) {
		struct sg_io_hdr header = {
			.interface_id = 'S',
			.cmd_len = sizeof(cdb),
			.cmdp = cdb,
			.dxfer_direction = SG_DXFER_FROM_DEV,
			.dxfer_len = sizeof(data),
			.dxferp = data,
			.sbp = sense,
			.mx_sb_len = sizeof(sense),
			.timeout = 2000,
		};

		/* The null device has none: ENOTTY, by the same way as an answer. */
		(void)ioctl(fd, SG_IO, &header);
	}
	return fd < 0 ? BEE_SOFTWARE : BEE_OK;
}

static double run_once(const struct bench *bench, const char *policies, unsigned commands)
{
	AUTO_FREE char *number = xasprintf("%u", commands);
	struct command command = { .count = 0 };
	struct cost cost;

	command_word(&command, bench->bee);
	command_add(&command, "run -q --policy-dir");
	command_word(&command, policies);
	command_add(&command, "pcie/lspci d1 --");
	command_word(&command, bench->self);
	command_add(&command, "--commands /dev/null");
	command_word(&command, number);
	cost = command_run(&command);
	command_free(&command);
	if (!WIFEXITED(cost.status) || WEXITSTATUS(cost.status) != BEE_OK)
		errx(BEE_SOFTWARE, "bee run: wait status 0x%x", (unsigned)cost.status);
	return cost.wall;
}

void bench_broker(const struct bench *bench)
{
	AUTO_FREE char *one = folder_with(bench, 1);
	AUTO_FREE char *brokered = policy_new(bench, "brokered", one, "true",
					      "device /dev/null read\nscsi INQUIRY\n");
	AUTO_FREE char *own = policy_new(bench, "own", one, "true",
					 "device /dev/null read\nioctl SG_IO=0x2285\n");
	struct series ratio = { .count = 0 }, start = ratio, each = ratio;

	table_head("(g) device commands by copier and performer, on the null device");
	(void)run_once(bench, brokered, 1);
	for (unsigned i = 0; i < bench->rounds; i++) {
		double none = run_once(bench, own, AS_SMARTCTL),
		       few = run_once(bench, brokered, AS_SMARTCTL),
		       lots = run_once(bench, brokered, AS_SMARTCTL + LOTS);

		series_add(&ratio, few / none);
		series_add(&start, 1000 * (few - none));
		series_add(&each, 1e6 * (lots - few) / LOTS);
	}
	table_row("a tool that sends 24 and ends / without a broker, wall", &ratio, "",
		  0);
	table_row("the difference", &start, " ms", 0);
	table_row("one command", &each, " us", 40);
}
