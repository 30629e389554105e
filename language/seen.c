/* Which paths no policy can show to a tool. */
#include "parser.h"

#include <stdlib.h>
#include <string.h>

/* Below /proc, what is another thing to each process that looks: here, to the jail's builder. */
static bool is_process(const char *name)
{
	static const char *const links[] = { "self", "thread-self", "mounts", "net" };
	size_t len = strcspn(name, "/");

	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if (len == strlen(links[i]) && !strncmp(name, links[i], len))
			return true;
	return strcspn(name, "*{") < len || strspn(name, "0123456789") == len;
}

/* Why no policy can show it, or NULL: the jail makes it itself, it would undo the jail, or it is a
 * folder that holds such. */
const char *path_never_seen(const char *path)
{
	static const struct {
		const char *path;
		const char *why;
	} refused[] = {
		{ "/proc/sys", "who may write there changes the machine" },
		{ "/proc/kcore", "it is the kernel's memory" },
		{ "/proc/vmcore", "it is the kernel's memory" },
		{ "/proc/kmsg", "who reads it takes it from others" },
		{ "/proc/sysrq-trigger", "it can end the machine" },
		{ "/dev", "name the nodes in 'device' lines" },
		{ "/sys/kernel/debug", "debugfs can change the machine" },
		{ "/sys/kernel/tracing", "tracefs can change the machine" },
	};
	size_t len = strlen(path);

	if (!len)
		return "it is the whole root";
	if (!strcmp(path, "/proc"))
		return "the jail has its own /proc";
	if (!strncmp(path, "/proc/", 6) && is_process(path + 6))
		return "it would be that of a process outside the jail";
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		size_t its = strlen(refused[i].path), least = its < len ? its : len;
		const char *longer = its < len ? path : refused[i].path;

		if (!strncmp(path, refused[i].path, least) &&
		    (longer[least] == '\0' || longer[least] == '/'))
			return refused[i].why;
	}
	return NULL;
}

char *policy_pattern_folder(const char *pattern, const char *instance)
{
	static const char mark[] = "{instance}"; /* explained, it stays as it is */
	char *path = policy_expand(pattern, instance);
	char *wild = path + strcspn(path, "*{"), *slash;

	while (!strncmp(wild, mark, sizeof(mark) - 1)) {
		wild += sizeof(mark) - 1;
		wild += strcspn(wild, "*{");
	}
	slash = wild;
	while (slash > path && *slash != '/')
		slash--;
	if (!*wild) { /* a file: by itself where its folder holds too much */
		AUTO_FREE char *folder = xasprintf("%.*s", (int)(slash - path), path);

		if (path_never_seen(folder))
			return path;
	}
	*slash = '\0';
	return path;
}

bool word_may_be_seen(struct parser *p, const struct word *word, bool pattern)
{
	AUTO_FREE char *path = pattern ? policy_pattern_folder(word->text, "{instance}")
				       : xstrdup(word->text);
	const char *why = path_never_seen(path);

	if (why)
		parse_error(p, word, "%s cannot be seen: %s", *path ? path : "/", why);
	return !why;
}
