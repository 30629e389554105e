/* What goes into an image: objects by path, each once. */
#include "objects.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK (64u << 10)

struct objects_block {
	struct objects_block *before; /* owned */
	char bytes[];
};

static uint64_t hash(const char *path)
{
	uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */

	for (; *path; path++)
		h = (h ^ (unsigned char)*path) * UINT64_C(1099511628211);
	return h;
}

static uint32_t *slot_of(const struct objects *set, const char *path)
{
	size_t at = hash(path) & (set->slot_count - 1);

	while (set->slots[at] && strcmp(set->all[set->slots[at] - 1].path, path) != 0)
		at = (at + 1) & (set->slot_count - 1);
	return &set->slots[at];
}

struct object *objects_find(const struct objects *set, const char *path)
{
	uint32_t found = set->slot_count ? *slot_of(set, path) : 0;

	return found ? &set->all[found - 1] : NULL;
}

static void grow(struct objects *set)
{
	if (set->count == UINT32_MAX / 4)
		errx(BEE_DATAERR, "an image of so many names is none");
	if (!set->all || set->count == set->room) {
		set->room = set->room ? set->room + set->room / 2 : 256;
		set->all = xrealloc_array(set->all, set->room, sizeof(*set->all));
	}
	if (set->slots && 2 * (set->count + 1) <= set->slot_count)
		return;
	free(set->slots);
	set->slot_count = set->slot_count ? 2 * set->slot_count : 1024;
	set->slots = xcalloc(set->slot_count, sizeof(*set->slots));
	for (size_t i = 0; i < set->count; i++)
		*slot_of(set, set->all[i].path) = (uint32_t)i + 1;
}

static const char *keep(struct objects *set, const char *path)
{
	size_t size = strlen(path) + 1;
	char *at;

	if (!set->block || set->block_at + size > set->block_size) {
		struct objects_block *block;

		set->block_size = size > BLOCK ? size : BLOCK;
		block = xcalloc(sizeof(*block) + set->block_size, 1);
		block->before = set->block;
		set->block = block;
		set->block_at = 0;
	}
	at = set->block->bytes + set->block_at;
	memcpy(at, path, size);
	set->block_at += size;
	return at;
}

struct object *objects_add(struct objects *set, const char *path)
{
	struct object *object;

	grow(set);
	object = &set->all[set->count];
	*object = (struct object){ .path = keep(set, path) };
	*slot_of(set, path) = (uint32_t)++set->count;
	return object;
}

void objects_put(struct objects *set, const char *path, uint32_t mode, char *bytes,
		 uint32_t len)
{
	struct object *object = objects_find(set, path);

	if (!object)
		object = objects_add(set, path);
	free(object->bytes);
	*object = (struct object){
		.path = object->path,
		.mode = S_IFREG | mode,
		.source = OBJECT_BYTES,
		.bytes = bytes,
		.len = len,
	};
}

static int by_path(const void *a, const void *b)
{
	const struct object *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* By file, and the names of one in order. */
static int by_node(const void *a, const void *b)
{
	const struct object *x = *(struct object *const *)a,
			    *y = *(struct object *const *)b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void join(const struct objects *set, struct object **group, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		group[i]->ino = group[0]->ino;
		group[i]->nlink = (uint32_t)count;
		group[i]->twin = i + 1 < count ? (uint32_t)(group[i + 1] - set->all) : 0;
	}
}

void objects_number(struct objects *set)
{
	struct object **links = xcalloc(set->count, sizeof(struct object *));
	size_t count = 0;

	free(set->slots); /* they do not survive the sorting */
	set->slots = NULL;
	set->slot_count = 0;
	if (set->count > 0) /* qsort(3) takes no NULL */
		qsort(set->all, set->count, sizeof(*set->all), by_path);
	for (size_t i = 0; i < set->count; i++) {
		struct object *object = &set->all[i];

		object->ino = (uint32_t)i + 1;
		object->nlink = S_ISDIR(object->mode) ? 2 : 1;
		if (object->node)
			links[count++] = object;
	}
	qsort(links, count, sizeof(struct object *), by_node);
	for (size_t i = 0, n; i < count; i += n) {
		n = 1;
		while (i + n < count && links[i]->dev == links[i + n]->dev &&
		       links[i]->node == links[i + n]->node)
			n++;
		join(set, links + i, n);
	}
	free(links);
}

void objects_done(struct objects *set)
{
	while (set->block) {
		struct objects_block *before = set->block->before;

		free(set->block);
		set->block = before;
	}
	for (size_t i = 0; i < set->count; i++)
		free(set->all[i].bytes);
	free(set->slots);
	free(set->all);
	*set = (struct objects){ .all = NULL };
}

uint32_t object_time(int64_t seconds)
{
	return seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}
