/* A device command of any bytes against every word that there is: what goes through asks. */
#include "device_commands.h"
#include "policy.h"

#include <stdlib.h>
#include <string.h>

static const char text[] =
	"policy 1\ncollector t\nemits system\n"
	"[scsi]\nrun x\ndevice /dev/a read\n"
	"scsi INQUIRY TEST_UNIT_READY REQUEST_SENSE REPORT_LUNS READ_CAPACITY_10\n"
	"scsi READ_CAPACITY_16 MODE_SENSE_6 MODE_SENSE_10 LOG_SENSE READ_DEFECT_DATA_10\n"
	"scsi RECEIVE_DIAGNOSTIC_RESULTS READ_DEFECT_DATA_12\n"
	"scsi REPORT_SUPPORTED_OPERATION_CODES\n"
	"ata IDENTIFY_DEVICE CHECK_POWER_MODE SMART_READ_DATA SMART_READ_LOG "
	"READ_LOG_EXT\n"
	"ata SMART_RETURN_STATUS SCT:READ_DATA_TABLE SCT:ERC_GET SCT:FEATURE_GET\n"
	"[nvme]\nrun x\ndevice /dev/a read\nnvme-admin Identify Get_Log_Page:02h\n"
	"[ipmi]\nrun x\ndevice /dev/a read\nipmi Read_FRU_Data Get_SDR\n"
	"[mfi]\nrun x\ndevice /dev/a read\nmfi PD_GET_LIST PD_GET_INFO LD_GET_INFO\n";

/* Of SCSI no data go to a disk but SCT's, and that orders no erasure; nothing is written by any. */
static void check(const struct command *command, const uint8_t *data)
{
	static const uint8_t scsi[] = { 0x00, 0x03, 0x12, 0x1a, 0x1c, 0x25, 0x37, 0x4d,
					0x5a, 0x7f, 0x85, 0x9e, 0xa0, 0xa1, 0xa3, 0xb7 };
	const uint8_t *bytes = command->bytes;

	switch (command->transport) {
	case COMMAND_SCSI:
		if (!memchr(scsi, bytes[0], sizeof(scsi)) ||
		    (command->direction == COMMAND_OUT &&
		     (data[0] < 3 || data[0] > 5 || data[1] || command->length != 512)))
			abort();
		break;
	case COMMAND_NVME:
		if ((bytes[0] != 2 && bytes[0] != 6) || bytes[1] ||
		    command->direction != COMMAND_IN)
			abort();
		break;
	case COMMAND_ETHTOOL:
		if (bytes[0] != 0x42 && bytes[0] != 0x43)
			abort();
		break;
	case COMMAND_MFI:
		if (bytes[0] || bytes[1] || (bytes[2] != 1 && bytes[2] != 2) ||
		    (bytes[3] != 2 && bytes[3] != 3) || command->direction != COMMAND_IN)
			abort();
		break;
	default:
		if (bytes[0] != 0x0a && bytes[0] != COMMAND_IPMI_RECEIVE)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct policy *policy;
	static uint8_t data[COMMAND_DATA_MAX];
	struct command command;
	char word[32], detail[32];

	if (!policy)
		policy = policy_parse("t", text, sizeof(text) - 1, stderr);
	if (!policy)
		abort();
	if (size < sizeof(command))
		return 0;
	memcpy(&command, bytes, sizeof(command));
	size -= sizeof(command);
	memset(data, 0, sizeof(data));
	memcpy(data, bytes + sizeof(command), size < sizeof(data) ? size : sizeof(data));
	for (unsigned i = 0; i < policy->step_count; i++)
		if (command_find(policy->steps[i].rules, &command, data))
			check(&command, data);
	if (command.transport < COMMAND_TRANSPORTS)
		command_label(command.transport, command_key(&command), word,
			      sizeof(word), detail, sizeof(detail));
	return 0;
}
