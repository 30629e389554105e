/*
 * tailor IN.iso OUT.iso DIR: xenoboot's factory.sh. The configuration is one more squashfs on the image; live-boot puts all of
 * /live on top of each other, in the order of their names.
 */
#include "commands.h"
#include "ends.h"
#include "option.h"
#include "outside.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUILD_TIME (600 * NSEC_PER_SEC)
#define LAYER "zz-remote.squashfs" /* behind iso/build.sh's zz-bee.squashfs */
#define SAID_BYTES 65536

/* All that is made besides the image. Keys may be among it: whichever way we end, it goes (place_remove). */
static struct place {
	char dir[64];
	char *tree, *layer, *log;
	char *part; /* the image, while it is written */
	int stop;   /* can be read: we are to end */
} place;

static void folder_new(const char *path)
{
	if (mkdir(path, 0755))
		err(BEE_CANTCREAT, "%s", path);
}

/* What place_make and those after it have made, and nothing else. */
static void place_remove(void)
{
	static const char *const folders[] = { "/etc/bee/remote", "/etc/bee", "/etc",
					       "" };

	for (size_t i = 0; config_file_name(i); i++) {
		AUTO_FREE char *path = xasprintf("%s/etc/bee/remote/%s", place.tree,
						 config_file_name(i));

		(void)unlink(path);
	}
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		AUTO_FREE char *path = xasprintf("%s%s", place.tree, folders[i]);

		(void)rmdir(path);
	}
	(void)unlink(place.layer);
	(void)unlink(place.log);
	(void)unlink(place.part);
	(void)rmdir(place.dir);
}

static void place_make(const char *image)
{
	static const char *const folders[] = { "", "/etc", "/etc/bee",
					       "/etc/bee/remote" };

	/* Folders of the image: as on it, whoever makes them. */
	mode_t callers = umask(022);

	(void)snprintf(place.dir, sizeof(place.dir), "/tmp/bee-tailor.XXXXXX");
	if (!mkdtemp(place.dir))
		err(BEE_CANTCREAT, "%s", place.dir);
	place.tree = xasprintf("%s/tree", place.dir);
	place.part = xasprintf("%s.part", image);
	place.layer = xasprintf("%s/" LAYER, place.dir);
	place.log = xasprintf("%s/log", place.dir);
	(void)unlink(place.part);
	if (atexit(place_remove))
		errx(BEE_SOFTWARE, "there is no room");
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		AUTO_FREE char *path = xasprintf("%s%s", place.tree, folders[i]);

		folder_new(path);
	}
	(void)umask(callers);
}

/* False: there is no such file. */
static bool file_copy(const char *dir, const char *name)
{
	AUTO_FREE char *from = xasprintf("%s/%s", dir, name);
	AUTO_FREE char *to = xasprintf("%s/etc/bee/remote/%s", place.tree, name);
	AUTO_CLOSE int in = open(from, O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	AUTO_CLOSE int out = -1;
	static char part[65536];
	mode_t mode = strcmp(name, CONFIG_MACHINE_KEY) ? 0644 : 0600;
	ptrdiff_t n;

	if (in < 0 && errno == ENOENT)
		return false;
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (in < 0 || out < 0)
		err(BEE_IOERR, "%s", in < 0 ? from : to);
	while ((n = read_full(in, part, sizeof(part))) > 0)
		if (write_all(out, part, (size_t)n))
			errx(BEE_IOERR, "%s: it cannot be written", to);
	if (n < 0 || fchmod(out, mode))
		errx(BEE_IOERR, "%s: it cannot be copied", from);
	return true;
}

/* Who is to end does so where he looks, and then by way of place_remove. */
static bool is_to_end(void)
{
	struct pollfd stop = { place.stop, POLLIN, 0 };

	return poll(&stop, 1, 0) > 0;
}

/* Runs it, and says in its own words why it failed. */
static bool run(char *const *argv)
{
	AUTO_CLOSE int log =
		open(place.log, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	static char text[SAID_BYTES];
	struct said said = { "" };
	int code = -1;
	ptrdiff_t len = 0;

	if (log >= 0)
		code = outside_run(argv, log, place.stop, clock_now() + BUILD_TIME,
				   &said);
	else
		say(&said, "%s: %s", place.log, strerrordesc_np(errno) ?: "?");
	if (!code)
		return true;
	if (log >= 0 && lseek(log, 0, SEEK_SET) == 0)
		len = read_full(log, text, sizeof(text));
	if (len > 0)
		(void)!write_all(STDERR_FILENO, text, (size_t)len);
	if (code < 0)
		warnx("%s", said.text);
	else
		warnx("%s: it failed", argv[0]);
	return false;
}

/* A file that this configuration has not, and an earlier one may have: overlayfs' mark for that, a device 0/0. */
static bool layer_make(const char *dir)
{
	char *argv[64] = {
		(char[]){ "mksquashfs" },
		place.tree,
		place.layer,
		(char[]){ "-noappend" },
		(char[]){ "-quiet" },
		(char[]){ "-no-progress" },
		(char[]){ "-all-root" },
		(char[]){ "-comp" },
		(char[]){ "zstd" },
		(char[]){ "-mkfs-time" },
		(char[]){ "0" },
		(char[]){ "-all-time" },
		(char[]){ "0" },
	};
	unsigned count = 13;
	bool good;

	for (size_t i = 0; config_file_name(i); i++) {
		if (file_copy(dir, config_file_name(i)))
			continue;
		argv[count++] = xstrdup("-p");
		argv[count++] =
			xasprintf("etc/bee/remote/%s c 000 0 0 0 0", config_file_name(i));
	}
	good = run(argv);
	for (unsigned i = 13; i < count; i++)
		free(argv[i]);
	return good;
}

/* Whether it is a live image: xorriso would make the folder on any. To list what is not there is no failure of it. */
static bool image_is_live(char *image)
{
	char *argv[] = { (char[]){ "xorriso" },
			 (char[]){ "-osirrox" },
			 (char[]){ "on" },
			 (char[]){ "-indev" },
			 image,
			 (char[]){ "-getfacl" },
			 (char[]){ "/live/filesystem.squashfs" },
			 NULL };

	if (run(argv))
		return true;
	if (!is_to_end())
		warnx("%s: not a live image of bee", image);
	return false;
}

static bool image_make(char *in, char *out)
{
	char *argv[] = { (char[]){ "xorriso" },
			 (char[]){ "-indev" },
			 in,
			 (char[]){ "-outdev" },
			 out,
			 (char[]){ "-boot_image" },
			 (char[]){ "any" },
			 (char[]){ "replay" },
			 (char[]){ "-map" },
			 place.layer,
			 (char[]){ "/live/" LAYER },
			 (char[]){ "--" },
			 NULL };

	return run(argv);
}

int command_tailor(int argc, char **argv)
{
	static struct config config;

	option_none("bee-remote", argc, argv);
	if (argc != 4)
		errx(BEE_USAGE, "tailor: IN.iso OUT.iso DIR");
	if (config_read(argv[3], &config, stderr))
		return BEE_DATAERR;
	config_done(&config);
	if (!access(argv[2], F_OK))
		errx(BEE_CANTCREAT, "%s: it is there already", argv[2]);
	place.stop = ends_open();
	if (place.stop < 0)
		err(BEE_SOFTWARE, "signals");
	place_make(argv[2]);
	/* A symbolic link in xorriso's place for a disk would be followed: it is made beside, and renamed. */
	if (!image_is_live(argv[1]) || !layer_make(argv[3]) ||
	    !image_make(argv[1], place.part))
		return BEE_CANTCREAT;
	if (rename(place.part, argv[2]))
		err(BEE_CANTCREAT, "%s", argv[2]);
	return BEE_OK;
}
