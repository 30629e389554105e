/* Policy lines about device commands: scsi, ata, nvme-admin. Names become patterns of bytes. */
#include "device_commands.h"
#include "mfi.h"
#include "parser.h"

#include <linux/capability.h>
#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <scsi/sg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

const struct command_table command_tables[] = {
	{ "scsi", COMMAND_SCSI, "SCSI", { SG_IO }, 0, commands_scsi },
	/* ATA PASS-THROUGH is not on the kernel's list of what a reader may send. */
	{ "ata",
	  COMMAND_SCSI,
	  "ATA",
	  { SG_IO },
	  UINT64_C(1) << CAP_SYS_RAWIO,
	  commands_ata },
	/* Linux 6.1 asks for it on every admin command. */
	{ "nvme-admin",
	  COMMAND_NVME,
	  "NVMe admin",
	  { NVME_IOCTL_ADMIN_CMD },
	  UINT64_C(1) << CAP_SYS_ADMIN,
	  commands_nvme },
	{ "ipmi",
	  COMMAND_IPMI,
	  "IPMI",
	  { IPMICTL_SEND_COMMAND, IPMICTL_RECEIVE_MSG_TRUNC, IPMICTL_SET_GETS_EVENTS_CMD,
	    IPMICTL_SET_MY_ADDRESS_CMD },
	  0,
	  commands_ipmi },
	/* Linux asks for it on what is not among the few questions that everybody may ask. */
	{ "ethtool",
	  COMMAND_ETHTOOL,
	  "ethtool",
	  { SIOCETHTOOL },
	  UINT64_C(1) << CAP_NET_ADMIN,
	  commands_ethtool },
	/* megaraid_sas lets nobody else open its node. */
	{ "mfi",
	  COMMAND_MFI,
	  "MFI",
	  { MEGASAS_IOC_FIRMWARE },
	  UINT64_C(1) << CAP_SYS_ADMIN,
	  commands_mfi },
	{ NULL, 0, NULL, { 0 }, 0, NULL },
};

/* A nibble of a pattern: what it is, which bits of it are looked at, which are set. */
static bool nibble(char c, uint8_t *value, uint8_t *mask, uint8_t *set)
{
	static const char digits[] = "0123456789abcdef";
	static const struct {
		char c;
		uint8_t free, set;
	} wild[] = { { '?', 0xf, 0 }, { 'b', 1, 0 }, { 'h', 8, 0 },
		     { 't', 2, 0 },   { 'q', 3, 0 }, { 's', 8, 8 } };
	const char *digit = c ? strchr(digits, c) : NULL;

	/* 'b' is a digit of no pattern: an opcode with it is written in capitals. */
	for (size_t i = 0; i < ARRAY_LEN(wild); i++)
		if (wild[i].c == c) {
			*value = 0;
			*mask = (uint8_t)(0xf & ~wild[i].free);
			*set = wild[i].set;
			return true;
		}
	if (c == 'B')
		digit = digits + 0xb;
	if (!digit)
		return false;
	*value = (uint8_t)(digit - digits);
	*mask = 0xf;
	*set = 0;
	return true;
}

unsigned command_pattern(const char *pattern, uint8_t choice, uint8_t *value,
			 uint8_t *mask, uint8_t *set)
{
	size_t len = strlen(pattern);

	if (len % 2 || len > 2 * COMMAND_BYTES)
		return 0;
	for (size_t i = 0; i < len / 2; i++) {
		const char *at = pattern + 2 * i;
		uint8_t low[3], high[3];

		if (at[0] == '#' && at[1] == '#') {
			value[i] = choice;
			mask[i] = 0xff;
			set[i] = 0;
			continue;
		}
		if (!nibble(at[0], &high[0], &high[1], &high[2]) ||
		    !nibble(at[1], &low[0], &low[1], &low[2]))
			return 0;
		value[i] = (uint8_t)(high[0] << 4 | low[0]);
		mask[i] = (uint8_t)(high[1] << 4 | low[1]);
		set[i] = (uint8_t)(high[2] << 4 | low[2]);
	}
	return (unsigned)len / 2;
}

/* All patterns of a name, and of what was chosen of it. False: there is no room. */
static bool rules_add(struct command_rules *rules, const struct command_table *table,
		      const struct command_name *name, uint8_t choice)
{
	for (unsigned i = 0; i < COMMAND_PATTERNS_MAX && name->patterns[i]; i++) {
		struct command_rule *rule = &rules->rules[rules->count];
		uint8_t value[COMMAND_BYTES] = { 0 }, mask[COMMAND_BYTES] = { 0 };
		uint8_t set[COMMAND_BYTES] = { 0 };
		unsigned head;

		if (rules->count == COMMAND_RULES_MAX)
			return false;
		*rule = (struct command_rule){
			.transport = (uint8_t)table->transport,
			.direction = (uint8_t)name->direction,
			.length_kind = (uint8_t)name->length_kind,
			.length = name->length,
		};
		rule->size = (uint8_t)command_pattern(name->patterns[i], choice,
						      rule->value, rule->mask, rule->set);
		head = name->head ? command_pattern(name->head, choice, value, mask, set)
				  : 0;
		memset(rule->head_mask, 0xff, sizeof(rule->head_mask));
		if (head <= COMMAND_HEAD_BYTES) {
			memcpy(rule->head_value, value, head);
			memcpy(rule->head_mask, mask, head);
		}
		rules->count++;
	}
	return true;
}

static const struct command_name *names_near; /* of the line that is read */

static const char *command_name_at(size_t i)
{
	return names_near[i].name;
}

/* "02h", and what is before the comma. */
static bool choice_take(const char **at, uint8_t *out)
{
	char digits[3] = "";
	uint64_t number;

	if (strlen(*at) < 3 || (*at)[2] != 'h' || ((*at)[3] && (*at)[3] != ','))
		return false;
	memcpy(digits, *at, 2);
	if (parse_hex(digits, 0xff, &number) || strspn(digits, "x"))
		return false;
	*out = (uint8_t)number;
	*at += (*at)[3] ? 4 : 3;
	return true;
}

/* What follows the name: which logs, or which features. */
static bool choices_take(struct parser *p, const struct word *word,
			 struct command_grant *grant, const char *text)
{
	const struct command_choice *choice = grant->name->choice;
	const char *kind = choice ? choice->kind : NULL;

	if (!kind && *text) {
		parse_error(p, word, "nothing may follow %s", grant->name->name);
		return false;
	}
	if (!kind)
		return true;
	if (*text != ':' || !text[1]) {
		parse_error(p, word, "%s needs to be told which %s: %s:02h,03h",
			    grant->name->name, kind, grant->name->name);
		return false;
	}
	text++;
	for (bool more = true; more; grant->choice_count++) {
		struct word here = { text, word->column + (unsigned)(text - word->text) };
		uint8_t *byte = &grant->choices[grant->choice_count];

		if (grant->choice_count == ARRAY_LEN(grant->choices)) {
			parse_error(p, word, "more than %zu of a %s",
				    ARRAY_LEN(grant->choices), kind);
			return false;
		}
		if (!choice_take(&text, byte)) {
			parse_error(p, &here, "'%.64s' is no %s: two digits and h", text,
				    kind);
			return false;
		}
		if (choice->only &&
		    (!*byte || !strchr((const char *)choice->only, *byte))) {
			parse_error(p, &here, "%s does not ask for the %s %02xh",
				    grant->name->name, kind, *byte);
			return false;
		}
		if (memchr(grant->choices, *byte, grant->choice_count)) {
			parse_error(p, &here, "%02xh is there twice", *byte);
			return false;
		}
		more = text[-1] == ',';
	}
	return true;
}

static const struct command_name *name_find(const struct command_table *table,
					    const char *text, size_t len)
{
	for (const struct command_name *name = table->names; name->name; name++)
		if (strlen(name->name) == len && !strncmp(name->name, text, len))
			return name;
	return NULL;
}

static void command_add(struct parser *p, const struct word *word,
			const struct command_table *table)
{
	struct step *step = p->step;
	struct command_grant grant = { .table = table, .line = p->line };
	size_t len = strlen(word->text);
	bool fits = true;

	grant.name = name_find(table, word->text, len);
	if (!grant.name) {
		len = strcspn(word->text, ":");
		grant.name = name_find(table, word->text, len);
	}
	if (!grant.name) {
		names_near = table->names;
		parse_unknown(p, word, "command", command_name_at);
		return;
	}
	for (unsigned i = 0; i < step->command_count; i++)
		if (step->commands[i].name == grant.name) {
			parse_error(p, word, "%s is there twice, first on line %u",
				    grant.name->name, step->commands[i].line);
			return;
		}
	if (step->command_count == ARRAY_LEN(step->commands)) {
		parse_error(p, word, "more than %zu commands in a step",
			    ARRAY_LEN(step->commands));
		return;
	}
	if (!choices_take(p, word, &grant, word->text + len))
		return;
	if (!step->rules)
		step->rules = xcalloc(1, sizeof(*step->rules));
	if (!grant.choice_count)
		fits = rules_add(step->rules, table, grant.name, 0);
	for (unsigned i = 0; i < grant.choice_count; i++)
		fits &= rules_add(step->rules, table, grant.name, grant.choices[i]);
	if (!fits)
		parse_error(p, word, "more than %d patterns in a step",
			    COMMAND_RULES_MAX);
	step->limits.helpers = 2;
	grant.reason = reason_copy(p);
	step->commands[step->command_count++] = grant;
}

void word_commands(struct parser *p)
{
	const struct command_table *table = command_tables;

	while (strcmp(table->word, p->words[0].text) != 0)
		table++;
	for (unsigned i = 1; i < p->word_count; i++)
		command_add(p, &p->words[i], table);
}

/* Whether that name, with that choice, lets it through. */
static bool name_fits(const struct command_table *table, const struct command_name *name,
		      uint8_t choice, const struct command *command, const uint8_t *data)
{
	const uint8_t *only = name->choice ? name->choice->only : NULL;
	AUTO_FREE struct command_rules *rules = xcalloc(1, sizeof(*rules));
	struct command plain = *command;

	if (only && (!choice || !strchr((const char *)only, choice)))
		return false;
	plain.transport = (uint8_t)table->transport;
	return rules_add(rules, table, name, choice) && command_find(rules, &plain, data);
}

bool command_line_of(const struct command *command, const uint8_t *data, char *line,
		     size_t size)
{
	for (const struct command_table *table = command_tables; table->word; table++)
		for (const struct command_name *name = table->names;
		     table->transport == command_words(command->transport) && name->name;
		     name++)
			for (unsigned choice = 0; choice < (name->choice ? 256 : 1);
			     choice++) {
				if (!name_fits(table, name, (uint8_t)choice, command,
					       data))
					continue;
				if (name->choice)
					(void)snprintf(line, size, "%s %s:%02xh",
						       table->word, name->name, choice);
				else
					(void)snprintf(line, size, "%s %s", table->word,
						       name->name);
				return true;
			}
	return false;
}

const struct command_table *command_door(const struct step *step)
{
	const struct command_table *door =
		step->command_count ? step->commands[0].table : NULL;

	for (unsigned i = 0; i < step->command_count; i++)
		if (step->commands[i].table->transport == COMMAND_MFI)
			door = step->commands[i].table;
	return door;
}

/* The interface's name is the rest of the pattern. */
static void rule_interface(struct command_rule *rule, const char *instance)
{
	size_t len = strlen(instance);

	memset(rule->mask + COMMAND_ETHTOOL_NAME, 0xff, IFNAMSIZ);
	if (len < IFNAMSIZ)
		memcpy(rule->value + COMMAND_ETHTOOL_NAME, instance, len);
	else /* the kernel would cut it off, to another one's name */
		rule->size = 0;
}

struct command_rule *policy_rules(const struct step *step, const char *instance)
{
	struct command_rule *rules = xcalloc(step->rules->count, sizeof(*rules));
	const struct command_table *door = command_door(step);
	bool behind = door && door->transport == COMMAND_MFI;

	memcpy(rules, step->rules->rules, step->rules->count * sizeof(*rules));
	for (unsigned i = 0; i < step->rules->count; i++)
		if (rules[i].transport == COMMAND_ETHTOOL)
			rule_interface(&rules[i], instance);
		else if (rules[i].transport == COMMAND_SCSI && behind)
			rules[i].transport = COMMAND_MFI_SCSI;
	return rules;
}

uint64_t policy_performer_caps(const struct step *step)
{
	const struct command_table *door = command_door(step);
	uint64_t caps = door ? door->caps : 0;

	for (unsigned i = 0; door && i < step->command_count; i++)
		if (step->commands[i].table->transport == door->transport)
			caps |= step->commands[i].table->caps;
	return caps;
}

const uint32_t *policy_requests(const struct step *step, unsigned *count)
{
	const struct command_table *door = command_door(step);

	*count = 0;
	if (!door)
		return NULL;
	while (*count < ARRAY_LEN(door->requests) && door->requests[*count])
		(*count)++;
	return door->requests;
}
