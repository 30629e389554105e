/* The forms in which tools hand a command over: sg_io_hdr_t, struct nvme_admin_cmd. */
#include "copy.h"
#include "mfi.h"

#include <errno.h>
#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <linux/sockios.h>
#include <scsi/sg.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

/* As the kernel: no data without a length, whatever the direction says. */
static int direction_of(const struct sg_io_hdr *header, struct command *command)
{
	if (header->dxfer_len == 0 || header->dxfer_direction == SG_DXFER_NONE)
		command->direction = COMMAND_NO_DATA;
	else if (header->dxfer_direction == SG_DXFER_FROM_DEV)
		command->direction = COMMAND_IN;
	else if (header->dxfer_direction == SG_DXFER_TO_DEV)
		command->direction = COMMAND_OUT;
	else
		return -EPERM;
	command->length = command->direction == COMMAND_NO_DATA ? 0 : header->dxfer_len;
	return command->length > COMMAND_DATA_MAX ? -EPERM : 0;
}

/* Version 3 alone; to another the kernel says EINVAL, and tools go on with this one. Flags, and
 * lists of buffers, are not for tools that ask. */
static int copy_sg(struct copied *copied)
{
	struct command *command = &copied->command;
	struct sg_io_hdr header = { .interface_id = 0 };
	int error = copy_from(copied, copied->address, &header, sizeof(header));

	if (error)
		return error;
	if (header.interface_id != 'S')
		return -EINVAL;
	command->transport = COMMAND_SCSI;
	if (header.cmd_len == 0 || header.cmd_len > COMMAND_BYTES)
		return -EMSGSIZE;
	command->size = header.cmd_len;
	error = copy_from(copied, (uintptr_t)header.cmdp, command->bytes, command->size);
	if (!error)
		error = direction_of(&header, command);
	if (!error && header.iovec_count)
		error = -EPERM;
	if (error)
		return error;
	copied->data_at = (uintptr_t)header.dxferp;
	copied->sense_at = (uintptr_t)header.sbp;
	copied->sense_room = header.mx_sb_len;
	if (command->direction == COMMAND_OUT)
		return copy_from(copied, copied->data_at, copied->data, command->length);
	return 0;
}

static int write_sg(const struct copied *copied)
{
	const struct command_answer *answer = &copied->answer;
	uint8_t sense = answer->sense_size < copied->sense_room ? answer->sense_size
								: copied->sense_room;
	uint8_t status[sizeof(answer->status)];

	memcpy(status, answer->status, sizeof(status));
	status[offsetof(struct sg_io_hdr, sb_len_wr) -
	       offsetof(struct sg_io_hdr, status)] = sense;
	if (copy_to(copied, copied->data_at, copied->data, answer->length) ||
	    copy_to(copied, copied->sense_at, answer->sense, sense))
		return -EFAULT;
	return copy_to(copied, copied->address + offsetof(struct sg_io_hdr, status),
		       status, sizeof(status));
}

static void put_dword(uint8_t *bytes, uint32_t value)
{
	memcpy(bytes, &value, sizeof(value));
}

static int copy_nvme(struct copied *copied)
{
	struct command *command = &copied->command;
	struct nvme_admin_cmd admin = { .opcode = 0 };
	int error = copy_from(copied, copied->address, &admin, sizeof(admin));

	if (error)
		return error;
	command->transport = COMMAND_NVME;
	command->size = 30;
	command->bytes[0] = admin.opcode;
	command->bytes[1] = admin.flags;
	put_dword(command->bytes + 2, admin.nsid);
	put_dword(command->bytes + 6, admin.cdw10);
	put_dword(command->bytes + 10, admin.cdw11);
	put_dword(command->bytes + 14, admin.cdw12);
	put_dword(command->bytes + 18, admin.cdw13);
	put_dword(command->bytes + 22, admin.cdw14);
	put_dword(command->bytes + 26, admin.cdw15);
	if (admin.rsvd1 || admin.cdw2 || admin.cdw3 || admin.metadata ||
	    admin.metadata_len)
		return -EPERM;
	if (admin.data_len > COMMAND_DATA_MAX)
		return -EPERM;
	/* NVM Express 1.4, figure 105: bits 1:0 of an opcode are its direction. */
	command->length = admin.data_len;
	command->direction = !admin.data_len    ? COMMAND_NO_DATA
			     : admin.opcode & 1 ? COMMAND_OUT
						: COMMAND_IN;
	copied->data_at = admin.addr;
	if (command->direction == COMMAND_OUT)
		return copy_from(copied, copied->data_at, copied->data, command->length);
	return 0;
}

static int write_nvme(const struct copied *copied)
{
	const struct command_answer *answer = &copied->answer;

	if (copy_to(copied, copied->data_at, copied->data, answer->length))
		return -EFAULT;
	return copy_to(copied, copied->address + offsetof(struct nvme_admin_cmd, result),
		       &answer->result, sizeof(answer->result));
}

const struct copies copies_known[] = {
	{ SG_IO, copy_sg, write_sg },
	{ NVME_IOCTL_ADMIN_CMD, copy_nvme, write_nvme },
	{ IPMICTL_SEND_COMMAND, copy_ipmi_send, write_ipmi_send },
	{ IPMICTL_RECEIVE_MSG_TRUNC, copy_ipmi_receive, write_ipmi_receive },
	{ IPMICTL_SET_GETS_EVENTS_CMD, copy_ipmi_setting, NULL },
	{ IPMICTL_SET_MY_ADDRESS_CMD, copy_ipmi_setting, NULL },
	{ SIOCETHTOOL, copy_ethtool, write_ethtool },
	{ MEGASAS_IOC_FIRMWARE, copy_mfi, write_mfi },
	{ 0, NULL, NULL },
};
