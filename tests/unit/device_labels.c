/* How a device command is called for people. */
#include "device_policy.h"

static void test_labels(void)
{
	static const struct {
		int transport;
		uint32_t key;
		const char *word, *detail;
	} cases[] = {
		{ COMMAND_SCSI, 0x2a00, "scsi", "2ah WRITE_10" },
		{ COMMAND_SCSI, 0x1200, "scsi", "12h INQUIRY" },
		{ COMMAND_SCSI, 0x9e10, "scsi", "9eh 10h READ_CAPACITY_16" },
		{ COMMAND_SCSI, 0xff00, "scsi", "ffh" },
		{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0da, "ata",
		  "b0h dah SMART_RETURN_STATUS" },
		{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0d6, "ata",
		  "b0h d6h SMART_WRITE_LOG" },
		{ COMMAND_NVME, 0x0202, "nvme-admin", "02h 02h Get_Log_Page" },
		{ COMMAND_NVME, 0x0100, "nvme-admin", "01h Create_IO_Submission_Queue" },
		{ COMMAND_NVME, 0x8007, "nvme-admin", "80h 07h Format_NVM" },
		{ COMMAND_IPMI, 0x0a11, "ipmi", "0ah 11h Read_FRU_Data" },
		{ COMMAND_IPMI, 0x0002, "ipmi", "00h 02h Chassis_Control" },
		{ COMMAND_MFI, 0x02010000, "mfi", "02010000h PD_GET_LIST" },
		{ COMMAND_MFI, 0x01050000, "mfi", "01050000h CTRL_SHUTDOWN" },
		{ COMMAND_MFI, 0x81050000, "mfi", "81050000h" },
		{ COMMAND_MFI, 2, "mfi", "02h LD_WRITE" },
		{ COMMAND_MFI_SCSI, 0x2a00, "scsi", "2ah WRITE_10" },
		{ COMMAND_MFI_SCSI, COMMAND_KEY_ATA | 0xb0da, "ata",
		  "b0h dah SMART_RETURN_STATUS" },
		{ 77, 0, "device", "00h" },
	};
	char word[32], detail[64];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		command_label(cases[i].transport, cases[i].key, word, sizeof(word),
			      detail, sizeof(detail));
		CHECK_STR(word, cases[i].word);
		CHECK_STR(detail, cases[i].detail);
	}
}

/* SPC-5 and SBC-4, ACS-4, NVMe 2.0 (figure 138), IPMI 2.0 (appendix G): what no policy can grant is told by
 * the name that an operator finds there. */
static void test_others(void)
{
	static const struct {
		int transport;
		uint32_t key;
		const char *name;
	} cases[] = {
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
	char word[32], detail[64];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *name;

		command_label(cases[i].transport, cases[i].key, word, sizeof(word),
			      detail, sizeof(detail));
		name = strstr(detail, "h ");
		while (name && strlen(name) >= 4 && name[4] == 'h')
			name = strstr(name + 2, "h ");
		CHECK_STR(name ? name + 2 : NULL, cases[i].name);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "commands have names for people", test_labels, 0 },
		{ "so have those that no policy can grant", test_others, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
