/* What a folder named to --replay holds, before anything is replayed from it. */
#include "replay_folder.h"

#include "util.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRIES_MAX 10000u /* of a folder that are looked at */
#define NAMED_MAX 6u       /* that a message names */
#define WANTED "the folders of collectors (storage/, psu/), dmidecode.txt or sys/"

struct look {
	const struct policy_file *files; /* borrowed */
	int count;
	bool known;         /* something that a replay reads */
	unsigned entries;   /* all */
	unsigned strangers; /* folders of no collector */
	char *names;        /* owned: the first entries, "a.txt, b/" */
	char *stranger;     /* owned or NULL: the first of those folders */
};

static bool is_collector(const struct look *look, const char *name)
{
	for (int i = 0; i < look->count; i++)
		if (!strcmp(policy_collector(look->files[i].name), name))
			return true;
	return false;
}

/* Files of `replay` lines, and what bee-read is pointed at. */
static bool is_input(const char *name, bool folder)
{
	return folder ? !strcmp(name, "sys") || !strcmp(name, "proc")
		      : !strcmp(name, "dmidecode.txt");
}

static bool is_folder(const char *top, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", top, name);
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static void note(struct look *look, const char *name, bool folder)
{
	char *longer;

	if (look->entries++ >= NAMED_MAX)
		return;
	longer = xasprintf("%s%s%s%s", look->names ? look->names : "",
			   look->names ? ", " : "", name, folder ? "/" : "");
	free(look->names);
	look->names = longer;
}

static void look_done(struct look *look)
{
	free(look->names);
	free(look->stranger);
}

/* 0 or -errno. */
static int look_at(struct look *look, const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	unsigned left = ENTRIES_MAX;

	if (!dir)
		return -errno;
	while (left-- > 0 && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		bool below;

		if (*name == '.')
			continue;
		below = is_folder(folder, name);
		note(look, name, below);
		if (is_input(name, below) || (below && is_collector(look, name))) {
			look->known = true;
		} else if (below) {
			look->strangers++;
			if (!look->stranger)
				look->stranger = xstrdup(name);
		}
	}
	closedir(dir);
	return 0;
}

static bool is_archive(const char *name)
{
	static const char *const ends[] = { ".tar", ".gz",  ".tgz", ".xz",
					    ".zst", ".bz2", ".zip" };
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (len > strlen(ends[i]) &&
		    !strcmp(name + len - strlen(ends[i]), ends[i]))
			return true;
	return false;
}

/* The folder below `folder` that was meant, or NULL; the caller's. */
static char *found_below(const struct look *above, const char *folder)
{
	struct look below = { .files = above->files, .count = above->count };
	AUTO_FREE char *path = NULL;
	bool known;

	if (above->strangers != 1)
		return NULL;
	path = xasprintf("%s/%s", folder, above->stranger);
	(void)look_at(&below, path);
	known = below.known;
	look_done(&below);
	return known ? xstrdup(path) : NULL;
}

static _Noreturn void refuse(const struct look *look, const char *folder)
{
	AUTO_FREE char *below = found_below(look, folder), *whole = xstrdup(folder);
	size_t len = strlen(whole);
	const char *own;

	while (len > 1 && whole[len - 1] == '/')
		whole[--len] = '\0';
	own = strrchr(whole, '/') ? strrchr(whole, '/') + 1 : whole;
	if (below)
		errx(BEE_USAGE, "--replay %s: one level too high: %s has what is wanted",
		     folder, below);
	if (is_collector(look, own))
		errx(BEE_USAGE,
		     "--replay %s: this is one collector's folder: name the one above",
		     folder);
	if (look->entries == 0)
		errx(BEE_USAGE, "--replay %s: an empty folder; wanted are %s", folder,
		     WANTED);
	errx(BEE_USAGE, "--replay %s: wanted are %s; here are %s%s", folder, WANTED,
	     look->names, look->entries > NAMED_MAX ? " and more" : "");
}

void replay_folder_check(const char *folder, const struct policy_file *files, int count)
{
	struct look look = { .files = files, .count = count };
	struct stat st;
	int error;

	if (stat(folder, &st))
		err(BEE_USAGE, "--replay %s", folder);
	if (!S_ISDIR(st.st_mode))
		errx(BEE_USAGE, "--replay %s: %s", folder,
		     is_archive(folder) ? "an archive: unpack it, and name the folder"
					: "a file, and a folder is wanted");
	error = look_at(&look, folder);
	if (error)
		errx(BEE_USAGE, "--replay %s: %s", folder, strerrordesc_np(-error));
	if (!look.known)
		refuse(&look, folder);
	if (look.strangers > 0)
		warnx("--replay %s: %s/%s no collector's folder and %s not read", folder,
		      look.stranger, look.strangers > 1 ? " and others are" : " is",
		      look.strangers > 1 ? "are" : "is");
	look_done(&look);
}
