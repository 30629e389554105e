/* "#bee-do" lines, read. */
#include "action.h"

#include <string.h>

#define WATCHDOG_MAX 6553 /* seconds: what a BMC's can count, tenths in 16 bits */
/*
 * Of one that still counts when the boot is to end: log and audit have 120 s to get home (END_TIME), and
 * systemd 30 s to be asked.
 */
#define WATCHDOG_END_MIN 180

static const struct {
	const char *word;
	unsigned least, most; /* words behind it */
} verbs[] = {
	[ACTION_SSHD] = { "sshd", 1, 1 },     [ACTION_WATCHDOG] = { "watchdog", 1, 1 },
	[ACTION_MOUNT] = { "mount", 3, 3 },   [ACTION_RESTORE] = { "restore", 3, 3 },
	[ACTION_REBOOT] = { "reboot", 0, 0 }, [ACTION_KEXEC] = { "kexec", 1, 2 },
};

/* Which the kernel can read without writing: see the options of perform.c. */
static const char *const types[] = { "ext2", "ext3",    "ext4",    "xfs",
				     "vfat", "iso9660", "squashfs" };

const char *action_word(enum action_kind kind)
{
	return verbs[kind].word;
}

bool action_is_last(enum action_kind kind)
{
	return kind == ACTION_REBOOT || kind == ACTION_KEXEC;
}

bool action_has_disk(enum action_kind kind)
{
	return kind == ACTION_MOUNT || kind == ACTION_RESTORE;
}

static int words_take(const char *line, char words[][ORDER_NAME_MAX + 1], unsigned max)
{
	unsigned count = 0;

	while (*line) {
		size_t len = strcspn(line, " ");

		if (!len || len > ORDER_NAME_MAX || count == max)
			return -1;
		memcpy(words[count], line, len);
		words[count++][len] = '\0';
		line += len;
		if (*line && !*++line)
			return -1;
	}
	return (int)count;
}

static int file_find(const struct order *order, const char *name, unsigned *out)
{
	for (unsigned i = 0; i < order->file_count; i++)
		if (!strcmp(order->files[i].name, name)) {
			*out = i;
			return 0;
		}
	return -1;
}

bool action_type_known(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (!strcmp(types[i], type))
			return true;
	return false;
}

static int meaning(const struct order *order, struct action *action, struct said *said)
{
	bool files = action->kind == ACTION_SSHD || action->kind == ACTION_KEXEC ||
		     action->kind == ACTION_RESTORE;
	unsigned first = action->kind == ACTION_RESTORE ? 2 : 0;

	for (unsigned i = first; files && i < first + 2 && i < 3; i++)
		if (*action->words[i] &&
		    file_find(order, action->words[i], &action->files[i - first]))
			return say(said, "%s: '%.63s' is no file of this order",
				   action_word(action->kind), action->words[i]);
	if (action->kind == ACTION_WATCHDOG &&
	    take_number(action->words[0], 10, WATCHDOG_MAX, &action->number))
		return say(said, "watchdog: 10 to %d seconds", WATCHDOG_MAX);
	if (!action_has_disk(action->kind))
		return 0;
	if (take_number(action->words[1], 0, 128, &action->number))
		return say(said, "%s: a partition is a number, 0 for the whole disk",
			   action_word(action->kind));
	if (action->kind == ACTION_MOUNT && !action_type_known(action->words[2]))
		return say(said,
			   "mount: a type is ext2, ext3, ext4, xfs, vfat, iso9660 or "
			   "squashfs");
	return 0;
}

int action_read(const struct order *order, const char *line, struct action *out,
		struct said *said)
{
	char words[4][ORDER_NAME_MAX + 1] = { "" };
	struct action action = { .number = 0 };
	int count = words_take(line, words, 4);
	unsigned kind = 0;

	while (kind < ACTION_KINDS && strcmp(words[0], verbs[kind].word) != 0)
		kind++;
	if (count < 1 || kind == ACTION_KINDS)
		return say(said, "'%.64s' is nothing that can be done", line);
	if ((unsigned)count - 1 < verbs[kind].least ||
	    (unsigned)count - 1 > verbs[kind].most)
		return say(said, "%s: not its words", verbs[kind].word);
	action.kind = kind;
	memcpy(action.words, words[1], sizeof(action.words));
	if (meaning(order, &action, said))
		return -1;
	*out = action;
	return 0;
}

int actions_whole(const struct order *order, struct said *said)
{
	bool seen[ACTION_KINDS] = { false }, ended = false;
	uint64_t watchdog = WATCHDOG_END_MIN;
	struct action action = { .number = 0 };

	for (unsigned i = 0; i < order->action_count; i++) {
		if (action_read(order, order->actions[i], &action, said))
			return -1;
		if (ended)
			return say(said, "%s: after what ends the boot",
				   action_word(action.kind));
		if (seen[action.kind] && !action_has_disk(action.kind))
			return say(said, "%s: twice", action_word(action.kind));
		seen[action.kind] = true;
		ended = action_is_last(action.kind);
		if (action.kind == ACTION_WATCHDOG)
			watchdog = action.number;
	}
	if (ended && watchdog < WATCHDOG_END_MIN)
		return say(said, "watchdog: at least %d seconds where the boot is to end",
			   WATCHDOG_END_MIN);
	if (*order->cmdline && !seen[ACTION_KEXEC])
		return say(said, "a cmdline, and no kexec");
	return 0;
}

bool action_nth(const struct order *order, enum action_kind kind, unsigned nth,
		struct action *out)
{
	struct said said = { "" };

	for (unsigned i = 0; i < order->action_count; i++)
		if (!action_read(order, order->actions[i], out, &said) &&
		    out->kind == kind && nth-- == 0)
			return true;
	return false;
}

bool action_find(const struct order *order, enum action_kind kind, struct action *out)
{
	return action_nth(order, kind, 0, out);
}

bool order_can_destroy(const struct order *order)
{
	struct action action = { .number = 0 };

	for (unsigned i = 0; i < order->need_count; i++)
		if (take_value(order->needs[i], "disk") ||
		    take_value(order->needs[i], "write"))
			return true;
	for (unsigned i = 0; i < order->file_count; i++)
		if (*order->files[i].serial)
			return true;
	for (unsigned kind = 0; kind < ACTION_KINDS; kind++)
		if ((kind == ACTION_KEXEC || action_has_disk(kind)) &&
		    action_find(order, kind, &action))
			return true;
	return false;
}
