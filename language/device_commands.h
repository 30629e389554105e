/* Device commands by the names of their standards: tables, one file for each transport. */
#ifndef BEE_LANGUAGE_COMMANDS_H
#define BEE_LANGUAGE_COMMANDS_H

#include "command.h"

#include <stddef.h>
#include <stdint.h>

#define COMMAND_PATTERNS_MAX 3

/* The name of MFI that has no patterns: those of scsi and ata lines are for what is behind. */
#define COMMAND_CARRIES "PD_SCSI_IO"

/* What a name is followed by. */
struct command_choice {
	const char *kind;    /* "log" */
	const uint8_t *only; /* those that may be chosen, ended by 0; NULL: any */
};

/*
 * One name. A pattern has the command's bytes as hexadecimal digits (b as B), each a nibble: '?' is any,
 * 'b' is 0 or 1, 'h' 0 or 8, 't' 0 or 2, 'q' 0 to 3; 's' is 0 or 8, and 8 when it is sent.
 * "##" is the byte that follows the name after a colon, see `choice`.
 */
struct command_name {
	const char *name; /* NULL ends a table */
	enum command_direction direction;
	enum command_length length_kind;
	uint32_t length;
	const char *patterns[COMMAND_PATTERNS_MAX];
	const char *head; /* of data to the device, as a pattern; or NULL */
	const struct command_choice
		*choice; /* "##" in a pattern is one of these; or NULL */
};

struct command_table {
	const char *word; /* of a policy's line */
	enum command_transport transport;
	const char *about;    /* what it speaks to, for people */
	uint32_t requests[5]; /* of ioctl(2); 0 after the last */
	uint64_t caps;        /* that the kernel wants of who sends them */
	const struct command_name *names;
};

extern const struct command_name commands_scsi[], commands_ata[], commands_nvme[],
	commands_ipmi[], commands_ethtool[], commands_mfi[];
extern const struct command_table command_tables[]; /* ended by a NULL word */

struct step;
/* The table whose requests and capability a step's commands have: mfi's where it has lines of that. NULL: it has
 * no commands. */
const struct command_table *command_door(const struct step *step);

/* Of a pattern: value, mask and the bits that are set, each of COMMAND_BYTES. How many bytes it
 * has, 0: it is none. `choice` is what "##" is. */
unsigned command_pattern(const char *pattern, uint8_t choice, uint8_t *value,
			 uint8_t *mask, uint8_t *set);

/* The line of a policy that lets just this command through: "scsi INQUIRY". `data` as for
 * command_find(). False: no policy can. */
bool command_line_of(const struct command *command, const uint8_t *data, char *line,
		     size_t size);

#endif
