/* Ioctls of a run, and the device commands in them by the names of a policy. */
#include "copy.h"
#include "device_commands.h"
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Not what is asked of an interface: that it is the step's own is not seen in a run. */
static bool is_transport(uint32_t request)
{
	for (const struct command_table *table = command_tables; table->word; table++)
		for (size_t i = 0; i < ARRAY_LEN(table->requests) && table->requests[i] &&
				   table->transport != COMMAND_ETHTOOL;
		     i++)
			if (table->requests[i] == request)
				return true;
	return false;
}

/* What the request asks the device for; as the copier takes it. */
static void take_command(struct run_log *log, const struct call_seen *call,
			 const char *by, const char *device)
{
	static uint8_t data[COMMAND_DATA_MAX];
	struct copied copied = { .pid = (uint32_t)call->pid,
				 .address = call->args[2],
				 .data = data };
	char word[32] = "", detail[64] = "", line[96];
	struct find *find;

	if (copy_command(&copied, (uint32_t)call->args[1]) || !copied.copies->take)
		return;
	if (copied.command.transport == COMMAND_IPMI &&
	    copied.command.bytes[0] == COMMAND_IPMI_RECEIVE)
		return;
	if (command_line_of(&copied.command, data, line, sizeof(line))) {
		find = log_add(log, FIND_COMMAND, line, by);
		if (!find->detail && device)
			find->detail = xstrdup(device);
		if (copied.command.transport == COMMAND_MFI_SCSI)
			(void)log_add(log, FIND_COMMAND, "mfi " COMMAND_CARRIES, by);
		return;
	}
	command_label(copied.command.transport, command_key(&copied.command), word,
		      sizeof(word), detail, sizeof(detail));
	log_lost(log, by, "a command to the device: %s %s", word, detail);
}

void calls_ioctl(struct run_log *log, const struct call_seen *call, const char *by)
{
	AUTO_FREE char *device = calls_descriptor(call->pid, (int)call->args[0]);
	AUTO_FREE char *number = xasprintf("0x%x", (uint32_t)call->args[1]);
	struct find *find;
	struct stat st;

	if (is_transport((uint32_t)call->args[1])) {
		take_command(log, call, by, device);
		return;
	}
	/* Of a socket: what is asked of an interface. */
	if (!device && (call->args[1] & 0xff00) == 0x8900)
		log->network = true;
	find = log_add(log, FIND_IOCTL, number, by);
	if (!find->detail)
		find->detail = device && !stat(device, &st) ? xstrdup(device) : NULL;
}
