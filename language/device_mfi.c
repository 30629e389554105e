/*
 * Questions to the firmware of a MegaRAID controller (drivers/scsi/megaraid/megaraid_sas.h of the kernel, and
 * FreeBSD's sys/dev/mfi/mfireg.h for what that does not name). Bytes: a DCMD's opcode, little endian, and
 * its mailbox, in which those that speak of one disk or volume have its number.
 */
#include "device_commands.h"

#define NOTHING                                                                          \
	"00000000"                                                                       \
	"00000000"
#define DCMD(name, opcode, mailbox)                                                      \
	{                                                                                \
		name, COMMAND_IN, COMMAND_UP_TO, COMMAND_DATA_MAX,                       \
			{ opcode mailbox NOTHING }, NULL, NULL                           \
	}

const struct command_name commands_mfi[] = {
	/* the driver asks with 1 in it */
	DCMD("CTRL_GET_INFO", "00000101", "0b000000"),
	DCMD("PD_GET_LIST", "00000102", "00000000"),
	DCMD("PD_GET_INFO", "00000202", "????0000"),
	DCMD("LD_GET_LIST", "00000103", "00000000"),
	DCMD("LD_GET_INFO", "00000203", "??000000"),
	DCMD("LD_GET_PROP", "00000303", "??000000"),
	DCMD("CFG_READ", "00000104", "00000000"),
	DCMD("BBU_STATUS", "00000105", "00000000"),
	/* A frame that is no DCMD: a CDB for a disk. Which ones is said by scsi and ata lines. */
	{ COMMAND_CARRIES, COMMAND_NO_DATA, 0, 0, { NULL }, NULL, NULL },
	{ NULL, 0, 0, 0, { NULL }, NULL, NULL },
};
