/* SCSI commands that ask and change nothing. CDBs: SPC-5, SBC-4, SES-3. */
#include "device_commands.h"

#define ANY4                                                                             \
	"??????"                                                                         \
	"??"

const struct command_name commands_scsi[] = {
	{ "TEST_UNIT_READY", COMMAND_NO_DATA, 0, 0, { "000000000000" }, NULL, NULL },
	{ "REQUEST_SENSE", COMMAND_IN, 0, 255, { "030b0000??00" }, NULL, NULL },
	/* bit 0 of byte 1: a page of vital product data */
	{ "INQUIRY", COMMAND_IN, 0, 65535, { "120b??????00" }, NULL, NULL },
	/* DBD alone */
	{ "MODE_SENSE_6", COMMAND_IN, 0, 255, { "1a0h??????00" }, NULL, NULL },
	{ "MODE_SENSE_10", COMMAND_IN, 0, 65535, { "5abh????000000????00" }, NULL, NULL },
	/* not SP, which saves the counters */
	{ "LOG_SENSE",
	  COMMAND_IN,
	  0,
	  65535,
	  { "4d00????00????"
	    "??"
	    "??00" },
	  NULL,
	  NULL },
	{ "READ_CAPACITY_10", COMMAND_IN, 0, 8, { "25000000000000000000" }, NULL, NULL },
	{ "READ_CAPACITY_16",
	  COMMAND_IN,
	  0,
	  65535,
	  { "9e10"
	    "0000000000000000" ANY4 "0000" },
	  NULL,
	  NULL },
	{ "REPORT_LUNS",
	  COMMAND_IN,
	  0,
	  65535,
	  { "a000??000000" ANY4 "0000" },
	  NULL,
	  NULL },
	{ "RECEIVE_DIAGNOSTIC_RESULTS",
	  COMMAND_IN,
	  0,
	  65535,
	  { "1c0b??????00" },
	  NULL,
	  NULL },
	{ "READ_DEFECT_DATA_10",
	  COMMAND_IN,
	  0,
	  65535,
	  { "3700??00000000????00" },
	  NULL,
	  NULL },
	{ "READ_DEFECT_DATA_12",
	  COMMAND_IN,
	  0,
	  65535,
	  { "B7b?" ANY4 ANY4 "0000" },
	  NULL,
	  NULL },
	{ "REPORT_SUPPORTED_OPERATION_CODES",
	  COMMAND_IN,
	  0,
	  65535,
	  { "a30c????????" ANY4 "0000" },
	  NULL,
	  NULL },
	{ NULL, 0, 0, 0, { NULL }, NULL, NULL },
};
