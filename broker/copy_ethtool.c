/* The form in which tools ask a network driver: struct ifreq, and what it points to (linux/ethtool.h). */
#include "copy.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>

/* The question is read once, what follows it after it. */
int copy_ethtool(struct copied *copied)
{
	struct command *command = &copied->command;
	struct ethtool_eeprom asked = { .cmd = 0 };
	size_t head = sizeof(asked.cmd);
	struct ifreq request = { .ifr_data = NULL };
	int error = copy_from(copied, copied->address, &request, sizeof(request));

	if (error)
		return error;
	command->transport = COMMAND_ETHTOOL;
	command->size = COMMAND_ETHTOOL_BYTES;
	memcpy(command->bytes + COMMAND_ETHTOOL_NAME, request.ifr_name,
	       strnlen(request.ifr_name, IFNAMSIZ));
	copied->data_at = (uintptr_t)request.ifr_data;
	error = copy_from(copied, copied->data_at, &asked.cmd, head);
	if (!error && asked.cmd == ETHTOOL_GMODULEEEPROM)
		error = copy_from(copied, copied->data_at + head, (char *)&asked + head,
				  sizeof(asked) - head);
	if (error)
		return error;
	memcpy(command->bytes, &asked.cmd, head);
	if (asked.len > COMMAND_DATA_MAX - sizeof(asked))
		return -EPERM;
	if (asked.cmd == ETHTOOL_GMODULEEEPROM) {
		memcpy(command->bytes + head, &asked.offset, sizeof(asked.offset));
		command->length = (uint32_t)sizeof(asked) + asked.len;
	} else if (asked.cmd == ETHTOOL_GMODULEINFO) {
		command->length = sizeof(struct ethtool_modinfo);
	}
	command->direction = command->length ? COMMAND_IN : COMMAND_NO_DATA;
	return 0;
}

int write_ethtool(const struct copied *copied)
{
	return copy_to(copied, copied->data_at, copied->data, copied->answer.length);
}
