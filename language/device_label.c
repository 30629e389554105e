/* Names of device commands for people: what a tool was refused, what a device hangs in. */
#include "device_commands.h"
#include "policy.h"

#include <string.h>

/* Commands that no policy can grant, by the names that an operator knows. */
static const struct {
	enum command_transport transport;
	uint32_t key;
	const char *name;
} others[] = {
	{ COMMAND_SCSI, 0x0400, "FORMAT_UNIT" },
	{ COMMAND_SCSI, 0x0a00, "WRITE_6" },
	{ COMMAND_SCSI, 0x1500, "MODE_SELECT_6" },
	{ COMMAND_SCSI, 0x1b00, "START_STOP_UNIT" },
	{ COMMAND_SCSI, 0x1d00, "SEND_DIAGNOSTIC" },
	{ COMMAND_SCSI, 0x2800, "READ_10" },
	{ COMMAND_SCSI, 0x2a00, "WRITE_10" },
	{ COMMAND_SCSI, 0x3b00, "WRITE_BUFFER" },
	{ COMMAND_SCSI, 0x4100, "WRITE_SAME_10" },
	{ COMMAND_SCSI, 0x4200, "UNMAP" },
	{ COMMAND_SCSI, 0x4800, "SANITIZE" },
	{ COMMAND_SCSI, 0x4c00, "LOG_SELECT" },
	{ COMMAND_SCSI, 0x5500, "MODE_SELECT_10" },
	{ COMMAND_SCSI, 0x8800, "READ_16" },
	{ COMMAND_SCSI, 0x8a00, "WRITE_16" },
	{ COMMAND_SCSI, 0x9300, "WRITE_SAME_16" },
	{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0d6, "SMART_WRITE_LOG" },
	{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0d8, "SMART_ENABLE_OPERATIONS" },
	{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0d9, "SMART_DISABLE_OPERATIONS" },
	{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0d4, "SMART_EXECUTE_OFFLINE" },
	{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0d2, "SMART_AUTOSAVE" },
	{ COMMAND_NVME, 0x0000, "Delete_IO_Submission_Queue" },
	{ COMMAND_NVME, 0x0100, "Create_IO_Submission_Queue" },
	{ COMMAND_NVME, 0x0400, "Delete_IO_Completion_Queue" },
	{ COMMAND_NVME, 0x0500, "Create_IO_Completion_Queue" },
	{ COMMAND_NVME, 0x0800, "Abort" },
	{ COMMAND_NVME, 0x0900, "Set_Features" },
	{ COMMAND_NVME, 0x1000, "Firmware_Commit" },
	{ COMMAND_NVME, 0x1100, "Firmware_Image_Download" },
	{ COMMAND_NVME, 0x1400, "Device_Self-test" },
	{ COMMAND_NVME, 0x8000, "Format_NVM" },
	{ COMMAND_NVME, 0x8100, "Security_Send" },
	{ COMMAND_NVME, 0x8400, "Sanitize" },
	/* Frames by their number, then DCMDs. */
	{ COMMAND_MFI, 0x00, "INIT" },
	{ COMMAND_MFI, 0x01, "LD_READ" },
	{ COMMAND_MFI, 0x02, "LD_WRITE" },
	{ COMMAND_MFI, 0x03, "LD_SCSI_IO" },
	{ COMMAND_MFI, 0x06, "ABORT" },
	{ COMMAND_MFI, 0x07, "SMP" },
	{ COMMAND_MFI, 0x08, "STP" },
	{ COMMAND_MFI, 0x01020200, "CTRL_SET_PROPERTIES" },
	{ COMMAND_MFI, 0x01040200, "CTRL_EVENT_CLEAR" },
	{ COMMAND_MFI, 0x01050000, "CTRL_SHUTDOWN" },
	{ COMMAND_MFI, 0x010d0000, "CTRL_FACTORY_DEFAULTS" },
	{ COMMAND_MFI, 0x01101000, "CTRL_CACHE_FLUSH" },
	{ COMMAND_MFI, 0x02030100, "PD_STATE_SET" },
	{ COMMAND_MFI, 0x02040100, "PD_REBUILD" },
	{ COMMAND_MFI, 0x03040000, "LD_SET_PROP" },
	{ COMMAND_MFI, 0x03090000, "LD_DELETE" },
	{ COMMAND_MFI, 0x04020000, "CFG_ADD" },
	{ COMMAND_MFI, 0x04030000, "CFG_CLEAR" },
	{ COMMAND_MFI, 0x04060400, "CFG_FOREIGN_IMPORT" },
	{ COMMAND_IPMI, 0xff00, "(an answer)" },
	{ COMMAND_IPMI, 0x0002, "Chassis_Control" },
	{ COMMAND_IPMI, 0x0008, "Set_System_Boot_Options" },
	{ COMMAND_IPMI, 0x0602, "Cold_Reset" },
	{ COMMAND_IPMI, 0x0603, "Warm_Reset" },
	{ COMMAND_IPMI, 0x0622, "Reset_Watchdog_Timer" },
	{ COMMAND_IPMI, 0x0624, "Set_Watchdog_Timer" },
	{ COMMAND_IPMI, 0x0634, "Send_Message" },
	{ COMMAND_IPMI, 0x0645, "Set_User_Name" },
	{ COMMAND_IPMI, 0x0647, "Set_User_Password" },
	{ COMMAND_IPMI, 0x0652, "Master_Write-Read" },
	{ COMMAND_IPMI, 0x0a12, "Write_FRU_Data" },
	{ COMMAND_IPMI, 0x0a47, "Clear_SEL" },
	{ COMMAND_IPMI, 0x0c01, "Set_LAN_Configuration_Parameters" },
};

/* Of a key, what names the command without the log or feature that it asks for. */
static uint32_t key_bare(enum command_transport transport, uint32_t key)
{
	return transport == COMMAND_NVME ? key & 0xff00 : key;
}

/* The name in a table of which a pattern has this key; choices are left open. */
static const char *name_of(const struct command_table *table, uint32_t key)
{
	for (const struct command_name *name = table->names; name->name; name++) {
		struct command command = { .transport = (uint8_t)table->transport };
		uint8_t mask[COMMAND_BYTES], set[COMMAND_BYTES];

		if (!name->patterns[0] ||
		    !command_pattern(name->patterns[0], 0, command.bytes, mask, set) ||
		    key_bare(table->transport, command_key(&command)) !=
			    key_bare(table->transport, key))
			continue;
		return name->head ? NULL : name->name; /* SCT's are told apart by data */
	}
	return NULL;
}

void command_label(int transport, uint32_t key, char *word, size_t word_size,
		   char *detail, size_t detail_size)
{
	enum command_transport words = command_words((enum command_transport)transport);
	bool ata = words == COMMAND_SCSI && key & COMMAND_KEY_ATA;
	const struct command_table *table = command_tables;
	const char *name = NULL;
	uint32_t bytes = ata ? key & ~COMMAND_KEY_ATA : key;

	while (table->word &&
	       (table->transport != words ||
		(words == COMMAND_SCSI && ata != !strcmp(table->word, "ata"))))
		table++;
	if (table->word)
		name = name_of(table, key);
	for (size_t i = 0; !name && i < ARRAY_LEN(others); i++)
		if (others[i].transport == words &&
		    key_bare(others[i].transport, key) == others[i].key)
			name = others[i].name;
	(void)snprintf(word, word_size, "%s", table->word ? table->word : "device");
	/* The second byte is a service action, features, a log; of IPMI the command, else 0 says
	 * nothing. */
	if (words == COMMAND_MFI)
		(void)snprintf(detail, detail_size, "%0*xh%s%s", bytes > 0xff ? 8 : 2,
			       bytes, name ? " " : "", name ? name : "");
	else if (bytes & 0xff || words == COMMAND_IPMI)
		(void)snprintf(detail, detail_size, "%02xh %02xh%s%s", bytes >> 8,
			       bytes & 0xff, name ? " " : "", name ? name : "");
	else
		(void)snprintf(detail, detail_size, "%02xh%s%s", bytes >> 8,
			       name ? " " : "", name ? name : "");
}

void refusal_label(int call, uint32_t arg, char *word, size_t word_size, char *detail,
		   size_t detail_size)
{
	detail[0] = '\0';
	if (call < 0) {
		command_label(-call, arg, word, word_size, detail, detail_size);
		return;
	}
	syscall_label(call, word, word_size);
	if (arg)
		(void)snprintf(detail, detail_size, "0x%x", arg);
}
