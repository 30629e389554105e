/* Where -o leads, and how a document gets there whole. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LINKS_MAX 40

/* A path on its way: the folder reached so far, and what is left to go. */
struct way {
	int folder;
	char rest[PATH_MAX];
	unsigned links;
};

static int way_begin(struct way *way)
{
	const char *from = way->rest[0] == '/' ? "/" : ".";

	/* A relative link begins in the folder it is in. */
	if (way->folder >= 0 && way->rest[0] != '/')
		return 0;
	if (way->folder >= 0)
		close(way->folder);
	way->folder = open(from, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return way->folder < 0 ? -errno : 0;
}

/* In a folder such as /tmp everybody may put a link, a FIFO, and wait for root to use it. */
static bool planted(int folder, const struct stat *node)
{
	struct stat st;

	if (fstat(folder, &st))
		return true;
	return (st.st_mode & S_ISVTX) && (st.st_mode & S_IWOTH) &&
	       node->st_uid != geteuid() && node->st_uid != st.st_uid;
}

static bool same(const struct stat *node, const struct stat *other)
{
	return other->st_nlink && node->st_dev == other->st_dev &&
	       node->st_ino == other->st_ino;
}

/*
 * /dev/stdout and the like end in a descriptor's number in a folder of /proc, ours in
 * /proc/self. Ours are not the caller's any more: the number says which was meant. 0: it is
 * no such name.
 */
static int descriptor_word(const struct way *way, const char *name,
			   const struct stat *stdout_file)
{
	AUTO_FREE char *own = xasprintf("/proc/%d/", getpid());
	char path[PATH_MAX], link[FD_PATH_SIZE];
	struct statfs where;
	struct stat st;
	ssize_t len;

	if (name[strspn(name, "0123456789")] || fstatfs(way->folder, &where) ||
	    where.f_type != PROC_SUPER_MAGIC)
		return 0;
	len = readlink(fd_path(link, way->folder), path, sizeof(path) - 1);
	if (len < 0)
		return -errno;
	path[len] = '\0';
	if (strcmp(strrchr(path, '/') ?: "", "/fd") != 0)
		return 0;
	if (!strncmp(path, own, strlen(own)))
		return strcmp(name, "1") == 0 ? OUTPUT_STDOUT : OUTPUT_DESCRIPTOR;
	if (!fstatat(way->folder, name, &st, 0) && same(&st, stdout_file))
		return OUTPUT_STDOUT;
	return OUTPUT_DESCRIPTOR;
}

/* Puts the text of a link before the rest of the way. 0, an enum output_word, -errno. */
static int link_follow(struct way *way, int link, const char *rest)
{
	char text[2 * PATH_MAX];
	struct stat st;
	ssize_t len;

	if (++way->links > LINKS_MAX)
		return -ELOOP;
	if (fstat(link, &st))
		return -errno;
	if (planted(way->folder, &st))
		return OUTPUT_PLANTED;
	len = readlinkat(link, "", text, PATH_MAX);
	if (len < 0)
		return -errno;
	if ((size_t)len + strlen(rest) >= sizeof(way->rest))
		return -ENAMETOOLONG;
	memcpy(text + len, rest, strlen(rest) + 1);
	memcpy(way->rest, text, strlen(text) + 1);
	return way_begin(way);
}

/* What stands at the end of the way. */
static int node_check(const struct way *way, const struct stat *node,
		      const struct stat streams[2], struct output *output)
{
	if (S_ISDIR(node->st_mode))
		return -EISDIR;
	if (same(node, &streams[0]))
		return OUTPUT_STDOUT;
	/* -o /dev/null, while stderr is /dev/null by chance, does not mean stderr. */
	if (same(node, &streams[1]) && !S_ISCHR(node->st_mode))
		return OUTPUT_DESCRIPTOR;
	output->in_place = !S_ISREG(node->st_mode);
	return output->in_place && planted(way->folder, node) ? OUTPUT_PLANTED : 0;
}

enum { MORE = OUTPUT_PLANTED + 1 };

/* One component. MORE, or what output_find returns. */
static int step(struct way *way, const struct stat streams[2], struct output *output)
{
	const char *name = way->rest + strspn(way->rest, "/");
	size_t len = strcspn(name, "/");
	const char *rest = name + len;
	struct stat st;
	int word;

	if (!len)
		return -EISDIR;
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	(void)snprintf(output->name, sizeof(output->name), "%.*s", (int)len, name);
	word = *rest ? 0 : descriptor_word(way, output->name, streams);
	if (word)
		return word;
	int fd = openat(way->folder, output->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && !*rest && !way->links)
		return 0; /* a new file */
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		close(fd);
		return -errno;
	}
	if (S_ISLNK(st.st_mode) || !*rest) {
		word = S_ISLNK(st.st_mode) ? link_follow(way, fd, rest)
					   : node_check(way, &st, streams, output);

		close(fd);
		return S_ISLNK(st.st_mode) && !word ? MORE : word;
	}
	close(way->folder);
	way->folder = fd;
	memmove(way->rest, rest, strlen(rest) + 1);
	return MORE;
}

int output_find(const char *path, const struct stat streams[2], struct output *output)
{
	struct way way = { .folder = -1 };
	int word;

	*output = (struct output){ .folder = -1 };
	if ((size_t)snprintf(way.rest, sizeof(way.rest), "%s", path) >= sizeof(way.rest))
		return -ENAMETOOLONG;
	word = way_begin(&way);
	if (!word)
		do
			word = step(&way, streams, output);
		while (word == MORE);
	output->folder = way.folder;
	return word;
}

static int temporary_new(const struct output *output, const char *name)
{
	/* Left by an audit that was killed; in a folder of others it may be anybody's. */
	(void)unlinkat(output->folder, name, 0);
	return openat(output->folder, name,
		      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
}

static int in_place_write(const struct output *output, const char *bytes, size_t len)
{
	int fd = openat(output->folder, output->name,
			O_WRONLY | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	int error = fd < 0 ? -errno : write_all(fd, bytes, len);

	return error ? error : close(fd) ? -errno : 0;
}

int output_write(const struct output *output, const char *bytes, size_t len)
{
	AUTO_FREE char *temporary = xasprintf(".%s.new", output->name);
	int error, fd;

	if (output->in_place)
		return in_place_write(output, bytes, len);
	fd = temporary_new(output, temporary);
	if (fd < 0)
		return -errno;
	error = write_all(fd, bytes, len);
	if (!error && fsync(fd))
		error = -errno;
	if (close(fd) && !error)
		error = -errno;
	if (!error && renameat(output->folder, temporary, output->folder, output->name))
		error = -errno;
	if (error) {
		(void)unlinkat(output->folder, temporary, 0);
		return error;
	}
	AUTO_CLOSE int folder =
		openat(output->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder < 0 || fsync(folder) ? -errno : 0;
}

int output_probe(const struct output *output)
{
	AUTO_FREE char *temporary = xasprintf(".%s.new", output->name);
	int fd;

	if (output->in_place)
		return faccessat(output->folder, output->name, W_OK, AT_EACCESS) ? -errno
										 : 0;
	fd = temporary_new(output, temporary);
	if (fd < 0)
		return -errno;
	close(fd);
	return unlinkat(output->folder, temporary, 0) ? -errno : 0;
}
