/* What a tool hands over as a device command, from its memory, which is ours here: nothing longer than a
 * command or its data may come of it. */
#include "copy.h"
#include "mfi.h"

#include <errno.h>
#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <scsi/sg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#define ROOM 65536

static uint8_t theirs[ROOM], data[COMMAND_DATA_MAX];

/* As the copier's: where nothing can be read, the kernel says so. */
int copy_from(const struct copied *copied, uint64_t at, void *to, size_t size)
{
	struct iovec ours = { to, size }, its = { (void *)(uintptr_t)at, size };

	return !size || process_vm_readv((pid_t)copied->pid, &ours, 1, &its, 1, 0) ==
				       (ssize_t)size
		       ? 0
		       : -EFAULT;
}

int copy_to(const struct copied *copied, uint64_t at, const void *from, size_t size)
{
	(void)copied;
	(void)at;
	(void)from;
	return size ? -EFAULT : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Where a structure has its pointers: most of them lead to what the tool has, as a good tool's would. */
static void point(uint8_t *argument, size_t at, uint8_t how)
{
	const void *to = theirs + how;

	if (how < 0xf0)
		memcpy(argument + at, &to, sizeof(to));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const size_t pointers[][2] = {
		{ offsetof(struct sg_io_hdr, cmdp), offsetof(struct sg_io_hdr, dxferp) },
		{ offsetof(struct nvme_admin_cmd, addr),
		  offsetof(struct nvme_admin_cmd, addr) },
		{ offsetof(struct ipmi_req, addr), offsetof(struct ipmi_req, msg.data) },
		{ offsetof(struct ipmi_recv, addr),
		  offsetof(struct ipmi_recv, msg.data) },
		{ offsetof(struct ifreq, ifr_data), offsetof(struct ifreq, ifr_data) },
		{ offsetof(struct mfi_packet, buffers),
		  offsetof(struct mfi_packet, buffers) },
	};
	static const uint32_t forms[] = { SG_IO,
					  NVME_IOCTL_ADMIN_CMD,
					  IPMICTL_SEND_COMMAND,
					  (uint32_t)IPMICTL_RECEIVE_MSG_TRUNC,
					  SIOCETHTOOL,
					  (uint32_t)MEGASAS_IOC_FIRMWARE };
	uint8_t argument[sizeof(struct mfi_packet)] = { 0 };
	struct copied copied = { .pid = (uint32_t)getpid(),
				 .address = (uintptr_t)argument,
				 .data = data };
	unsigned which;

	if (size < 3)
		return 0;
	which = bytes[0] % ARRAY_LEN(forms);
	memset(theirs, 0, sizeof(theirs));
	memcpy(argument, bytes + 3,
	       size - 3 < sizeof(argument) ? size - 3 : sizeof(argument));
	/* The same bytes are what the pointers lead to: short inputs reach all of it. */
	memcpy(theirs, bytes + 3, size - 3 < ROOM ? size - 3 : ROOM);
	point(argument, pointers[which][0], bytes[1]);
	point(argument, pointers[which][1], bytes[2]);
	if (copy_command(&copied, forms[which]))
		return 0;
	if (copied.command.size > COMMAND_BYTES ||
	    copied.command.length > COMMAND_DATA_MAX ||
	    copied.command.transport >= COMMAND_TRANSPORTS)
		abort();
	(void)command_key(&copied.command);
	return 0;
}
