/* bee image build, and append: an archive from what lists name in a reference tree. */
#include "boot.h"
#include "changed.h"
#include "command.h"
#include "feed.h"
#include "lines.h"
#include "modules.h"
#include "needs.h"
#include "quiet.h"
#include "traced.h"
#include "whole.h"
#include "write.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct names {
	char **all; /* borrowed words, ended by NULL */
	size_t count;
};

struct build {
	const char *tree, *out, *init;
	struct names lists, adds, drops, modules, audits;
	const char *kernel;
	const struct codec *codec;
	int level;
	bool chosen; /* the compression was given, not taken from the name */
	bool bare;
	bool append;
	struct stat base; /* what the segment is appended to */
	bool trace; /* what is used by a run of `program`, or of what bee-trace takes */
	char **program;
	char **argv;
};

static void names_put(struct names *names, char *name)
{
	names->all = xrealloc_array(names->all, names->count + 2, sizeof(char *));
	names->all[names->count++] = name;
	names->all[names->count] = NULL;
}

static void choose_level(struct build *b, const char *word)
{
	uint64_t level;

	b->level = b->codec->level;
	if (*word == '\0')
		return;
	if (parse_u64(word + 1, (uint64_t)b->codec->level_max, &level) || !level)
		command_usage("--compress: levels of %s are 1 to %d", b->codec->name,
			      b->codec->level_max);
	b->level = (int)level;
}

/* "none", or a name with or without ":LEVEL". */
static void choose(struct build *b, const char *word)
{
	size_t len = strcspn(word, ":");

	b->chosen = true;
	b->codec = codec_of_name(word, len);
	if (b->codec)
		choose_level(b, word + len);
	else if (strcmp(word, "none") != 0)
		command_usage("--compress: none, gzip, xz, lzma, zstd, lz4 or bzip2");
}

static void read_options(struct build *b, int argc, char **argv)
{
	static const struct option options[] = {
		{ "directory", required_argument, NULL, 'd' },
		{ "output", required_argument, NULL, 'o' },
		{ "list", required_argument, NULL, 'L' },
		{ "add", required_argument, NULL, 'A' },
		{ "drop", required_argument, NULL, 'D' },
		{ "init", required_argument, NULL, 'I' },
		{ "modules", required_argument, NULL, 'M' },
		{ "modules-for", required_argument, NULL, 'F' },
		{ "kernel", required_argument, NULL, 'K' },
		{ "compress", required_argument, NULL, 'c' },
		{ "bare", no_argument, NULL, 'B' },
		COMMAND_OPTIONS,
	};
	int c;

	while ((c = command_option(argc, argv, "hd:o:", options)) != -1) {
		switch (c) {
		case 'd':
			b->tree = optarg;
			break;
		case 'o':
			b->out = optarg;
			break;
		case 'L':
			names_put(&b->lists, optarg);
			break;
		case 'A':
			names_put(&b->adds, optarg);
			break;
		case 'D':
			names_put(&b->drops, optarg);
			break;
		case 'M':
			names_put(&b->modules, optarg);
			break;
		case 'F':
			names_put(&b->audits, optarg);
			break;
		case 'K':
			b->kernel = optarg;
			break;
		case 'I':
			b->init = optarg;
			break;
		case 'c':
			choose(b, optarg);
			break;
		default:
			b->bare = true;
		}
	}
}

/* SOURCE_DATE_EPOCH, as reproducible-builds.org specifies it. */
static uint32_t newest_time(void)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds;

	if (!text)
		return UINT32_MAX;
	if (parse_u64(text, UINT32_MAX, &seconds))
		errx(BEE_USAGE, "SOURCE_DATE_EPOCH is no number of seconds up to 2106");
	return (uint32_t)seconds;
}

/* What the segment is appended to: whole, or nobody would read what follows. */
static void base_check(const char *file)
{
	struct feed feed;
	int status;

	feed_start(&feed, file);
	while (feed_next(&feed))
		;
	status = feed_done(&feed);
	if (status)
		errx(status, "%s: nothing is appended to what is not whole", file);
}

/* The old segments, and zeros between: at least 4, as nothing else ends lz4. How many bytes there were. */
static uint64_t base_copy(const char *file, int to, struct stat *st)
{
	static uint8_t piece[256u << 10];
	AUTO_CLOSE int fd = open(file, O_RDONLY | O_CLOEXEC);
	uint64_t total = 0;
	ptrdiff_t n;
	int error = 0;

	if (fd < 0 || fstat(fd, st))
		err(BEE_IOERR, "%s", file);
	while (!error && (n = read_full(fd, piece, sizeof(piece))) > 0) {
		error = write_all(to, piece, (size_t)n);
		total += (uint64_t)n;
	}
	if (n < 0)
		errx(BEE_IOERR, "%s: %s", file, strerrordesc_np((int)-n));
	memset(piece, 0, 1024);
	if (!error)
		error = write_all(to, piece, 4 + (size_t)(-(total + 4) & 511));
	if (error)
		errx(BEE_IOERR, "%s: %s", file, strerrordesc_np(-error));
	if (fchmod(to, st->st_mode & 07777) ||
	    (geteuid() == 0 && fchown(to, st->st_uid, st->st_gid)))
		warn("%s: its mode", file);
	return total;
}

/* Standard output may be the image. */
static int take_traced(const struct build *b, struct scan *scan)
{
	FILE *list;
	int status =
		traced_run(b->tree, b->program,
			   strcmp(b->out, "-") ? STDOUT_FILENO : STDERR_FILENO, &list);

	lines_take_from(scan, list, "the trace");
	(void)fclose(list);
	return status;
}

static void gather(struct build *b, struct scan *scan)
{
	for (size_t i = 0; i < b->lists.count; i++)
		lines_take(scan, b->lists.all[i]);
	for (size_t i = 0; i < b->adds.count; i++)
		scan_add(scan, b->adds.all[i]);
	needs_of_all(scan);
	if (b->modules.count + b->audits.count > 0)
		modules_take(scan, &(struct modules_wish){ .files = b->modules.all,
							   .audits = b->audits.all,
							   .kernel = b->kernel });
	if (!b->bare)
		boot_add(scan, b->init);
	objects_number(scan->objects);
}

/* As a shell reads it. */
static void print_word(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=.,/:@%";

	if (*word && !word[strspn(word, plain)]) {
		(void)fprintf(stderr, " %s", word);
		return;
	}
	(void)fputs(" '", stderr);
	for (; *word; word++)
		(void)fprintf(stderr, *word == '\'' ? "'\\''" : "%c", *word);
	(void)fputc('\'', stderr);
}

/* What an ordinary user could not read, root can: never by itself. */
static void tell_again(const struct build *b)
{
	(void)fputs("bee-image: root can read it; the command again: sudo bee image",
		    stderr);
	for (char **word = b->argv; *word; word++)
		print_word(*word);
	(void)fputc('\n', stderr);
}

static int finish(const struct build *b, const struct scan *scan)
{
	if (scan->told > SCAN_TOLD_MAX)
		warnx("and %u more lines of this kind", scan->told - SCAN_TOLD_MAX);
	if (scan->refused && geteuid() != 0)
		tell_again(b);
	return scan->incomplete ? BEE_INCOMPLETE : BEE_OK;
}

#define TURN 50 /* ms */
#define TURN_TIME (5 * NSEC_PER_SEC)

/* One after the other: of two builds of one file the image and the list would be of different ones. Not for
 * ever, as who can read the folder can lock it, too; a file system that locks no folders does without. */
static void turn_wait(int folder)
{
	nsec_t end = clock_now() + TURN_TIME;

	while (flock(folder, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK &&
	       clock_now() < end)
		(void)poll(NULL, 0, TURN);
}

/* What another one has made of the file meanwhile would be lost. */
static void base_look(const struct build *b, const struct whole *image)
{
	const struct stat *base = &b->base;
	struct stat st;

	if (fstatat(image->folder, image->name, &st, 0) || st.st_dev != base->st_dev ||
	    st.st_ino != base->st_ino || st.st_size != base->st_size ||
	    st.st_mtim.tv_sec != base->st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != base->st_mtim.tv_nsec)
		errx(BEE_IOERR, "%s: it changed meanwhile: nothing is appended", b->out);
}

/* The list is written before the image has its name, and gets its own at once behind it; between them there is
 * none, whatever ends us then. */
static void name_both(const struct build *b, const struct scan *scan, struct whole *image,
		      struct whole *list)
{
	if (list->folder >= 0) {
		causes_write(&scan->causes, scan->objects, list, b->tree, b->program);
		if (fsync(image->fd))
			err(BEE_IOERR, "%s", image->path);
		turn_wait(list->folder); /* it ends with whole_end, which closes it */
		(void)unlinkat(list->folder, list->name, 0);
	}
	if (b->append && image->folder >= 0) {
		turn_wait(image->folder);
		base_look(b, image);
	}
	whole_end(image);
	whole_end(list);
}

static int build(struct build *b)
{
	struct objects objects = { .all = NULL };
	AUTO_CLOSE int top = quiet_open(b->tree);
	struct scan scan = { .top = top, .objects = &objects };
	struct writer writer = { .scan = &scan, .newest = newest_time() };
	AUTO_FREE char *list_name = xasprintf("%s.list", b->out);
	struct whole whole, list = { .folder = -1 };
	struct pack pack;
	int status, traced = BEE_OK;
	uint64_t before = 0;

	if (top < 0)
		err(BEE_IOERR, "%s", b->tree);
	if (!b->drops.all)
		b->drops.all = xcalloc(1, sizeof(char *));
	scan.drops = b->drops.all;
	if (b->trace)
		traced = take_traced(b, &scan);
	whole_open(&whole, b->out);
	if (!b->append && whole.folder >= 0)
		whole_open(&list, list_name);
	outputs_know(&scan.outputs, &whole, &list);
	gather(b, &scan);
	whole.owned = b->append;
	if (b->append)
		before = base_copy(b->out, whole.fd, &b->base);
	pack_start(&pack, &whole, b->codec, b->level, write_about(&scan));
	writer.pack = &pack;
	write_archive(&writer);
	pack_end(&pack);
	name_both(b, &scan, &whole, &list);
	if (b->append)
		changed_tell(b->out, before);
	status = finish(b, &scan);
	status = status ? status : traced;
	causes_done(&scan.causes);
	scan_done(&scan);
	objects_done(&objects);
	return status;
}

static void check_words(struct build *b, const char *name)
{
	if (!b->tree || !b->out)
		command_usage("%s: -d DIR and %s are needed", name,
			      b->append ? "a FILE" : "-o FILE");
	if (b->append &&
	    b->lists.count + b->adds.count + b->modules.count + b->audits.count == 0)
		command_usage("%s: --list or --add says what goes into it", name);
	if (b->kernel && b->modules.count + b->audits.count == 0)
		command_usage("%s: --kernel says of which kernel --modules are", name);
	if (b->bare && b->init)
		command_usage("%s: --bare leaves /init out", name);
	if (!b->chosen) {
		b->codec = codec_of_suffix(b->out);
		b->level = b->codec ? b->codec->level : 0;
	}
}

int command_build(int argc, char **argv)
{
	struct build b = { .argv = argv };

	read_options(&b, argc, argv);
	if (optind < argc && strcmp(argv[optind - 1], "--") != 0)
		command_usage("build: no words but a program's after \"--\": %s",
			      argv[optind]);
	b.program = optind < argc ? argv + optind : NULL;
	b.trace = b.program ||
		  b.lists.count + b.adds.count + b.modules.count + b.audits.count == 0;
	check_words(&b, "build");
	return build(&b);
}

int command_append(int argc, char **argv)
{
	struct build b = { .argv = argv, .append = true, .bare = true };

	read_options(&b, argc, argv);
	if (b.out || b.init || optind + 1 != argc || !strcmp(argv[optind], "-"))
		command_usage("append: the one FILE gets a segment more, and no /init");
	b.out = argv[optind];
	check_words(&b, "append");
	if (!stat(b.out, &b.base) && !S_ISREG(b.base.st_mode))
		errx(BEE_CANTCREAT, "%s: it is no file", b.out);
	base_check(b.out);
	return build(&b);
}
