/* bee image diff: what two images have that differs. */
#include "archive.h"
#include "command.h"
#include "give_up.h"
#include "names.h"

#include <err.h>
#include <getopt.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Of one archive: of two, with what they grow by and are sorted in, below GIVE_UP_MEMORY. */
#define SHAPES_MEMORY (256u << 20)

/* An entry, as far as it is compared: small, as there are two archives of them. */
struct shape {
	size_t path; /* where it begins in `paths` */
	uint32_t mode, uid, gid, size, rmajor, rminor;
	/* What tells files apart that have several names. */
	uint32_t ino, major, minor, epoch;
	uint32_t number; /* in the archive: of one path the last counts */
	bool linked;
	unsigned char digest[crypto_hash_sha256_BYTES]; /* of its data */
};

struct shapes {
	struct shape *all;
	size_t count, room;
	char *paths; /* all of them, each with its NUL */
	size_t paths_len, paths_room;
};

/*
 * Its data, or 0 at the end and on errors, which are told. A link's target ends at a NUL, which
 * some writers count (usr/gen_init_cpio.c) and others leave out; *size is without it.
 */
static void digest_data(struct archive *a, unsigned char digest[crypto_hash_sha256_BYTES],
			uint32_t *size)
{
	bool link = S_ISLNK(a->reader.entry.header.mode);
	crypto_hash_sha256_state state;
	const uint8_t *at;
	ptrdiff_t n;

	(void)crypto_hash_sha256_init(&state);
	while ((n = reader_data(&a->reader, &at)) > 0) {
		size_t len = link ? strnlen((const char *)at, (size_t)n) : (size_t)n;

		(void)crypto_hash_sha256_update(&state, at, len);
		if (len < (size_t)n)
			*size -= (uint32_t)((size_t)n - len);
	}
	if (n < 0)
		archive_broken(a, n);
	(void)crypto_hash_sha256_final(&state, digest);
}

/* Room for one more entry, whose path has `len` bytes. */
static void grow(struct shapes *shapes, size_t len)
{
	if (shapes->count == shapes->room) {
		shapes->room = shapes->room + shapes->room / 2 + 256;
		shapes->all =
			xrealloc_array(shapes->all, shapes->room, sizeof(*shapes->all));
	}
	if (shapes->paths_room - shapes->paths_len <= len) {
		shapes->paths_room =
			shapes->paths_room + shapes->paths_room / 2 + NEWC_NAME_MAX;
		shapes->paths = xrealloc_array(shapes->paths, shapes->paths_room, 1);
	}
}

static const char *excess(const struct shapes *shapes)
{
	return shapes->count * sizeof(*shapes->all) + shapes->paths_len > SHAPES_MEMORY
		       ? "its names take more than 256 MiB of memory"
		       : NULL;
}

static void read_shapes(struct archive *a, struct shapes *shapes)
{
	while (archive_next(a)) {
		const struct newc_header *h = &a->reader.entry.header;
		const char *path = archive_path(&a->reader.entry);
		struct shape *shape;

		grow(shapes, strlen(path));
		shape = &shapes->all[shapes->count];
		*shape = (struct shape){
			.path = shapes->paths_len,
			.mode = h->mode,
			.uid = h->uid,
			.gid = h->gid,
			.size = h->size,
			.rmajor = h->rmajor,
			.rminor = h->rminor,
			.ino = h->ino,
			.major = h->major,
			.minor = h->minor,
			.epoch = a->reader.entry.epoch,
			.number = (uint32_t)shapes->count++,
			.linked = S_ISREG(h->mode) && h->nlink > 1,
		};
		shapes->paths_len =
			(size_t)(stpcpy(shapes->paths + shapes->paths_len, path) + 1 -
				 shapes->paths);
		digest_data(a, shape->digest, &shape->size);
		if (a->status == BEE_IOERR || archive_ends(a, excess(shapes)))
			return;
	}
}

static int compare_files(const struct shape *a, const struct shape *b)
{
	const uint32_t x[] = { !a->linked, a->epoch, a->major, a->minor, a->ino };
	const uint32_t y[] = { !b->linked, b->epoch, b->major, b->minor, b->ino };

	for (size_t i = 0; i < ARRAY_LEN(x); i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

/* Those of one file together, the one with its data last. */
static int by_file(const void *a, const void *b)
{
	const struct shape *x = a, *y = b;
	int order = compare_files(x, y);

	if (order)
		return order;
	if (!x->size != !y->size)
		return x->size ? 1 : -1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static int by_path(const void *a, const void *b, void *paths)
{
	const struct shape *x = a, *y = b;
	int order = strcmp((const char *)paths + x->path, (const char *)paths + y->path);

	return order ? order : x->number < y->number ? -1 : x->number > y->number;
}

static const char *path_of(const struct shapes *shapes, size_t i)
{
	return shapes->paths + shapes->all[i].path;
}

/* All names of a file get its data; then by path, of each the last. */
static void settle(struct shapes *shapes)
{
	size_t kept = 0;

	if (shapes->count == 0) /* qsort(3) takes no NULL */
		return;
	qsort(shapes->all, shapes->count, sizeof(*shapes->all), by_file);
	for (size_t i = shapes->count; i-- > 1;) {
		struct shape *before = &shapes->all[i - 1], *shape = &shapes->all[i];

		if (!before->linked || compare_files(before, shape))
			continue;
		before->size = shape->size;
		memcpy(before->digest, shape->digest, sizeof(shape->digest));
	}
	qsort_r(shapes->all, shapes->count, sizeof(*shapes->all), by_path, shapes->paths);
	for (size_t i = 0; i < shapes->count; i++)
		if (i + 1 == shapes->count ||
		    strcmp(path_of(shapes, i), path_of(shapes, i + 1)) != 0)
			shapes->all[kept++] = shapes->all[i];
	shapes->count = shapes->room = kept;
	shapes->all = xrealloc_array(shapes->all, kept, sizeof(*shapes->all));
	shapes->paths_room = shapes->paths_len;
	shapes->paths = xrealloc_array(shapes->paths, shapes->paths_len, 1);
}

static void print_alone(char sign, const char *path)
{
	AUTO_FREE char *shown = name_shown(path, strlen(path));

	printf("%c /%s\n", sign, shown);
}

/* One line where they differ. */
static bool print_both(const char *path, const struct shape *x, const struct shape *y)
{
	AUTO_FREE char *shown = name_shown(path, strlen(path));
	bool mode = x->mode != y->mode, owner = x->uid != y->uid || x->gid != y->gid;
	bool device = x->rmajor != y->rmajor || x->rminor != y->rminor;
	bool data = x->size != y->size ||
		    memcmp(x->digest, y->digest, sizeof(x->digest)) != 0;

	if (!mode && !owner && !device && !data)
		return false;
	printf("~ /%s", shown);
	if (mode)
		printf(" mode %06o %06o", x->mode, y->mode);
	if (owner)
		printf(" owner %u:%u %u:%u", x->uid, x->gid, y->uid, y->gid);
	if (device)
		printf(" device %u,%u %u,%u", x->rmajor, x->rminor, y->rmajor, y->rminor);
	if (data)
		printf(" content %u %u", x->size, y->size);
	(void)putchar('\n');
	return true;
}

/* How many lines. */
static size_t print_difference(const struct shapes *x, const struct shapes *y)
{
	size_t i = 0, j = 0, lines = 0;

	while (i < x->count || j < y->count) {
		int order = i == x->count   ? 1
			    : j == y->count ? -1
					    : strcmp(path_of(x, i), path_of(y, j));

		if (order == 0)
			lines += print_both(path_of(x, i), &x->all[i], &y->all[j]);
		else if (order < 0)
			print_alone('-', path_of(x, i));
		else
			print_alone('+', path_of(y, j));
		lines += order != 0;
		i += order <= 0;
		j += order >= 0;
	}
	return lines;
}

int command_diff(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_OPTIONS };
	struct archive archives[2];
	struct shapes shapes[2] = { 0 };
	int status = BEE_OK;
	size_t lines = 0;

	while (command_option(argc, argv, "h", options) != -1)
		;
	if (optind + 2 != argc)
		command_usage("diff: two FILEs are needed");
	if (sodium_init() < 0)
		errx(BEE_OSERR, "libsodium does not start");
	for (int i = 0; i < 2; i++)
		archive_open(&archives[i], argv[optind + i]);
	give_up_rights();
	for (int i = 0; i < 2; i++) {
		archive_begin(&archives[i]);
		read_shapes(&archives[i], &shapes[i]);
		settle(&shapes[i]);
		if (archive_done(&archives[i]))
			status = archives[i].status;
	}
	/* What one of them lacks may be behind its end. */
	if (!archives[0].cut && !archives[1].cut)
		lines = print_difference(&shapes[0], &shapes[1]);
	for (int i = 0; i < 2; i++) {
		free(shapes[i].all);
		free(shapes[i].paths);
	}
	return command_end(status ? status : lines > 0 ? BEE_INCOMPLETE : BEE_OK);
}
