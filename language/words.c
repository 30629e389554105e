/* The words of a policy file and what each line of them does to its step. */
#include "parser.h"

#include "record.h"

#include <stdlib.h>
#include <string.h>

static void word_policy(struct parser *p)
{
	uint64_t version;

	if (p->word_count != 2)
		parse_error(p, &p->words[2], "'policy' takes one number");
	else if (parse_u64(p->words[1].text, UINT32_MAX, &version))
		parse_error(p, &p->words[1], "'%.64s' is not a version number",
			    p->words[1].text);
	else if (version != POLICY_VERSION)
		parse_error(p, &p->words[1], "version %s is not known here, only %d",
			    p->words[1].text, POLICY_VERSION);
}

static void word_collector(struct parser *p)
{
	const struct word *name = &p->words[1];

	if (p->word_count != 2)
		parse_error(p, &p->words[2], "'collector' takes one name");
	else if (!word_is_name(p, name, name->text, 0, "collector name"))
		return;
	else if (p->expected && strcmp(p->expected, name->text) != 0)
		parse_error(p, name, "the file is %s.policy but says collector %s",
			    p->expected, name->text);
	else
		p->policy->collector = xstrdup(name->text);
}

static const char *type_name_at(size_t i)
{
	return record_types[i].name;
}

static void word_order(struct parser *p)
{
	uint64_t order;

	if (p->word_count != 2)
		parse_error(p, &p->words[2], "'order' takes one number");
	else if (parse_u64(p->words[1].text, POLICY_ORDER_LAST - 1, &order))
		parse_error(p, &p->words[1], "'%.64s' is not a number below %d",
			    p->words[1].text, POLICY_ORDER_LAST);
	else
		p->policy->order = (unsigned)order;
}

static void word_emits(struct parser *p)
{
	for (unsigned i = 1; i < p->word_count; i++) {
		int type = record_type_find(p->words[i].text);

		if (type < 0)
			parse_unknown(p, &p->words[i], "record type", type_name_at);
		else if (p->policy->emits >> type & 1)
			parse_error(p, &p->words[i], "'%s' is there twice",
				    p->words[i].text);
		else
			p->policy->emits |= UINT64_C(1) << type;
	}
}

static void word_open(struct parser *p)
{
	static const char *const modes[] = { "none", "read-only", "read-write" };

	for (unsigned i = 0; i < ARRAY_LEN(modes); i++) {
		if (strcmp(modes[i], p->words[1].text) != 0)
			continue;
		if (p->word_count > 2)
			parse_error(p, &p->words[2], "'open' takes one word");
		p->step->open = i == 0   ? OPEN_NONE
				: i == 1 ? OPEN_READ_ONLY
					 : OPEN_READ_WRITE;
		return;
	}
	parse_error(p, &p->words[1], "'%.64s' is not none, read-only or read-write",
		    p->words[1].text);
}

/* What no shell and no path would read in another way; not an option and not hidden. */
static bool is_file_name(const char *text)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._+-";

	return strspn(text, good) == strlen(text) && text[0] != '.' && text[0] != '-';
}

/* A tool's name for PATH lookup, an absolute path, or @NAME for our own bee-NAME. */
static bool program_good(struct parser *p, const struct word *word)
{
	const char *text = word->text;

	if (text[0] == '/')
		return word_is_path(p, word, false) && word_may_be_seen(p, word, false);
	if (text[0] == '@')
		return word_is_name(p, word, text + 1, 1, "program of ours");
	if (!is_file_name(text)) {
		parse_error(p, word,
			    "'%.64s' is neither a program's name nor an absolute path",
			    text);
		return false;
	}
	if (strlen(text) > PATH_BYTES_MAX) {
		parse_error(p, word, "name is longer than %d bytes", PATH_BYTES_MAX);
		return false;
	}
	return true;
}

static void word_run(struct parser *p)
{
	size_t bytes = 0;

	if (p->word_count - 1 > POLICY_ARGS_MAX) {
		parse_error(p, &p->words[POLICY_ARGS_MAX + 1], "more than %d arguments",
			    POLICY_ARGS_MAX);
		return;
	}
	if (!program_good(p, &p->words[1]))
		return;
	for (unsigned i = 1; i < p->word_count; i++) {
		const struct word *word = &p->words[i];
		size_t quote = strcspn(word->text, "\"'\\");

		bytes += strlen(word->text) + 1;
		for (const char *at = word->text; (at = strstr(at, "{instance}")); at++)
			bytes += POLICY_INSTANCE_MAX;
		if (word->text[quote]) {
			struct word here = { word->text + quote,
					     word->column + (unsigned)quote };

			parse_error(p, &here, "no quoting here: words end at blanks");
		} else if (word_has_good_braces(p, word)) {
			p->step->argv[i - 1] = xstrdup(word->text);
			continue;
		}
		return;
	}
	if (bytes > 1000)
		parse_error(p, &p->words[1], "command line is longer than 1000 bytes");
}

static void add_grant(struct parser *p, const struct word *word, struct grant grant)
{
	struct step *step = p->step;

	for (unsigned i = 0; i < step->grant_count; i++)
		if (!strcmp(step->grants[i].path, word->text)) {
			parse_error(p, word, "'%.64s' is there twice, first on line %u",
				    word->text, step->grants[i].line);
			free(grant.major);
			return;
		}
	if (step->grant_count == POLICY_GRANTS_MAX) {
		parse_error(p, word, "more than %d paths in a step", POLICY_GRANTS_MAX);
		free(grant.major);
		return;
	}
	grant.path = xstrdup(word->text);
	grant.line = p->line;
	grant.reason = reason_copy(p);
	step->grants[step->grant_count++] = grant;
}

static void see_paths(struct parser *p, bool optional)
{
	for (unsigned i = 1; i < p->word_count; i++)
		if (word_is_path(p, &p->words[i], false) &&
		    word_may_be_seen(p, &p->words[i], false))
			add_grant(p, &p->words[i],
				  (struct grant){ .kind = GRANT_SEE,
						  .optional = optional });
}

static void word_see(struct parser *p)
{
	see_paths(p, false);
}

static void word_see_optional(struct parser *p)
{
	see_paths(p, true);
}

static void word_exec(struct parser *p)
{
	for (unsigned i = 1; i < p->word_count; i++)
		if (word_is_path(p, &p->words[i], false) &&
		    word_may_be_seen(p, &p->words[i], false))
			add_grant(p, &p->words[i], (struct grant){ .kind = GRANT_EXEC });
}

static void word_read(struct parser *p)
{
	for (unsigned i = 1; i < p->word_count; i++)
		if (word_is_path(p, &p->words[i], true) &&
		    word_may_be_seen(p, &p->words[i], true))
			add_grant(p, &p->words[i], (struct grant){ .kind = GRANT_READ });
}

/* "... MODE major NAME": the number of the line's one node, where it is not there, is that of a
 * driver that makes none itself. Returns NAME, and takes the two words away; NULL: without. */
static const char *device_major(struct parser *p)
{
	const struct word *words = p->words;
	unsigned count = p->word_count;

	if (count < 5 || strcmp(words[count - 2].text, "major") != 0)
		return NULL;
	p->word_count -= 2;
	if (count != 5)
		parse_error(p, &words[count - 2], "'major' is of one node, not of %u",
			    count - 4);
	if (!is_file_name(words[count - 1].text))
		parse_error(p, &words[count - 1], "'%.64s' is no driver of /proc/devices",
			    words[count - 1].text);
	return words[count - 1].text;
}

static void device_paths(struct parser *p, bool optional)
{
	const char *major = device_major(p);
	const struct word *mode = &p->words[p->word_count - 1];
	bool write = !strcmp(mode->text, "readwrite");

	if (!write && strcmp(mode->text, "read") != 0) {
		parse_error(p, mode, "'%.64s' is not read or readwrite", mode->text);
		return;
	}
	for (unsigned i = 1; i + 1 < p->word_count; i++) {
		struct word *word = &p->words[i];

		if (!word_is_path(p, word, false))
			continue;
		if (strncmp(word->text, "/dev/", 5) != 0)
			parse_error(p, word, "'%.64s' is not below /dev", word->text);
		else
			add_grant(
				p, word,
				(struct grant){ .kind = GRANT_DEVICE,
						.optional = optional,
						.write = write,
						.major = major ? xstrdup(major) : NULL });
	}
}

static void word_device(struct parser *p)
{
	device_paths(p, false);
}

static void word_device_optional(struct parser *p)
{
	device_paths(p, true);
}

static void word_uid(struct parser *p)
{
	if (strcmp(p->words[1].text, "0") != 0) {
		parse_error(p, &p->words[1], "only 'uid 0' can be asked for");
		return;
	}
	if (p->word_count > 2)
		parse_error(p, &p->words[2], "'uid' takes one number");
	p->step->uid0 = true;
	p->step->uid0_line = p->line;
	p->step->uid0_reason = reason_copy(p);
}

/* Below 0x600 it is a length, and to the kernel a class of frames (ETH_P_ALL is 3). */
static bool network_protocol(struct parser *p)
{
	uint64_t number;

	if (p->word_count < 3 || strncmp(p->words[2].text, "0x", 2) != 0 ||
	    parse_hex(p->words[2].text, UINT16_MAX, &number) || number < 0x600) {
		parse_error(p, &p->words[1],
			    "'network listen' needs an ethertype like 0x88cc");
		return false;
	}
	p->step->network_listen = (uint16_t)number;
	return true;
}

static void word_network(struct parser *p)
{
	bool listen = !strcmp(p->words[1].text, "listen");

	if (!listen && strcmp(p->words[1].text, "host") != 0) {
		parse_error(p, &p->words[1],
			    "only 'network host' or 'network listen' can be asked for");
		return;
	}
	if (listen && !network_protocol(p))
		return;
	if (p->word_count > 2 + (unsigned)listen)
		parse_error(p, &p->words[2 + listen], "'network %s' takes no more words",
			    p->words[1].text);
	p->step->network_host = true;
	p->step->network_line = p->line;
	p->step->network_reason = reason_copy(p);
}

static void one_name(struct parser *p, char **member)
{
	if (p->word_count > 2)
		parse_error(p, &p->words[2], "'%s' takes one name", p->words[0].text);
	else if (word_is_name(p, &p->words[1], p->words[1].text, 0, "name"))
		*member = xstrdup(p->words[1].text);
}

static void word_lock(struct parser *p)
{
	one_name(p, &p->step->lock);
}

static void word_after(struct parser *p)
{
	one_name(p, &p->step->after);
}

static void word_replay(struct parser *p)
{
	if (p->word_count > 2)
		parse_error(p, &p->words[2], "'replay' takes one name");
	else if (!is_file_name(p->words[1].text))
		parse_error(p, &p->words[1], "'%.64s' is not the name of a file",
			    p->words[1].text);
	else
		p->step->replay = xstrdup(p->words[1].text);
}

#define NOWAKE_BYTES_MAX 64

/* Options of the tool, for bee audit --no-wake. */
static void word_nowake(struct parser *p)
{
	if (p->word_count - 1 > POLICY_NOWAKE_MAX) {
		parse_error(p, &p->words[POLICY_NOWAKE_MAX + 1], "more than %d words",
			    POLICY_NOWAKE_MAX);
		return;
	}
	for (unsigned i = 1; i < p->word_count; i++) {
		const char *text = p->words[i].text;

		if (text[strcspn(text, "\"'\\{}")] || strlen(text) > NOWAKE_BYTES_MAX) {
			parse_error(p, &p->words[i],
				    "'%.64s' is not an option of at most %d bytes, "
				    "without quotes and braces",
				    text, NOWAKE_BYTES_MAX);
			return;
		}
		p->step->nowake[i - 1] = xstrdup(text);
	}
}

const struct policy_word policy_words[] = {
	{ "policy", IN_FILE, true, 1, "a version", word_policy },
	{ "collector", IN_FILE, true, 1, "a name", word_collector },
	{ "order", IN_FILE, true, 1, "a number", word_order },
	{ "emits", IN_FILE, true, 1, "record types", word_emits },
	{ "limits", IN_FILE | IN_STEP, false, 2, "a limit and its value", word_limits },
	{ "syscalls", IN_FILE | IN_STEP, false, 1, "@sets or names", word_syscalls },
	{ "open", IN_FILE | IN_STEP, true, 1, "none, read-only or read-write",
	  word_open },
	{ "answer", IN_FILE | IN_STEP, false, 2, "a system call and an error",
	  word_answer },
	{ "default", IN_FILE | IN_STEP, true, 1, "kill, or report and an error",
	  word_default },
	{ "run", IN_STEP, true, 1, "a program", word_run },
	{ "nowake", IN_STEP, true, 1, "options", word_nowake },
	{ "read", IN_STEP, false, 1, "paths", word_read },
	{ "see", IN_STEP, false, 1, "paths", word_see },
	{ "see?", IN_STEP, false, 1, "paths", word_see_optional },
	{ "device", IN_STEP, false, 2, "a node and read or readwrite", word_device },
	{ "device?", IN_STEP, false, 2, "a node and read or readwrite",
	  word_device_optional },
	{ "exec", IN_STEP, false, 1, "paths", word_exec },
	{ "uid", IN_STEP, true, 1, "0", word_uid },
	{ "network", IN_STEP, true, 1, "host, or listen and an ethertype", word_network },
	{ "caps", IN_STEP, false, 1, "capabilities", word_caps },
	{ "ioctl", IN_STEP, false, 1, "NAME=NUMBER", word_ioctl },
	{ "scsi", IN_STEP, false, 1, "SCSI commands", word_commands },
	{ "ata", IN_STEP, false, 1, "ATA commands", word_commands },
	{ "nvme-admin", IN_STEP, false, 1, "NVMe admin commands", word_commands },
	{ "ipmi", IN_STEP, false, 1, "IPMI commands", word_commands },
	{ "ethtool", IN_STEP, false, 1, "questions to a network driver", word_commands },
	{ "mfi", IN_STEP, false, 1, "MFI commands", word_commands },
	{ "exit", IN_STEP, false, 2, "an exit code and a status", word_exit },
	{ "exitmask", IN_STEP, false, 2, "a mask and a status", word_exitmask },
	{ "lock", IN_STEP, true, 1, "a name", word_lock },
	{ "after", IN_STEP, true, 1, "a step", word_after },
	{ "replay", IN_STEP, true, 1, "a file's name", word_replay },
	{ NULL, IN_FILE, false, 0, NULL, NULL },
};
