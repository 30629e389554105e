/* Which mounts show something of the reference tree, and where in it. */
#include "mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000U
#endif
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x4000U /* Linux 6.8 */
#endif

#define LOOK (AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT)
#define MOUNTS_MAX 4096u

/* linux/stat.h: stx_mnt_id is where glibc 2.36 has its first spare bytes. */
static uint64_t mount_number(const struct statx *st)
{
	uint64_t number;

	memcpy(&number, (const char *)st + 0x90, sizeof(number));
	return number;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* "\040" and its like, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++, to++) {
		if (text[0] == '\\' && is_octal(text[1]) && is_octal(text[2]) &&
		    is_octal(text[3])) {
			unsigned high = (unsigned)(text[1] - '0'),
				 middle = (unsigned)(text[2] - '0'),
				 low = (unsigned)(text[3] - '0');

			*to = (char)(high << 6 | middle << 3 | low);
			text += 3;
		} else {
			*to = *text;
		}
	}
	*to = '\0';
}

/* The fields of a line that count: id parent major:minor root point ... */
struct line {
	char *id, *device, *root, *point;
};

static bool line_split(char *text, struct line *line)
{
	char *words[5], *save;

	for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
		words[i] = strtok_r(i ? NULL : text, " ", &save);
		if (!words[i])
			return false;
	}
	line->id = words[0];
	line->device = words[2];
	line->root = words[3];
	line->point = words[4];
	unescape(line->root);
	unescape(line->point);
	return true;
}

/* Calls `want` for each line of a process's mountinfo until it takes one. */
static bool lines_find(pid_t task, bool (*want)(const struct line *, void *),
		       void *context)
{
	AUTO_FREE char *name = xasprintf("/proc/%d/mountinfo", task);
	AUTO_FCLOSE FILE *from = fopen(name, "re");
	AUTO_FREE char *text = NULL;
	size_t room = 0;

	while (from && getline(&text, &room, from) > 0) {
		struct line line;

		if (line_split(text, &line) && want(&line, context))
			return true;
	}
	return false;
}

/* "/" is "". */
static char *path_copy(const char *path)
{
	return xstrdup(!strcmp(path, "/") ? "" : path);
}

static bool take_root(const struct line *line, void *context)
{
	struct mounts *mounts = context;

	if (strcmp(line->point, "/") != 0)
		return false;
	/* What is mounted over another comes later. */
	free(mounts->device);
	free(mounts->top);
	mounts->device = xstrdup(line->device);
	mounts->top = path_copy(line->root);
	return false;
}

int mountinfo_init(struct mounts *mounts, pid_t first)
{
	struct statx st;

	*mounts = (struct mounts){ .first = first };
	if (statx(AT_FDCWD, "/", 0, STATX_MNT_ID | STATX_MNT_ID_UNIQUE, &st))
		return -errno;
	mounts->unique = st.stx_mask & STATX_MNT_ID_UNIQUE;
	(void)lines_find(first, take_root, mounts);
	return mounts->device ? 0 : -ENOENT;
}

void mountinfo_moved(struct mounts *mounts, nsec_t now)
{
	mounts->moved = now;
}

struct wanted {
	struct mounts *mounts;
	struct mount_info *info;
	uint64_t id;
	const char *root; /* of the process whose lines these are */
};

static bool take_mount(const struct line *line, void *context)
{
	struct wanted *w = context;
	uint64_t id;

	if (parse_u64(line->id, UINT64_MAX, &id) || id != w->id)
		return false;
	w->info->ours = !strcmp(line->device, w->mounts->device);
	w->info->root = path_copy(line->root);
	w->info->point = !strcmp(line->point, "/")
				 ? xstrdup(w->root)
				 : xasprintf("%s%s", w->root, line->point);
	return true;
}

/* A row for `key`: the old one, a new one, or one that made room. */
static struct mount_info *row_for(struct mounts *mounts, uint64_t key)
{
	struct mount_info *row = NULL;

	for (size_t i = 0; i < mounts->count; i++)
		if (mounts->all[i].key == key)
			row = &mounts->all[i];
	if (!row && mounts->count == MOUNTS_MAX)
		row = &mounts->all[key % MOUNTS_MAX];
	if (!row) {
		mounts->all = xrealloc_array(mounts->all, mounts->count + 1,
					     sizeof(*mounts->all));
		row = &mounts->all[mounts->count++];
		*row = (struct mount_info){ 0 };
	}
	free(row->root);
	free(row->point);
	*row = (struct mount_info){ .key = key };
	return row;
}

const struct mount_info *mountinfo_known(const struct mounts *mounts, uint64_t key)
{
	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount_info *info = &mounts->all[i];

		if (info->key == key)
			return !mounts->moving && info->read >= mounts->moved ? info
									      : NULL;
	}
	return NULL;
}

const struct mount_info *mountinfo_of(struct mounts *mounts, int fd, const char *path,
				      pid_t task, const char *root, unsigned *mode)
{
	unsigned mask = STATX_TYPE | STATX_MODE;
	struct wanted w = { .mounts = mounts, .root = "" };
	const struct mount_info *known;
	struct statx st;

	if (statx(fd, path, LOOK,
		  mask | (mounts->unique ? STATX_MNT_ID_UNIQUE : STATX_MNT_ID), &st))
		return NULL;
	*mode = st.stx_mode;
	known = mountinfo_known(mounts, mount_number(&st));
	if (known)
		return known;
	w.info = row_for(mounts, mount_number(&st));
	w.info->read = clock_now();
	if (mounts->unique && statx(fd, path, LOOK, STATX_MNT_ID, &st))
		return NULL;
	w.id = mount_number(&st);
	if (lines_find(mounts->first, take_mount, &w))
		return w.info;
	w.root = root;
	if (lines_find(task, take_mount, &w))
		return w.info;
	errno = EIO;
	return NULL;
}

/* What of `path` is behind `prefix`: "" or with its leading slash; NULL: it is elsewhere. */
static const char *behind(const char *path, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(path, prefix, len) != 0 || (path[len] != '/' && path[len] != '\0'))
		return NULL;
	return path + len;
}

bool mountinfo_tree_path(const struct mounts *mounts, const struct mount_info *info,
			 const char *path, char *to)
{
	const char *rest = info->ours && info->root ? behind(path, info->point) : NULL;
	NOT_CLEARED char inside[2 * PATH_MAX];
	const char *tree;
	size_t root, len;

	if (!rest)
		return false;
	root = strlen(info->root);
	len = strlen(rest);
	if (root >= PATH_MAX || len >= PATH_MAX)
		return false;
	memcpy(inside, info->root, root);
	memcpy(inside + root, rest, len + 1);
	tree = behind(inside, mounts->top);
	if (!tree)
		return false;
	tree += *tree == '/';
	len = strlen(tree);
	if (len >= PATH_MAX)
		return false;
	memcpy(to, tree, len + 1);
	return true;
}
