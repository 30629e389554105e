/*
 * A file written past the page cache, by a child: the disk works while the next bytes are made, and
 * the processor does not copy them once more.
 */
#include "direct.h"

#include "exits.h"
#include "give_up.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct direct {
	int to; /* borrowed */
	size_t size;
	uint8_t *buffers; /* owned: two, which the child sees too; they take turns */
	unsigned turn;    /* that of the one which is filled */
	pid_t child;
	int socket; /* to it goes a buffer's number, and back comes what became of it */
	bool busy;  /* it has not answered yet */
	int error;  /* the first: after one nothing more is handed over */
};

static int direct_set(int to, bool on)
{
	int flags = fcntl(to, F_GETFL);

	return fcntl(to, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT);
}

static uint8_t *buffer_of(const struct direct *direct, unsigned turn)
{
	return direct->buffers + turn * direct->size;
}

/* A file system that took the flag may still refuse what is aligned for all others. */
static int put(int to, const uint8_t *bytes, size_t len)
{
	off_t at = lseek(to, 0, SEEK_CUR);
	int error = write_all(to, bytes, len);

	if (error == -EINVAL && !direct_set(to, false) && lseek(to, at, SEEK_SET) == at)
		error = write_all(to, bytes, len);
	return error;
}

static _Noreturn void write_on(const struct direct *direct, int socket)
{
	unsigned char turn;

	give_up_rights_but_sockets();
	while (read_full(socket, &turn, 1) == 1) {
		int error = put(direct->to, buffer_of(direct, turn), direct->size);

		if (send(socket, &error, sizeof(error), MSG_NOSIGNAL) != sizeof(error))
			break;
	}
	_exit(BEE_OK);
}

static int child_start(struct direct *direct)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	direct->socket = ends[0];
	direct->child = fork();
	if (direct->child == 0) {
		close(ends[0]);
		write_on(direct, ends[1]);
	}
	close(ends[1]);
	if (direct->child < 0)
		close(ends[0]);
	return direct->child < 0 ? -1 : 0;
}

static void direct_free(struct direct *direct)
{
	(void)munmap(direct->buffers, 2 * direct->size);
	free(direct);
}

struct direct *direct_start(int to, size_t size, uint8_t **buffer)
{
	struct direct *direct;
	struct stat st;

	/* To a pipe the flag means something else. */
	if (fstat(to, &st) || !S_ISREG(st.st_mode) || direct_set(to, true))
		return NULL;
	direct = xcalloc(1, sizeof(*direct));
	*direct = (struct direct){ .to = to, .size = size };
	direct->buffers = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (direct->buffers == MAP_FAILED)
		errx(BEE_OSERR, "out of memory");
	*buffer = buffer_of(direct, 0);
	if (child_start(direct)) {
		(void)direct_set(to, false);
		direct_free(direct);
		return NULL;
	}
	return direct;
}

/* What became of the buffer that the child has. Who kills it loses an image. */
static void answer_wait(struct direct *direct)
{
	if (direct->busy && read_full(direct->socket, &direct->error,
				      sizeof(direct->error)) != sizeof(direct->error))
		direct->error = -EIO;
	direct->busy = false;
}

int direct_next(struct direct *direct, uint8_t **buffer)
{
	unsigned char turn = (unsigned char)direct->turn;

	answer_wait(direct);
	if (!direct->error && send(direct->socket, &turn, 1, MSG_NOSIGNAL) != 1)
		direct->error = -EIO;
	if (!direct->error) {
		direct->busy = true;
		direct->turn = !direct->turn;
	}
	*buffer = buffer_of(direct, direct->turn);
	return direct->error;
}

int direct_end(struct direct *direct, size_t len)
{
	int error;

	answer_wait(direct);
	close(direct->socket);
	while (waitpid(direct->child, NULL, 0) < 0 && errno == EINTR)
		continue;
	error = direct->error;
	/* The rest is no multiple of what a disk writes. */
	if (direct_set(direct->to, false) && !error)
		error = -errno;
	if (!error)
		error = write_all(direct->to, buffer_of(direct, direct->turn), len);
	direct_free(direct);
	return error;
}
