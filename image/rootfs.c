/* The file system that a kernel makes of an archive, as names alone. */
#include "rootfs.h"

#include <err.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char in_place[] = "a folder is in its place";

#define FIRST_OVERHEAD 64 /* bytes of it that tsearch(3) and malloc(3) take */

struct first {
	unsigned epoch;
	uint32_t major, minor, ino;
	unsigned type;
	char *path; /* owned */
};

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

static void first_free(void *value)
{
	struct first *first = value;

	free(first->path);
	free(first);
}

void rootfs_init(struct rootfs *fs)
{
	struct rootfs_node *root, *dev;

	*fs = (struct rootfs){ .links = NULL };
	rootfs_names_init(&fs->names);
	root = fs->names.root;
	dev = rootfs_add(&fs->names, root, "dev", S_IFDIR | 0755, NULL);
	(void)rootfs_add(&fs->names, dev, "console", S_IFCHR | 0600, NULL);
	(void)rootfs_add(&fs->names, root, "root", S_IFDIR | 0700, NULL);
}

void rootfs_done(struct rootfs *fs)
{
	rootfs_names_done(&fs->names);
	tdestroy(fs->links, first_free);
}

unsigned rootfs_mode(struct rootfs *fs, const char *path)
{
	const struct rootfs_node *node = rootfs_lead(&fs->names, path);

	if (!node)
		return 0;
	return node->shared ? node->shared->mode : node->mode;
}

bool rootfs_leads_to(struct rootfs *fs, const char *path, const char *name)
{
	const struct rootfs_node *node = rootfs_lead(&fs->names, path);

	return node && node == rootfs_lead(&fs->names, name);
}

const char *rootfs_excess(const struct rootfs *fs)
{
	if (fs->names.memory > ROOTFS_MEMORY)
		return "its names take more than 512 MiB of memory";
	if (fs->names.way.detours > ROOTFS_DETOURS + fs->unpacked / ROOTFS_DETOUR_BYTES)
		return "its links lead through more than a million names, and one for "
		       "every 4 bytes of it";
	return NULL;
}

/* What has that path, no links followed at its end; NULL: nothing. */
static struct rootfs_node *there_of(struct rootfs *fs, const char *path)
{
	const char *name;
	struct rootfs_node *folder = rootfs_lead_above(&fs->names, path, &name);

	return folder ? rootfs_child(folder, name, strlen(name)) : NULL;
}

/* maybe_link: 0: a file of its own; 1: one more name of a file, *of; -1: of one that is not there. */
static int link_of(struct rootfs *fs, const struct reader_entry *e,
		   const struct rootfs_node *folder, const char *name,
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
	AUTO_FREE char *above = NULL;

	if (e->header.nlink < 2)
		return 0;
	found = tfind(&key, &fs->links, first_compare);
	if (found) {
		*of = there_of(fs, (*found)->path);
		return *of && !S_ISDIR((*of)->mode) &&
				       *of != rootfs_child(folder, name, strlen(name))
			       ? 1
			       : -1;
	}
	above = rootfs_path(folder);
	fresh = xcalloc(1, sizeof(*fresh));
	*fresh = key;
	fresh->path = xasprintf("%s%s%s", above, *above ? "/" : "", name);
	fs->names.memory += sizeof(*fresh) + FIRST_OVERHEAD + strlen(fresh->path);
	if (!tsearch(fresh, &fs->links, first_compare))
		errx(BEE_OSERR, "out of memory");
	return 0;
}

/* do_header and do_name, before they look at names. */
static const char *refused(const struct reader_entry *e, const char *target)
{
	unsigned mode = e->header.mode;

	if (e->notes & 1u << READER_LONG_NAME)
		return "its name is over 4095 bytes";
	if (e->notes & 1u << READER_NO_NAME)
		return "it has no name";
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
	struct rootfs_shared *shared = node->shared;

	node->mode = e->header.mode;
	node->made = ++fs->names.made;
	if (!shared)
		return;
	shared->mode = e->header.mode;
	if (e->offset < fs->from)
		return;
	shared->written = node->made;
	free(shared->by);
	shared->by = rootfs_path(node);
}

/* do_name and do_symlink, of a name in a folder that is there. */
static const char *make(struct rootfs *fs, const struct reader_entry *e,
			struct rootfs_node *folder, const char *name, const char *target)
{
	unsigned mode = e->header.mode;
	struct rootfs_node *there = rootfs_child(folder, name, strlen(name)), *of = NULL,
			   *node;
	int link = 0;

	if (there && S_ISDIR(there->mode) && S_ISDIR(mode))
		return NULL;
	if (there && S_ISDIR(there->mode) && there->count > 0)
		return in_place;
	if (strlen(name) > NAME_MAX)
		return "a name in it is over 255 bytes";
	if (!S_ISDIR(mode) && !S_ISLNK(mode))
		link = link_of(fs, e, folder, name, &of);
	/* clean_path: what is of the same type stays, and is written into. */
	if (there && link == 0 && S_ISREG(mode) && S_ISREG(there->mode)) {
		written(fs, there, e);
		return NULL;
	}
	if (there)
		rootfs_remove(there);
	if (link < 0)
		return "it is a hard link to what is not there";
	node = rootfs_add(&fs->names, folder, name, mode, target);
	if (!node)
		return "its path is over 4095 bytes";
	if (link > 0)
		share(of, node);
	return NULL;
}

const char *rootfs_make(struct rootfs *fs, const struct reader_entry *e,
			const char *target)
{
	const char *why = refused(e, target), *last;
	char name[NEWC_NAME_MAX];
	size_t len = e->name_len;
	struct rootfs_node *folder;

	fs->unpacked += NEWC_HEADER + (uint64_t)e->header.namesize + e->header.size;
	if (why)
		return why;
	memcpy(name, e->name, len + 1);
	while (S_ISDIR(e->header.mode) && len > 0 && name[len - 1] == '/')
		name[--len] = '\0';
	folder = rootfs_lead_above(&fs->names, name, &last);
	if (!folder)
		return "its folder is not there";
	/* The folder itself. */
	if (!*last || !strcmp(last, ".") || !strcmp(last, ".."))
		return S_ISDIR(e->header.mode) ? NULL : in_place;
	/* What follows walks, too. */
	len = strlen(last);
	memmove(name, last, len + 1);
	return make(fs, e, folder, name, target);
}

struct changed {
	void (*tell)(void *context, const char *name, const char *by);
	void *context;
};

static void tell_changed(void *context, const struct rootfs_node *node)
{
	const struct changed *c = context;

	if (node->shared && node->shared->written > node->made) {
		AUTO_FREE char *path = rootfs_path(node);

		c->tell(c->context, path, node->shared->by);
	}
}

void rootfs_changed(const struct rootfs *fs,
		    void (*tell)(void *context, const char *name, const char *by),
		    void *context)
{
	rootfs_each(fs->names.root, tell_changed, &(struct changed){ tell, context });
}
