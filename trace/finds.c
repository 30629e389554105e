/* What a run used, each object once. */
#include "finds.h"
#include "elf_file.h"
#include "hash.h"
#include "names.h"
#include "reference.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAMS_MAX 64u /* of one object; a line is for people */

/* In the order of the bits of enum use. */
static const char *const words[] = {
	"exec", "interpreter", "library", "needed",  "read",    "listed",
	"stat", "link",        "changed", "created", "missing", "unresolved",
};

/* Where a path is in the table, or would be. */
static struct find **slot_of(const struct finds *finds, const char *path)
{
	uint64_t hash = hash_text(0, path);
	size_t at = hash & (finds->slots - 1);

	while (finds->by_path[at] && strcmp(finds->by_path[at]->path, path) != 0)
		at = (at + 1) & (finds->slots - 1);
	return &finds->by_path[at];
}

/* At most half of the slots are taken. */
static void grow(struct finds *finds)
{
	if (2 * finds->count < finds->slots)
		return;
	finds->slots = finds->slots ? 2 * finds->slots : 1024;
	free(finds->by_path);
	finds->by_path = xcalloc(finds->slots, sizeof(struct find *));
	for (size_t i = 0; i < finds->count; i++)
		*slot_of(finds, finds->all[i]->path) = finds->all[i];
}

static struct find *find_of(struct finds *finds, const char *path)
{
	struct find **slot, *known, *fresh;

	grow(finds);
	slot = slot_of(finds, path);
	known = *slot;
	if (known)
		return known;
	fresh = xcalloc(1, sizeof(*fresh));
	fresh->path = xstrdup(path);
	*slot = fresh;
	if (finds->count == finds->room) {
		finds->room = finds->room ? 2 * finds->room : 256;
		finds->all =
			xrealloc_array(finds->all, finds->room, sizeof(struct find *));
	}
	return finds->all[finds->count++] = fresh;
}

struct find *finds_put(struct finds *finds, unsigned uses, const char *path,
		       const char *program)
{
	struct find *find = find_of(finds, path);

	find->uses |= uses;
	for (unsigned i = 0; i < find->program_count; i++)
		if (!strcmp(find->programs[i], program))
			return find;
	if (!*program || find->program_count == PROGRAMS_MAX)
		return find;
	find->programs =
		xrealloc_array(find->programs, find->program_count + 1, sizeof(char *));
	find->programs[find->program_count++] = xstrdup(program);
	return find;
}

const struct find *finds_find(const struct finds *finds, const char *path)
{
	return finds->slots ? *slot_of(finds, path) : NULL;
}

void finds_put_log(struct finds *finds, const struct board *board)
{
	uint64_t len = board->log_len;

	for (uint64_t at = 0; at < len;) {
		struct board_entry entry;
		const char *path = (const char *)board->log + at + sizeof(entry);

		memcpy(&entry, board->log + at, sizeof(entry));
		(void)finds_put(finds, entry.uses, path, path + entry.path_size);
		at += sizeof(entry) + entry.path_size + entry.program_size;
	}
}

/* The folder that is open: most of a sorted list is in the one of the line before. */
struct above {
	int top, fd;      /* -1: it is not there */
	const char *path; /* of somebody in it; NULL: none is open */
	size_t len;       /* of its own name in that */
};

/* What the tree has of this name. False: nothing. */
static bool stat_of(struct above *above, const struct find *find, struct stat *st)
{
	const char *path = find->path;
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	/* What hung may be mounted there, and hang again: it is not gone into. */
	if (!*path || find->uses & USE_UNRESOLVED) {
		AUTO_CLOSE int fd = reference_open(above->top, path, O_PATH | O_NOFOLLOW);

		return fd >= 0 && !fstat(fd, st);
	}
	if (!above->path || len != above->len || memcmp(path, above->path, len) != 0) {
		AUTO_FREE char *folder = xasprintf("%.*s", (int)len, path);

		if (above->fd >= 0)
			close(above->fd);
		above->fd = reference_open(above->top, folder, O_PATH | O_DIRECTORY);
		above->path = path;
		above->len = len;
	}
	return above->fd >= 0 && !fstatat(above->fd, slash ? slash + 1 : path, st,
					  AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
}

static void compare_one(struct find *find, struct above *above)
{
	struct elf_file elf;
	struct stat st;

	if (!stat_of(above, find, &st)) {
		/* A name that was only looked for stays one that is not there. */
		if (find->uses & ~(unsigned)(USE_MISSING | USE_UNRESOLVED | USE_NEEDED))
			find->uses |= USE_CREATED;
		return;
	}
	find->mode = st.st_mode;
	if (S_ISREG(st.st_mode) && find->uses & USE_READ &&
	    !(find->uses & (USE_EXEC | USE_INTERPRETER))) {
		AUTO_CLOSE int file = reference_open(above->top, find->path,
						     O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

		if (file >= 0 && !elf_read(file, &elf)) {
			if (elf.library || (elf.shared && !*elf.interpreter))
				find->uses =
					(find->uses | USE_LIBRARY) & ~(unsigned)USE_READ;
			elf_done(&elf);
		}
	}
}

static int by_path(const void *a, const void *b)
{
	const struct find *one = *(struct find *const *)a,
			  *other = *(struct find *const *)b;

	return strcmp(one->path, other->path);
}

static void sort(struct finds *finds)
{
	if (finds->count > 0)
		qsort(finds->all, finds->count, sizeof(struct find *), by_path);
}

void finds_compare(struct finds *finds, int top)
{
	struct above above = { .top = top, .fd = -1 };

	sort(finds);
	for (size_t i = 0; i < finds->count; i++)
		compare_one(finds->all[i], &above);
	if (above.fd >= 0)
		close(above.fd);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void write_one(struct find *find, FILE *to)
{
	AUTO_FREE char *path = name_escape(find->path, strlen(find->path));
	const char *between = "\t";

	(void)fprintf(to, "/%s", path);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!(find->uses & 1u << i))
			continue;
		(void)fprintf(to, "%s%s", between, words[i]);
		between = ",";
	}
	if (find->program_count > 1)
		qsort(find->programs, find->program_count, sizeof(char *), by_text);
	between = "\t";
	for (unsigned i = 0; i < find->program_count; i++) {
		AUTO_FREE char *name =
			name_escape(find->programs[i], strlen(find->programs[i]));

		(void)fprintf(to, "%s%s", between, name);
		between = ",";
	}
	(void)fputc('\n', to);
}

void finds_write(struct finds *finds, FILE *to)
{
	sort(finds);
	for (size_t i = 0; i < finds->count; i++)
		if (*finds->all[i]->path)
			write_one(finds->all[i], to);
}

void finds_done(struct finds *finds)
{
	free(finds->by_path);
	for (size_t i = 0; i < finds->count; i++) {
		struct find *find = finds->all[i];

		for (unsigned k = 0; k < find->program_count; k++)
			free(find->programs[k]);
		free(find->programs);
		free(find->path);
		free(find);
	}
	free(finds->all);
}
