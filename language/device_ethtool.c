/*
 * Questions to a network driver (linux/ethtool.h) for which the kernel wants the right to change the
 * network, of the step's own interface. Bytes: the question, an offset, both little endian, the name.
 */
#include "device_commands.h"

/* Filled in where the instance is known: policy_rules(). */
#define NAME                                                                             \
	"????????????????"                                                               \
	"????????????????"

const struct command_name commands_ethtool[] = {
	/* struct ethtool_modinfo */
	{ "GMODULEINFO",
	  COMMAND_IN,
	  COMMAND_EXACT,
	  44,
	  { "42000000"
	    "00000000" NAME },
	  NULL,
	  NULL },
	/* struct ethtool_eeprom and what a module has at most, with its upper pages */
	{ "GMODULEEEPROM",
	  COMMAND_IN,
	  COMMAND_UP_TO,
	  16 + 1024,
	  { "43000000"
	    "????????" NAME },
	  NULL,
	  NULL },
	{ NULL, 0, 0, 0, { NULL }, NULL, NULL },
};
