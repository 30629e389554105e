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

/* An entry, as far as it is compared. */
struct shape {
	char *path; /* owned */
	struct newc_header header;
	unsigned epoch;
	size_t number; /* in the archive: of one path the last counts */
	unsigned char digest[crypto_hash_sha256_BYTES]; /* of its data */
};

struct shapes {
	struct shape *all;
	size_t count, room;
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

static void read_shapes(struct archive *a, struct shapes *shapes)
{
	while (archive_next(a)) {
		const struct reader_entry *e = &a->reader.entry;
		struct shape *shape;

		if (shapes->count == shapes->room) {
			shapes->room = shapes->room ? 2 * shapes->room : 256;
			shapes->all = xrealloc_array(shapes->all, shapes->room,
						     sizeof(*shapes->all));
		}
		shape = &shapes->all[shapes->count];
		*shape = (struct shape){
			.path = xstrdup(archive_path(e)),
			.header = e->header,
			.epoch = e->epoch,
			.number = shapes->count++,
		};
		digest_data(a, shape->digest, &shape->header.size);
		if (a->status == BEE_IOERR)
			return;
	}
}

static bool is_linked(const struct shape *s)
{
	return S_ISREG(s->header.mode) && s->header.nlink > 1;
}

static int compare_files(const struct shape *a, const struct shape *b)
{
	const uint64_t x[] = { !is_linked(a), a->epoch, a->header.major, a->header.minor,
			       a->header.ino };
	const uint64_t y[] = { !is_linked(b), b->epoch, b->header.major, b->header.minor,
			       b->header.ino };

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
	if (!x->header.size != !y->header.size)
		return x->header.size ? 1 : -1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static int by_path(const void *a, const void *b)
{
	const struct shape *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : x->number < y->number ? -1 : x->number > y->number;
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

		if (!is_linked(before) || compare_files(before, shape))
			continue;
		before->header.size = shape->header.size;
		memcpy(before->digest, shape->digest, sizeof(shape->digest));
	}
	qsort(shapes->all, shapes->count, sizeof(*shapes->all), by_path);
	for (size_t i = 0; i < shapes->count; i++) {
		if (i + 1 < shapes->count &&
		    !strcmp(shapes->all[i].path, shapes->all[i + 1].path))
			free(shapes->all[i].path);
		else
			shapes->all[kept++] = shapes->all[i];
	}
	shapes->count = kept;
}

static void print_alone(char sign, const struct shape *shape)
{
	AUTO_FREE char *shown = name_shown(shape->path, strlen(shape->path));

	printf("%c /%s\n", sign, shown);
}

/* One line where they differ. */
static bool print_both(const struct shape *a, const struct shape *b)
{
	const struct newc_header *x = &a->header, *y = &b->header;
	AUTO_FREE char *shown = name_shown(a->path, strlen(a->path));
	bool mode = x->mode != y->mode, owner = x->uid != y->uid || x->gid != y->gid;
	bool device = x->rmajor != y->rmajor || x->rminor != y->rminor;
	bool data = x->size != y->size ||
		    memcmp(a->digest, b->digest, sizeof(a->digest)) != 0;

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
					    : strcmp(x->all[i].path, y->all[j].path);

		if (order == 0) {
			lines += print_both(&x->all[i++], &y->all[j++]);
			continue;
		}
		if (order < 0)
			print_alone('-', &x->all[i++]);
		else
			print_alone('+', &y->all[j++]);
		lines++;
	}
	return lines;
}

int command_diff(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_OPTIONS };
	struct archive archives[2];
	struct shapes shapes[2] = { 0 };
	int status = BEE_OK;
	size_t lines;

	while (command_option(argc, argv, "h", options) != -1)
		;
	if (optind + 2 != argc)
		command_usage("diff: two FILEs are needed");
	if (sodium_init() < 0)
		errx(BEE_SOFTWARE, "libsodium does not start");
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
	lines = print_difference(&shapes[0], &shapes[1]);
	for (int i = 0; i < 2; i++) {
		for (size_t k = 0; k < shapes[i].count; k++)
			free(shapes[i].all[k].path);
		free(shapes[i].all);
	}
	return command_end(status ? status : lines > 0 ? BEE_INCOMPLETE : BEE_OK);
}
