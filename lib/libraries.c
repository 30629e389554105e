/* What ELF programs of a tree need besides themselves, looked for as ld.so(8) does. */
#include "libraries.h"
#include "elf_file.h"

#include <err.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDERS_MAX 256u
#define CONF_MAX (64u << 10) /* bytes of /etc/ld.so.conf */
#define DEPTH_MAX 64u        /* of libraries of libraries */
#define NAMES_MAX 16u        /* of one file, for each of which it is looked into */

static const char *const usual[] = { "/lib64", "/usr/lib64", "/lib", "/usr/lib",
				     "/usr/local/lib" };
/* Where Debian's own lines of ld.so.conf lead; for trees that lack them. */
static const char *const triplets[] = { "x86_64-linux-gnu", "aarch64-linux-gnu",
					"i386-linux-gnu" };

static void folder_add(struct libraries *l, const char *folder)
{
	if (l->folder_count == FOLDERS_MAX || *folder != '/')
		return;
	for (unsigned i = 0; l->folders && i < l->folder_count; i++)
		if (!strcmp(l->folders[i], folder))
			return;
	l->folders = xrealloc_array(l->folders, l->folder_count + 1, sizeof(char *));
	l->folders[l->folder_count++] = xstrdup(folder);
}

/* A text file of the tree, of malloc; NULL: it is not there. */
static char *text_of(struct libraries *l, const char *path)
{
	AUTO_CLOSE int fd = l->open(l->context, path);
	char *text;
	ptrdiff_t n;

	if (fd < 0)
		return NULL;
	text = xcalloc(CONF_MAX + 1, 1);
	n = read_full(fd, text, CONF_MAX);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void conf_lines(struct libraries *l, char *text)
{
	char *save;

	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		line += strspn(line, " \t");
		line[strcspn(line, "# \t=")] = '\0';
		folder_add(l, line);
	}
}

/*
 * Which files "include ld.so.conf.d/<glob>" means would take a list of the folder; these are the
 * names that distributions have there for their libraries.
 */
static void folders_find(struct libraries *l)
{
	static const char *const parts[] = {
		"/etc/ld.so.conf.d/x86_64-linux-gnu.conf",
		"/etc/ld.so.conf.d/aarch64-linux-gnu.conf",
		"/etc/ld.so.conf.d/i386-linux-gnu.conf",
		"/etc/ld.so.conf.d/libc.conf",
	};
	char *text = text_of(l, "/etc/ld.so.conf");

	if (text)
		conf_lines(l, text);
	free(text);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		text = text_of(l, parts[i]);
		if (text)
			conf_lines(l, text);
		free(text);
	}
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		folder_add(l, usual[i]);
	for (size_t i = 0; i < ARRAY_LEN(triplets); i++) {
		AUTO_FREE char *lib = xasprintf("/lib/%s", triplets[i]),
			       *usr = xasprintf("/usr/lib/%s", triplets[i]);

		folder_add(l, lib);
		folder_add(l, usr);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* True the first time. */
static bool see(struct libraries *l, const char *path)
{
	char *copy = xstrdup(path);
	char **known = tsearch(copy, &l->seen, by_text);

	if (!known)
		errx(BEE_OSERR, "out of memory");
	if (*known == copy)
		return true;
	free(copy);
	return false;
}

/*
 * A file by another name has another $ORIGIN. False for most of its names: two libraries that
 * name each other by "$ORIGIN/x/.." and "$ORIGIN/y/.." have as many as there are ways to go.
 */
static bool see_file(struct libraries *l, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return false;
	for (unsigned i = 0; i < NAMES_MAX; i++) {
		AUTO_FREE char *key = xasprintf("%ju %ju %u", (uintmax_t)st.st_dev,
						(uintmax_t)st.st_ino, i);

		if (see(l, key))
			return true;
	}
	return false;
}

/* Whether there is a library of this name that fits to `of`. */
static bool fits(struct libraries *l, const char *path, const struct elf_file *of)
{
	AUTO_CLOSE int fd = l->open(l->context, path);
	struct elf_file elf;
	bool same;

	if (fd < 0 || elf_read(fd, &elf))
		return false;
	same = elf.class == of->class && elf.data == of->data &&
	       elf.machine == of->machine;
	elf_done(&elf);
	return same;
}

/* `folder` with the place of the file that has it for $ORIGIN; NULL: it has another variable. */
static char *expand(const char *folder, size_t len, const char *by)
{
	static const char *const origins[] = { "$ORIGIN", "${ORIGIN}" };
	int place = (int)(strrchr(by, '/') ? strrchr(by, '/') - by : 0);

	for (size_t i = 0; i < ARRAY_LEN(origins); i++) {
		size_t size = strlen(origins[i]);

		if (len >= size && !strncmp(folder, origins[i], size))
			return xasprintf("%.*s%.*s", place, by, (int)(len - size),
					 folder + size);
	}
	return memchr(folder, '$', len) ? NULL : xasprintf("%.*s", (int)len, folder);
}

/* Where a name was found in the usual folders, which is the same for all programs of a kind. */
struct place {
	char *key;  /* owned: class, byte order, machine, name */
	char *path; /* owned; NULL: nowhere */
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->key, ((const struct place *)b)->key);
}

static void place_free(void *node)
{
	struct place *place = node;

	free(place->key);
	free(place->path);
	free(place);
}

/* In the usual folders, of malloc; NULL: nowhere. */
static char *find_usual(struct libraries *l, const char *name, const struct elf_file *elf)
{
	struct place *place = xcalloc(1, sizeof(*place)), **known;

	place->key = xasprintf("%u %u %u %s", elf->class, elf->data, elf->machine, name);
	known = tsearch(place, &l->places, by_key);
	if (!known)
		errx(BEE_OSERR, "out of memory");
	if (*known != place) {
		place_free(place);
		place = *known;
		return place->path ? xstrdup(place->path) : NULL;
	}
	for (unsigned i = 0; i < l->folder_count && !place->path; i++) {
		place->path = xasprintf("%s/%s", l->folders[i], name);
		if (fits(l, place->path, elf))
			break;
		free(place->path);
		place->path = NULL;
	}
	return place->path ? xstrdup(place->path) : NULL;
}

/* The place of a library, of malloc; NULL: nowhere. */
static char *find(struct libraries *l, const char *name, const char *by,
		  const struct elf_file *elf)
{
	const char *at = elf->run_path;

	if (strchr(name, '/'))
		return *name == '/' && fits(l, name, elf) ? xstrdup(name) : NULL;
	for (; *at; at += strcspn(at, ":"), at += *at == ':') {
		AUTO_FREE char *folder = expand(at, strcspn(at, ":"), by);
		char *path = folder ? xasprintf("%s/%s", folder, name) : NULL;

		if (path && *path == '/' && fits(l, path, elf))
			return path;
		free(path);
	}
	return find_usual(l, name, elf);
}

static void needed(struct libraries *l, const char *path, const char *by)
{
	l->found(l->context, path, by);
	if (l->depth == DEPTH_MAX)
		return;
	l->depth++;
	libraries_of(l, path);
	l->depth--;
}

void libraries_of(struct libraries *l, const char *path)
{
	AUTO_CLOSE int fd = -1;
	struct elf_file *elf;

	if (!see(l, path))
		return;
	fd = l->open(l->context, path);
	if (fd < 0 || !see_file(l, fd))
		return;
	elf = xcalloc(1, sizeof(*elf));
	if (!elf_read(fd, elf)) {
		if (!l->folders)
			folders_find(l);
		if (*elf->interpreter == '/')
			needed(l, elf->interpreter, path);
		for (char **name = elf->needed; name && *name; name++) {
			AUTO_FREE char *place = find(l, *name, path, elf);

			if (place)
				needed(l, place, path);
			else if (l->missing)
				l->missing(l->context, *name, path);
		}
	}
	elf_done(elf);
	free(elf);
}

void libraries_done(struct libraries *l)
{
	for (unsigned i = 0; i < l->folder_count; i++)
		free(l->folders[i]);
	free(l->folders);
	l->folders = NULL;
	l->folder_count = 0;
	tdestroy(l->seen, free);
	tdestroy(l->places, place_free);
	l->seen = l->places = NULL;
}
