/* The files of a medium, by a child that may hang in its file system, and that reads it as nobody. */
#include "apart.h"
#include "media.h"
#include "memfile.h"
#include "readonly.h"
#include "uids.h"

#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAKE_TIME (10 * NSEC_PER_SEC)

struct taking {
	const struct medium *medium;
	const char *place;
	const struct media_files *files;
};

struct taken {
	uint32_t has; /* a bit for each file */
	struct said said;
};

/* One file as it is, into its memfd. 0, also where there is none; or -1 with words. */
static int file_take(int folder, size_t i, int to, struct taken *taken)
{
	static char bytes[CONFIG_FILE_MAX + 1];
	const char *name = config_file_name(i);
	AUTO_CLOSE int fd = openat(
		folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	ptrdiff_t len;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return say(&taken->said, "%s: %s", name, strerrordesc_np(errno) ?: "?");
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return say(&taken->said, "%s: not a plain file", name);
	len = read_full(fd, bytes, sizeof(bytes));
	if (len < 0)
		return say(&taken->said, "%s: %s", name,
			   strerrordesc_np((int)-len) ?: "?");
	if (len > (ptrdiff_t)CONFIG_FILE_MAX)
		return say(&taken->said, "%s: more than 64 KiB", name);
	if (write_all(to, bytes, (size_t)len))
		return say(&taken->said, "%s: there is no room for it", name);
	taken->has |= UINT32_C(1) << i;
	return 0;
}

/* The folder is opened before the rights go, as /run/bee is root's alone; nothing of what is in it is. */
static void take(void *arg, void *out)
{
	const struct taking *taking = arg;
	const struct medium *medium = taking->medium;
	struct taken *taken = out;
	int folder;

	streams_null();
	/* FAT has no modes: who mounts it gives them. */
	(void)umask(022);
	if (readonly_namespace()) {
		say(&taken->said, "%s", strerrordesc_np(errno) ?: "?");
		return;
	}
	if (readonly_mount(medium->node, taking->place, medium->type, &taken->said))
		return;
	folder = open(taking->place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || confine_drop(UID_CHECK)) {
		say(&taken->said, "%s", strerrordesc_np(errno) ?: "?");
		return;
	}
	for (size_t i = 0; i < CONFIG_FILES; i++)
		if (file_take(folder, i, taking->files->fds[i], taken))
			return;
}

int media_take(const struct medium *medium, const char *place, struct media_files *out,
	       struct said *said)
{
	struct taking taking = { medium, place, out };
	struct taken taken = { .has = 0 };
	struct apart apart = { .work = take,
			       .arg = &taking,
			       .keep_count = CONFIG_FILES,
			       .time = TAKE_TIME };
	bool made = true;
	int closed, late;

	for (size_t i = 0; i < CONFIG_FILES; i++) {
		apart.keep[i] = out->fds[i] = memory_file(config_file_name(i));
		made = made && out->fds[i] >= 0;
	}
	if (!made)
		return say(said, "%s", strerrordesc_np(errno) ?: "?");
	if (readonly_close(medium->node, &closed, said))
		return -1;
	late = apart_run(&apart, &taken, sizeof(taken));
	readonly_open(closed);
	if (late)
		return say(said, "it could not be read in time");
	said_clean(&taken.said);
	if (*taken.said.text) {
		*said = taken.said;
		return -1;
	}
	for (size_t i = 0; i < CONFIG_FILES; i++) {
		if (taken.has & UINT32_C(1) << i && !memory_seal(out->fds[i]))
			continue;
		close(out->fds[i]);
		out->fds[i] = -1;
	}
	return 0;
}

void media_files_done(struct media_files *files)
{
	for (size_t i = 0; i < CONFIG_FILES; i++)
		if (files->fds[i] >= 0)
			close(files->fds[i]);
}
