/* A folder that entries are written into, and none beside it. */
#include "tree.h"
#include "names.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define TOLD_MAX 100

/* A folder. Its mode comes last: it may not let its own files in. */
struct late {
	char *path; /* owned */
	struct newc_header header;
};

struct link {
	unsigned epoch;
	uint32_t major, minor, ino;
	char *path; /* owned; its first name */
	dev_t device;
	ino_t inode; /* of the file that was made for it */
};

/* Where an entry goes: a folder that is open and a name in it. */
struct place {
	int folder;
	const char *name;
};

void tree_init(struct tree *tree, int top)
{
	*tree = (struct tree){ .top = top, .root = geteuid() == 0 };
	(void)umask(0); /* modes are the archive's */
}

static void fail(struct tree *tree, const char *path, const char *why)
{
	AUTO_FREE char *shown = name_shown(path, strlen(path));

	if (tree->failed++ < TOLD_MAX)
		warnx("%s: not made: %s", shown, why);
}

/* A disk that is full fails everything that follows, too. */
static void fail_errno(struct tree *tree, const char *path)
{
	AUTO_FREE char *shown = name_shown(path, strlen(path));

	if (errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EROFS)
		err(BEE_IOERR, "%s", shown);
	fail(tree, path,
	     errno == ENOENT    ? "its folder is not there"
	     : errno == ENOTDIR ? "what should be its folder is none"
	     : errno == EXDEV   ? "another file system is mounted there"
	     : errno == ESTALE  ? "its first name is another file by now"
				: strerrordesc_np(errno));
}

static int open_below(const struct tree *tree, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};

	return open_within(tree->top, path, &how);
}

/* In place: no leading or trailing slashes and dots. "": the top itself; NULL: it has "..". */
static char *cleaned(char *path)
{
	size_t len;

	path += name_relative(path) - path;
	len = strlen(path);
	while (len > 0 && (path[len - 1] == '/' ||
			   (len > 1 && path[len - 1] == '.' && path[len - 2] == '/')))
		path[--len] = '\0';
	for (const char *at = path; at; at = strchr(at, '/')) {
		at += *at == '/';
		if (at[0] == '.' && at[1] == '.' && (at[2] == '/' || at[2] == '\0'))
			return NULL;
	}
	return path;
}

/* `path` is changed, and changed back. False: errno. */
static bool place_open(const struct tree *tree, char *path, struct place *out)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
	out->name = slash ? slash + 1 : path;
	out->folder = open_below(tree, slash ? path : ".", O_PATH | O_DIRECTORY);
	if (slash)
		*slash = '/';
	return out->folder >= 0;
}

/* It is there, but for this. */
static void fail_attribute(struct tree *tree, const char *path, const char *what)
{
	AUTO_FREE char *shown = name_shown(path, strlen(path));

	if (tree->failed++ < TOLD_MAX)
		warnx("%s: its %s: %s", shown, what, strerrordesc_np(errno));
}

/* Owner first: a change of it takes the set-user-ID bit away (chown(2)). */
static void attributes(struct tree *tree, const char *path, int fd,
		       const struct newc_header *h)
{
	const struct timespec times[2] = { { .tv_sec = h->mtime },
					   { .tv_sec = h->mtime } };

	unsigned mode = tree->root ? 07777u : 0777u;

	/* -1 is nobody's number: chown(2) leaves what is there. */
	errno = EINVAL;
	if (tree->root && (h->uid == UINT32_MAX || h->gid == UINT32_MAX ||
			   fchown(fd, h->uid, h->gid))) {
		mode &= ~06000u; /* it would be another's right than the one that was meant */
		fail_attribute(tree, path, "owner");
	}
	if (fchmod(fd, h->mode & mode))
		fail_attribute(tree, path, "mode");
	if (futimens(fd, times))
		fail_attribute(tree, path, "time");
}

static bool write_data(struct tree *tree, struct feed *feed, const char *path, int fd)
{
	static uint8_t piece[FEED_PIECE];
	ptrdiff_t n;

	while ((n = feed_data(feed, piece)) > 0) {
		int error = write_all(fd, piece, (size_t)n);

		if (error) {
			errno = -error;
			fail_errno(tree, path);
			return false;
		}
	}
	if (n < 0)
		fail(tree, path, "the archive is broken in its data: it is cut off");
	return n == 0;
}

static int link_compare(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	if (x->epoch != y->epoch)
		return x->epoch < y->epoch ? -1 : 1;
	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	if (x->minor != y->minor)
		return x->minor < y->minor ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

static void link_free(void *node)
{
	struct link *link = node;

	free(link->path);
	free(link);
}

/* What is known of a file with several names; NULL: it has one alone. A new one gets `path`. */
static struct link *link_of(struct tree *tree, const struct feed *feed, const char *path)
{
	struct link key = {
		.epoch = feed->epoch,
		.major = feed->header.major,
		.minor = feed->header.minor,
		.ino = feed->header.ino,
	};
	struct link **found, *fresh;

	if (feed->header.nlink < 2)
		return NULL;
	found = tfind(&key, &tree->links, link_compare);
	if (found)
		return *found;
	fresh = xcalloc(1, sizeof(*fresh));
	*fresh = key;
	fresh->path = xstrdup(path);
	if (!tsearch(fresh, &tree->links, link_compare))
		errx(BEE_OSERR, "out of memory");
	return fresh;
}

/* What has the name already is replaced, as by the kernel; never written into: it may be a
 * link, or have other names elsewhere. */
static bool make_room(const struct place *place)
{
	if (errno != EEXIST)
		return false;
	if (!unlinkat(place->folder, place->name, 0))
		return true;
	/* An empty folder gives way too (clean_path of init/initramfs.c). */
	return errno == EISDIR && !unlinkat(place->folder, place->name, AT_REMOVEDIR);
}

/* A further name of a file; its data may come with this one. */
static int open_linked(const struct tree *tree, const struct feed *feed,
		       const struct place *place, struct link *first)
{
	struct place old;
	struct stat st;
	int result;

	if (!place_open(tree, first->path, &old))
		return -1;
	do
		result = linkat(old.folder, old.name, place->folder, place->name, 0);
	while (result && make_room(place));
	close(old.folder);
	if (result)
		return -1;
	/* The first name may be something else by now: a device, or, by a link on the way, a file
	 * that was there before and has a name outside. */
	if (fstatat(place->folder, place->name, &st, AT_SYMLINK_NOFOLLOW))
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_dev != first->device ||
	    st.st_ino != first->inode) {
		(void)unlinkat(place->folder, place->name, 0);
		errno = ESTALE;
		return -1;
	}
	/* An ordinary user writes no file of mode 0444. */
	if (!tree->root &&
	    fchmodat(place->folder, place->name, S_IRUSR | S_IWUSR, AT_SYMLINK_NOFOLLOW))
		return -1;
	return openat(place->folder, place->name,
		      O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
			      (feed->header.size > 0 ? O_TRUNC : 0));
}

static void make_file(struct tree *tree, struct feed *feed, const struct place *place,
		      const char *path)
{
	struct link *link = link_of(tree, feed, path);
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (link && strcmp(link->path, path) != 0)
		fd = open_linked(tree, feed, place, link);
	else
		do
			fd = openat(place->folder, place->name,
				    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				    S_IRUSR | S_IWUSR);
		while (fd < 0 && make_room(place));
	if (fd < 0 && errno == ENOENT && link) {
		fail(tree, path, "it is a hard link to what is not there");
		return;
	}
	if (fd < 0 || fstat(fd, &st)) {
		fail_errno(tree, path);
		return;
	}
	if (link) {
		link->device = st.st_dev;
		link->inode = st.st_ino;
	}
	if (write_data(tree, feed, path, fd))
		attributes(tree, path, fd, &feed->header);
}

static void make_link(struct tree *tree, struct feed *feed, const struct place *place,
		      const char *path)
{
	const struct newc_header *h = &feed->header;
	const struct timespec times[2] = { { .tv_sec = h->mtime },
					   { .tv_sec = h->mtime } };
	static uint8_t piece[FEED_PIECE];
	char target[NEWC_LINK_MAX] = "";
	size_t len = 0;
	ptrdiff_t n;
	int result;

	while ((n = feed_data(feed, piece)) > 0 && len + (size_t)n < sizeof(target)) {
		memcpy(target + len, piece, (size_t)n);
		len += (size_t)n;
	}
	if (n != 0) {
		fail(tree, path, "the archive is broken in it");
		return;
	}
	if (!*target) {
		fail(tree, path, "no link to nothing can be made (symlink(2))");
		return;
	}
	do
		result = symlinkat(target, place->folder, place->name);
	while (result && make_room(place));
	if (result || (tree->root && fchownat(place->folder, place->name, h->uid, h->gid,
					      AT_SYMLINK_NOFOLLOW)))
		fail_errno(tree, path);
	else if (utimensat(place->folder, place->name, times, AT_SYMLINK_NOFOLLOW))
		warn("a time");
}

static void make_node(struct tree *tree, const struct newc_header *h,
		      const struct place *place, const char *path)
{
	const struct timespec times[2] = { { .tv_sec = h->mtime },
					   { .tv_sec = h->mtime } };
	int result;

	if (!tree->root && (S_ISCHR(h->mode) || S_ISBLK(h->mode))) {
		fail(tree, path, "devices are made by root alone");
		return;
	}
	do
		result = mknodat(place->folder, place->name, h->mode,
				 makedev(h->rmajor, h->rminor));
	while (result && make_room(place));
	if (!result && tree->root)
		result = fchownat(place->folder, place->name, h->uid, h->gid,
				  AT_SYMLINK_NOFOLLOW);
	if (result)
		fail_errno(tree, path);
	else if (utimensat(place->folder, place->name, times, AT_SYMLINK_NOFOLLOW))
		warn("a time");
}

/* Backwards, so that what is in a folder comes before it. */
static int late_compare(const void *a, const void *b)
{
	const struct late *x = a, *y = b;

	return strcmp(y->path, x->path);
}

/* One that comes again is as it came last, as for the kernel. */
static void remember(struct tree *tree, char *path, const struct newc_header *h)
{
	struct late key = { .path = path }, **late;

	late = tsearch(&key, &tree->late, late_compare);
	if (!late)
		errx(BEE_OSERR, "out of memory");
	if (*late == &key) {
		*late = xcalloc(1, sizeof(**late));
		(*late)->path = xstrdup(path);
	}
	(*late)->header = *h;
}

static void make_folder(struct tree *tree, const struct newc_header *h,
			const struct place *place, char *path)
{
	struct stat st;
	int result = mkdirat(place->folder, place->name, S_IRWXU);

	if (result && errno == EEXIST &&
	    !fstatat(place->folder, place->name, &st, AT_SYMLINK_NOFOLLOW)) {
		if (S_ISDIR(st.st_mode)) {
			result = 0;
		} else {
			errno = EEXIST;
			if (make_room(place))
				result = mkdirat(place->folder, place->name, S_IRWXU);
		}
	}
	if (result)
		fail_errno(tree, path);
	else
		remember(tree, path, h);
}

/* "", and what ends in "/" or is or ends in ".": a folder alone can have such a name. */
static bool is_folders(const char *name)
{
	const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;

	return !*last || !strcmp(last, ".");
}

void tree_make(struct tree *tree, struct feed *feed)
{
	const struct newc_header *h = &feed->header;
	struct place place;
	char *path;

	if (!S_ISDIR(h->mode) && is_folders(feed->name)) {
		fail(tree, feed->name, "it is no folder, and its name is one's");
		return;
	}
	path = cleaned(feed->name);
	if (!path) {
		fail(tree, feed->name, "its name leads upwards");
		return;
	}
	if (*path == '\0') {
		remember(tree, (char[]){ "." }, h);
		return;
	}
	if (!place_open(tree, path, &place)) {
		fail_errno(tree, path);
		return;
	}
	if (S_ISREG(h->mode))
		make_file(tree, feed, &place, path);
	else if (S_ISLNK(h->mode))
		make_link(tree, feed, &place, path);
	else if (S_ISDIR(h->mode))
		make_folder(tree, h, &place, path);
	else if (S_ISCHR(h->mode) || S_ISBLK(h->mode) || S_ISFIFO(h->mode) ||
		 S_ISSOCK(h->mode))
		make_node(tree, h, &place, path);
	else
		fail(tree, path, "no kernel knows its type");
	close(place.folder);
}

static void late_free(void *node)
{
	struct late *late = node;

	free(late->path);
	free(late);
}

static void late_make(const void *node, VISIT visit, void *tree)
{
	const struct late *late = *(struct late *const *)node;
	AUTO_CLOSE int fd = -1;

	if (visit != postorder && visit != leaf)
		return;
	fd = open_below(tree, late->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	/* A later entry may have taken its place. */
	if (fd >= 0)
		attributes(tree, late->path, fd, &late->header);
}

void tree_finish(struct tree *tree)
{
	twalk_r(tree->late, late_make, tree);
	tdestroy(tree->late, late_free);
	tdestroy(tree->links, link_free);
	if (tree->failed > TOLD_MAX)
		warnx("and %u more that were not made", tree->failed - TOLD_MAX);
}
