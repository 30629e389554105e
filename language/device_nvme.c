/*
 * NVMe admin commands that ask and change nothing (NVM Express 1.4, 5). Bytes: opcode, flags, NSID,
 * CDW10 to CDW15, little endian. Flags, CDW2, CDW3 and metadata are none, in each of them.
 */
#include "device_commands.h"

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
	  "log" },
	/* those that have no data; not SEL 3, nor a value that is saved */
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
	  "feature" },
	{ NULL, 0, 0, 0, { NULL }, NULL, NULL },
};
