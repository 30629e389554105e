/* The forms in which tools hand a command over: sg_io_hdr_t, struct nvme_admin_cmd and others of the kernel's. */
#include "copy.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#define IPMI_HEAD 3 /* a command's network function, number and LUN */

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Where a command's data are. As the kernel: none without a length, whatever the direction says. */
static int take_data(struct copied *copied, uint64_t at, uint64_t length,
		     enum command_direction direction)
{
	copied->data_at = at;
	copied->data_room = (uint32_t)length;
	copied->command.length = (uint32_t)length;
	copied->command.direction = (uint8_t)(length ? direction : COMMAND_NO_DATA);
	return length > COMMAND_DATA_MAX ? -EPERM : 0;
}

/* Version 3 alone; to another the kernel says EINVAL, and tools go on with this one. Flags, and
 * lists of buffers, are not for tools that ask. */
static int take_sg(struct copied *copied)
{
	const struct sg_io_hdr *sg = &copied->asked.sg;
	struct command *command = &copied->command;
	int way = sg->dxfer_len ? sg->dxfer_direction : SG_DXFER_NONE, error;

	if (sg->interface_id != 'S')
		return -EINVAL;
	if (sg->cmd_len == 0 || sg->cmd_len > COMMAND_BYTES)
		return -EMSGSIZE;
	command->size = sg->cmd_len;
	error = copy_from(copied, (uintptr_t)sg->cmdp, command->bytes, command->size);
	if (error)
		return error;
	if (sg->iovec_count ||
	    (way != SG_DXFER_NONE && way != SG_DXFER_FROM_DEV && way != SG_DXFER_TO_DEV))
		return -EPERM;
	copied->sense_at = (uintptr_t)sg->sbp;
	copied->sense_room = sg->mx_sb_len;
	return take_data(copied, (uintptr_t)sg->dxferp,
			 way == SG_DXFER_NONE ? 0 : sg->dxfer_len,
			 way == SG_DXFER_TO_DEV ? COMMAND_OUT : COMMAND_IN);
}

static void tell_sg(struct copied *copied)
{
	struct sg_io_hdr *sg = &copied->asked.sg;

	memcpy(&sg->status, copied->answer.status, sizeof(copied->answer.status));
	sg->sb_len_wr =
		(unsigned char)least(copied->answer.sense_size, copied->sense_room);
}

/* NVM Express 1.4, figure 105: bits 1:0 of an opcode are its direction. */
static int take_nvme(struct copied *copied)
{
	const struct nvme_admin_cmd *nvme = &copied->asked.nvme;
	uint8_t *bytes = copied->command.bytes;

	copied->command.size = COMMAND_NVME_BYTES;
	memcpy(bytes, &nvme->opcode, COMMAND_NVME_NSID);
	memcpy(bytes + COMMAND_NVME_NSID, &nvme->nsid, sizeof(nvme->nsid));
	memcpy(bytes + COMMAND_NVME_CDW10, &nvme->cdw10,
	       COMMAND_NVME_BYTES - COMMAND_NVME_CDW10);
	if (nvme->rsvd1 || nvme->cdw2 || nvme->cdw3 || nvme->metadata ||
	    nvme->metadata_len)
		return -EPERM;
	return take_data(copied, nvme->addr, nvme->data_len,
			 nvme->opcode & 1 ? COMMAND_OUT : COMMAND_IN);
}

/* To the BMC itself, and not through it to others: the kernel bridges by this address. What it answers is
 * received. */
static int take_ipmi_send(struct copied *copied)
{
	const struct ipmi_req *request = &copied->asked.ipmi_req;
	struct ipmi_system_interface_addr address = { .addr_type = 0 };
	struct command *command = &copied->command;
	int error;

	command->direction = COMMAND_IN;
	command->bytes[0] = request->msg.netfn;
	command->bytes[1] = request->msg.cmd;
	command->tag = request->msgid;
	if (request->addr_len < sizeof(address) ||
	    request->addr_len > sizeof(struct ipmi_addr) ||
	    request->msg.data_len > COMMAND_BYTES - IPMI_HEAD)
		return -EPERM;
	error = copy_from(copied, (uintptr_t)request->addr, &address, sizeof(address));
	if (error)
		return error;
	if (address.addr_type != IPMI_SYSTEM_INTERFACE_ADDR_TYPE ||
	    address.channel != IPMI_BMC_CHANNEL)
		return -EPERM;
	command->bytes[2] = address.lun;
	command->size = (uint8_t)(IPMI_HEAD + request->msg.data_len);
	return copy_from(copied, (uintptr_t)request->msg.data, command->bytes + IPMI_HEAD,
			 request->msg.data_len);
}

/* Any answer that has come; it has no command of its own. From whom it is is told as sense data are. */
static int take_ipmi_receive(struct copied *copied)
{
	const struct ipmi_recv *recv = &copied->asked.ipmi_recv;
	int error = take_data(copied, (uintptr_t)recv->msg.data, COMMAND_IPMI_ANSWER,
			      COMMAND_IN);

	copied->command.size = 1;
	copied->command.bytes[0] = COMMAND_IPMI_RECEIVE;
	copied->data_room = recv->msg.data_len;
	copied->sense_at = (uintptr_t)recv->addr;
	copied->sense_room = recv->addr_len;
	return recv->addr_len < sizeof(struct ipmi_system_interface_addr) ? -EINVAL
									  : error;
}

static void tell_ipmi_receive(struct copied *copied)
{
	const struct command_answer *answer = &copied->answer;
	struct ipmi_recv *recv = &copied->asked.ipmi_recv;

	recv->recv_type = answer->status[0];
	recv->msgid = answer->tag;
	recv->addr_len = least(answer->sense_size, copied->sense_room);
	recv->msg.netfn = answer->status[1];
	recv->msg.cmd = answer->status[2];
	recv->msg.data_len = (unsigned short)least(answer->length, copied->data_room);
}

/* The question is read once, what follows it after it. */
static int take_ethtool(struct copied *copied)
{
	const struct ifreq *request = &copied->asked.interface;
	struct command *command = &copied->command;
	struct ethtool_eeprom asked = { .cmd = 0 };
	uint64_t at = (uintptr_t)request->ifr_data, length = 0;
	int error = copy_from(copied, at, &asked.cmd, sizeof(asked.cmd));

	if (!error && asked.cmd == ETHTOOL_GMODULEEEPROM) {
		error = copy_from(copied, at + sizeof(asked.cmd), &asked.magic,
				  sizeof(asked) - sizeof(asked.cmd));
		length = sizeof(asked) + asked.len; /* in 64 bits */
	} else if (asked.cmd == ETHTOOL_GMODULEINFO) {
		length = sizeof(struct ethtool_modinfo);
	}
	command->size = COMMAND_ETHTOOL_BYTES;
	memcpy(command->bytes, &asked.cmd, sizeof(asked.cmd));
	memcpy(command->bytes + sizeof(asked.cmd), &asked.offset, sizeof(asked.offset));
	memcpy(command->bytes + COMMAND_ETHTOOL_NAME, request->ifr_name,
	       strnlen(request->ifr_name, IFNAMSIZ));
	return error ? error : take_data(copied, at, length, COMMAND_IN);
}

/*
 * Of the frame what says what is asked, and of whom; one buffer, of the length that the firmware is told of: it
 * would write past a shorter one. All else is the performer's: with offsets of who asks the kernel would write
 * beside the frame. Sense data are nobody's; smartctl asks for none.
 */
static int take_mfi(struct copied *copied)
{
	const struct mfi_packet *packet = &copied->asked.mfi;
	const struct mfi_frame frame = packet->frame;
	struct command *command = &copied->command;
	bool scsi = frame.command == MFI_PD_SCSI_IO;
	unsigned both = frame.flags & (MFI_DIR_READ | MFI_DIR_WRITE);

	if (frame.command != MFI_DCMD && !scsi) {
		command->bytes[0] = frame.command; /* no DCMD has that number */
		return -EPERM;
	}
	command->transport = scsi ? COMMAND_MFI_SCSI : COMMAND_MFI;
	command->tag = command_place(packet->host, scsi ? frame.target : 0);
	command->size = scsi ? frame.cdb_length : sizeof(frame.scsi.cdb);
	if (command->size > sizeof(frame.scsi.cdb))
		return -EPERM;
	memcpy(command->bytes, scsi ? frame.scsi.cdb : frame.dcmd.opcode, command->size);
	if ((scsi && frame.lun) || packet->sense_length || packet->buffer_count > 1 ||
	    frame.length != (packet->buffer_count ? packet->buffers[0].iov_len : 0) ||
	    both == (MFI_DIR_READ | MFI_DIR_WRITE))
		return -EPERM;
	return take_data(copied, (uintptr_t)packet->buffers[0].iov_base, frame.length,
			 both == MFI_DIR_WRITE ? COMMAND_OUT : COMMAND_IN);
}

#define ALL(type) sizeof(type), 0, sizeof(type)
#define PART(type, member)                                                               \
	sizeof(type), offsetof(type, member), sizeof(((type *)NULL)->member)
#define NONE(type) sizeof(type), 0, 0

/* Events are nobody's here, and the kernel's own address is as good as any: those are done with. */
static const struct copies copies_known[] = {
	{ SG_IO, COMMAND_SCSI, sizeof(struct sg_io_hdr),
	  offsetof(struct sg_io_hdr, status),
	  sizeof(struct sg_io_hdr) - offsetof(struct sg_io_hdr, status), take_sg,
	  tell_sg },
	{ NVME_IOCTL_ADMIN_CMD, COMMAND_NVME, PART(struct nvme_admin_cmd, result),
	  take_nvme, NULL },
	{ IPMICTL_SEND_COMMAND, COMMAND_IPMI, NONE(struct ipmi_req), take_ipmi_send,
	  NULL },
	{ IPMICTL_RECEIVE_MSG_TRUNC, COMMAND_IPMI, ALL(struct ipmi_recv),
	  take_ipmi_receive, tell_ipmi_receive },
	{ IPMICTL_SET_GETS_EVENTS_CMD, COMMAND_IPMI, 0, 0, 0, NULL, NULL },
	{ IPMICTL_SET_MY_ADDRESS_CMD, COMMAND_IPMI, 0, 0, 0, NULL, NULL },
	{ SIOCETHTOOL, COMMAND_ETHTOOL, NONE(struct ifreq), take_ethtool, NULL },
	{ MEGASAS_IOC_FIRMWARE, COMMAND_MFI, PART(struct mfi_packet, frame.status),
	  take_mfi, NULL },
};

int copy_command(struct copied *copied, uint32_t request)
{
	const struct command *command = &copied->command;
	const struct copies *copies = copies_known,
			    *end = copies + ARRAY_LEN(copies_known);
	int error;

	while (copies < end && copies->request != request)
		copies++;
	if (copies == end)
		return -ENOTTY;
	copied->copies = copies;
	error = copy_from(copied, copied->address, &copied->asked, copies->size);
	if (error)
		return error;
	copied->command.transport = copies->transport;
	if (copies->take)
		error = copies->take(copied);
	if (error || command->direction != COMMAND_OUT)
		return error;
	return copy_from(copied, copied->data_at, copied->data, command->length);
}

int copy_answer(struct copied *copied)
{
	const struct copies *copies = copied->copies;
	const struct command_answer *answer = &copied->answer;
	uint8_t *told = (uint8_t *)&copied->asked + copies->told_at;

	if (copies->tell)
		copies->tell(copied);
	else
		memcpy(told, answer->status, copies->told_size);
	if (copy_to(copied, copied->data_at, copied->data,
		    least(answer->length, copied->data_room)) ||
	    copy_to(copied, copied->sense_at, answer->sense,
		    least(answer->sense_size, copied->sense_room)) ||
	    copy_to(copied, copied->address + copies->told_at, told, copies->told_size))
		return -EFAULT;
	/* As the kernel (of IPMI's answers alone): what does not fit is cut off, and the caller told so. */
	return answer->length > copied->data_room ? -EMSGSIZE : 0;
}
