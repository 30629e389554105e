/* The form in which tools ask a MegaRAID controller: struct megasas_iocpacket of the kernel (mfi.h). */
#include "copy.h"
#include "mfi.h"

#include <errno.h>
#include <string.h>

/* Of the frame what says what is asked, and of whom. All else of it is the performer's. */
static int take_frame(const struct mfi_packet *packet, struct command *command)
{
	const struct mfi_frame frame = packet->frame;

	command->transport = COMMAND_MFI;
	command->tag = command_place(packet->host, 0);
	if (frame.command == MFI_DCMD) {
		command->size = sizeof(frame.dcmd.opcode) + sizeof(frame.dcmd.mailbox);
		memcpy(command->bytes, &frame.dcmd, command->size);
		return 0;
	}
	if (frame.command != MFI_PD_SCSI_IO) {
		command->bytes[0] = frame.command; /* no DCMD has that number */
		return -EPERM;
	}
	command->transport = COMMAND_MFI_SCSI;
	command->tag = command_place(packet->host, frame.target);
	if (frame.cdb_length > sizeof(frame.scsi.cdb))
		return -EPERM;
	command->size = frame.cdb_length;
	memcpy(command->bytes, frame.scsi.cdb, command->size);
	return frame.lun ? -EPERM : 0;
}

/* One buffer, of the length that the firmware is told of: it would write past a shorter one. */
static int take_length(const struct mfi_packet *packet, struct command *command)
{
	unsigned both = packet->frame.flags & (MFI_DIR_READ | MFI_DIR_WRITE);
	uint64_t length = packet->buffer_count ? packet->buffers[0].iov_len : 0;

	if (packet->buffer_count > 1 || length != packet->frame.length ||
	    length > COMMAND_DATA_MAX || both == (MFI_DIR_READ | MFI_DIR_WRITE))
		return -EPERM;
	command->length = (uint32_t)length;
	command->direction = !length                 ? COMMAND_NO_DATA
			     : both == MFI_DIR_WRITE ? COMMAND_OUT
						     : COMMAND_IN;
	return 0;
}

/* Where in the frame the kernel is to write is not for who asks: with offsets of his it would write
 * beside it. Sense data are nobody's; smartctl asks for none. */
int copy_mfi(struct copied *copied)
{
	struct command *command = &copied->command;
	struct mfi_packet packet = { .host = 0 };
	int error = copy_from(copied, copied->address, &packet, sizeof(packet));

	if (!error)
		error = take_frame(&packet, command);
	if (!error)
		error = take_length(&packet, command);
	if (!error && packet.sense_length)
		error = -EPERM;
	if (error)
		return error;
	copied->data_at = (uintptr_t)packet.buffers[0].iov_base;
	if (command->direction == COMMAND_OUT)
		return copy_from(copied, copied->data_at, copied->data, command->length);
	return 0;
}

int write_mfi(const struct copied *copied)
{
	const struct command_answer *answer = &copied->answer;

	if (copy_to(copied, copied->data_at, copied->data, answer->length))
		return -EFAULT;
	return copy_to(copied,
		       copied->address + offsetof(struct mfi_packet, frame.status),
		       answer->status, sizeof(uint8_t));
}
