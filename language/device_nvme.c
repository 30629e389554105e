/*
 * NVMe admin commands that ask and change nothing (NVM Express 1.4, 5). Bytes: opcode, flags, NSID,
 * CDW10 to CDW15, little endian. Flags, CDW2, CDW3 and metadata are none, in each of them.
 */
#include "device_commands.h"

static const struct command_choice log_page = { "log", NULL };

/*
 * NVM Express 1.4, figure 271: the features that have no data. For another the controller writes some,
 * and there is no place for it that the kernel knows of: not 03h LBA Range Type, 0Ch Autonomous Power
 * State Transition, 0Dh Host Memory Buffer, 0Eh Timestamp, 13h Predictable Latency Mode Config, 16h
 * Host Behavior Support, 81h Host Identifier, nor a vendor's own.
 */
static const uint8_t features_without_data[] = { 0x01, 0x02, 0x04, 0x05, 0x06, 0x07,
						 0x08, 0x09, 0x0a, 0x0b, 0x0f, 0x10,
						 0x11, 0x12, 0x14, 0x15, 0x17, 0x18,
						 0x80, 0x82, 0x83, 0x84, 0 };
static const struct command_choice feature = { "feature", features_without_data };

const struct command_name commands_nvme[] = {
	/* CNS, CNTID; NVM set or index in CDW11 */
	{ "Identify",
	  COMMAND_IN,
	  COMMAND_EXACT,
	  4096,
	  { "0600"
	    "????????"
	    "??00????"
	    "????????"
	    "00000000"
	    "00000000"
	    "00000000"
	    "00000000" },
	  NULL,
	  NULL },
	/* LSP 0, or a log could be made; RAE set: the event stays for whom it is meant for. Length
	 * and offset are free, the buffer is as long as the command says. */
	{ "Get_Log_Page",
	  COMMAND_IN,
	  COMMAND_NUMD,
	  0,
	  { "0200"
	    "????????"
	    "##s0????"
	    "????0000"
	    "????????"
	    "????????"
	    "00000000"
	    "00000000" },
	  NULL,
	  &log_page },
	/* not SEL 3, nor a value that is saved */
	{ "Get_Features",
	  COMMAND_NO_DATA,
	  COMMAND_EXACT,
	  0,
	  { "0a00"
	    "????????"
	    "##0b0000"
	    "00000000"
	    "00000000"
	    "00000000"
	    "00000000"
	    "00000000" },
	  NULL,
	  &feature },
	{ NULL, 0, 0, 0, { NULL }, NULL, NULL },
};
