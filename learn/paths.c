/* The paths of a run, as few as a policy has room for, none of them in another. */
#include "parser.h"
#include "write.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATHS_MAX 40 /* of POLICY_GRANTS_MAX; the others are programs and devices */

bool word_can_be(const char *text)
{
	if (!*text || *text == '#' || strlen(text) > 255)
		return false;
	for (; *text; text++)
		if (*text <= ' ' || *text >= 0x7f || strchr("\"'\\{}*", *text))
			return false;
	return true;
}

/* The same, or below it. */
static bool is_in(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return !strncmp(path, folder, len) && (!path[len] || path[len] == '/');
}

/* What each jail has by itself. */
static bool is_built_in(const struct run_log *log, const char *path)
{
	static const char *const there[] = {
		"/usr/lib", "/usr/lib32", "/usr/lib64",       "/etc/ld.so.cache",
		"/dev",     "/proc/self", "/proc/thread-self"
	};
	static const char *const links[] = { "/bin", "/sbin", "/lib", "/lib32",
					     "/lib64" };
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(there); i++)
		if (is_in(path, there[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if (is_in(path, links[i]) && !lstat(links[i], &st) && S_ISLNK(st.st_mode))
			return true;
	if (!strncmp(path, "/proc/", 6) && path[6] >= '0' && path[6] <= '9')
		return true;
	if (log->program && !strcmp(path, log->program))
		return true;
	for (size_t i = 0; i < log->count; i++)
		if (log->finds[i].kind == FIND_EXEC && !strcmp(path, log->finds[i].what))
			return true;
	return false;
}

static bool is_covered(const struct seen_paths *seen, const char *path)
{
	for (size_t i = 0; i < seen->count; i++)
		if (is_in(path, seen->list[i].path))
			return true;
	return false;
}

static void add(struct seen_paths *seen, const char *path, const char *by, bool folded)
{
	size_t kept = 0;

	if (is_covered(seen, path))
		return;
	for (size_t i = 0; i < seen->count; i++)
		if (is_in(seen->list[i].path, path))
			free(seen->list[i].path);
		else
			seen->list[kept++] = seen->list[i];
	seen->count = kept;
	if (seen->count == seen->room) {
		seen->room = seen->room ? 2 * seen->room : 64;
		seen->list = xrealloc_array(seen->list, seen->room, sizeof(*seen->list));
	}
	seen->list[seen->count++] = (struct seen_path){ xstrdup(path), by, folded };
}

/* Folders that hold too much to be given for what is in them. */
static bool is_too_wide(const char *folder)
{
	static const char *const wide[] = {
		"",           "/etc",  "/usr",     "/usr/bin",   "/var",  "/usr/sbin",
		"/usr/share", "/home", "/run",     "/usr/local", "/root", "/tmp",
		"/opt",       "/srv",  "/var/lib", "/var/log"
	};

	for (size_t i = 0; i < ARRAY_LEN(wide); i++)
		if (!strcmp(folder, wide[i]))
			return true;
	return path_never_seen(folder) != NULL;
}

/* The folder that most of them are right in. False: none may stand for them. */
static bool fold(struct seen_paths *seen)
{
	AUTO_FREE char *best = NULL;
	const char *by = "?";
	size_t most = 1;

	for (size_t i = 0; i < seen->count; i++) {
		const char *path = seen->list[i].path;
		AUTO_FREE char *folder =
			xasprintf("%.*s", (int)(strrchr(path, '/') - path), path);
		size_t in = 0;

		if (is_too_wide(folder))
			continue;
		for (size_t k = 0; k < seen->count; k++)
			in += is_in(seen->list[k].path, folder);
		if (in <= most)
			continue;
		most = in;
		by = seen->list[i].by;
		free(best);
		best = xstrdup(folder);
	}
	if (!best)
		return false;
	add(seen, best, by, true);
	return true;
}

static bool may_add(const struct find *find, FILE *lost, unsigned *lost_count)
{
	const char *why = word_can_be(find->what) ? path_never_seen(find->what)
						  : "no line can have such a word";

	if (!why)
		return true;
	(void)fprintf(lost, "#   %s: %s (%s)\n",
		      word_can_be(find->what) ? find->what : "?", why, find->by);
	(*lost_count)++;
	return false;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct seen_path *)a)->path,
		      ((const struct seen_path *)b)->path);
}

/* Whether it is there anyway, as a folder on the way to what is given. */
static bool is_above(const struct seen_paths *seen, const struct run_log *log,
		     const char *path)
{
	if (!strcmp(path, "/") || is_in("/usr/lib", path) || is_in("/proc", path))
		return true;
	for (size_t i = 0; i < seen->count; i++)
		if (is_in(seen->list[i].path, path))
			return true;
	for (size_t i = 0; i < log->count; i++)
		if (log->finds[i].kind == FIND_EXEC && is_in(log->finds[i].what, path))
			return true;
	return log->program && is_in(log->program, path);
}

void seen_take(struct seen_paths *seen, const struct run_log *log, FILE *lost,
	       unsigned *lost_count)
{
	static const enum find_kind kinds[] = { FIND_TREE, FIND_PATH };

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		for (size_t i = 0; i < log->count; i++) {
			const struct find *find = &log->finds[i];

			if (find->kind == kinds[k] && !is_built_in(log, find->what) &&
			    !is_covered(seen, find->what) &&
			    may_add(find, lost, lost_count))
				add(seen, find->what, find->by, false);
		}
	while (seen->count > PATHS_MAX && fold(seen))
		;
	for (size_t i = 0; i < log->count; i++) {
		const struct find *find = &log->finds[i];

		if (find->kind != FIND_LOOKED || is_built_in(log, find->what) ||
		    is_covered(seen, find->what) || is_above(seen, log, find->what))
			continue;
		(void)fprintf(lost, "#   %s: a folder that was only looked at (%s)\n",
			      word_can_be(find->what) ? find->what : "?", find->by);
		(*lost_count)++;
	}
	if (seen->count > 0) /* qsort(3) takes no NULL */
		qsort(seen->list, seen->count, sizeof(*seen->list), by_path);
}

void seen_done(struct seen_paths *seen)
{
	for (size_t i = 0; i < seen->count; i++)
		free(seen->list[i].path);
	free(seen->list);
}
