/* How much of a tree a path looks at: as many names as it has, and as the links on it lead through. */
#include "rootfs.h"
#include "tap.h"
#include "way.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A tree in which "l" leads to `target` and "f" is a file, and every other name is a folder. */
struct counted {
	const char *target;
	uint64_t asked;
	char last;
};

static void count_top(void *place)
{
	(void)place;
}

static unsigned count_down(void *place, const char *name, size_t len)
{
	struct counted *c = place;

	c->asked++;
	c->last = len == 1 ? *name : '?';
	return c->last == 'l' ? S_IFLNK : c->last == 'f' ? S_IFREG : S_IFDIR;
}

static ssize_t count_target(void *place, char target[PATH_MAX])
{
	const struct counted *c = place;

	(void)stpcpy(target, c->target);
	return (ssize_t)strlen(c->target);
}

static const struct way_tree tree = { count_top, count_top, count_down, count_target };

static void many(char *path, const char *name, size_t count)
{
	for (size_t i = 0; i < count; i++)
		path = stpcpy(path, name);
}

static void test_each_once(void)
{
	char path[2 * PATH_MAX] = "", target[PATH_MAX] = "";
	struct counted c = { .target = target };
	struct way w = { .tree = &tree, .place = &c };

	many(path, "a/", 2000);
	CHECK(way_begin(&w, path));
	CHECK_INT(way_go(&w), S_IFDIR);
	CHECK_INT(c.asked, 2000);
	CHECK_INT(w.detours, 0);
	many(target, "a/", 1000);
	c.asked = 0;
	CHECK(way_begin(&w, "//l/./b/l/../c"));
	CHECK_INT(way_go(&w), S_IFDIR);
	CHECK_INT(c.asked, 4 + 2000);
	CHECK_INT(w.detours, 2000);
	CHECK_INT(c.last, 'c');
}

/* path_resolution(7), "maximum length" and "symbolic links": 40 on a path. */
static void test_ends(void)
{
	char target[PATH_MAX] = "l", path[2 * PATH_MAX] = "";
	struct counted c = { .target = target };
	struct way w = { .tree = &tree, .place = &c };

	CHECK(way_begin(&w, "l"));
	CHECK_INT(way_go(&w), 0);
	CHECK_INT(errno, ELOOP);
	CHECK_INT(c.asked, 41);
	CHECK(way_begin(&w, "f/"));
	CHECK_INT(way_go(&w), S_IFREG);
	CHECK(way_begin(&w, "f/a"));
	CHECK_INT(way_go(&w), 0);
	CHECK_INT(errno, ENOTDIR);
	many(path, "a", sizeof(path) - 1);
	CHECK(way_begin(&w, path));
	CHECK_INT(way_go(&w), S_IFDIR);
	many(target + 1, "/aa", 1000);
	CHECK(way_begin(&w, "l/a"));
	CHECK_INT(way_go(&w), 0);
	CHECK_INT(errno, ENAMETOOLONG);
}

static void test_above(void)
{
	struct counted c = { .target = "a/b" };
	struct way w = { .tree = &tree, .place = &c };

	CHECK(way_begin(&w, "/l/c"));
	CHECK_INT(way_go_above(&w), S_IFDIR);
	CHECK_STR(w.names + w.from, "c");
	CHECK_INT(c.asked, 3);
	/* A link at its end is not followed. */
	CHECK(way_begin(&w, "l"));
	CHECK_INT(way_go_above(&w), S_IFDIR);
	CHECK_STR(w.names + w.from, "l");
	CHECK_INT(c.asked, 3);
	CHECK(way_begin(&w, "f/c"));
	CHECK_INT(way_go_above(&w), S_IFREG);
}

static const char *make(struct rootfs *fs, const char *name, unsigned mode,
			const char *target)
{
	NOT_CLEARED struct reader_entry e;

	e.header = (struct newc_header){ .mode = mode, .nlink = 1 };
	e.name_len = strlen(name);
	e.header.namesize = (uint32_t)e.name_len + 1;
	e.header.size = target ? (uint32_t)strlen(target) : 0;
	e.notes = 0;
	e.offset = 0;
	e.epoch = 0;
	memcpy(e.name, name, e.name_len + 1);
	return rootfs_make(fs, &e, target);
}

/* 40 links, each of 800 names: 32,000 on a path of 5 bytes. */
static void test_detours(void)
{
	struct rootfs fs;
	char target[PATH_MAX];
	unsigned made = 0;

	rootfs_init(&fs);
	CHECK(!make(&fs, "d", S_IFDIR | 0755, NULL));
	for (int i = 0; i < 40; i++) {
		AUTO_FREE char *name = xasprintf("l%02d", i);
		AUTO_FREE char *next = i ? xasprintf("l%02d", i - 1) : xstrdup("d");

		many(target, "d/../", 800);
		(void)strcat(target, next);
		CHECK(!make(&fs, name, S_IFLNK | 0777, target));
	}
	CHECK_INT(fs.names.way.detours, 0);
	CHECK(!make(&fs, "l39/x", S_IFREG | 0644, NULL));
	/* Each "d/../" two names, and the link's last one. */
	CHECK_INT(fs.names.way.detours, 40 * 1601);
	CHECK(!rootfs_excess(&fs));
	while (!rootfs_excess(&fs) && made < 1000) {
		(void)make(&fs, "l39/x", S_IFREG | 0644, NULL);
		made++;
	}
	CHECK_INT(made,
		  (ROOTFS_DETOURS + fs.unpacked / ROOTFS_DETOUR_BYTES) / (40 * 1601UL));
	CHECK(strstr(rootfs_excess(&fs), "links"));
	/* The bytes of the archive make good for them. */
	fs.unpacked += (uint64_t)ROOTFS_DETOUR_BYTES * 2 * 40 * 1601;
	CHECK(!rootfs_excess(&fs));
	rootfs_done(&fs);
}

/* /usr/lib by /lib, as every Debian has it: no number of files is too many. */
static void test_usual(void)
{
	struct rootfs fs;

	rootfs_init(&fs);
	CHECK(!make(&fs, "usr", S_IFDIR | 0755, NULL));
	CHECK(!make(&fs, "usr/lib", S_IFDIR | 0755, NULL));
	CHECK(!make(&fs, "lib", S_IFLNK | 0777, "usr/lib"));
	for (int i = 0; i < 2000000 && !rootfs_excess(&fs); i++)
		(void)make(&fs, "lib/libc.so.6", S_IFREG | 0644, NULL);
	CHECK_INT(fs.names.way.detours, 4000000);
	CHECK(!rootfs_excess(&fs));
	rootfs_done(&fs);
}

static void test_memory(void)
{
	struct rootfs fs;
	char name[250] = "";

	rootfs_init(&fs);
	many(name, "n", 240);
	CHECK(!make(&fs, name, S_IFREG | 0644, NULL));
	/* What is remembered of a name is at most 300 bytes besides it. */
	CHECK(fs.names.memory < 2 * 300 + 240 * 2);
	fs.names.memory = ROOTFS_MEMORY + 1;
	CHECK(strstr(rootfs_excess(&fs), "memory"));
	fs.names.memory = ROOTFS_MEMORY;
	CHECK(!rootfs_excess(&fs));
	/* A name that is taken away and comes again counts again: others remember it, too. */
	CHECK(!make(&fs, "x", S_IFLNK | 0777, "a"));
	CHECK(rootfs_excess(&fs));
	rootfs_done(&fs);
}

/* NAME_MAX: simple_lookup() of fs/libfs.c. */
static void test_long_name(void)
{
	struct rootfs fs;
	char name[258] = "";

	rootfs_init(&fs);
	many(name, "n", 256);
	CHECK_STR(make(&fs, name, S_IFDIR | 0755, NULL),
		  "a name in it is over 255 bytes");
	CHECK_STR(make(&fs, name + 1, S_IFDIR | 0755, NULL), NULL);
	(void)stpcpy(name + 256, "/");
	CHECK_STR(make(&fs, name, S_IFDIR | 0755, NULL),
		  "a name in it is over 255 bytes");
	(void)stpcpy(name + 255, "/x");
	CHECK_STR(make(&fs, name, S_IFDIR | 0755, NULL), NULL);
	rootfs_done(&fs);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a path looks at each of its names once, however deep it is",
		  test_each_once, 0 },
		{ "a path that links lead on for ever ends as in the kernel", test_ends,
		  0 },
		{ "the way to a path's folder stops before its last name", test_above,
		  0 },
		{ "links that lead through millions of names are too many", test_detours,
		  0 },
		{ "a link to the folder of every file is not", test_usual, 30 },
		{ "names that take too much memory are too many", test_memory, 0 },
		{ "a name over 255 bytes is not made", test_long_name, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
