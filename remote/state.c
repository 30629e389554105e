/* What bee-remote remembers until the next boot. */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int folder_make(const char *dir)
{
	AUTO_FREE char *path = xstrdup(dir);

	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? -1 : 0;
}

int state_open(struct state *state, const char *dir, struct said *said)
{
	AUTO_FREE char *path = xasprintf("%s/lock", dir);
	struct stat st;

	*state = (struct state){ dir, -1 };
	if (dir[0] != '/')
		return say(said, "%s: not an absolute path", dir);
	if (folder_make(dir) || lstat(dir, &st))
		return say(said, "%s: %s", dir, strerrordesc_np(errno) ?: "?");
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 022)
		return say(said, "%s: not a folder that is ours alone", dir);
	state->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (state->lock < 0 || flock(state->lock, LOCK_EX | LOCK_NB))
		return say(said, "%s: %s", path,
			   errno == EWOULDBLOCK ? "another bee remote is at work"
						: strerrordesc_np(errno) ?: "?");
	return 0;
}

int state_last(const struct state *state, const char *name, struct state_last *out,
	       struct said *said)
{
	AUTO_FREE char *path = xasprintf("%s/%s", state->dir, name);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct state_last last = { .sequence = 0 };
	unsigned char sha256[SHA256_BYTES];
	char text[128] = "", *space;

	if (fd < 0 && errno == ENOENT) {
		*out = last;
		return 0;
	}
	/* What cannot be read is not taken for 0: an order would run a second time. */
	if (fd < 0 || read_full(fd, text, sizeof(text) - 1) < 0)
		return say(said, "%s: it cannot be read", path);
	text[strcspn(text, "\n")] = '\0';
	space = strchr(text, ' ');
	if (space)
		*space++ = '\0';
	if (!space || take_number(text, 1, INT64_MAX, &last.sequence) ||
	    take_sha256(space, sha256))
		return say(said, "%s: not a sequence and an order", path);
	memcpy(last.order, space, sizeof(last.order));
	*out = last;
	return 0;
}

int state_write(const struct state *state, const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", state->dir, name);
	AUTO_FREE char *next = xasprintf("%s.next", path);
	AUTO_CLOSE int fd =
		open(next, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error = fd < 0 ? -errno : write_all(fd, text, strlen(text));

	if (!error && (fsync(fd) || rename(next, path)))
		error = -errno;
	return error;
}

int state_last_set(const struct state *state, const char *name,
		   const struct state_last *last, struct said *said)
{
	AUTO_FREE char *text =
		xasprintf("%llu %s\n", (unsigned long long)last->sequence, last->order);
	int error = state_write(state, name, text);

	if (error)
		return say(said, "%s/%s: %s", state->dir, name,
			   strerrordesc_np(-error) ?: "?");
	return 0;
}

int state_file(const struct state *state, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", state->dir, name);

	(void)unlink(path);
	return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}
