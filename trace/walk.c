/* The steps of following a name, as path_resolution(7) describes them. */
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * `done` is where the walk is, seen from the namespace's root, without links; `rest` is to
 * come. A slash before each name of `done`, "" is the root.
 */
struct walk {
	char done[PATH_MAX], rest[2 * PATH_MAX];
	unsigned links;
	bool follow;
	bool named; /* the last of `done` came by its name */
};

int walk_base(const struct lookup *lookup, const char *path, const char **relative)
{
	size_t len = strlen(lookup->root->text);
	/* What is outside a root was reached by a descriptor; the run's own root sees it. */
	bool inside = !strncmp(path, lookup->root->text, len) &&
		      (path[len] == '/' || path[len] == '\0');

	path += inside ? len : 0;
	path += strspn(path, "/");
	*relative = *path ? path : ".";
	return inside ? lookup->root->fd : lookup->outermost;
}

static int open_plain(const struct lookup *lookup, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	const char *relative;
	int base = walk_base(lookup, path, &relative);

	return open_within(base, relative, &how);
}

/* Whether the folder of a name that is not there is in the tree, and where the name is then. */
static void locate_missing(struct lookup *lookup, struct lookup_object *out)
{
	NOT_CLEARED char part[PATH_MAX];
	const struct mount_info *info = NULL;
	unsigned mode;

	(void)snprintf(part, sizeof(part), "%s", out->seen);
	for (char *slash; !info && (slash = strrchr(part, '/'));) {
		int fd;

		*slash = '\0';
		/* Most names that are not there are looked for in a few folders. */
		info = mountinfo_known(&lookup->mounts, lookup_mount(lookup, part));
		if (info)
			break;
		fd = open_plain(lookup, part);
		if (fd < 0)
			continue;
		info = mountinfo_of(&lookup->mounts, fd, "", lookup->tid,
				    lookup->root->task, &mode);
		close(fd);
		if (!info)
			return;
		if (S_ISDIR(mode))
			lookup_set_plain(lookup, part, info->key);
	}
	out->inside =
		info && mountinfo_tree_path(&lookup->mounts, info, out->seen, out->path);
}

/* Of `path` below `fd`. False: errno. */
static bool locate(struct lookup *lookup, struct lookup_object *out, int fd,
		   const char *path)
{
	const struct mount_info *info = mountinfo_of(
		&lookup->mounts, fd, path, lookup->tid, lookup->root->task, &out->mode);

	out->inside =
		info && mountinfo_tree_path(&lookup->mounts, info, out->seen, out->path);
	return info;
}

void walk_tell_link(struct lookup *lookup, const char *path)
{
	NOT_CLEARED struct lookup_object link;

	link.fd = open_plain(lookup, path);
	if (link.fd < 0)
		return;
	(void)snprintf(link.seen, sizeof(link.seen), "%s", path);
	if (locate(lookup, &link, link.fd, "") && link.inside)
		lookup_tell(lookup, USE_LINK, link.path);
	close(link.fd);
}

/* A folder that ".." leaves has to be there, too. False: it is none. */
static bool tell_left(struct lookup *lookup, const char *done)
{
	NOT_CLEARED struct lookup_object left;
	const char *relative;
	int base = walk_base(lookup, done, &relative);

	(void)snprintf(left.seen, sizeof(left.seen), "%s", done);
	if (!locate(lookup, &left, base, relative))
		return true;
	if (left.inside && S_ISDIR(left.mode))
		lookup_tell(lookup, USE_STAT, left.path);
	errno = ENOTDIR;
	return S_ISDIR(left.mode);
}

/* False: the name may not lead there. */
static bool up(struct walk *w, struct lookup *lookup)
{
	bool top = !strcmp(w->done, lookup->root->text);
	char *slash = strrchr(w->done, '/');

	if (w->named && !tell_left(lookup, w->done))
		return false;
	w->named = false;
	if (!top && slash)
		*slash = '\0';
	errno = EXDEV;
	return !top || !lookup->beneath;
}

/* What a link leads to takes its name's place; `done` is its folder. False: too long, or it
 * may not lead there. */
static bool put_target(struct walk *w, const struct lookup *lookup, const char *target)
{
	AUTO_FREE char *rest = xasprintf("%s%s%s", target, *w->rest ? "/" : "", w->rest);

	if (*target == '/' && lookup->beneath)
		return false;
	if (*target == '/')
		(void)snprintf(w->done, sizeof(w->done), "%s", lookup->root->text);
	if (++w->links > lookup->links || strlen(rest) >= sizeof(w->rest))
		return false;
	memcpy(w->rest, rest, strlen(rest) + 1);
	return true;
}

/* How much of `at`, without slashes before it, is one of its names of folders, with that. */
static size_t folder_len(const char *at, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(at, name, len) && at[len] == '/' ? len + strspn(at + len, "/")
							 : 0;
}

/*
 * What a process has in its folder of /proc that leads elsewhere than its text: its root, where it
 * is, what it has open. The length of that, 0 where it is something else. `to`: how it is read, from
 * `*folder` on. /proc/self of the task is not ours; others have the numbers of its own /proc.
 */
static size_t proc_link(const struct lookup *lookup, const char *at, char to[128],
			int *folder)
{
	static const char *const names[] = { "root", "cwd", "exe", "fd" };
	size_t who = folder_len(at, "self") + folder_len(at, "thread-self");
	size_t digits = strspn(at, "0123456789"), len, part;
	const char *link;

	if (!who && digits > 0 && digits < 16 && at[digits] == '/')
		who = digits + strspn(at + digits, "/");
	link = at + who;
	part = strcspn(link, "/");
	for (size_t i = 0; who && i < ARRAY_LEN(names); i++) {
		if (part != strlen(names[i]) || strncmp(link, names[i], part) != 0)
			continue;
		len = part;
		if (!strcmp(names[i], "fd")) {
			len += strspn(link + len, "/");
			len += strcspn(link + len, "/");
		}
		if (len > 16)
			return 0;
		*folder = lookup->root->fd;
		if (*at >= '0' && *at <= '9')
			(void)snprintf(to, 128, "proc/%.*s%.*s", (int)who, at, (int)len,
				       link);
		else
			(void)snprintf(to, 128, "/proc/%d/%.*s", lookup->tid, (int)len,
				       link);
		return who + len;
	}
	return 0;
}

static bool is_proc(const struct walk *w, const struct lookup *lookup)
{
	size_t top = strlen(lookup->root->text);

	return strlen(w->done) > top && !strcmp(w->done + top, "/proc");
}

/* Whether such a link leads to what has no name (any more): a pipe, a memfd, what was removed. */
static bool is_nameless(int folder, const char *link, const char *text)
{
	static const char removed[] = " (deleted)"; /* d_path(), fs/d_path.c */
	size_t len = strlen(text), end = sizeof(removed) - 1;
	struct stat st;

	return *text != '/' || (len > end && !strcmp(text + len - end, removed) &&
				!fstatat(folder, link, &st, 0) && st.st_nlink == 0);
}

/* The object of a link, without a name. */
static void take_nameless(struct lookup_object *out, int folder, const char *link)
{
	struct stat st;

	if (fstatat(folder, link, &st, 0))
		return;
	out->fd = openat(folder, link, O_PATH | O_CLOEXEC);
	out->mode = st.st_mode;
	*out->seen = '\0';
}

/* 1: such a link was followed, 0: it is none, -1: its end is no name. */
static int own_proc(struct walk *w, const struct lookup *lookup,
		    struct lookup_object *out)
{
	size_t top = strlen(lookup->root->text), len;
	const char *rest = w->rest + strspn(w->rest, "/"), *at;
	NOT_CLEARED char text[PATH_MAX];
	AUTO_FREE char *whole = NULL;
	char name[128];
	int folder;
	ssize_t n;

	if (lookup->root->inner || strlen(w->done) < top ||
	    (w->done[top] ? strncmp(w->done + top, "/proc", 5) != 0
			  : strncmp(rest, "proc/", 5) != 0))
		return 0;
	whole = xasprintf("%s/%s", w->done, rest);
	at = whole + top + 1;
	len = folder_len(at, "proc");
	at += len;
	len = len ? proc_link(lookup, at, name, &folder) : 0;
	if (!len)
		return 0;
	at += len;
	if (!*at && !w->follow)
		return -1;
	n = readlinkat(folder, name, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	if (is_nameless(folder, name, text)) {
		if (out->open && !*at)
			take_nameless(out, folder, name);
		return -1;
	}
	(void)snprintf(w->done, sizeof(w->done), "%s", strcmp(text, "/") ? text : "");
	memmove(w->rest, at, strlen(at) + 1);
	return 1;
}

/*
 * The first name of `rest` goes to the end of `done`, or what it leads to takes its place.
 * False: the walk ends here, with errno.
 */
static bool step(struct lookup *lookup, struct walk *w)
{
	size_t have = strlen(w->done), skip = strspn(w->rest, "/"),
	       len = strcspn(w->rest + skip, "/");
	const struct lookup_memory *known;
	char name[NAME_MAX + 1];

	if (len > NAME_MAX || have + len + 2 > sizeof(w->done)) {
		/* The call has no more than its own part of a name, and goes on. */
		errno = len > NAME_MAX ? ENAMETOOLONG : EOVERFLOW;
		return false;
	}
	memcpy(name, w->rest + skip, len);
	name[len] = '\0';
	memmove(w->rest, w->rest + skip + len, strlen(w->rest + skip + len) + 1);
	if (!len || !strcmp(name, "."))
		return true;
	if (!strcmp(name, ".."))
		return up(w, lookup);
	(void)snprintf(w->done + have, sizeof(w->done) - have, "/%s", name);
	known = lookup_name(lookup, w->done);
	if (!known)
		return false;
	w->named = !known->target;
	if (w->named)
		return true;
	w->done[have] = '\0';
	errno = ELOOP;
	return put_target(w, lookup, known->target);
}

/* `rest` has no "." and "..": all of it can be opened at once, unless there is a link in it. */
static bool is_plain(const char *rest)
{
	for (const char *at = rest; (at = strchr(at, '.')); at++)
		if ((at == rest || at[-1] == '/') &&
		    (at[1] == '/' || at[1] == '\0' ||
		     (at[1] == '.' && (at[2] == '/' || at[2] == '\0'))))
			return false;
	return true;
}

/* `done` and `rest` as one name, without empty names in it. False: too long. */
static bool join(const struct walk *w, char to[PATH_MAX])
{
	size_t len = strlen(w->done);
	const char *at = w->rest;

	memcpy(to, w->done, len);
	while (at += strspn(at, "/"), *at) {
		size_t part = strcspn(at, "/");

		if (len + part + 2 > PATH_MAX)
			return false;
		to[len++] = '/';
		memcpy(to + len, at, part);
		len += part;
		at += part;
	}
	to[len] = '\0';
	return true;
}

static enum lookup_result missing(struct lookup *lookup, struct lookup_object *out)
{
	if (errno != ENOENT && errno != ENOTDIR)
		return LOOKUP_FAILED;
	locate_missing(lookup, out);
	return LOOKUP_MISSING;
}

/* Whether the way to this name was found to have no link in it. */
static bool way_is_plain(const struct lookup *lookup, const char *path)
{
	NOT_CLEARED char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (!slash)
		return false;
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	return lookup_is_plain(lookup, folder);
}

static void way_set_plain(struct lookup *lookup, const char *path)
{
	NOT_CLEARED char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (!slash)
		return;
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	lookup_set_plain(lookup, folder, 0);
}

/* What has this name, without links on its way. False: errno; ELOOP: there are some. */
static bool find_plain(struct lookup *lookup, struct lookup_object *out)
{
	/* One call instead of three; and each of them is most of what a lookup costs. */
	if (!out->open && way_is_plain(lookup, out->seen)) {
		const char *relative;
		int base = walk_base(lookup, out->seen, &relative);

		return locate(lookup, out, base, relative);
	}
	out->fd = open_plain(lookup, out->seen);
	if (out->fd < 0)
		return false;
	way_set_plain(lookup, out->seen);
	return locate(lookup, out, out->fd, "");
}

static void drop(struct lookup_object *out)
{
	if (out->fd >= 0)
		close(out->fd);
	out->fd = -1;
}

/* What the rest is, found at once. False: step by step, as there is a link in it. */
static bool at_once(struct lookup *lookup, struct walk *w, struct lookup_object *out,
		    enum lookup_result *result)
{
	bool follow = w->follow || (*w->rest && w->rest[strlen(w->rest) - 1] == '/');

	if (!join(w, out->seen))
		return false;
	if (!find_plain(lookup, out)) {
		if (errno == ELOOP)
			return false;
		drop(out);
		*result = missing(lookup, out);
		return true;
	}
	if (!out->open || (S_ISLNK(out->mode) && follow))
		drop(out);
	*result = LOOKUP_FOUND;
	return !S_ISLNK(out->mode) || !follow;
}

enum lookup_result lookup_walk(struct lookup *lookup, const char *start, const char *text,
			       bool follow, struct lookup_object *out)
{
	enum lookup_result result = LOOKUP_FAILED;
	NOT_CLEARED struct walk w;

	w.follow = follow;
	w.named = false;
	w.links = 0;
	out->fd = -1;
	out->inside = out->own_proc = false;
	start = *text == '/' ? lookup->root->text : start;
	memcpy(w.done, start, strnlen(start, sizeof(w.done) - 1) + 1);
	w.done[sizeof(w.done) - 1] = '\0';
	memcpy(w.rest, text, strlen(text) + 1);
	for (;;) {
		int proc = own_proc(&w, lookup, out);
		unsigned links = w.links;

		if (proc < 0)
			return out->fd < 0 ? LOOKUP_FAILED : LOOKUP_FOUND;
		out->own_proc |= proc > 0;
		/* A descriptor may stand for a link, which is not followed then. */
		if (proc > 0 && !*w.rest)
			w.follow = false;
		if (proc == 0 && is_plain(w.rest) && at_once(lookup, &w, out, &result))
			return result;
		/* A link that is open itself does not lead on: ENOTDIR, ELOOP. */
		if (proc == 0 && !w.rest[strspn(w.rest, "/")])
			return LOOKUP_FAILED;
		while (proc == 0 && *w.rest && w.links == links) {
			if (!step(lookup, &w))
				return join(&w, out->seen) ? missing(lookup, out)
							   : LOOKUP_FAILED;
			if (is_proc(&w, lookup))
				break;
		}
	}
}
