/*
 * bee-megaraid SMARTCTL: what smartctl says of each disk behind the MegaRAID controllers, one
 * after another. The kernel shows only volumes; which disks there are is asked of the firmware
 * by MR_DCMD_PD_GET_LIST (drivers/scsi/megaraid/megaraid_sas.h).
 *
 *   bee-megaraid<TAB>PCI-ADDRESS<TAB>DEVICE-ID<TAB>smartctl, followed by its JSON
 *   bee-megaraid<TAB>PCI-ADDRESS<TAB>DEVICE-ID<TAB>WHY    it was not asked: an errno's name
 *   bee-megaraid<TAB>PCI-ADDRESS<TAB>list<TAB>WHY         the controller tells no list
 *
 * Exit 0; 9 when there is no such controller.
 */
#include "behind.h"
#include "mfi.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#define PROGRAM "bee-megaraid"
#define HOSTS_MAX 1024
#define DISKS_MAX 1024 /* MegaRAID has 240 */
/* smartctl puts the number into a byte: beyond it, another disk would answer. */
#define DEVICE_ID_MAX 255

struct pd_list {
	uint32_t size, count;
	struct pd_address {
		uint16_t device_id, enclosure_id;
		uint8_t enclosure_index, slot, scsi_type, ports;
		uint64_t sas_address[2];
	} disks[DISKS_MAX];
};
_Static_assert(sizeof(struct pd_address) == 24, "one disk");

static int list_disks(int fd, unsigned host, struct pd_list *list)
{
	static const uint32_t opcode =
		MFI_PD_GET_LIST; /* little endian, as the machine */
	struct mfi_packet packet = {
		.host = (uint16_t)host,
		.buffers_at = offsetof(struct mfi_frame, dcmd.buffers),
		.buffer_count = 1,
		.frame = { .command = MFI_DCMD,
			   .buffer_count = 1,
			   .flags = MFI_DIR_READ,
			   .length = sizeof(*list) },
		.buffers = { { list, sizeof(*list) } },
	};

	memcpy(packet.frame.dcmd.opcode, &opcode, sizeof(opcode));
	memset(list, 0, sizeof(*list));
	if (ioctl(fd, MEGASAS_IOC_FIRMWARE, &packet))
		return -errno;
	return packet.frame.status ? -EREMOTEIO : 0;
}

/* Its number in smartctl's words, beyond which another disk would answer. */
static void ask(const char *smartctl, const char *address, unsigned host, unsigned id)
{
	AUTO_FREE char *type = xasprintf("megaraid,%u", id);
	AUTO_FREE char *node = xasprintf("/dev/bus/%u", host);

	if (id > DEVICE_ID_MAX)
		behind_say(PROGRAM, address, type + strlen("megaraid,"), -ERANGE);
	else
		behind_ask(
			&(struct behind_disk){ PROGRAM, smartctl, address, type, node });
}

static void ask_all(const char *smartctl, int fd, const char *name, unsigned host)
{
	static struct pd_list list;
	char address[64];
	int error = list_disks(fd, host, &list);

	behind_address(name, address, sizeof(address));
	if (error) {
		behind_say(PROGRAM, address, "list", error);
		return;
	}
	for (uint32_t i = 0; i < list.count && i < DISKS_MAX; i++)
		if (list.disks[i].scsi_type == 0)
			ask(smartctl, address, host, list.disks[i].device_id);
}

int main(int argc, char **argv)
{
	struct dirent **hosts;
	int count, found = 0, fd;

	if (argc != 2)
		errx(BEE_USAGE, "usage: bee-megaraid SMARTCTL");
	fd = open("/dev/megaraid_sas_ioctl_node", O_RDWR | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
		return BEHIND_ABSENT;
	if (fd < 0)
		err(BEE_IOERR, "/dev/megaraid_sas_ioctl_node");
	count = scandir(BEHIND_HOSTS, &hosts, NULL, versionsort);
	if (count < 0)
		err(BEE_IOERR, BEHIND_HOSTS);
	for (int i = 0; i < count && i < HOSTS_MAX; i++) {
		const char *name = hosts[i]->d_name;
		uint64_t number;

		if (strncmp(name, "host", 4) != 0 ||
		    parse_u64(name + 4, UINT16_MAX, &number) ||
		    !behind_is_driver(name, "megaraid_sas"))
			continue;
		found++;
		ask_all(argv[1], fd, name, (unsigned)number);
	}
	return found ? 0 : BEHIND_ABSENT;
}
