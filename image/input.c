/* The bytes of an archive's file, looked at before they are taken. */
#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void input_init(struct input *in, int fd)
{
	struct stat st;

	*in = (struct input){ .fd = fd,
			      .buffer = xcalloc(1, INPUT_BUFFER),
			      .piece = INPUT_BUFFER };
	in->bytes = in->buffer;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && lseek(fd, 0, SEEK_CUR) == 0)
		in->size = (uint64_t)st.st_size;
}

void input_init_bytes(struct input *in, const uint8_t *bytes, size_t len)
{
	*in = (struct input){ .fd = -1, .bytes = bytes, .len = len, .ended = true };
}

void input_done(struct input *in)
{
	free(in->buffer);
	*in = (struct input){ .fd = -1, .ended = true };
}

/*
 * What is skipped is not copied: after a skip a little is read, where the next header is, and twice as
 * much each time that more is wanted.
 */
static void fill(struct input *in)
{
	size_t room;
	ssize_t n;

	if (in->at > 0) {
		memmove(in->buffer, in->buffer + in->at, in->len - in->at);
		in->len -= in->at;
		in->at = 0;
	}
	room = INPUT_BUFFER - in->len;
	if (room > in->piece)
		room = in->piece;
	do
		n = read(in->fd, in->buffer + in->len, room);
	while (n < 0 && errno == EINTR);
	if (in->piece < INPUT_BUFFER)
		in->piece *= 2;
	if (n < 0)
		in->error = -errno;
	if (n <= 0)
		in->ended = true;
	else
		in->len += (size_t)n;
}

size_t input_peek(struct input *in, size_t want, const uint8_t **at)
{
	while (in->len - in->at < want && !in->ended)
		fill(in);
	*at = in->bytes + in->at;
	return in->len - in->at;
}

void input_eat(struct input *in, size_t count)
{
	in->at += count;
	in->offset += count;
}

/* Behind the buffer, without reading. What a file that shrinks lacks is missed later. */
static uint64_t seek_over(struct input *in, uint64_t count)
{
	uint64_t left = in->size - in->offset;

	if (count > left)
		count = left;
	if (lseek(in->fd, (off_t)(in->offset + count), SEEK_SET) < 0)
		return 0;
	in->offset += count;
	in->piece = INPUT_PIECE;
	return count;
}

uint64_t input_skip(struct input *in, uint64_t count)
{
	uint64_t done = 0;

	while (done < count) {
		const uint8_t *at;
		size_t have = in->len - in->at;

		if (have == 0 && in->size > in->offset && count - done > INPUT_PIECE)
			done += seek_over(in, count - done);
		if (done == count)
			break;
		have = input_peek(in, 1, &at);
		if (have == 0)
			break;
		if (have > count - done)
			have = (size_t)(count - done);
		input_eat(in, have);
		done += have;
	}
	return done;
}

int input_rewind(struct input *in)
{
	if (in->fd >= 0 && !in->size)
		return -ESPIPE;
	if (in->fd >= 0) {
		if (lseek(in->fd, 0, SEEK_SET) < 0)
			return -errno;
		in->len = 0;
		in->ended = false;
	}
	in->at = 0;
	in->offset = 0;
	return 0;
}
