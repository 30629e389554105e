/*
 * A device command as one structure of fixed size, and the patterns that say which ones may be
 * sent. The words of a policy become patterns (language/device_commands.c); copier and performer each ask
 * them, the second so that a copier that was taken over gains nothing.
 */
#ifndef BEE_BROKER_COMMAND_H
#define BEE_BROKER_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum command_transport {
	COMMAND_NONE,
	COMMAND_SCSI,     /* bytes: the CDB; ATA commands are in one (SAT) */
	COMMAND_NVME,     /* opcode, flags, nsid, CDW10 to CDW15, little endian */
	COMMAND_IPMI,     /* network function, command, LUN, then the request's data */
	COMMAND_ETHTOOL,  /* the question, an offset, the interface's name */
	COMMAND_MFI,      /* a DCMD's opcode, little endian, and its mailbox */
	COMMAND_MFI_SCSI, /* as COMMAND_SCSI, to a disk behind that controller */
	COMMAND_TRANSPORTS
};

/* IPMI: the first byte, and only one, of what asks for any answer that has come; an answer's size. */
#define COMMAND_IPMI_RECEIVE 0xff
#define COMMAND_IPMI_ANSWER 272

/* NVMe: where the namespace and CDW10 are. */
#define COMMAND_NVME_NSID 2
#define COMMAND_NVME_CDW10 6
#define COMMAND_NVME_BYTES 30

/* ethtool: where the name is, filled up with zeros. */
#define COMMAND_ETHTOOL_NAME 8
#define COMMAND_ETHTOOL_BYTES 24

enum command_direction { COMMAND_NO_DATA, COMMAND_IN, COMMAND_OUT };

#define COMMAND_BYTES 32
#define COMMAND_DATA_MAX 65536 /* bytes of data that one command moves */
#define COMMAND_HEAD_BYTES 16  /* of data to a device that a pattern speaks of */
#define COMMAND_RULES_MAX 200  /* so that they fit into a pipe */

struct command {
	uint8_t transport, direction;
	uint8_t size; /* of `bytes` */
	uint8_t pad;
	uint32_t length; /* of the data, which follows where it goes to the device */
	int64_t tag; /* IPMI: the tool's number of the message; MFI: command_place() */
	uint8_t bytes[COMMAND_BYTES];
};

/* MFI: which controller, and which disk behind it. */
static inline int64_t command_place(uint16_t host, uint8_t target)
{
	return (int64_t)target << 16 | host;
}

/* Whose words and names a transport's commands have. */
static inline enum command_transport command_words(enum command_transport transport)
{
	return transport == COMMAND_MFI_SCSI ? COMMAND_SCSI : transport;
}

enum command_length {
	COMMAND_UP_TO, /* at most rule.length */
	COMMAND_EXACT, /* just that */
	COMMAND_NUMD,  /* NVMe: as many dwords as the command itself says */
	COMMAND_SECTORS, /* ATA: as many sectors of 512 bytes as its count says, at least one */
};

struct command_rule {
	uint8_t transport, direction;
	uint8_t size;
	uint8_t length_kind; /* enum command_length */
	uint32_t length;
	uint8_t value[COMMAND_BYTES], mask[COMMAND_BYTES];
	uint8_t set[COMMAND_BYTES]; /* bits that the performer sets, whatever was asked */
	/* Of data to a device: its first bytes; all others are zero. */
	uint8_t head_value[COMMAND_HEAD_BYTES], head_mask[COMMAND_HEAD_BYTES];
};

_Static_assert(sizeof(struct command_rule) * COMMAND_RULES_MAX < 65536,
	       "a pipe holds the rules");

struct command_rules {
	unsigned count;
	struct command_rule rules[COMMAND_RULES_MAX];
};

/* What the performer says: `length` bytes of data from the device follow. */
struct command_answer {
	int32_t error;    /* positive errno, or 0 */
	int32_t value;    /* what ioctl(2) returned */
	uint32_t refused; /* no pattern lets it through */
	uint32_t length;
	int64_t tag; /* IPMI: of which message */
	/* SCSI: sg_io_hdr_t from `status` on; NVMe: dword 0 of the completion; IPMI: type of the answer, network
	 * function and command; MFI: one */
	uint8_t status[24];
	uint8_t sense_size;
	uint8_t sense[64]; /* IPMI: from which address the answer is */
};

/* The rule that lets it through, NULL: none. `data` has command->length bytes where it is
 * COMMAND_OUT, and is not looked at otherwise. */
const struct command_rule *command_find(const struct command_rules *rules,
					const struct command *command,
					const uint8_t *data);
/* What tells it from other commands in a list for people; COMMAND_KEY_ATA: in a CDB. */
#define COMMAND_KEY_ATA 0x80000000u
uint32_t command_key(const struct command *command);

#endif
