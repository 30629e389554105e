/* The file system that a kernel makes of an archive, as names alone. */
#include "rootfs.h"

#include <err.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LINKS_MAX 40 /* MAXSYMLINKS, linux/namei.h */

struct rootfs_node {
	char *path; /* owned; without links, "" is the root */
	unsigned mode;
	char *target; /* owned; of a link */
	unsigned children;
	struct shared *shared; /* of a file with several names; NULL: it has one */
	uint64_t made;         /* when it was given its name */
};

/* What all names of a file have in common. */
struct shared {
	unsigned names, mode;
	uint64_t written; /* when that was, after its first name; 0: never */
	char *by;         /* owned; by which name */
};

struct first {
	unsigned epoch;
	uint32_t major, minor, ino;
	unsigned type;
	char *path; /* owned */
};

static int node_compare(const void *a, const void *b)
{
	const struct rootfs_node *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int first_compare(const void *a, const void *b)
{
	const struct first *x = a, *y = b;
	const uint32_t f[] = { x->epoch, x->major, x->minor, x->ino, x->type };
	const uint32_t g[] = { y->epoch, y->major, y->minor, y->ino, y->type };

	for (size_t i = 0; i < ARRAY_LEN(f); i++)
		if (f[i] != g[i])
			return f[i] < g[i] ? -1 : 1;
	return 0;
}

static struct rootfs_node *node_find(const struct rootfs *fs, const char *path)
{
	char *key = (char *)(uintptr_t)path; /* only compared */
	struct rootfs_node wanted = { .path = key }, **found;

	found = tfind(&wanted, &fs->nodes, node_compare);
	return found ? *found : NULL;
}

static struct rootfs_node *parent_of(const struct rootfs *fs, const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *parent = strndup(path, slash ? (size_t)(slash - path) : 0);

	return node_find(fs, parent);
}

static struct rootfs_node *node_add(struct rootfs *fs, const char *path, unsigned mode,
				    const char *target)
{
	struct rootfs_node *node = xcalloc(1, sizeof(*node));
	struct rootfs_node *parent = *path ? parent_of(fs, path) : NULL;

	node->made = ++fs->made;
	node->path = xstrdup(path);
	node->mode = mode;
	node->target = target ? xstrdup(target) : NULL;
	if (parent)
		parent->children++;
	if (!tsearch(node, &fs->nodes, node_compare))
		errx(BEE_SOFTWARE, "out of memory");
	return node;
}

static void node_free(void *value)
{
	struct rootfs_node *node = value;

	if (node->shared && --node->shared->names == 0) {
		free(node->shared->by);
		free(node->shared);
	}
	free(node->path);
	free(node->target);
	free(node);
}

static void first_free(void *value)
{
	struct first *first = value;

	free(first->path);
	free(first);
}

static void node_remove(struct rootfs *fs, struct rootfs_node *node)
{
	struct rootfs_node *parent = parent_of(fs, node->path);

	if (parent)
		parent->children--;
	(void)tdelete(node, &fs->nodes, node_compare);
	node_free(node);
}

void rootfs_init(struct rootfs *fs)
{
	*fs = (struct rootfs){ .nodes = NULL };
	(void)node_add(fs, "", S_IFDIR | 0755, NULL);
	(void)node_add(fs, "dev", S_IFDIR | 0755, NULL);
	(void)node_add(fs, "dev/console", S_IFCHR | 0600, NULL);
	(void)node_add(fs, "root", S_IFDIR | 0700, NULL);
}

void rootfs_done(struct rootfs *fs)
{
	tdestroy(fs->nodes, node_free);
	tdestroy(fs->links, first_free);
}

/* A path on its way: `done` has no links in it, `rest` is to come. */
struct way {
	char done[PATH_MAX], rest[2 * PATH_MAX];
	unsigned links;
};

/* The first name of `rest` goes to the end of `done`. */
static bool step(struct way *w)
{
	size_t len = strcspn(w->rest, "/"), have = strlen(w->done);

	if (len == 2 && !memcmp(w->rest, "..", 2)) {
		char *slash = strrchr(w->done, '/');

		*(slash ? slash : w->done) = '\0';
	} else if (len > 0 && !(len == 1 && *w->rest == '.')) {
		if (have + len + 2 > sizeof(w->done))
			return false;
		if (have > 0)
			w->done[have++] = '/';
		memcpy(w->done + have, w->rest, len);
		w->done[have + len] = '\0';
	}
	len += strspn(w->rest + len, "/");
	memmove(w->rest, w->rest + len, strlen(w->rest + len) + 1);
	return true;
}

static bool follow(struct way *w, const char *target)
{
	char *rest = xstrdup(w->rest), *slash = strrchr(w->done, '/');
	int n = snprintf(w->rest, sizeof(w->rest), "%s/%s", target, rest);

	free(rest);
	*(*target == '/' || !slash ? w->done : slash) = '\0';
	memmove(w->rest, w->rest + strspn(w->rest, "/"),
		strlen(w->rest + strspn(w->rest, "/")) + 1);
	return n >= 0 && (size_t)n < sizeof(w->rest) && ++w->links <= LINKS_MAX;
}

/* Goes on until `rest` is empty, or is its last name and `last` is false. */
static bool go(const struct rootfs *fs, struct way *w, const char *path, bool last)
{
	path += strspn(path, "/");
	w->done[0] = '\0';
	w->links = 0;
	if (strlen(path) >= sizeof(w->rest))
		return false;
	(void)stpcpy(w->rest, path);
	while (*w->rest && (last || w->rest[strcspn(w->rest, "/")] != '\0')) {
		const struct rootfs_node *node;

		if (!step(w))
			return false;
		node = node_find(fs, w->done);
		if (!node || (!S_ISLNK(node->mode) && !S_ISDIR(node->mode) && *w->rest))
			return false;
		if (node->target && !follow(w, node->target))
			return false;
	}
	return true;
}

unsigned rootfs_mode(const struct rootfs *fs, const char *path)
{
	const struct rootfs_node *node;
	struct way w;

	if (!go(fs, &w, path, true))
		return 0;
	node = node_find(fs, w.done);
	if (!node)
		return 0;
	return node->shared ? node->shared->mode : node->mode;
}

bool rootfs_leads_to(const struct rootfs *fs, const char *path, const char *name)
{
	struct way w, v;

	return go(fs, &w, path, true) && go(fs, &v, name, true) &&
	       !strcmp(w.done, v.done);
}

/* maybe_link: 0: a file of its own; 1: one more name of a file, *of; -1: of one that is not there. */
static int link_of(struct rootfs *fs, const struct reader_entry *e, const char *path,
		   struct rootfs_node **of)
{
	struct first key = {
		.epoch = e->epoch,
		.major = e->header.major,
		.minor = e->header.minor,
		.ino = e->header.ino,
		.type = e->header.mode & S_IFMT,
	};
	struct first **found, *fresh;

	if (e->header.nlink < 2)
		return 0;
	found = tfind(&key, &fs->links, first_compare);
	if (found) {
		*of = node_find(fs, (*found)->path);
		return *of && strcmp((*found)->path, path) != 0 ? 1 : -1;
	}
	fresh = xcalloc(1, sizeof(*fresh));
	*fresh = key;
	fresh->path = xstrdup(path);
	if (!tsearch(fresh, &fs->links, first_compare))
		errx(BEE_SOFTWARE, "out of memory");
	return 0;
}

/* do_header and do_name, before they look at names. */
static const char *refused(const struct reader_entry *e, const char *target)
{
	unsigned mode = e->header.mode;

	if (e->notes & 1u << READER_LONG_NAME)
		return "its name is over 4095 bytes";
	if (e->notes & 1u << READER_NO_NUL)
		return "its name does not end in a NUL";
	if (S_ISLNK(mode))
		return target ? NULL : "its target is over 4095 bytes";
	if (!S_ISREG(mode) && e->header.size > 0)
		return "it has data and is no file";
	if (!S_ISREG(mode) && !S_ISDIR(mode) && !S_ISCHR(mode) && !S_ISBLK(mode) &&
	    !S_ISFIFO(mode) && !S_ISSOCK(mode))
		return "no kernel knows its type";
	return NULL;
}

/* One more name of a file. */
static void share(struct rootfs_node *of, struct rootfs_node *node)
{
	if (!of->shared) {
		of->shared = xcalloc(1, sizeof(*of->shared));
		of->shared->names = 1;
	}
	of->shared->mode = node->mode;
	of->shared->names++;
	node->shared = of->shared;
}

/* A file is written into by one of its names. */
static void written(struct rootfs *fs, struct rootfs_node *node,
		    const struct reader_entry *e)
{
	struct shared *shared = node->shared;

	node->mode = e->header.mode;
	node->made = ++fs->made;
	if (!shared)
		return;
	shared->mode = e->header.mode;
	if (e->offset < fs->from)
		return;
	shared->written = node->made;
	free(shared->by);
	shared->by = xstrdup(node->path);
}

const char *rootfs_make(struct rootfs *fs, const struct reader_entry *e,
			const char *target)
{
	const char *why = refused(e, target);
	char name[NEWC_NAME_MAX];
	unsigned mode = e->header.mode;
	struct rootfs_node *there, *of = NULL, *node;
	struct way w;
	int link = 0;

	if (why)
		return why;
	(void)stpcpy(name, e->name);
	for (size_t len = e->name_len; S_ISDIR(mode) && len > 0 && name[len - 1] == '/';)
		name[--len] = '\0';
	if (!go(fs, &w, name, false))
		return "its folder is not there";
	if (!step(&w))
		return "its path is over 4095 bytes";
	there = node_find(fs, w.done);
	if (there && S_ISDIR(there->mode) && S_ISDIR(mode))
		return NULL;
	if (there && S_ISDIR(there->mode) && (there->children > 0 || !*w.done))
		return "a folder is in its place";
	if (!S_ISDIR(mode) && !S_ISLNK(mode))
		link = link_of(fs, e, w.done, &of);
	/* clean_path: what is of the same type stays, and is written into. */
	if (there && link == 0 && S_ISREG(mode) && S_ISREG(there->mode)) {
		written(fs, there, e);
		return NULL;
	}
	if (there)
		node_remove(fs, there);
	if (link < 0)
		return "it is a hard link to what is not there";
	node = node_add(fs, w.done, mode, target);
	if (link > 0)
		share(of, node);
	return NULL;
}

struct changed {
	void (*tell)(void *context, const char *name, const char *by);
	void *context;
};

static void tell_changed(const void *at, VISIT visit, void *context)
{
	const struct rootfs_node *node = *(struct rootfs_node *const *)at;
	const struct changed *c = context;

	if ((visit == postorder || visit == leaf) && node->shared &&
	    node->shared->written > node->made)
		c->tell(c->context, node->path, node->shared->by);
}

void rootfs_changed(const struct rootfs *fs,
		    void (*tell)(void *context, const char *name, const char *by),
		    void *context)
{
	twalk_r(fs->nodes, tell_changed, &(struct changed){ tell, context });
}
