/*
 * bee-read [--root DIR] PATTERN...: prints the files that match, one line per line of
 * content.
 *
 *   v<TAB>path<TAB>content   a line of a file (an empty file has one empty line)
 *   l<TAB>path<TAB>target    a symbolic link: it is not followed
 *   e<TAB>path<TAB>ENAME     what cannot be read (what was read of it comes before)
 *
 * In a pattern, * matches within one component (a dot in front only where the pattern has one)
 * and {a,b} gives alternatives, not nested.
 * What a pattern matches comes sorted; what does not exist, and folders, print nothing.
 */
#include "util.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <getopt.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (64u << 10)   /* bytes read of one file */
#define OUTPUT_MAX (32u << 20) /* bytes printed */
#define PATHS_MAX 200000u      /* matches of one pattern */
#define ALTERNATIVES_MAX 4096u /* one pattern with its braces multiplied out */

static int root_fd = -1; /* of --root, else -1 */
static size_t printed;
static bool overflowed;

struct paths {
	char **list; /* owned, owned strings */
	size_t count, size;
};

static void paths_add(struct paths *paths, char *path, size_t max)
{
	if (paths->count == max) {
		overflowed = true;
		free(path);
		return;
	}
	if (paths->count == paths->size) {
		paths->size = paths->size ? 2 * paths->size : 64;
		paths->list = xrealloc_array(paths->list, paths->size, sizeof(char *));
	}
	paths->list[paths->count++] = path;
}

static void paths_done(struct paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->list[i]);
	free(paths->list);
}

/* Below --root a link like /etc/passwd must lead to a file in that folder too. */
static int open_path(const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	if (root_fd < 0)
		return open(path, flags | O_CLOEXEC);
	return open_within(root_fd, path, &how);
}

/* Never more of a line than the cap has left, and never half a line. */
static void print_line(char kind, const char *path, const char *text, size_t len)
{
	size_t size = strlen(path) + len + 4;

	if (overflowed || size > OUTPUT_MAX - printed) {
		overflowed = true;
		return;
	}
	printed += size;
	(void)printf("%c\t%s\t", kind, path);
	(void)fwrite(text, 1, len, stdout);
	(void)putchar('\n');
}

static void print_error(const char *path, int error)
{
	const char *name = strerrorname_np(error);

	if (!name)
		name = "EUNKNOWN";
	print_line('e', path, name, strlen(name));
}

static void print_link(const char *path)
{
	AUTO_CLOSE int fd = open_path(path, O_PATH | O_NOFOLLOW);
	char target[PATH_MAX];
	ssize_t len = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof(target));

	if (len < 0)
		print_error(path, errno);
	else if (memchr(target, '\n', (size_t)len))
		print_error(path, EILSEQ);
	else
		print_line('l', path, target, (size_t)len);
}

static void print_content(const char *path, const char *bytes, size_t len)
{
	const char *end = bytes + len, *stop;

	do {
		stop = memchr(bytes, '\n', (size_t)(end - bytes));
		print_line('v', path, bytes, (size_t)((stop ? stop : end) - bytes));
		bytes = stop ? stop + 1 : end;
	} while (bytes < end);
}

/*
 * Below --root there may be FIFOs and devices of somebody's, which an open can stop or set
 * going: there a file is looked at first. A descriptor for fstat, or to read; or -1.
 */
static int open_file(const char *path)
{
	AUTO_CLOSE int found = root_fd < 0 ? -1 : open_path(path, O_PATH | O_NOFOLLOW);
	char same[FD_PATH_SIZE];
	struct stat st;

	if (root_fd < 0)
		return open_path(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
	if (found < 0 || fstat(found, &st))
		return -1;
	if (S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		return -1;
	}
	if (!S_ISREG(st.st_mode))
		return fcntl(found, F_DUPFD_CLOEXEC, 0);
	return open(fd_path(same, found), O_RDONLY | O_CLOEXEC);
}

static void print_file(const char *path)
{
	static char bytes[FILE_MAX + 1];
	AUTO_CLOSE int fd = open_file(path);
	struct stat st;
	size_t have = 0;
	ssize_t n = 0;
	int error = 0;

	if (fd < 0) {
		if (errno == ELOOP)
			print_link(path);
		else if (errno != ENOENT && errno != ENOTDIR)
			print_error(path, errno);
		return;
	}
	if (fstat(fd, &st)) {
		print_error(path, errno);
		return;
	}
	if (S_ISDIR(st.st_mode))
		return;
	if (!S_ISREG(st.st_mode)) {
		print_error(path, EINVAL);
		return;
	}
	while (have < sizeof(bytes)) {
		n = read(fd, bytes + have, sizeof(bytes) - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	if (n < 0)
		error = errno;
	else if (have == sizeof(bytes))
		error = EFBIG;
	if (have > FILE_MAX)
		have = FILE_MAX;
	if (have > 0 || !error)
		print_content(path, bytes, have);
	if (error)
		print_error(path, error);
}

static bool printable(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < 0x20 || *name == 0x7f)
			return false;
	return true;
}

static void expand(const char *done, const char *rest, struct paths *out);

static void expand_star(const char *done, const char *part, const char *rest,
			struct paths *out)
{
	int fd = open_path(*done ? done : "/", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		if (errno != ENOENT && errno != ENOTDIR)
			print_error(*done ? done : "/", errno);
		if (fd >= 0)
			close(fd);
		return;
	}
	for (;;) {
		AUTO_FREE char *path = NULL;

		errno = 0;
		entry = overflowed ? NULL : readdir(dir);
		if (!entry && errno)
			print_error(*done ? done : "/", errno);
		if (!entry)
			break;
		if (fnmatch(part, entry->d_name, FNM_PERIOD | FNM_NOESCAPE))
			continue;
		if (!printable(entry->d_name)) {
			print_error(*done ? done : "/", EILSEQ);
			continue;
		}
		path = xasprintf("%s/%s", done, entry->d_name);
		expand(path, rest, out);
	}
	closedir(dir);
}

/* `done` has no trailing slash; `rest` is "" or begins with one. */
static void expand(const char *done, const char *rest, struct paths *out)
{
	AUTO_FREE char *part = NULL;
	AUTO_FREE char *path = NULL;
	size_t len;

	while (*rest == '/')
		rest++;
	if (!*rest) {
		paths_add(out, xstrdup(done), PATHS_MAX);
		return;
	}
	len = strcspn(rest, "/");
	part = xasprintf("%.*s", (int)len, rest);
	if (strchr(part, '*')) {
		expand_star(done, part, rest + len, out);
		return;
	}
	path = xasprintf("%s/%s", done, part);
	expand(path, rest + len, out);
}

/* Multiplies the braces out, the first ones first. False when they do not pair up. */
static bool unbrace(const char *pattern, struct paths *out)
{
	size_t before = strcspn(pattern, "{}"), len;
	const char *at = pattern + before, *close;

	if (!*at) {
		paths_add(out, xstrdup(pattern), ALTERNATIVES_MAX);
		return true;
	}
	close = at + 1 + strcspn(at + 1, "{}/");
	if (*at == '}' || *close != '}')
		return false;
	for (at++;; at += len + 1) {
		AUTO_FREE char *one = NULL;

		len = strcspn(at, ",}");
		one = xasprintf("%.*s%.*s%s", (int)before, pattern, (int)len, at,
				close + 1);
		if (overflowed || !unbrace(one, out))
			return false;
		if (at[len] == '}')
			return true;
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int usage(const char *pattern)
{
	warnx("not an absolute path with * and {a,b} only: %s", pattern);
	return BEE_USAGE;
}

static int read_pattern(const char *pattern)
{
	struct paths plain = { .list = NULL }, found = { .list = NULL };
	int status = 0;

	/* fnmatch(3) knows more than a policy may say. */
	if (*pattern != '/' || strlen(pattern) >= PATH_MAX ||
	    (strchr(pattern, '*') && strpbrk(pattern, "?[")) ||
	    !unbrace(pattern, &plain)) {
		status = usage(pattern);
		goto out;
	}
	for (size_t i = 0; i < plain.count; i++)
		expand("", plain.list[i], &found);
	if (found.count > 1)
		qsort(found.list, found.count, sizeof(char *), compare);
	for (size_t i = 0; i < found.count && !overflowed; i++) {
		if (i > 0 && !strcmp(found.list[i], found.list[i - 1]))
			continue;
		print_file(found.list[i]);
		/* The next file may hang: what came before it must be out. */
		if (fflush(stdout)) {
			warn("standard output");
			status = BEE_IOERR;
			break;
		}
	}
out:
	paths_done(&plain);
	paths_done(&found);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "root", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status = 0;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'r')
			return BEE_USAGE;
		root_fd = open(optarg, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root_fd < 0)
			err(BEE_USAGE, "%s", optarg);
	}
	if (optind == argc)
		errx(BEE_USAGE, "usage: bee-read [--root DIR] PATTERN...");
	for (int i = optind; i < argc && status == 0; i++)
		status = read_pattern(argv[i]);
	if (status == 0 && overflowed) {
		warnx("more than %u bytes or %u paths; the rest was left out", OUTPUT_MAX,
		      PATHS_MAX);
		status = BEE_DATAERR;
	}
	return status;
}
