/* The names of a file system, each in its folder: a path costs what its names do, however deep. */
#include "rootfs_names.h"

#include <err.h>
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NODE_OVERHEAD 64 /* bytes of a node that tsearch(3) and malloc(3) take */

static int by_name(const void *a, const void *b)
{
	const struct rootfs_node *x = a, *y = b;

	return strcmp(x->name, y->name);
}

struct rootfs_node *rootfs_child(const struct rootfs_node *folder, const char *name,
				 size_t len)
{
	char text[NAME_MAX + 1];
	struct rootfs_node key = { .name = text }, **found;

	if (len > NAME_MAX)
		return NULL;
	memcpy(text, name, len);
	text[len] = '\0';
	found = tfind(&key, &folder->children, by_name);
	return found ? *found : NULL;
}

struct rootfs_node *rootfs_add(struct rootfs_names *names, struct rootfs_node *folder,
			       const char *name, unsigned mode, const char *target)
{
	size_t len = strlen(name), before = folder ? folder->path_len : 0;
	struct rootfs_node *node;
	char *own;

	if (before + len + 2 > PATH_MAX)
		return NULL;
	node = xcalloc(1, sizeof(*node) + len + 1);
	own = (char *)(node + 1);
	(void)stpcpy(own, name);
	node->name = own;
	node->folder = folder;
	node->mode = mode;
	node->path_len = before + (before > 0) + len;
	node->target = target ? xstrdup(target) : NULL;
	node->made = ++names->made;
	names->memory += sizeof(*node) + NODE_OVERHEAD + node->path_len +
			 (target ? strlen(target) : 0);
	if (!folder)
		return node;
	if (!tsearch(node, &folder->children, by_name))
		errx(BEE_OSERR, "out of memory");
	folder->count++;
	return node;
}

static void node_free(void *value)
{
	struct rootfs_node *node = value;

	tdestroy(node->children, node_free);
	if (node->shared && --node->shared->names == 0) {
		free(node->shared->by);
		free(node->shared);
	}
	free(node->target);
	free(node);
}

void rootfs_remove(struct rootfs_node *node)
{
	(void)tdelete(node, &node->folder->children, by_name);
	node->folder->count--;
	node_free(node);
}

char *rootfs_path(const struct rootfs_node *node)
{
	char *path = xcalloc(node->path_len + 1, 1);
	size_t at = node->path_len;

	for (; node->folder; node = node->folder) {
		size_t len = strlen(node->name);

		at -= len;
		memcpy(path + at, node->name, len);
		if (at > 0)
			path[--at] = '/';
	}
	return path;
}

/* --- As a place of way.h ------------------------------------------------------------ */

struct place {
	struct rootfs_node *root, *node;
};

static void place_top(void *place)
{
	struct place *at = place;

	at->node = at->root;
}

static void place_up(void *place)
{
	struct place *at = place;

	if (at->node->folder)
		at->node = at->node->folder;
}

static unsigned place_down(void *place, const char *name, size_t len)
{
	struct place *at = place;
	struct rootfs_node *child = rootfs_child(at->node, name, len);

	if (!child) {
		errno = ENOENT;
		return 0;
	}
	at->node = child;
	return child->mode;
}

static ssize_t place_target(void *place, char target[PATH_MAX])
{
	const struct place *at = place;
	size_t len = strlen(at->node->target);

	memcpy(target, at->node->target, len);
	return (ssize_t)len;
}

static const struct way_tree places = { place_top, place_up, place_down, place_target };

struct rootfs_node *rootfs_lead(struct rootfs_names *names, const char *path)
{
	struct place place = { .root = names->root };

	names->way.place = &place;
	return way_begin(&names->way, path) && way_go(&names->way) ? place.node : NULL;
}

struct rootfs_node *rootfs_lead_above(struct rootfs_names *names, const char *path,
				      const char **last)
{
	struct place place = { .root = names->root };

	names->way.place = &place;
	if (!way_begin(&names->way, path) || !S_ISDIR(way_go_above(&names->way)))
		return NULL;
	*last = names->way.names + names->way.from;
	return place.node;
}

struct each {
	void (*each)(void *context, const struct rootfs_node *node);
	void *context;
};

static void each_node(const void *at, VISIT visit, void *context)
{
	const struct rootfs_node *node = *(struct rootfs_node *const *)at;
	const struct each *each = context;

	if (visit != postorder && visit != leaf)
		return;
	each->each(each->context, node);
	twalk_r(node->children, each_node, context);
}

void rootfs_each(const struct rootfs_node *node,
		 void (*each)(void *context, const struct rootfs_node *node),
		 void *context)
{
	twalk_r(node->children, each_node, &(struct each){ each, context });
}

void rootfs_names_init(struct rootfs_names *names)
{
	*names = (struct rootfs_names){ .way.tree = &places };
	names->root = rootfs_add(names, NULL, "", S_IFDIR | 0755, NULL);
}

void rootfs_names_done(struct rootfs_names *names)
{
	node_free(names->root);
}
