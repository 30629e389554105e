/* The transports: how each asks the kernel to perform a command. */
#include "perform.h"
#include "util.h"

#include <errno.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

static void perform_scsi(int device, const struct command *command, uint8_t *data,
			 struct command_answer *answer)
{
	static const int directions[] = {
		[COMMAND_NO_DATA] = SG_DXFER_NONE,
		[COMMAND_IN] = SG_DXFER_FROM_DEV,
		[COMMAND_OUT] = SG_DXFER_TO_DEV,
	};
	struct sg_io_hdr header = {
		.interface_id = 'S',
		.dxfer_direction = directions[command->direction],
		.cmd_len = command->size,
		.cmdp = (unsigned char *)(uintptr_t)command->bytes,
		.mx_sb_len = sizeof(answer->sense),
		.sbp = answer->sense,
		.dxfer_len = command->length,
		.dxferp = data,
		.timeout = command->timeout_ms,
	};

	_Static_assert(sizeof(header) - offsetof(struct sg_io_hdr, status) ==
			       sizeof(answer->status),
		       "all that the kernel tells");
	answer->value = ioctl(device, SG_IO, &header);
	if (answer->value < 0) {
		answer->error = errno;
		return;
	}
	memcpy(answer->status, &header.status, sizeof(answer->status));
	answer->sense_size = header.sb_len_wr;
	answer->length = command->length;
	if (header.resid > 0 && (unsigned)header.resid <= command->length)
		answer->length -= (unsigned)header.resid;
}

static uint32_t dword(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

static void perform_nvme(int device, const struct command *command, uint8_t *data,
			 struct command_answer *answer)
{
	const uint8_t *bytes = command->bytes;
	struct nvme_admin_cmd admin = {
		.opcode = bytes[0],
		.flags = bytes[1],
		.nsid = dword(bytes + 2),
		.addr = command->length ? (uint64_t)(uintptr_t)data : 0,
		.data_len = command->length,
		.cdw10 = dword(bytes + 6),
		.cdw11 = dword(bytes + 10),
		.cdw12 = dword(bytes + 14),
		.cdw13 = dword(bytes + 18),
		.cdw14 = dword(bytes + 22),
		.cdw15 = dword(bytes + 26),
		.timeout_ms = command->timeout_ms,
	};

	answer->value = ioctl(device, NVME_IOCTL_ADMIN_CMD, &admin);
	if (answer->value < 0)
		answer->error = errno;
	answer->result = admin.result;
	answer->length = answer->value == 0 ? command->length : 0;
}

const struct performs perform[COMMAND_TRANSPORTS] = {
	[COMMAND_SCSI] = { perform_scsi, { SG_IO } },
	[COMMAND_NVME] = { perform_nvme, { NVME_IOCTL_ADMIN_CMD } },
};
