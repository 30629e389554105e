/*
 * bee-keep: copies the last audit's document to where the last ones are, and removes the oldest. It looks into
 * none: what hardware says is bytes here.
 */
#include "document.h"
#include "kept.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LAST_DEFAULT 30u
#define LAST_MAX 100000u
#define HALF ".half" /* a copy that is not whole yet */

static const char usage_text[] =
	"usage: bee keep [OPTION...] [FILE]\n"
	"\n"
	"  bee keep                 the last audit beside those before it\n"
	"  bee keep --last 90       and no more than ninety\n"
	"  bee diff                 what has changed from the last but one to the last\n"
	"\n"
	"      --last N    how many stay; 30\n"
	"      --to DIR    where they are; " KEPT_DEFAULT "\n"
	"  -h, --help      this text\n"
	"      --version   the version\n";

static const struct option options[] = {
	{ "last", required_argument, NULL, 'l' },
	{ "to", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

struct keep {
	const char *to, *path;
	uint64_t last;
};

static void read_options(struct keep *keep, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'l':
			if (parse_u64(optarg, LAST_MAX, &keep->last) || keep->last == 0)
				errx(BEE_USAGE, "--last: a number from 1 to %u is needed",
				     LAST_MAX);
			break;
		case 't':
			keep->to = optarg;
			break;
		case 'h':
			(void)fputs(usage_text, stdout);
			exit_written(BEE_IOERR);
		case 'V':
			printf("bee-keep %s\n", BEE_VERSION);
			exit_written(BEE_IOERR);
		default:
			(void)fputs("bee keep --help has examples\n", stderr);
			exit(BEE_USAGE);
		}
	}
	if (argc - optind > 1)
		errx(BEE_USAGE, "one document at a time, not also %s", argv[optind + 1]);
	if (optind < argc)
		keep->path = argv[optind];
}

/* The folder, made where it is missing; those above it are somebody's choice, but for the default's. */
static int folder_open(const char *path)
{
	int fd;

	if (!strcmp(path, KEPT_DEFAULT) && mkdir("/var/lib/bee", 0755) && errno != EEXIST)
		err(BEE_CANTCREAT, "/var/lib/bee");
	if (mkdir(path, 0750) && errno != EEXIST)
		err(BEE_CANTCREAT, "%s", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		err(BEE_CANTCREAT, "%s", path);
	return fd;
}

/* By when the document was finished, in UTC: so the order of names is that of audits. */
static void name_of(const struct stat *st, char name[KEPT_NAME])
{
	struct tm tm;

	if (!gmtime_r(&st->st_mtim.tv_sec, &tm) ||
	    strftime(name, KEPT_NAME, "%Y-%m-%dT%H:%M:%SZ.json", &tm) != KEPT_NAME - 1)
		errx(BEE_DATAERR, "the time of the document is none");
}

/* Whole and on the disk before it has its name; the same document again changes nothing. */
static void copy(const struct keep *keep, int in, int folder, const char *name)
{
	AUTO_FREE char *bytes = NULL;
	size_t len = 0;
	int error = document_read(in, &bytes, &len);

	if (error)
		errx(BEE_IOERR, "%s: %s", keep->path, strerrordesc_np(-error));
	if (len == 0 || bytes[0] != '{')
		errx(BEE_DATAERR, "%s: not a document of bee audit", keep->path);
	(void)unlinkat(folder, HALF, 0);
	AUTO_CLOSE int out =
		openat(folder, HALF, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (out < 0)
		err(BEE_CANTCREAT, "%s/%s", keep->to, HALF);
	error = write_all(out, bytes, len);
	if (error || fsync(out)) {
		error = error ?: -errno;
		(void)unlinkat(folder, HALF, 0);
		errx(BEE_IOERR, "%s/%s: %s", keep->to, HALF, strerrordesc_np(-error));
	}
	if (renameat(folder, HALF, folder, name))
		err(BEE_IOERR, "%s/%s", keep->to, name);
	(void)fsync(folder);
}

static void remove_oldest(const struct keep *keep, int folder)
{
	char **names;
	size_t count;
	int error = kept_list(folder, &names, &count);

	if (error)
		errx(BEE_IOERR, "%s: %s", keep->to, strerrordesc_np(-error));
	for (size_t i = 0; i + keep->last < count; i++)
		if (unlinkat(folder, names[i], 0) && errno != ENOENT)
			err(BEE_IOERR, "%s/%s", keep->to, names[i]);
	kept_free(names, count);
}

int main(int argc, char **argv)
{
	struct keep keep = { .to = KEPT_DEFAULT,
			     .path = DOCUMENT_DEFAULT,
			     .last = LAST_DEFAULT };
	char name[KEPT_NAME];
	struct stat st;

	read_options(&keep, argc, argv);
	AUTO_CLOSE int in = open(keep.path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (in < 0 || fstat(in, &st))
		err(BEE_IOERR, "%s", keep.path);
	if (!S_ISREG(st.st_mode))
		errx(BEE_DATAERR, "%s: is no file", keep.path);
	AUTO_CLOSE int folder = folder_open(keep.to);

	name_of(&st, name);
	copy(&keep, in, folder, name);
	remove_oldest(&keep, folder);
	return BEE_OK;
}
