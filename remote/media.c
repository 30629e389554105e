/*
 * bee remote media: xenoboot's floppy. What a medium with the label BEE-CONF has of the configuration takes the place
 * of what the image has, until the next boot.
 */
#include "media.h"
#include "apart.h"
#include "commands.h"
#include "option.h"
#include "uids.h"

#include "confine.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECK_TIME (10 * NSEC_PER_SEC)
#define MERGED MEDIA_DIR "/conf"
#define PLACE MEDIA_DIR "/mounted"

static const char *base_name(const char *node)
{
	return strrchr(node, '/') + 1;
}

/* To who has started it, and where the consoles and `bee remote status` find it. */
static void tell(const struct said *said)
{
	AUTO_FREE char *line = xasprintf("%s\n", said->text);
	AUTO_CLOSE int fd = open(
		MEDIA_SAID, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0 || write_all(fd, line, strlen(line)))
		warn(MEDIA_SAID);
	(void)!write_all(STDOUT_FILENO, line, strlen(line));
}

/* Nothing of what a server name has as its addresses goes with another name. */
static bool from_image(const struct media_files *files, size_t i)
{
	const char *name = config_file_name(i);
	bool other_server = false;

	for (size_t k = 0; k < CONFIG_FILES; k++)
		other_server |=
			files->fds[k] >= 0 && !strcmp(config_file_name(k), "BOOTSERVER");
	return !other_server || strcmp(name, "BOOTSERVER_IP") != 0;
}

/* Whether the image lets a medium have these files. 0, or -1 with words. */
static int files_allowed(const struct config *config, const struct media_files *files,
			 struct said *said)
{
	unsigned count = 0;

	for (size_t i = 0; i < CONFIG_FILES; i++) {
		enum config_owner owner = config_file_owner(i);

		if (files->fds[i] < 0)
			continue;
		count++;
		if (owner == OWNER_IMAGE ||
		    (owner == OWNER_TRUST && !config->grants.override_trust))
			return say(
				said,
				"%s is on it, and the image does not let it be changed",
				config_file_name(i));
	}
	return count ? 0 : say(said, "no file of a configuration is on it");
}

static int file_copy(int folder, const char *name, int from, struct said *said)
{
	static char bytes[CONFIG_FILE_MAX + 1];
	AUTO_CLOSE int to =
		openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ptrdiff_t len = read_full(from, bytes, sizeof(bytes));

	if (to < 0 || len < 0 || write_all(to, bytes, (size_t)len))
		return say(said, MERGED "/%s: it cannot be written", name);
	return 0;
}

static int merge(const char *dir, const struct media_files *files, struct said *said)
{
	AUTO_CLOSE int folder = open(MERGED, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < CONFIG_FILES; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, config_file_name(i));
		AUTO_CLOSE int own = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		int from = files->fds[i];

		if (from < 0 && from_image(files, i))
			from = own;
		if (from >= 0 && file_copy(folder, config_file_name(i), from, said))
			return -1;
	}
	return 0;
}

static void check(void *arg, void *out)
{
	static struct config config;
	struct said *said = out;
	char *text = NULL;
	size_t len;
	FILE *errors = open_memstream(&text, &len);

	(void)arg;
	/* The way there is root's alone. */
	if (!errors || chdir(MERGED) || confine_drop(UID_CHECK))
		_exit(BEE_SOFTWARE);
	if (config_read(".", &config, errors)) {
		(void)fflush(errors);
		text[strcspn(text, "\n")] = '\0';
		say(said, "%s", strncmp(text, "./", 2) ? text : text + 2);
	}
}

/* What is on it is first read where nothing can come of it. 0, or -1 with words. */
static int merged_check(struct said *said)
{
	struct apart apart = { .work = check, .time = CHECK_TIME };
	struct said is = { "" };

	if (apart_run(&apart, &is, sizeof(is)))
		return say(said, "it could not be checked");
	said_clean(&is);
	*said = is;
	return *is.text ? -1 : 0;
}

static void remove_merged(void)
{
	for (size_t i = 0; i < CONFIG_FILES; i++) {
		AUTO_FREE char *path = xasprintf(MERGED "/%s", config_file_name(i));

		(void)unlink(path);
	}
	(void)rmdir(MERGED);
}

/* "ID, NETWORK" */
static char *names_of(const struct media_files *files)
{
	char *names = xstrdup("");

	for (size_t i = 0; i < CONFIG_FILES; i++) {
		char *more;

		if (files->fds[i] < 0)
			continue;
		more = xasprintf("%s%s%s", names, *names ? ", " : "",
				 config_file_name(i));
		free(names);
		names = more;
	}
	return names;
}

/* Over the image's folder, so that whoever reads the configuration finds it in its one place. */
static int take_over(const char *dir, const struct config *config,
		     const struct medium *medium, struct said *said)
{
	struct media_files files = { .fds = { 0 } }; /* media_take() sets them first */
	AUTO_FREE char *names = NULL;
	struct said why = { "" };
	int error = media_take(medium, PLACE, &files, &why) ||
		    files_allowed(config, &files, &why) || merge(dir, &files, &why) ||
		    merged_check(&why);

	/* Who checks it has no rights; from here on it is root's alone, as its folder is until now. */
	if (!error && chmod(MERGED "/" CONFIG_MACHINE_KEY, 0400) && errno != ENOENT)
		error = say(&why, CONFIG_MACHINE_KEY ": %s",
			    strerrordesc_np(errno) ?: "?");
	if (!error && mount(MERGED, dir, NULL, MS_BIND, NULL))
		error = say(&why, "%s: %s", dir, strerrordesc_np(errno) ?: "?");
	names = names_of(&files);
	media_files_done(&files);
	if (error) {
		remove_merged();
		return say(said, MEDIA_LABEL " on %s: it does not count: %s",
			   base_name(medium->node), why.text);
	}
	say(said, MEDIA_LABEL " on %s (%s): its %s in the place of the image's",
	    base_name(medium->node), medium->type, names);
	return 0;
}

static void folder_make(const char *path, mode_t mode)
{
	if (mkdir(path, mode) && errno != EEXIST)
		err(BEE_CANTCREAT, "%s", path);
}

int command_media(int argc, char **argv)
{
	static struct config config;
	const char *dir = argc > 1 ? argv[1] : CONFIG_DIR;
	struct medium medium;
	struct said said = { "" };
	int found;

	option_none("bee-remote", argc, argv);
	if (argc > 2)
		errx(BEE_USAGE, "media: one folder");
	if (geteuid() != 0)
		errx(BEE_USAGE, "media: mounting takes root");
	if (config_read(dir, &config, stderr))
		return BEE_DATAERR;
	(void)umask(022);
	folder_make("/run/bee", 0700);
	folder_make(MEDIA_DIR, 0755);
	folder_make(PLACE, 0700);
	if (mkdir(MERGED, 0755))
		errx(BEE_TEMPFAIL, "a medium has been looked for since the boot");
	found = media_find(&medium, &said);
	if (found > 0)
		found = take_over(dir, &config, &medium, &said);
	else
		remove_merged();
	if (*said.text)
		tell(&said);
	config_done(&config);
	return found < 0 ? BEE_DATAERR : BEE_OK;
}
