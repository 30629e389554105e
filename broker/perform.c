/* The transports: how each asks the kernel to perform a command. */
#include "perform.h"
#include "mfi.h"
#include "util.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <scsi/sg.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

/*
 * How long a command may take is not for who asks: where its time is over, the kernel aborts it and
 * resets the device. As smartctl has it, longer than a disk takes to spin up; for NVMe the
 * driver's own.
 */
#define SCSI_TIMEOUT_MS 60000
#define IPMI_WAIT_MS 1000 /* bee-ipmi's own limit for an answer */

static int perform_scsi(int device, const struct command *command, uint8_t *data,
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
		.timeout = SCSI_TIMEOUT_MS,
	};
	int value = ioctl(device, SG_IO, &header);

	_Static_assert(sizeof(header) - offsetof(struct sg_io_hdr, status) ==
			       sizeof(answer->status),
		       "all that the kernel tells");
	memcpy(answer->status, &header.status, sizeof(answer->status));
	answer->sense_size = header.sb_len_wr;
	if (header.resid > 0 && (unsigned)header.resid <= command->length)
		answer->length -= (unsigned)header.resid;
	return value;
}

static int perform_nvme(int device, const struct command *command, uint8_t *data,
			struct command_answer *answer)
{
	const uint8_t *bytes = command->bytes;
	struct nvme_admin_cmd admin = {
		.addr = command->length ? (uint64_t)(uintptr_t)data : 0,
		.data_len = command->length,
	};
	int value;

	memcpy(&admin.opcode, bytes, COMMAND_NVME_NSID);
	memcpy(&admin.nsid, bytes + COMMAND_NVME_NSID, sizeof(admin.nsid));
	memcpy(&admin.cdw10, bytes + COMMAND_NVME_CDW10,
	       COMMAND_NVME_BYTES - COMMAND_NVME_CDW10);
	value = ioctl(device, NVME_IOCTL_ADMIN_CMD, &admin);
	memcpy(answer->status, &admin.result, sizeof(admin.result));
	return value;
}

/* Sends, or takes an answer that has come, for which it waits as long as one takes at most. */
static int perform_ipmi(int device, const struct command *command, uint8_t *data,
			struct command_answer *answer)
{
	struct ipmi_system_interface_addr address = {
		.addr_type = IPMI_SYSTEM_INTERFACE_ADDR_TYPE,
		.channel = IPMI_BMC_CHANNEL,
		.lun = command->bytes[2],
	};
	struct ipmi_req request = {
		.addr = (unsigned char *)&address,
		.addr_len = sizeof(address),
		.msgid = command->tag,
		.msg = { .netfn = command->bytes[0],
			 .cmd = command->bytes[1],
			 .data = (unsigned char *)(uintptr_t)command->bytes + 3,
			 .data_len = (unsigned short)(command->size - 3) },
	};
	struct ipmi_recv recv = {
		.addr = answer->sense,
		.addr_len = sizeof(answer->sense),
		.msg = { .data = data, .data_len = (unsigned short)command->length }
	};
	struct pollfd come = { .fd = device, .events = POLLIN };
	int value;

	if (command->bytes[0] != COMMAND_IPMI_RECEIVE)
		return ioctl(device, IPMICTL_SEND_COMMAND, &request);
	(void)poll(&come, 1, IPMI_WAIT_MS);
	value = ioctl(device, IPMICTL_RECEIVE_MSG_TRUNC, &recv);
	answer->tag = recv.msgid;
	answer->status[0] = (uint8_t)recv.recv_type;
	answer->status[1] = recv.msg.netfn;
	answer->status[2] = recv.msg.cmd;
	answer->sense_size = (uint8_t)recv.addr_len;
	answer->length = recv.msg.data_len;
	return value;
}

/* Of the interface that the patterns name; what is asked is how the answer begins. */
static int perform_ethtool(int device, const struct command *command, uint8_t *data,
			   struct command_answer *answer)
{
	struct ethtool_eeprom asked = {
		.len = command->length - (uint32_t)sizeof(asked),
	};
	struct ifreq request = { .ifr_data = (char *)data };

	(void)answer;
	if (command->length < sizeof(asked)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(&asked.cmd, command->bytes, sizeof(asked.cmd));
	memcpy(&asked.offset, command->bytes + sizeof(asked.cmd), sizeof(asked.offset));
	memcpy(data, &asked,
	       asked.cmd == ETHTOOL_GMODULEEEPROM ? sizeof(asked) : sizeof(asked.cmd));
	memcpy(request.ifr_name, command->bytes + COMMAND_ETHTOOL_NAME, IFNAMSIZ);
	return ioctl(device, SIOCETHTOOL, &request);
}

/* Where the kernel writes the buffer's place into the frame is where the firmware looks for it. The firmware's
 * own time holds: 0. */
static int perform_mfi(int device, const struct command *command, uint8_t *data,
		       struct command_answer *answer)
{
	static const uint16_t directions[] = {
		[COMMAND_NO_DATA] = 0,
		[COMMAND_IN] = MFI_DIR_READ,
		[COMMAND_OUT] = MFI_DIR_WRITE,
	};
	bool scsi = command->transport == COMMAND_MFI_SCSI;
	struct mfi_packet packet = {
		.host = (uint16_t)command->tag,
		.buffers_at = scsi ? offsetof(struct mfi_frame, scsi.buffers)
				   : offsetof(struct mfi_frame, dcmd.buffers),
		.buffer_count = command->length > 0,
		.frame = { .command = scsi ? MFI_PD_SCSI_IO : MFI_DCMD,
			   .status = 0xff,
			   .target = (uint8_t)(command->tag >> 16),
			   .cdb_length = scsi ? command->size : 0,
			   .buffer_count = command->length > 0,
			   .flags = directions[command->direction],
			   .length = command->length },
		.buffers = { { data, command->length } },
	};
	int value;

	if (command->size > sizeof(packet.frame.scsi.cdb)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(scsi ? packet.frame.scsi.cdb : packet.frame.dcmd.opcode, command->bytes,
	       command->size);
	value = ioctl(device, MEGASAS_IOC_FIRMWARE, &packet);
	answer->status[0] = packet.frame.status;
	return value;
}

const struct performs perform[COMMAND_TRANSPORTS] = {
	[COMMAND_SCSI] = { perform_scsi, { SG_IO }, false, false },
	[COMMAND_NVME] = { perform_nvme, { NVME_IOCTL_ADMIN_CMD }, false, false },
	[COMMAND_IPMI] = { perform_ipmi,
			   { IPMICTL_SEND_COMMAND, IPMICTL_RECEIVE_MSG_TRUNC },
			   true,
			   false },
	[COMMAND_ETHTOOL] = { perform_ethtool, { SIOCETHTOOL }, false, true },
	[COMMAND_MFI] = { perform_mfi, { MEGASAS_IOC_FIRMWARE }, false, false },
	[COMMAND_MFI_SCSI] = { perform_mfi, { MEGASAS_IOC_FIRMWARE }, false, false },
};
