/* Which commands the patterns of a policy let through. */
#include "command.h"

/* Data that goes to a device is looked at whole: what no pattern speaks of is zero. */
static bool data_fits(const struct command_rule *rule, const uint8_t *data,
		      uint32_t length)
{
	for (uint32_t i = 0; i < length; i++) {
		bool head = i < COMMAND_HEAD_BYTES;
		uint8_t mask = head ? rule->head_mask[i] : 0xff;
		uint8_t value = head ? rule->head_value[i] : 0;

		if ((data[i] & mask) != value)
			return false;
	}
	return true;
}

/* NVM Express 1.4, 5.14: NUMDL in CDW10, NUMDU in CDW11, zeroes based. A controller that is told
 * of more dwords than there is room for writes past the end. */
static uint64_t nvme_dwords(const uint8_t *bytes)
{
	return ((uint64_t)bytes[8] | (uint64_t)bytes[9] << 8 | (uint64_t)bytes[10] << 16 |
		(uint64_t)bytes[11] << 24) +
	       1;
}

/* SAT-4, 12.2: how many sectors the drive is told to move. It would wait for a transfer of those
 * that there is no room for, until somebody resets it. */
static uint32_t ata_sectors(const uint8_t *cdb)
{
	if (cdb[0] == 0xa1)
		return cdb[4];
	if (cdb[0] == 0x85)
		return cdb[6] | (cdb[1] & 1 ? (uint32_t)cdb[5] << 8 : 0);
	return cdb[23] | (cdb[10] & 1 ? (uint32_t)cdb[22] << 8 : 0);
}

static bool length_fits(const struct command_rule *rule, const struct command *command)
{
	if (command->length > COMMAND_DATA_MAX)
		return false;
	switch (rule->length_kind) {
	case COMMAND_EXACT:
		return command->length == rule->length;
	case COMMAND_NUMD:
		return command->length == 4 * nvme_dwords(command->bytes);
	case COMMAND_SECTORS:
		return command->length &&
		       command->length == 512 * ata_sectors(command->bytes);
	default:
		return command->length <= rule->length;
	}
}

static bool rule_fits(const struct command_rule *rule, const struct command *command,
		      const uint8_t *data)
{
	if (rule->transport != command->transport || rule->size != command->size ||
	    rule->direction != command->direction || !length_fits(rule, command))
		return false;
	for (unsigned i = 0; i < command->size; i++)
		if ((command->bytes[i] & rule->mask[i]) != rule->value[i])
			return false;
	return command->direction != COMMAND_OUT ||
	       data_fits(rule, data, command->length);
}

const struct command_rule *command_find(const struct command_rules *rules,
					const struct command *command,
					const uint8_t *data)
{
	for (unsigned i = 0; i < rules->count; i++)
		if (rule_fits(&rules->rules[i], command, data))
			return &rules->rules[i];
	return NULL;
}

/* SPC-5, 4.2.5.2: operation codes whose byte 1 has a service action. */
static bool has_service_action(uint8_t opcode)
{
	return opcode == 0x5e || opcode == 0x5f || (opcode >= 0x9b && opcode <= 0x9f) ||
	       opcode == 0xa3 || opcode == 0xa4 || opcode == 0xa9 || opcode == 0xab;
}

/* SAT-4, 12.2: ATA PASS-THROUGH (12), (16) and (32); command and features. */
static uint32_t scsi_key(const uint8_t *cdb)
{
	if (cdb[0] == 0xa1)
		return COMMAND_KEY_ATA | (uint32_t)cdb[9] << 8 | cdb[3];
	if (cdb[0] == 0x85)
		return COMMAND_KEY_ATA | (uint32_t)cdb[14] << 8 | cdb[4];
	if (cdb[0] == 0x7f && cdb[8] == 0x1f && cdb[9] == 0xf0)
		return COMMAND_KEY_ATA | (uint32_t)cdb[25] << 8 | cdb[21];
	if (cdb[0] == 0x7f)
		return 0x7f0000u | (uint32_t)cdb[8] << 8 | cdb[9];
	if (has_service_action(cdb[0]))
		return (uint32_t)cdb[0] << 8 | (cdb[1] & 0x1f);
	return (uint32_t)cdb[0] << 8;
}

uint32_t command_key(const struct command *command)
{
	const uint8_t *bytes = command->bytes;

	switch (command_words(command->transport)) {
	case COMMAND_SCSI:
		return scsi_key(bytes);
	case COMMAND_NVME: /* of Get Log Page the log, of Get Features the feature */
		return (uint32_t)bytes[0] << 8 | bytes[6];
	case COMMAND_ETHTOOL:
		return (uint32_t)bytes[0] << 8;
	case COMMAND_MFI:
		return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
		       (uint32_t)bytes[3] << 24;
	default:
		return (uint32_t)bytes[0] << 8 | bytes[1];
	}
}
