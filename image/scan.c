/* Takes paths of a reference tree into a set of objects. */
#include "scan.h"
#include "names.h"
#include "newc.h"
#include "way.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

void scan_tell(struct scan *scan, const char *path, const char *fmt, ...)
{
	/* A list may have any names. */
	AUTO_FREE char *text = NULL, *shown = name_shown(path, strnlen(path, PATH_MAX));
	va_list args;

	if (scan->told++ >= SCAN_TOLD_MAX)
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		errx(BEE_OSERR, "out of memory");
	va_end(args);
	warnx("/%s: %s", shown, text);
}

void scan_fail(struct scan *scan, const char *path)
{
	scan->incomplete = true;
	scan->refused |= errno == EACCES || errno == EPERM;
	scan_tell(scan, path, "not taken: %s",
		  errno == ENOENT  ? "it is not there"
		  : errno == EXDEV ? "another file system is mounted there"
				   : strerrordesc_np(errno));
}

static int open_below(int folder, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_NOFOLLOW | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};

	return open_within(folder, *path ? path : ".", &how);
}

int scan_open(const struct scan *scan, const char *path, int flags)
{
	return open_below(scan->top, path, flags);
}

static void folder_done(struct scan *scan)
{
	if (scan->folder)
		close(scan->folder_fd);
	free(scan->folder);
	scan->folder = NULL;
}

void scan_done(struct scan *scan)
{
	folder_done(scan);
	drops_done(&scan->dropped);
}

/* Below the one that is open, if it is there: a deep path is not walked anew for each of its names. */
static int folder_open(const struct scan *scan, const char *folder)
{
	size_t open = scan->folder ? strlen(scan->folder) : 0;
	bool below =
		open > 0 && !strncmp(folder, scan->folder, open) && folder[open] == '/';

	return below ? open_below(scan->folder_fd, folder + open + 1,
				  O_PATH | O_DIRECTORY)
		     : scan_open(scan, folder, O_PATH | O_DIRECTORY);
}

/* The folder of an object, open with O_PATH, and its name there. -1: errno. */
static int folder_of(struct scan *scan, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	char *folder;
	int fd;

	*name = slash ? slash + 1 : *path ? path : ".";
	if (scan->folder && strlen(scan->folder) == len &&
	    !memcmp(scan->folder, path, len))
		return scan->folder_fd;
	folder = strndup(path, len);
	if (!folder)
		errx(BEE_OSERR, "out of memory");
	fd = folder_open(scan, folder);
	if (fd < 0) {
		free(folder);
		return -1;
	}
	folder_done(scan);
	scan->folder = folder;
	scan->folder_fd = fd;
	return fd;
}

int scan_open_object(struct scan *scan, const char *path, int flags)
{
	const char *name;
	int fd = folder_of(scan, path, &name);

	return fd < 0 ? -1 : open_below(fd, name, flags);
}

/* As lstat(2), and EXDEV for what is mounted there. */
static bool stat_below(struct scan *scan, const char *path, struct statx *out)
{
	const char *name;
	int fd = folder_of(scan, path, &name);

	if (fd < 0 || statx(fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
			    STATX_BASIC_STATS, out))
		return false;
	if (*path && out->stx_attributes & STATX_ATTR_MOUNT_ROOT) {
		errno = EXDEV;
		return false;
	}
	return true;
}

bool scan_is_dropped(struct scan *scan, const char *path)
{
	return drops_have(scan->drops, &scan->dropped, path);
}

/* False, and told: an image cannot have it. */
static bool is_carried(struct scan *scan, const char *path, const struct statx *st)
{
	/* A socket is of a process that listens. */
	if (S_ISSOCK(st->stx_mode))
		scan_tell(scan, path, "not taken: it is a socket");
	else if (outputs_have(&scan->outputs, st))
		scan_tell(scan, path, "not taken: it is what is being made");
	else if (!strcmp(path, NEWC_TRAILER))
		scan_tell(scan, path, "not taken: by this name an archive ends");
	else
		return true;
	scan->incomplete |= !scan->below;
	return false;
}

static void fill_in(struct object *object, const struct statx *st)
{
	object->mode = st->stx_mode;
	object->size = st->stx_size;
	object->uid = st->stx_uid;
	object->gid = st->stx_gid;
	object->mtime = object_time(st->stx_mtime.tv_sec);
	if (S_ISCHR(st->stx_mode) || S_ISBLK(st->stx_mode)) {
		object->rmajor = st->stx_rdev_major;
		object->rminor = st->stx_rdev_minor;
	}
	if (S_ISREG(st->stx_mode) && st->stx_nlink > 1) {
		object->dev = makedev(st->stx_dev_major, st->stx_dev_minor);
		object->node = st->stx_ino;
	}
}

/* Looks at an object, adds it. Its mode; 0: it is not taken, and errno, or 0 where told. */
static unsigned look(struct scan *scan, const char *path)
{
	const struct object *object = objects_find(scan->objects, path);
	struct statx st;

	if (object)
		return object->mode;
	if (!stat_below(scan, path, &st))
		return 0;
	errno = 0;
	if (!*path || scan->dry || scan_is_dropped(scan, path))
		return st.stx_mode;
	if (!is_carried(scan, path, &st))
		return 0;
	fill_in(objects_add(scan->objects, path), &st);
	objects_find(scan->objects, path)->cause = causes_of(&scan->causes, path);
	return st.stx_mode;
}

/* A place of way.h: a path without links in it. */
struct place {
	struct scan *scan;
	size_t len;
	char path[PATH_MAX];
};

static void place_top(void *place)
{
	struct place *at = place;

	at->len = 0;
	at->path[0] = '\0';
}

static void place_up(void *place)
{
	struct place *at = place;
	const char *slash = memrchr(at->path, '/', at->len);

	at->len = slash ? (size_t)(slash - at->path) : 0;
	at->path[at->len] = '\0';
}

/* Takes what is there; its mode, 0: errno, or 0 where told. */
static unsigned place_down(void *place, const char *name, size_t len)
{
	struct place *at = place;

	if (at->len + len + 2 > sizeof(at->path)) {
		errno = ENAMETOOLONG;
		return 0;
	}
	if (at->len > 0)
		at->path[at->len++] = '/';
	memcpy(at->path + at->len, name, len);
	at->len += len;
	at->path[at->len] = '\0';
	return look(at->scan, at->path);
}

static ssize_t place_target(void *place, char target[PATH_MAX])
{
	struct place *at = place;
	const char *name;
	int fd = folder_of(at->scan, at->path, &name);

	return fd < 0 ? -1 : readlinkat(fd, name, target, PATH_MAX - 1);
}

static const struct way_tree tree_places = { place_top, place_up, place_down,
					     place_target };

/*
 * Takes all on the way from a folder to `place`, the end of it; the folder is there, and its path has no
 * links. Its mode; 0: errno, or 0 where told.
 */
static unsigned walk(struct scan *scan, struct way *w, struct place *place,
		     const char *folder, const char *path)
{
	place->scan = scan;
	w->tree = &tree_places;
	w->detours = 0;
	w->place = place;
	if (!way_begin(w, path))
		return 0;
	place->len = strlen(folder);
	memcpy(place->path, folder, place->len + 1);
	return way_go(w);
}

char *scan_real(struct scan *scan, const char *path)
{
	bool dry = scan->dry;
	NOT_CLEARED struct place place;
	NOT_CLEARED struct way w;
	unsigned mode;

	scan->dry = true;
	mode = walk(scan, &w, &place, "", path);
	scan->dry = dry;
	return mode ? xstrdup(place.path) : NULL;
}

/* Where the kernel's own file systems were mounted in the tree, their files are its. */
static bool is_of_kernel(const char *path)
{
	static const char *const places[] = { "proc", "sys", "dev", "run" };
	size_t len = strcspn(path, "/");

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (strlen(places[i]) == len && !memcmp(path, places[i], len))
			return true;
	return false;
}

/* It may have been taken before, on the way to another one. */
static void set_cause(struct scan *scan)
{
	struct object *object = scan->causes.named
					? objects_find(scan->objects, scan->causes.named)
					: NULL;

	if (object)
		object->cause = scan->causes.now;
}

/* An object in a folder whose path has no links; or, in the top, of any path. */
static void take_in(struct scan *scan, const char *folder, const char *path,
		    enum scan_need need)
{
	NOT_CLEARED struct place place;
	NOT_CLEARED struct way w;
	AUTO_FREE char *whole = NULL;
	int error;

	if (walk(scan, &w, &place, folder, path) || errno == 0) {
		set_cause(scan);
		return;
	}
	/* A link that leads nowhere is taken; as /etc/mtab it may be right. */
	if ((errno == ENOENT || errno == ENAMETOOLONG || errno == ELOOP) && w.linked &&
	    w.named == 0)
		return;
	if (errno == EXDEV && is_of_kernel(place.path))
		return;
	if (errno == ENOENT && need == SCAN_OPTIONAL)
		return;
	error = errno;
	path += strspn(path, "/");
	whole = xasprintf("%s%s%s", folder, *folder ? "/" : "", path);
	errno = error;
	scan_fail(scan, whole);
}

void scan_take(struct scan *scan, const char *path, enum scan_need need)
{
	take_in(scan, "", path, need);
}

char **scan_names(const struct scan *scan, const char *path)
{
	int fd = scan_open(scan, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char **names = NULL;
	size_t count = 0, room = 0;
	const struct dirent *entry;

	if (!dir)
		return NULL;
	do {
		errno = 0;
		entry = readdir(dir);
		if (count == room) {
			room = room ? 2 * room : 32;
			names = xrealloc_array(names, room, sizeof(*names));
		}
		names[count] = NULL;
		if (entry && strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			names[count++] = xstrdup(entry->d_name);
	} while (entry);
	(void)closedir(dir);
	return names;
}

void scan_names_free(char **names)
{
	for (char **name = names; name && *name; name++)
		free(*name);
	free(names);
}

/* False: no path is so long. */
static bool path_join(char to[PATH_MAX], const char *folder, const char *name)
{
	int n = snprintf(to, PATH_MAX, "%s%s%s", folder, *folder ? "/" : "", name);

	return n >= 0 && n < PATH_MAX;
}

/* A folder's contents, whole; links are followed to what they lead to, not into it. */
static void take_below(struct scan *scan, const char *folder)
{
	char **names = scan_names(scan, folder);
	char *path = xcalloc(PATH_MAX, 1);
	bool below = scan->below;

	if (!names)
		scan_fail(scan, folder);
	scan->below = true;
	for (char **name = names; name && *name; name++) {
		const struct object *object;

		if (!path_join(path, folder, *name)) {
			errno = ENAMETOOLONG;
			scan_fail(scan, folder);
			continue;
		}
		if (scan_is_dropped(scan, path))
			continue;
		take_in(scan, folder, *name, SCAN_OPTIONAL);
		object = objects_find(scan->objects, path);
		if (object && S_ISDIR(object->mode))
			take_below(scan, path);
	}
	scan->below = below;
	free(path);
	scan_names_free(names);
}

static void add_one(struct scan *scan, const char *path)
{
	NOT_CLEARED struct place place;
	NOT_CLEARED struct way w;
	unsigned mode = walk(scan, &w, &place, "", path);

	if (S_ISDIR(mode))
		take_below(scan, place.path);
	else if (!mode && errno)
		scan_take(scan, path, SCAN_NEEDED);
}

static bool is_glob(const char *text, size_t len)
{
	return strcspn(text, "*?[") < len;
}

/* `done` has matched; `rest` is a pattern yet. How many paths it matched. */
static unsigned expand(struct scan *scan, const char *done, const char *rest)
{
	size_t len = strcspn(rest, "/");
	AUTO_FREE char *part = xasprintf("%.*s", (int)len, rest),
		       *path = xcalloc(PATH_MAX, 1), *real = NULL;
	const char *next = rest + len + strspn(rest + len, "/");
	unsigned matched = 0;
	char **names;

	if (!is_glob(rest, strlen(rest))) {
		if (!path_join(path, done, rest))
			return 0;
		add_one(scan, path);
		return 1;
	}
	if (!is_glob(rest, len))
		return path_join(path, done, part) ? expand(scan, path, next) : 0;
	real = scan_real(scan, done);
	names = real ? scan_names(scan, real) : NULL;
	for (char **name = names; name && *name; name++) {
		if (fnmatch(part, *name, FNM_PERIOD) || !path_join(path, done, *name))
			continue;
		if (*next) {
			matched += expand(scan, path, next);
		} else {
			add_one(scan, path);
			matched++;
		}
	}
	scan_names_free(names);
	return matched;
}

void scan_add(struct scan *scan, const char *glob)
{
	AUTO_FREE char *name = name_escape(glob, strlen(glob)),
		       *cause = xasprintf("-\t--add %s", name);

	causes_name(&scan->causes, cause, NULL);
	glob += strspn(glob, "/");
	if (!strncmp(glob, "./", 2))
		glob += 2;
	if (expand(scan, "", glob) > 0)
		return;
	scan->incomplete = true;
	scan_tell(scan, glob, "nothing matches it");
}
