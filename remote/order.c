/* The header of an order: read, and compared with a machine. */
#include "action.h"

#include <string.h>
#include <strings.h>

#define LINE_MAX_BYTES 256
#define HEADER_LINES_MAX 128

/* What a line adds; 0, or -1 with words. `value` is what follows the word. */
typedef int line_reader(struct order *order, const char *value, struct said *said);

static const char *const target_words[] = { [TARGET_ANY] = "any",
					    [TARGET_UUID] = "uuid",
					    [TARGET_SERIAL] = "serial",
					    [TARGET_MAC] = "mac",
					    [TARGET_ID] = "id" };

const char *target_word(enum target_kind kind)
{
	return kind < ARRAY_LEN(target_words) ? target_words[kind] : "?";
}

static int sequence_read(struct order *order, const char *value, struct said *said)
{
	if (take_number(value, 1, INT64_MAX, &order->sequence))
		return say(said, "a sequence is a number from 1");
	return 0;
}

int order_target_take(const char *value, struct order_target *out, struct said *said)
{
	const char *equals = strchr(value, '=');

	*out = (struct order_target){ .kind = TARGET_ANY };
	if (!strcmp(value, "any"))
		return 0;
	for (unsigned kind = TARGET_UUID; kind <= TARGET_ID && equals; kind++) {
		size_t len = strlen(target_words[kind]);

		if ((size_t)(equals - value) != len ||
		    strncmp(value, target_words[kind], len) != 0)
			continue;
		if (!equals[1] || strlen(equals + 1) > ORDER_NAME_MAX)
			return say(said, "a target of 1 to %d characters",
				   ORDER_NAME_MAX);
		out->kind = kind;
		(void)snprintf(out->value, sizeof(out->value), "%s", equals + 1);
		return 0;
	}
	return say(said, "a target is any, uuid=, serial=, mac= or id=");
}

static int target_read(struct order *order, const char *value, struct said *said)
{
	struct order_target *target = &order->targets[order->target_count];

	if (order->target_count == ORDER_TARGETS_MAX)
		return say(said, "more than %d targets", ORDER_TARGETS_MAX);
	if (order_target_take(value, target, said))
		return -1;
	order->any |= target->kind == TARGET_ANY;
	order->target_count++;
	return 0;
}

static int not_after_read(struct order *order, const char *value, struct said *said)
{
	if (take_time(value, &order->not_after))
		return say(said, "a time is written 2026-11-29T07:00:00Z");
	return 0;
}

static int time_limit_read(struct order *order, const char *value, struct said *said)
{
	if (take_number(value, 1, 86400, &order->time_limit))
		return say(said, "a time limit is 1 to 86400 seconds");
	return 0;
}

static int need_read(struct order *order, const char *value, struct said *said)
{
	if (order->need_count == ORDER_NEEDS_MAX)
		return say(said, "more than %d needs", ORDER_NEEDS_MAX);
	if (strlen(value) > ORDER_NEED_MAX)
		return say(said, "a need of more than %d characters", ORDER_NEED_MAX);
	(void)snprintf(order->needs[order->need_count++], ORDER_NEED_MAX + 1, "%s",
		       value);
	return 0;
}

/* The next of words with one blank between them; false: there is none, or it is too long. */
static bool word_take(const char **at, char *out, size_t size)
{
	size_t len = strcspn(*at, " ");

	if (!len || len >= size)
		return false;
	memcpy(out, *at, len);
	out[len] = '\0';
	*at += len;
	if (**at)
		++*at;
	return true;
}

/* "SERIAL PARTITION TYPE PATH", of a disk of this machine. */
static int source_read(struct order_file *file, const char *at, struct said *said)
{
	char number[8];
	uint64_t partition;

	if (!word_take(&at, file->serial, sizeof(file->serial)) ||
	    !word_take(&at, number, sizeof(number)) ||
	    take_number(number, 0, 128, &partition) ||
	    !word_take(&at, file->type, sizeof(file->type)) ||
	    !action_type_known(file->type) ||
	    !word_take(&at, file->path, sizeof(file->path)) || *at ||
	    !take_path(file->path))
		return say(said, "a file of a disk is NAME SHA256 SERIAL PARTITION TYPE "
				 "PATH");
	file->partition = (uint32_t)partition;
	return 0;
}

static int file_read(struct order *order, const char *value, struct said *said)
{
	struct order_file *file = &order->files[order->file_count];
	const char *space = strchr(value, ' ');
	const char *rest = space ? space + 1 : "";
	size_t len = space ? (size_t)(space - value) : 0;
	char sum[SHA256_HEX + 1];

	if (order->file_count == ORDER_FILES_MAX)
		return say(said, "more than %d files", ORDER_FILES_MAX);
	if (!len || len > ORDER_NAME_MAX)
		return say(said, "a file is NAME SHA256");
	memcpy(file->name, value, len);
	file->name[len] = '\0';
	if (!is_name(file->name, ORDER_NAME_MAX))
		return say(said, "a file's name is of letters, digits and ._-");
	if (!word_take(&rest, sum, sizeof(sum)) || take_sha256(sum, file->sha256))
		return say(said, "a sha256 is 64 lower-case hexadecimal digits");
	if (rest[-1] == ' ' && source_read(file, rest, said))
		return -1;
	for (unsigned i = 0; i < order->file_count; i++)
		if (!strcmp(order->files[i].name, file->name))
			return say(said, "two files of one name");
	order->file_count++;
	return 0;
}

static int action_keep(struct order *order, const char *value, struct said *said)
{
	if (order->action_count == ORDER_ACTIONS_MAX)
		return say(said, "more than %d things to do", ORDER_ACTIONS_MAX);
	if (strlen(value) > ORDER_NEED_MAX)
		return say(said, "a thing to do of more than %d characters",
			   ORDER_NEED_MAX);
	(void)snprintf(order->actions[order->action_count++], ORDER_NEED_MAX + 1, "%s",
		       value);
	return 0;
}

static int run_read(struct order *order, const char *value, struct said *said)
{
	if (strcmp(value, "once") != 0)
		return say(said, "an order is to run once, or as the server says");
	order->once = true;
	return 0;
}

/* A long one is several lines. */
static int cmdline_read(struct order *order, const char *value, struct said *said)
{
	size_t len = strlen(order->cmdline);

	if (len + strlen(value) + 1 > ORDER_CMDLINE_MAX)
		return say(said, "a cmdline of more than %d characters",
			   ORDER_CMDLINE_MAX);
	(void)snprintf(order->cmdline + len, sizeof(order->cmdline) - len, "%s%s",
		       len ? " " : "", value);
	return 0;
}

static const struct {
	const char *word;
	line_reader *read;
	bool once, needed;
} words[] = {
	{ "sequence", sequence_read, true, true },
	{ "target", target_read, false, true },
	{ "not-after", not_after_read, true, true },
	{ "time-limit", time_limit_read, true, true },
	{ "need", need_read, false, false },
	{ "file", file_read, false, false },
	{ "do", action_keep, false, false },
	{ "cmdline", cmdline_read, false, false },
	{ "run", run_read, true, false },
};

const char *order_word(size_t i)
{
	return i < ARRAY_LEN(words) ? words[i].word : NULL;
}

/* One line of the header, after "#bee-". */
static int line_read(struct order *order, const char *line, unsigned *seen,
		     struct said *said)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *value = take_value(line, words[i].word);

		if (!value)
			continue;
		if (words[i].once && *seen & 1u << i)
			return say(said, "a second %s", words[i].word);
		*seen |= 1u << i;
		return words[i].read(order, value, said);
	}
	return say(said, "no such word");
}

static int whole(const struct order *order, unsigned seen, struct said *said)
{
	struct said why = { "" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].needed && !(seen & 1u << i))
			return say(said, "order: it has no #bee-%s", words[i].word);
	if (order->any && order->target_count > 1)
		return say(said, "order: a target any, and another");
	if (actions_whole(order, &why))
		return say(said, "order: %s", why.text);
	return 0;
}

int order_read(const char *text, size_t len, struct order *out, struct said *said)
{
	struct take take = take_begin(text, len);
	struct order order = { 0 };
	char line[LINE_MAX_BYTES];
	unsigned seen = 0;

	if (len > ORDER_MAX)
		return say(said, "order: more than %u bytes", ORDER_MAX);
	if (memchr(text, '\0', len))
		return say(said, "order: a NUL in it");
	if (take_line(&take, line, sizeof(line)) || strcmp(line, "#!/bin/sh") != 0)
		return say(said, "order: its first line is not #!/bin/sh%s",
			   take_why(&take));
	if (take_line(&take, line, sizeof(line)) || strcmp(line, "#bee-order 1") != 0)
		return say(said, "order: its second line is not #bee-order 1%s",
			   take_why(&take));
	while (take.line < HEADER_LINES_MAX) {
		struct said why = { "" };

		if (take_line(&take, line, sizeof(line)) ||
		    strncmp(line, "#bee-", 5) != 0)
			return say(said,
				   "order:%u: not a line of its header, which "
				   "#bee-end ends%s",
				   take.line + !!*take_why(&take), take_why(&take));
		if (!strcmp(line, "#bee-end")) {
			if (whole(&order, seen, said))
				return -1;
			*out = order;
			return 0;
		}
		if (line_read(&order, line + 5, &seen, &why))
			return say(said, "order:%u: %s", take.line, why.text);
	}
	return say(said, "order: a header of more than %d lines", HEADER_LINES_MAX);
}

static bool file_in_range(struct order_file *file)
{
	file->name[ORDER_NAME_MAX] = '\0';
	file->serial[ORDER_NAME_MAX] = '\0';
	file->type[ORDER_TYPE_MAX] = '\0';
	file->path[ORDER_NEED_MAX] = '\0';
	if (*file->serial && (!action_type_known(file->type) || !take_path(file->path)))
		return false;
	return is_name(file->name, ORDER_NAME_MAX);
}

bool order_in_range(struct order *order)
{
	if (order->need_count > ORDER_NEEDS_MAX || order->file_count > ORDER_FILES_MAX ||
	    order->action_count > ORDER_ACTIONS_MAX || order->time_limit < 1 ||
	    order->time_limit > 86400)
		return false;
	order->cmdline[ORDER_CMDLINE_MAX] = '\0';
	for (unsigned i = 0; i < order->action_count; i++)
		order->actions[i][ORDER_NEED_MAX] = '\0';
	for (unsigned i = 0; i < order->need_count; i++)
		order->needs[i][ORDER_NEED_MAX] = '\0';
	for (unsigned i = 0; i < order->file_count; i++)
		if (!file_in_range(&order->files[i]))
			return false;
	return true;
}

static bool same(const char *wanted, const char *have)
{
	return *have && !strcasecmp(wanted, have);
}

/* An ID and a serial are what they are; hexadecimal digits may be of either case. */
bool order_target_is(const struct order_target *target, const struct identity *identity)
{
	const char *value = target->value;

	switch (target->kind) {
	case TARGET_ANY:
		return true;
	case TARGET_UUID:
		return same(value, identity->uuid);
	case TARGET_SERIAL:
		return *identity->serial && !strcmp(value, identity->serial);
	case TARGET_ID:
		return *identity->id && !strcmp(value, identity->id);
	case TARGET_MAC:
		for (unsigned i = 0; i < identity->mac_count; i++)
			if (same(value, identity->macs[i]))
				return true;
		return false;
	default:
		return false;
	}
}

bool order_is_for(const struct order *order, const struct identity *identity)
{
	if (order->any)
		return true;
	for (unsigned i = 0; i < order->target_count; i++)
		if (order_target_is(&order->targets[i], identity))
			return true;
	return false;
}
