/* bee image list, and cat: what is in an archive. */
#include "archive.h"
#include "command.h"
#include "give_up.h"
#include "json.h"
#include "names.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const struct {
	unsigned mode;
	char letter;
	const char *name;
} types[] = {
	{ S_IFREG, '-', "file" },    { S_IFDIR, 'd', "folder" }, { S_IFLNK, 'l', "link" },
	{ S_IFCHR, 'c', "char" },    { S_IFBLK, 'b', "block" },  { S_IFIFO, 'p', "fifo" },
	{ S_IFSOCK, 's', "socket" },
};

static size_t type_of(unsigned mode)
{
	size_t i = 0;

	while (i < ARRAY_LEN(types) && types[i].mode != (mode & S_IFMT))
		i++;
	return i;
}

/* As ls(1) has it. */
static void mode_text(unsigned mode, char text[11])
{
	static const struct {
		unsigned bit;
		int at;
		char with, without; /* the x of that place */
	} special[] = {
		{ S_ISUID, 3, 's', 'S' },
		{ S_ISGID, 6, 's', 'S' },
		{ S_ISVTX, 9, 't', 'T' },
	};
	size_t type = type_of(mode);

	text[0] = type < ARRAY_LEN(types) ? types[type].letter : '?';
	for (int i = 0; i < 9; i++)
		text[1 + i] = mode & 0400u >> i ? "rwxrwxrwx"[i] : '-';
	for (size_t i = 0; i < ARRAY_LEN(special); i++)
		if (mode & special[i].bit)
			text[special[i].at] = text[special[i].at] == 'x'
						      ? special[i].with
						      : special[i].without;
	text[10] = '\0';
}

/* The target of a link; NULL: it is none, or none that a kernel takes. */
static char *target_of(struct archive *a)
{
	AUTO_FREE char *text = NULL;
	ptrdiff_t n;

	if (!S_ISLNK(a->reader.entry.header.mode))
		return NULL;
	text = xcalloc(NEWC_LINK_MAX + 1, 1);
	n = reader_text(&a->reader, text, NEWC_LINK_MAX + 1);
	return n < 0 ? NULL : xstrdup(text);
}

static void print_name(const struct reader_entry *e)
{
	AUTO_FREE char *shown = name_shown(e->name, e->name_len);

	printf(name_is_clean(e->name, e->name_len) ? "%s\n" : "%s\t-\n", shown);
}

static void print_long(struct archive *a)
{
	const struct reader_entry *e = &a->reader.entry;
	const struct newc_header *h = &e->header;
	AUTO_FREE char *shown = name_shown(e->name, e->name_len), *target = target_of(a);
	AUTO_FREE char *to = target ? name_shown(target, strlen(target)) : NULL;
	AUTO_FREE char *size = S_ISCHR(h->mode) || S_ISBLK(h->mode)
				       ? xasprintf("%u, %u", h->rmajor, h->rminor)
				       : xasprintf("%u", h->size);
	char mode[11], when[32];
	time_t seconds = h->mtime;
	struct tm day;

	mode_text(h->mode, mode);
	(void)gmtime_r(&seconds, &day);
	(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &day);
	printf("%s %3u %-5u %-5u %10s %s %s%s%s\n", mode, h->nlink, h->uid, h->gid, size,
	       when, shown, to ? " -> " : "", to ? to : "");
}

static void print_json(struct archive *a)
{
	const struct reader_entry *e = &a->reader.entry;
	const struct newc_header *h = &e->header;
	size_t type = type_of(h->mode);
	AUTO_JSON json_t *o = json_object();
	AUTO_FREE char *mode = xasprintf("%04o", h->mode & 07777);
	AUTO_FREE char *target = target_of(a);
	bool escaped = false;

	json_put(o, "path", json_text(e->name, e->name_len, &escaped));
	json_put(o, "type",
		 json_string(type < ARRAY_LEN(types) ? types[type].name : "unknown"));
	json_put(o, "mode", json_string(mode));
	json_put(o, "nlink", json_integer(h->nlink));
	json_put(o, "ino", json_integer(h->ino));
	json_put(o, "uid", json_integer(h->uid));
	json_put(o, "gid", json_integer(h->gid));
	json_put(o, "size_bytes", json_integer(h->size));
	json_put(o, "mtime", json_integer(h->mtime));
	json_put(o, "segment", json_integer(e->segment));
	json_put(o, "compression", json_string(reader_compression(&a->reader)));
	json_put(o, "offset_bytes", json_integer((json_int_t)e->offset));
	if (S_ISCHR(h->mode) || S_ISBLK(h->mode)) {
		json_put(o, "device_major", json_integer(h->rmajor));
		json_put(o, "device_minor", json_integer(h->rminor));
	}
	if (target)
		json_put(o, "target", json_text(target, strlen(target), &escaped));
	if (escaped)
		json_put(o, "escaped", json_true());
	if (json_dumpf(o, stdout, JSON_COMPACT | JSON_SORT_KEYS))
		err(BEE_IOERR, "standard output");
	(void)putchar('\n');
}

int command_list(int argc, char **argv)
{
	static const struct option options[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ "json", no_argument, NULL, 'j' },
		COMMAND_OPTIONS,
	};
	bool details = false, json = false;
	struct archive a;
	int c;

	while ((c = command_option(argc, argv, "hv", options)) != -1) {
		details |= c == 'v';
		json |= c == 'j';
	}
	if (optind + 1 != argc)
		command_usage("list: one FILE is needed, - is standard input");
	archive_open(&a, argv[optind]);
	json_seed();
	tzset();
	give_up_rights();
	archive_begin(&a);
	while (archive_next(&a)) {
		if (json)
			print_json(&a);
		else if (details)
			print_long(&a);
		else
			print_name(&a.reader.entry);
	}
	return command_end(archive_done(&a));
}

/* cat: which entry has the data of a path. */
struct wanted {
	const char *path;
	uint64_t number; /* of that entry, from 1; 0: none yet */
	uint64_t
		data; /* of the one with its data: a hard link's come with its last name */
	struct newc_header header;
	unsigned epoch;
};

static bool linked(const struct wanted *w, const struct reader_entry *e)
{
	return S_ISREG(w->header.mode) && S_ISREG(e->header.mode) &&
	       w->header.nlink > 1 && e->header.nlink > 1 && w->epoch == e->epoch &&
	       w->header.ino == e->header.ino && w->header.major == e->header.major &&
	       w->header.minor == e->header.minor;
}

/* The last entry of that name counts, as it does for the kernel. */
static void find(struct archive *a, struct wanted *w)
{
	const struct reader_entry *e = &a->reader.entry;

	for (uint64_t number = 1; archive_next(a); number++) {
		if (!strcmp(archive_path(e), w->path)) {
			w->number = w->data = number;
			w->header = e->header;
			w->epoch = e->epoch;
		}
	}
}

/* In a pass of its own: the data of a group of links can come before the name. */
static void find_data(struct archive *a, struct wanted *w)
{
	uint64_t number = 1;

	if (!w->number || w->header.nlink < 2 || !S_ISREG(w->header.mode))
		return;
	for (; reader_next(&a->reader) > 0; number++)
		if (a->reader.entry.header.size > 0 && linked(w, &a->reader.entry))
			w->data = number;
}

static void copy_out(struct archive *a, const struct wanted *w)
{
	const uint8_t *at;
	ptrdiff_t n = 0;
	uint64_t number = 0;

	while (number < w->data && reader_next(&a->reader) > 0)
		number++;
	while (number == w->data && (n = reader_data(&a->reader, &at)) > 0) {
		int error = write_all(STDOUT_FILENO, at, (size_t)n);

		if (error)
			errx(BEE_IOERR, "standard output: %s", strerrordesc_np(-error));
	}
	if (n < 0)
		archive_broken(a, n);
}

/* The next pass; what is odd was told in the first. */
static void again(struct archive *a)
{
	reader_done(&a->reader);
	if (input_rewind(&a->in))
		errx(BEE_USAGE, "cat: %s cannot be read twice: it is no file", a->file);
	reader_init(&a->reader, &a->in);
}

int command_cat(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_OPTIONS };
	struct wanted w = { 0 };
	struct reader_entry asked = { 0 };
	struct archive a;
	size_t type;

	while (command_option(argc, argv, "h", options) != -1)
		;
	if (optind + 2 != argc)
		command_usage("cat: a FILE and a PATH in it are needed");
	if (strlen(argv[optind + 1]) >= sizeof(asked.name))
		errx(BEE_INCOMPLETE, "%s: no path is so long", argv[optind]);
	(void)stpcpy(asked.name, argv[optind + 1]);
	w.path = archive_path(&asked);
	archive_open(&a, argv[optind]);
	give_up_rights();
	archive_begin(&a);
	find(&a, &w);
	type = type_of(w.header.mode);
	if (!w.number || !S_ISREG(w.header.mode)) {
		/* Of an archive that is cut off nobody knows what it had. */
		if (!a.cut)
			archive_tell(&a, "%s: %s%s", asked.name,
				     w.number ? "is no file but a " : "is not there",
				     !w.number ? ""
				     : type < ARRAY_LEN(types)
					     ? types[type].name
					     : "thing of no known kind");
		return archive_done(&a) ?: BEE_INCOMPLETE;
	}
	again(&a);
	find_data(&a, &w);
	again(&a);
	copy_out(&a, &w);
	return archive_done(&a);
}
