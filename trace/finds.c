/* What a run used, each object once. */
#include "finds.h"
#include "elf_file.h"
#include "names.h"
#include "reference.h"

#include <err.h>
#include <fcntl.h>
#include <search.h>
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

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct find *)a)->path, ((const struct find *)b)->path);
}

static struct find *find_of(struct finds *finds, const char *path)
{
	struct find key = { .path = (char *)(uintptr_t)path };
	struct find **known = tfind(&key, &finds->by_path, compare);
	struct find *fresh;

	if (known)
		return *known;
	fresh = xcalloc(1, sizeof(*fresh));
	fresh->path = xstrdup(path);
	if (!tsearch(fresh, &finds->by_path, compare))
		errx(BEE_SOFTWARE, "out of memory");
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
	struct find key = { .path = (char *)(uintptr_t)path };
	struct find **known = tfind(&key, &finds->by_path, compare);

	return known ? *known : NULL;
}

void finds_put_log(struct finds *finds, const struct board *board)
{
	uint64_t len = board->log_len;

	for (uint64_t at = 0; at < len;) {
		struct board_entry entry;
		AUTO_FREE char *path = NULL, *program = NULL;
		const char *text = (const char *)board->log + at + sizeof(entry);

		memcpy(&entry, board->log + at, sizeof(entry));
		path = xasprintf("%.*s", entry.path_len, text);
		program = xasprintf("%.*s", entry.program_len, text + entry.path_len);
		(void)finds_put(finds, entry.uses, path, program);
		at += sizeof(entry) + entry.path_len + entry.program_len;
	}
}

static void compare_one(struct find *find, int top)
{
	AUTO_CLOSE int fd = reference_open(top, find->path, O_PATH | O_NOFOLLOW);
	struct elf_file elf;
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		/* A name that was only looked for stays one that is not there. */
		if (find->uses & ~(unsigned)(USE_MISSING | USE_UNRESOLVED | USE_NEEDED))
			find->uses |= USE_CREATED;
		return;
	}
	find->mode = st.st_mode;
	if (S_ISREG(st.st_mode) && find->uses & USE_READ &&
	    !(find->uses & (USE_EXEC | USE_INTERPRETER))) {
		AUTO_CLOSE int file = reference_open(top, find->path,
						     O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

		if (file >= 0 && !elf_read(file, &elf)) {
			if (elf.library || (elf.shared && !*elf.interpreter))
				find->uses =
					(find->uses | USE_LIBRARY) & ~(unsigned)USE_READ;
			elf_done(&elf);
		}
	}
}

void finds_compare(struct finds *finds, int top)
{
	for (size_t i = 0; i < finds->count; i++)
		compare_one(finds->all[i], top);
}

static int by_path(const void *a, const void *b)
{
	return compare(*(struct find *const *)a, *(struct find *const *)b);
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
	if (finds->count > 0)
		qsort(finds->all, finds->count, sizeof(struct find *), by_path);
	for (size_t i = 0; i < finds->count; i++)
		if (*finds->all[i]->path)
			write_one(finds->all[i], to);
}

static void nothing(void *node)
{
	(void)node;
}

void finds_done(struct finds *finds)
{
	tdestroy(finds->by_path, nothing);
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
