/* Bytes of an archive on their way to its file. */
#include "pack.h"

#include "direct.h"
#include "exits.h"
#include "give_up.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void fail(const struct pack *pack, int error)
{
	errx(BEE_IOERR, "%s: %s",
	     strcmp(pack->path, "-") ? pack->path : "standard output",
	     strerrordesc_np(error));
}

/* The child: what comes from `from` goes to the image, compressed. */
static _Noreturn void compress(const struct pack *pack, int from,
			       const struct codec *codec, int level, uint64_t about)
{
	void *encoder = codec->encoder(level);
	uint8_t *in = xcalloc(PACK_BUFFER, 1), *out = xcalloc(PACK_BUFFER, 1);
	struct codec_io io = { .in = in };
	int result = 0, error;

	if (!encoder)
		errx(BEE_OSERR, "out of memory");
	if (codec->expect)
		codec->expect(encoder, about);
	give_up_rights();
	while (result == 0) {
		if (io.in_len == 0 && !io.last) {
			ptrdiff_t n = read_full(from, in, PACK_BUFFER);

			if (n < 0)
				fail(pack, (int)-n);
			io.in = in;
			io.in_len = (size_t)n;
			io.last = n < (ptrdiff_t)PACK_BUFFER;
		}
		io.out = out;
		io.out_len = PACK_BUFFER;
		result = codec->encode(encoder, &io);
		if (result < 0)
			errx(BEE_OSERR, "%s has no memory to compress", codec->name);
		error = write_all(pack->to, out, PACK_BUFFER - io.out_len);
		if (error)
			fail(pack, -error);
	}
	_exit(BEE_OK);
}

void pack_start(struct pack *pack, const struct whole *to, const struct codec *codec,
		int level, uint64_t about)
{
	int ends[2];

	*pack = (struct pack){ .path = to->path, .to = to->fd };
	/* Others may have standard output, too: it stays as it is. */
	if (!codec && to->folder >= 0)
		pack->direct = direct_start(to->fd, PACK_BUFFER, &pack->buffer);
	if (!pack->direct)
		pack->buffer = xcalloc(PACK_BUFFER, 1);
	if (!codec)
		return;
	if (pipe2(ends, O_CLOEXEC))
		err_system("a pipe");
	pack->child = fork();
	if (pack->child < 0)
		err_system("a process that compresses");
	if (pack->child == 0) {
		close(ends[1]);
		compress(pack, ends[0], codec, level, about);
	}
	close(ends[0]);
	(void)fcntl(ends[1], F_SETPIPE_SZ, PACK_BUFFER);
	(void)signal(SIGPIPE, SIG_IGN); /* a child that failed: flush() */
	pack->to = ends[1];
}

static void flush(struct pack *pack)
{
	int error = pack->direct ? direct_next(pack->direct, &pack->buffer)
				 : write_all(pack->to, pack->buffer, pack->len);

	if (error == -EPIPE && pack->child)
		exit(BEE_IOERR); /* the child has said why */
	if (error)
		fail(pack, -error);
	pack->len = 0;
}

uint8_t *pack_room(struct pack *pack, size_t *room)
{
	if (pack->len == PACK_BUFFER)
		flush(pack);
	*room = PACK_BUFFER - pack->len;
	return pack->buffer + pack->len;
}

void pack_took(struct pack *pack, size_t count)
{
	pack->len += count;
	pack->total += count;
}

void pack_put(struct pack *pack, const void *bytes, size_t len)
{
	const uint8_t *from = bytes;

	while (len > 0) {
		size_t room;
		uint8_t *to = pack_room(pack, &room);

		if (room > len)
			room = len;
		memcpy(to, from, room);
		pack_took(pack, room);
		from += room;
		len -= room;
	}
}

void pack_pad(struct pack *pack, unsigned multiple)
{
	static const uint8_t zeros[512];

	pack_put(pack, zeros, (size_t)(-pack->total & (multiple - 1)));
}

void pack_end(struct pack *pack)
{
	int status = 0;

	if (pack->direct) {
		status = direct_end(pack->direct, pack->len);
		if (status)
			fail(pack, -status);
		return;
	}
	flush(pack);
	free(pack->buffer);
	if (!pack->child)
		return;
	if (close(pack->to))
		fail(pack, errno);
	while (waitpid(pack->child, &status, 0) < 0)
		if (errno != EINTR)
			err_system("waiting for the process that compresses");
	if (WIFSIGNALED(status))
		exit_killed("the process that compresses", status);
	if (WEXITSTATUS(status))
		exit(WEXITSTATUS(status));
}
