/*
 * bee-performer over a recorded device: in the place of the kernel's answers are those of a file,
 * /mnt/answers in the jail. A line is "COMMAND [DATA] = STATUS SENSE ANSWER": hexadecimal, where '?' is any
 * nibble, "-" nothing. DATA begins what goes to the device; STATUS is SCSI's, or the value that
 * ioctl(2) returns for NVMe; IPMI has neither it nor SENSE. A disk behind a controller answers as one that is not. The first line that fits is played. "exit" for an answer: the player ends.
 */
#include "perform.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWERS_MAX (4u << 20)

static char *answers;

/* Before main(), whose filter opens nothing. */
__attribute__((constructor)) static void answers_read(void)
{
	int fd = open("/mnt/answers", O_RDONLY | O_CLOEXEC);
	ptrdiff_t n = 0;

	answers = calloc(1, ANSWERS_MAX + 1);
	if (fd >= 0)
		n = read_full(fd, answers, ANSWERS_MAX);
	answers[n > 0 ? n : 0] = '\0';
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Whether `text`, up to a blank, is how `bytes` begin; `whole`: and end. */
static bool fits(const char *text, const uint8_t *bytes, size_t size, bool whole)
{
	size_t len = strcspn(text, " ");

	if (text[0] == '-')
		return !whole || size == 0;
	if (len / 2 > size || (whole && len / 2 != size))
		return false;
	for (size_t i = 0; i < len; i++) {
		int nibble = i % 2 ? bytes[i / 2] & 0xf : bytes[i / 2] >> 4;

		if (text[i] != '?' && digit(text[i]) != nibble)
			return false;
	}
	return true;
}

/* Bytes of a word; how many. */
static size_t bytes_of(const char *text, uint8_t *out, size_t room)
{
	size_t count = 0;

	while (count < room && digit(text[0]) >= 0 && digit(text[1]) >= 0) {
		out[count++] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
		text += 2;
	}
	return count;
}

static const char *next_word(const char *text)
{
	text += strcspn(text, " \n");
	return text + strspn(text, " ");
}

static const char *answer_find(const struct command *command, const uint8_t *data)
{
	uint32_t out = command->direction == COMMAND_OUT ? command->length : 0;

	for (const char *line = answers; *line; line = strchrnul(line, '\n') + 1) {
		const char *second = next_word(line);
		bool has_data = second[0] != '=';

		if (fits(line, command->bytes, command->size, true) &&
		    (!has_data || fits(second, data, out, false)))
			return next_word(has_data ? next_word(second) : second);
		if (!*strchrnul(line, '\n'))
			break;
	}
	return NULL;
}

static struct command ipmi_asked; /* what has no answer yet; size 0: nothing */

/* A message that is sent waits until one that receives comes: an error of none. */
static int play_ipmi(int device, const struct command *command, uint8_t *data,
		     struct command_answer *answer)
{
	const char *found;

	(void)device;
	if (command->bytes[0] != COMMAND_IPMI_RECEIVE) {
		ipmi_asked = *command;
		return 0;
	}
	found = ipmi_asked.size ? answer_find(&ipmi_asked, NULL) : NULL;
	if (!found) {
		errno = EAGAIN;
		return -1;
	}
	answer->tag = ipmi_asked.tag;
	answer->status[0] = 1; /* IPMI_RESPONSE_RECV_TYPE */
	answer->status[1] = ipmi_asked.bytes[0] | 1;
	answer->status[2] = ipmi_asked.bytes[1];
	/* From the BMC itself: struct ipmi_system_interface_addr. */
	answer->sense_size = 8;
	memcpy(answer->sense, (uint8_t[]){ 0x0c, 0, 0, 0, 0x0f, 0, 0, 0 }, 8);
	answer->length =
		(uint32_t)bytes_of(next_word(next_word(found)), data, command->length);
	ipmi_asked.size = 0;
	return 0;
}

/* As perform_scsi() and perform_nvme(), from the file. */
static int play(int device, const struct command *command, uint8_t *data,
		struct command_answer *answer)
{
	const char *found = answer_find(command, data), *sense, *bytes;
	uint8_t status[4] = { 0 };
	uint32_t resid;

	(void)device;
	if (!found) {
		errno = ENXIO;
		return -1;
	}
	if (!strncmp(found, "exit", 4))
		_exit(0);
	(void)bytes_of(found, status, 1);
	sense = next_word(found);
	bytes = next_word(sense);
	answer->sense_size =
		(uint8_t)bytes_of(sense, answer->sense, sizeof(answer->sense));
	answer->length = (uint32_t)bytes_of(bytes, data, command->length);
	if (command->transport == COMMAND_NVME || command->transport == COMMAND_ETHTOOL)
		return status[0];
	resid = command->length - answer->length;
	answer->status[0] = status[0]; /* sg_io_hdr_t: status, masked_status */
	answer->status[1] = (uint8_t)(status[0] >> 1 & 0x1f);
	answer->status[3] = answer->sense_size;
	if (answer->sense_size)
		answer->status[6] = 8; /* driver_status: DRIVER_SENSE */
	memcpy(answer->status + 8, &resid, sizeof(resid));
	answer->status[16] = status[0] ? 1 : 0; /* info: SG_INFO_CHECK */
	return 0;
}

/* What a disk behind a controller says beside its data is one byte (MFI_STAT_SCSI_DONE_WITH_ERROR), and the
 * driver gives back the whole buffer. */
static int play_mfi(int device, const struct command *command, uint8_t *data,
		    struct command_answer *answer)
{
	int value = play(device, command, data, answer);

	answer->status[0] = answer->status[0] ? 0x2d : 0;
	answer->length = command->length;
	return value;
}

const struct performs perform[COMMAND_TRANSPORTS] = {
	[COMMAND_SCSI] = { play, { 0 }, false, false },
	[COMMAND_NVME] = { play, { 0 }, false, false },
	[COMMAND_IPMI] = { play_ipmi, { 0 }, false, false },
	[COMMAND_ETHTOOL] = { play, { 0 }, false, true },
	[COMMAND_MFI] = { play_mfi, { 0 }, false, false },
	[COMMAND_MFI_SCSI] = { play_mfi, { 0 }, false, false },
};
