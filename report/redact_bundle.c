/* A folder of bee audit --capture, copied with all replaced that identifies one machine. */
#include "redact_bundle.h"

#include "redact_raw.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES_MAX 100000u
#define FILE_MAX (64u << 20) /* bytes; what a tool may print is less */
#define ALL_MAX (1u << 30)

struct bundle_file {
	char *path;  /* owned: below the folder */
	char *bytes; /* owned */
	size_t len;
};

struct bundle {
	struct bundle_file *files; /* owned */
	size_t count, bytes;
	int out; /* of the child: to the process that writes */
};

/* Before each file in the pipe; behind it come the path and the bytes. */
struct header {
	uint32_t path_len, len;
};

static void read_file(struct bundle *bundle, const FTSENT *entry, size_t base)
{
	AUTO_CLOSE int fd = open(entry->fts_accpath, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
							     O_CLOEXEC | O_NOCTTY);
	size_t room = (size_t)entry->fts_statp->st_size;
	struct bundle_file *file;
	ptrdiff_t n;

	if (fd < 0)
		err(BEE_IOERR, "%s", entry->fts_path);
	if (room > FILE_MAX || bundle->bytes + room > ALL_MAX ||
	    bundle->count == FILES_MAX) {
		warnx("left out, as it is too much: %s", entry->fts_path);
		return;
	}
	bundle->files = xrealloc_array(bundle->files, bundle->count + 1, sizeof(*file));
	file = &bundle->files[bundle->count++];
	*file = (struct bundle_file){ .path = xstrdup(entry->fts_path + base + 1),
				      .bytes = xcalloc(room + 1, 1) };
	n = read_full(fd, file->bytes, room);
	if (n < 0)
		errx(BEE_IOERR, "%s: %s", entry->fts_path, strerrordesc_np((int)-n));
	file->len = (size_t)n;
	bundle->bytes += file->len;
}

struct bundle *bundle_read(const char *from)
{
	char *roots[] = { xstrdup(from), NULL };
	struct bundle *bundle = xcalloc(1, sizeof(*bundle));
	FTS *tree;
	const FTSENT *entry;
	size_t base;

	for (base = strlen(roots[0]); base > 1 && roots[0][base - 1] == '/'; base--)
		roots[0][base - 1] = '\0';
	tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	if (!tree)
		err(BEE_IOERR, "%s", from);
	while ((entry = fts_read(tree))) {
		if (entry->fts_info == FTS_F)
			read_file(bundle, entry, base);
		else if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR ||
			 entry->fts_info == FTS_NS)
			errx(BEE_IOERR, "%s: %s", entry->fts_path,
			     strerrordesc_np(entry->fts_errno));
		else if (entry->fts_info != FTS_D && entry->fts_info != FTS_DP)
			warnx("left out, as it is no file: %s", entry->fts_path);
	}
	(void)fts_close(tree);
	free(roots[0]);
	if (bundle->count == 0)
		errx(BEE_DATAERR, "%s: there is no file in it", from);
	return bundle;
}

/* Below the folder, by names alone: who writes believes nothing of the child's. */
static bool is_inside(const char *path)
{
	for (const char *at = path;; at = strchr(at, '/') + 1) {
		size_t len = strcspn(at, "/");

		if (len == 0 || (len == 1 && *at == '.') ||
		    (len == 2 && !strncmp(at, "..", 2)))
			return false;
		if (!at[len])
			return true;
	}
}

/* A file of that path below `top`, and its folders. */
static int file_below(int top, const char *path)
{
	AUTO_FREE char *part = xstrdup(path);
	int folder = dup(top), below;
	char *at = part;

	for (char *slash; folder >= 0 && (slash = strchr(at, '/')); at = slash + 1) {
		*slash = '\0';
		if (mkdirat(folder, at, 0750) && errno != EEXIST)
			err(BEE_CANTCREAT, "%s", path);
		below = openat(folder, at,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		(void)close(folder);
		folder = below;
	}
	below = folder < 0 ? -1
			   : openat(folder, at,
				    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				    0640);
	if (below < 0)
		err(BEE_CANTCREAT, "%s", path);
	(void)close(folder);
	return below;
}

static void take_file(int in, int top, const struct header *header)
{
	AUTO_FREE char *path = NULL, *bytes = NULL;
	int error;

	if (header->path_len >= PATH_MAX || header->len > 4 * FILE_MAX)
		errx(BEE_SOFTWARE, "the redacted bundle is not one");
	path = xcalloc(header->path_len + 1, 1);
	bytes = xcalloc((size_t)header->len + 1, 1);
	if (read_full(in, path, header->path_len) != (ptrdiff_t)header->path_len ||
	    read_full(in, bytes, header->len) != (ptrdiff_t)header->len ||
	    !is_inside(path))
		errx(BEE_SOFTWARE, "the redacted bundle is not one");
	AUTO_CLOSE int fd = file_below(top, path);

	error = write_all(fd, bytes, header->len);
	if (error)
		errx(BEE_IOERR, "%s: %s", path, strerrordesc_np(-error));
}

/* In the process that writes: until the child has no more; ends with its status. */
static _Noreturn void take_all(int in, int top, pid_t child)
{
	struct header header;
	int status = 0;

	while (read_full(in, &header, sizeof(header)) == sizeof(header))
		take_file(in, top, &header);
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		errx(BEE_SOFTWARE, "the part that rewrites ended early");
	exit(WEXITSTATUS(status));
}

void bundle_begin(struct bundle *bundle, const char *to)
{
	int pipes[2], top;
	pid_t child;

	if (mkdir(to, 0750))
		err(BEE_CANTCREAT, "%s", to);
	top = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top < 0 || pipe2(pipes, O_CLOEXEC))
		err(BEE_CANTCREAT, "%s", to);
	child = fork();
	if (child < 0)
		err(BEE_SOFTWARE, "fork");
	if (child > 0) {
		(void)close(pipes[1]);
		take_all(pipes[0], top, child);
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)close(pipes[0]);
	(void)close(top);
	bundle->out = pipes[1];
}

void bundle_learn(const struct bundle *bundle, struct redact *redact)
{
	for (size_t i = 0; i < bundle->count; i++) {
		redact_find(redact, bundle->files[i].bytes, bundle->files[i].len);
		/* A folder is called by its instance: "ethtool@enx3cecef123456". */
		redact_find(redact, bundle->files[i].path, strlen(bundle->files[i].path));
	}
}

/* By its name, where that is not what is left. */
static void tell_left_out(const struct redact *redact, char *path, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (path[i] <= ' ' || path[i] > '~')
			path[i] = '?';
	warnx("left out, as a value of this machine was left in it: %s",
	      redact_left(redact, path, len) ? "a file with it in its name" : path);
}

void bundle_write(const struct bundle *bundle, const struct redact *redact)
{
	for (size_t i = 0; i < bundle->count; i++) {
		const struct bundle_file *file = &bundle->files[i];
		size_t path_len = 0, len = 0;
		AUTO_FREE char *path =
			redact_apply(redact, file->path, strlen(file->path), &path_len);
		AUTO_FREE char *bytes = redact_raw(redact, file->bytes, file->len, &len);
		const struct header header = { (uint32_t)path_len, (uint32_t)len };

		if (redact_left(redact, path, path_len) ||
		    redact_left(redact, bytes, len)) {
			tell_left_out(redact, path, path_len);
			continue;
		}
		if (write_all(bundle->out, &header, sizeof(header)) ||
		    write_all(bundle->out, path, path_len) ||
		    write_all(bundle->out, bytes, len))
			errx(BEE_IOERR, "the redacted bundle could not be written");
	}
}
