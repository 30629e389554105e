/* The recorded device of player.c for a tool that runs without a broker: LD_PRELOAD, in the place
 * of ioctl(2). What it prints then is what it has to print with one. */
#include "player.c"

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
	play(-1, &command, header->dxferp, &answer);
	if (answer.error) {
		errno = answer.error;
		return -1;
	}
	memcpy(&header->status, answer.status, sizeof(answer.status));
	if (header->sb_len_wr > header->mx_sb_len)
		header->sb_len_wr = header->mx_sb_len;
	memcpy(header->sbp, answer.sense, header->sb_len_wr);
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
	errno = ENOTTY;
	return -1;
}
