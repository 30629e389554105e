/* remote.policy: what an image lets orders have. */
#include "grants.h"

#include <string.h>

#define LINE_BYTES 512
#define TIME_LIMIT_UNSAID 3600
#define NOT_PROVED ", and nothing but its word proves which machine this is"

/* Whether `path` is `folder` or below it. */
static bool below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return !strncmp(path, folder, len) && (!path[len] || path[len] == '/');
}

void grants_none(struct grants *out)
{
	*out = (struct grants){ .time_limit = TIME_LIMIT_UNSAID };
}

static bool action_allowed(struct grants *grants, const char *line)
{
	const char *verb = take_value(line, "allow");

	for (unsigned i = 0; verb && i < ACTION_KINDS; i++)
		if (!strcmp(verb, action_word(i))) {
			grants->actions[i] = true;
			return true;
		}
	return false;
}

static const char *line_read(struct grants *grants, const char *line)
{
	const char *path = take_value(line, "allow see"),
		   *limit = take_value(line, "time-limit");

	if (action_allowed(grants, line))
		return NULL;
	if (!strcmp(line, "filter") || !strcmp(line, "open ssh")) {
		grants->filter |= *line == 'f';
		grants->open_ssh |= *line == 'o';
		return NULL;
	}
	if (!strcmp(line, "on-failure sshd") || !strcmp(line, "override trust")) {
		grants->debug_sshd |= line[1] == 'n';
		grants->override_trust |= line[1] == 'v';
		return NULL;
	}
	if (!strcmp(line, "allow net") || !strcmp(line, "allow disk") ||
	    !strcmp(line, "allow write")) {
		grants->net |= line[6] == 'n';
		grants->disk |= line[6] != 'n';
		grants->write |= line[6] == 'w';
		return NULL;
	}
	if (limit)
		return take_number(limit, 1, 86400, &grants->time_limit)
			       ? "a time limit is 1 to 86400 seconds"
			       : NULL;
	if (!path)
		return "not allow net, allow see PATH, allow disk, write, mount, "
		       "restore, sshd, "
		       "watchdog, reboot or kexec, on-failure sshd, override trust, "
		       "filter, "
		       "open ssh or time-limit SECONDS";
	if (!take_path(path))
		return "not an absolute path without . and .. in it";
	if (grants->see_count == GRANTS_MAX)
		return "too many paths";
	(void)snprintf(grants->see[grants->see_count++], ORDER_NEED_MAX + 1, "%s", path);
	return NULL;
}

int grants_read(const char *text, size_t len, struct grants *out, grants_error *error,
		void *arg)
{
	struct take take = take_begin(text, len);
	struct grants grants;
	char line[LINE_BYTES];
	unsigned wrong = 0;

	grants_none(&grants);
	while (take.at < take.end) {
		const char *at = line, *words;

		if (take_line(&take, line, sizeof(line))) {
			struct said said;

			say(&said, "not a line of text%s", take_why(&take));
			error(arg, take.line + 1, said.text);
			return -1;
		}
		line[strcspn(line, "#")] = '\0';
		while (*line && strchr(" \t", line[strlen(line) - 1]))
			line[strlen(line) - 1] = '\0';
		at += strspn(at, " \t");
		words = *at ? line_read(&grants, at) : NULL;
		if (!words)
			continue;
		error(arg, take.line, words);
		wrong++;
	}
	if (wrong)
		return -1;
	*out = grants;
	return 0;
}

static int see_check(const struct grants *grants, const char *path, struct said *said)
{
	if (!take_path(path))
		return say(said, "it needs to see '%.64s', which is no such path", path);
	for (unsigned i = 0; i < grants->see_count; i++)
		if (below(path, grants->see[i]))
			return 0;
	return say(said, "it needs to see %.96s, which is not allowed here", path);
}

int grants_check(const struct grants *grants, const char *line, struct need *out,
		 struct said *said)
{
	static const char *const words[] = {
		[NEED_SEE] = "see", [NEED_DISK] = "disk", [NEED_WRITE] = "write"
	};
	struct need need = { NEED_NET, "" };

	for (unsigned kind = NEED_SEE; kind < ARRAY_LEN(words); kind++)
		if (take_value(line, words[kind]))
			need = (struct need){ kind, take_value(line, words[kind]) };
	if (!strcmp(line, "key"))
		need.kind = NEED_KEY;
	else if (need.kind == NEED_NET && strcmp(line, "net") != 0)
		return say(said, "it needs '%.64s', which nothing here knows", line);
	if (need.kind == NEED_SEE && see_check(grants, need.value, said))
		return -1;
	if ((need.kind == NEED_NET && !grants->net) ||
	    (need.kind == NEED_DISK && !grants->disk) ||
	    (need.kind == NEED_WRITE && !grants->write))
		return say(said, "it needs %.64s, which is not allowed here", line);
	if (need.kind == NEED_KEY && !grants->proved)
		return say(said, "it needs a key" NOT_PROVED);
	*out = need;
	return 0;
}

/*
 * What has to do with this machine's own disks, or starts another kernel: what can destroy has one machine in mind and not
 * a fleet, and that it is this one is not said by a serial alone, which whoever made the board could write twice.
 */
static int one_machine(const struct grants *grants, const struct order *order,
		       const char *what, struct said *said)
{
	if (order->any || order->target_count != 1)
		return say(said, "%s, and names not exactly one machine", what);
	if (!grants->proved)
		return say(said, "%s" NOT_PROVED, what);
	return 0;
}

int grants_check_action(const struct grants *grants, const struct order *order,
			const char *line, struct said *said)
{
	struct action action;
	char what[32];

	if (action_read(order, line, &action, said))
		return -1;
	if (!grants->actions[action.kind])
		return say(said, "it wants %.64s, which is not allowed here", line);
	(void)snprintf(what, sizeof(what), "it wants %s", action_word(action.kind));
	return action.kind == ACTION_KEXEC || action_has_disk(action.kind)
		       ? one_machine(grants, order, what, said)
		       : 0;
}

int grants_check_order(const struct grants *grants, const struct order *order,
		       struct said *said)
{
	struct need need = { NEED_NET, "" };

	for (unsigned i = 0; i < order->need_count; i++) {
		if (grants_check(grants, order->needs[i], &need, said))
			return -1;
		if ((need.kind == NEED_DISK || need.kind == NEED_WRITE) &&
		    one_machine(grants, order, "it needs a disk", said))
			return -1;
	}
	for (unsigned i = 0; i < order->file_count; i++) {
		if (!*order->files[i].serial)
			continue;
		if (!grants->actions[ACTION_MOUNT])
			return say(said,
				   "it wants a file of the disk %.63s, which takes allow "
				   "mount here",
				   order->files[i].serial);
		if (one_machine(grants, order, "it wants a file of a disk", said))
			return -1;
	}
	for (unsigned i = 0; i < order->action_count; i++)
		if (grants_check_action(grants, order, order->actions[i], said))
			return -1;
	if (order->time_limit > grants->time_limit)
		return say(said, "it wants to run for %llu s, %llu s are allowed here",
			   (unsigned long long)order->time_limit,
			   (unsigned long long)grants->time_limit);
	return 0;
}
