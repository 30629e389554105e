/*
 * bee-cciss SG SMARTCTL: what smartctl says of each disk behind the Smart Array controller that
 * /dev/SG is, one after another. The kernel shows only volumes; how many devices there are is
 * asked of the firmware (REPORT PHYSICAL LUNS by CCISS_PASSTHRU, linux/cciss_ioctl.h), and
 * smartctl takes them by their places in that list.
 *
 *   bee-cciss<TAB>PCI-ADDRESS<TAB>PLACE<TAB>smartctl, followed by its JSON
 *   bee-cciss<TAB>PCI-ADDRESS<TAB>PLACE<TAB>WHY    it was not asked: an errno's name
 *   bee-cciss<TAB>PCI-ADDRESS<TAB>list<TAB>WHY     the controller tells no list
 *
 * Exit 0; 9 when it is no such controller.
 */
#include "behind.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/cciss_ioctl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PROGRAM "bee-cciss"
#define GENERIC "/sys/class/scsi_generic"
#define TYPE_RAID 12u /* SPC-4, table 138: storage array controller */
#define REPORT_PHYSICAL_LUNS 0xc3
#define PLACES_MAX 128u /* smartctl takes 0 to 127 */
#define ANSWER_SIZE (8u + 8u * PLACES_MAX)

_Static_assert(CCISS_PASSTHRU == 0xc058420b, "as in the policy");

static int list_devices(int fd, uint8_t answer[ANSWER_SIZE])
{
	IOCTL_Command_struct command = {
		.Request = { .CDBLen = 12,
			     .Type = { .Type = TYPE_CMD,
				       .Attribute = ATTR_SIMPLE,
				       .Direction = XFER_READ },
			     .CDB = { REPORT_PHYSICAL_LUNS } },
		.buf_size = ANSWER_SIZE,
		.buf = answer,
	};

	memset(answer, 0, ANSWER_SIZE);
	command.Request.CDB[8] = ANSWER_SIZE >> 8;
	command.Request.CDB[9] = ANSWER_SIZE & 0xff;
	if (ioctl(fd, CCISS_PASSTHRU, &command))
		return -errno;
	/* A list that is longer than we asked for is cut, which is no error. */
	if (command.error_info.CommandStatus != CMD_SUCCESS &&
	    command.error_info.CommandStatus != CMD_DATA_UNDERRUN &&
	    command.error_info.CommandStatus != CMD_DATA_OVERRUN)
		return -EREMOTEIO;
	return 0;
}

/* ".../0000:05:00.0/host0/target0:3:0/0:3:0:0", where the node's device stands. */
static bool host_of(const char *generic, char *host, size_t size)
{
	AUTO_FREE char *path = xasprintf(GENERIC "/%s", generic);
	char link[1024];
	ssize_t len = readlink(path, link, sizeof(link) - 1);
	const char *at;

	if (len <= 0)
		return false;
	link[len] = '\0';
	at = strstr(link, "/host");
	if (!at)
		return false;
	(void)snprintf(host, size, "%.*s", (int)strcspn(at + 1, "/"), at + 1);
	return true;
}

static bool is_controller(const char *generic)
{
	AUTO_FREE char *path = xasprintf(GENERIC "/%s/device/type", generic);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[16] = "";
	uint64_t type;

	if (fd < 0 || read_full(fd, text, sizeof(text) - 1) < 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return !parse_u64(text, UINT8_MAX, &type) && type == TYPE_RAID;
}

int main(int argc, char **argv)
{
	static uint8_t answer[ANSWER_SIZE];
	char host[32], address[64];
	int error;

	if (argc != 3 || strchr(argv[1], '/'))
		errx(BEE_USAGE, "usage: bee-cciss SG SMARTCTL");
	if (!is_controller(argv[1]) || !host_of(argv[1], host, sizeof(host)) ||
	    (!behind_is_driver(host, "hpsa") && !behind_is_driver(host, "smartpqi")))
		return BEHIND_ABSENT;
	AUTO_FREE char *node = xasprintf("/dev/%s", argv[1]);
	AUTO_CLOSE int fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		err(BEE_IOERR, "%s", node);
	behind_address(host, address, sizeof(address));
	error = list_devices(fd, answer);
	if (error)
		behind_say(PROGRAM, address, "list", error);
	for (unsigned i = 0; !error && i < behind_lun_count(answer, sizeof(answer));
	     i++) {
		AUTO_FREE char *type = xasprintf("cciss,%u", i);

		behind_ask(
			&(struct behind_disk){ PROGRAM, argv[2], address, type, node });
	}
	return BEE_OK;
}
