/* The recorded device of player.c for a tool that runs without a broker: LD_PRELOAD, in the place
 * of ioctl(2). What it prints then is what it has to print with one. */
#include "mfi.h"
#include "player.c"

#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/ioctl.h>

static int play_sg(struct sg_io_hdr *header)
{
	struct command command = { .transport = COMMAND_SCSI };
	struct command_answer answer = { .error = 0 };

	if (header->interface_id != 'S') {
		errno = EINVAL;
		return -1;
	}
	command.size = header->cmd_len;
	memcpy(command.bytes, header->cmdp, header->cmd_len);
	command.length = header->dxfer_direction == SG_DXFER_NONE ? 0 : header->dxfer_len;
	command.direction = header->dxfer_direction == SG_DXFER_TO_DEV ? COMMAND_OUT
			    : command.length                           ? COMMAND_IN
								       : COMMAND_NO_DATA;
	if (command.direction == COMMAND_IN)
		memset(header->dxferp, 0, command.length);
	if (play(-1, &command, header->dxferp, &answer))
		return -1;
	memcpy(&header->status, answer.status, sizeof(answer.status));
	if (header->sb_len_wr > header->mx_sb_len)
		header->sb_len_wr = header->mx_sb_len;
	memcpy(header->sbp, answer.sense, header->sb_len_wr);
	return 0;
}

/* As megaraid_sas: the buffer as it is, of which the firmware writes a part, and one byte of the frame. */
static int play_packet(struct mfi_packet *packet)
{
	bool scsi = packet->frame.command == MFI_PD_SCSI_IO;
	struct command command = {
		.transport = scsi ? COMMAND_MFI_SCSI : COMMAND_MFI,
		.size = scsi ? packet->frame.cdb_length : 16,
		.length = packet->buffer_count ? (uint32_t)packet->buffers[0].iov_len : 0,
	};
	struct command_answer answer = { .error = 0 };

	memcpy(command.bytes,
	       scsi ? (void *)packet->frame.scsi.cdb : (void *)&packet->frame.dcmd,
	       command.size);
	command.direction = packet->frame.flags & MFI_DIR_WRITE ? COMMAND_OUT
			    : command.length                    ? COMMAND_IN
								: COMMAND_NO_DATA;
	if (play_mfi(-1, &command, packet->buffers[0].iov_base, &answer))
		return -1;
	packet->frame.status = answer.status[0];
	return 0;
}

static int play_admin(struct nvme_admin_cmd *admin)
{
	struct command command = {
		.transport = COMMAND_NVME,
		.direction = admin->data_len ? COMMAND_IN : COMMAND_NO_DATA,
		.size = 30,
		.length = admin->data_len,
		.bytes = { admin->opcode, admin->flags },
	};
	struct command_answer answer = { .error = 0 };

	memcpy(command.bytes + 2, &admin->nsid, sizeof(admin->nsid));
	memcpy(command.bytes + 6, &admin->cdw10, 6 * sizeof(admin->cdw10));
	memset((void *)(uintptr_t)admin->addr, 0, admin->data_len);
	admin->result = 0;
	return play(-1, &command, (uint8_t *)(uintptr_t)admin->addr, &answer);
}

/* As the driver: a message sent, and its answer when it is asked for. */
static int play_send(const struct ipmi_req *request)
{
	struct command command = {
		.transport = COMMAND_IPMI,
		.size = (uint8_t)(3 + request->msg.data_len),
		.tag = request->msgid,
		.bytes = { request->msg.netfn, request->msg.cmd },
	};

	memcpy(command.bytes + 3, request->msg.data, request->msg.data_len);
	return play_ipmi(-1, &command, NULL, NULL);
}

static int play_receive(struct ipmi_recv *recv)
{
	struct command command = { .transport = COMMAND_IPMI,
				   .size = 1,
				   .length = recv->msg.data_len,
				   .bytes = { COMMAND_IPMI_RECEIVE } };
	struct command_answer answer = { .error = 0 };

	if (play_ipmi(-1, &command, recv->msg.data, &answer))
		return -1;
	recv->recv_type = IPMI_RESPONSE_RECV_TYPE;
	recv->msgid = answer.tag;
	recv->msg.netfn = answer.status[1];
	recv->msg.cmd = answer.status[2];
	recv->msg.data_len = (unsigned short)answer.length;
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *argument;

	(void)fd;
	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	if (request == SG_IO)
		return play_sg(argument);
	if (request == IPMICTL_SEND_COMMAND)
		return play_send(argument);
	if (request == (uint32_t)IPMICTL_RECEIVE_MSG_TRUNC ||
	    request == IPMICTL_RECEIVE_MSG_TRUNC)
		return play_receive(argument);
	if (request == IPMICTL_SET_GETS_EVENTS_CMD ||
	    request == IPMICTL_SET_MY_ADDRESS_CMD)
		return 0;
	if (request == NVME_IOCTL_ADMIN_CMD)
		return play_admin(argument);
	if (request == MEGASAS_IOC_FIRMWARE)
		return play_packet(argument);
	errno = ENOTTY;
	return -1;
}
