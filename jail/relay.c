/* Moves a tool's bytes without reading them: splice to the next pipe, tee for the copy. */
#include "stub.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CHUNK (64u << 10)
#define DRAIN_ROUNDS 64 /* a full pipe is one round; more is a writer that never stops */

static void file_lose(struct relay *relay)
{
	close(relay->file);
	relay->file = -1;
	relay->file_lost = true;
}

enum moved { MOVED_SOME, MOVED_NOTHING, MOVED_END, MOVED_BROKEN };

/* Takes `count` bytes, which tee(2) has given to `out`, out of the pipe and into the file; where
 * the file cannot take them they leave the pipe all the same, or `out` would get them twice. */
static void file_write(struct stub *stub, struct relay *relay, size_t count)
{
	while (count > 0) {
		int to = relay->file < 0 ? stub->null : relay->file;
		ssize_t n = splice(relay->in, NULL, to, NULL, count, 0);

		if (n <= 0 && relay->file < 0)
			return;
		if (n <= 0)
			file_lose(relay);
		else
			count -= (size_t)n;
	}
}

/* What is past the cap, or read by nobody, is thrown away. */
static enum moved throw_away(struct stub *stub, struct relay *relay)
{
	ssize_t n = splice(relay->in, NULL, stub->null, NULL, CHUNK, SPLICE_F_NONBLOCK);

	if (n < 0)
		return MOVED_NOTHING;
	return n == 0 ? MOVED_END : MOVED_SOME;
}

static enum moved move_chunk(struct stub *stub, struct relay *relay)
{
	uint64_t left = relay->cap - relay->moved;
	size_t want = left < CHUNK ? (size_t)left : CHUNK;
	ssize_t n;

	if (want == 0 || (relay->out < 0 && relay->file < 0)) {
		enum moved thrown = throw_away(stub, relay);

		relay->capped |= want == 0 && thrown == MOVED_SOME;
		return thrown;
	}
	if (relay->out >= 0 && relay->file >= 0)
		n = tee(relay->in, relay->out, want, SPLICE_F_NONBLOCK);
	else
		n = splice(relay->in, NULL, relay->out >= 0 ? relay->out : relay->file,
			   NULL, want, SPLICE_F_NONBLOCK);
	if (n < 0 && relay->out < 0 && errno != EAGAIN)
		file_lose(relay);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		return MOVED_BROKEN; /* nobody reads it, or its disk is full */
	if (n < 0)
		return MOVED_NOTHING;
	if (n == 0)
		return MOVED_END;
	relay->moved += (uint64_t)n;
	if (relay->out >= 0 && relay->file >= 0)
		file_write(stub, relay, (size_t)n);
	return MOVED_SOME;
}

static bool readable(int fd)
{
	struct pollfd in = { fd, POLLIN, 0 };

	return poll(&in, 1, 0) > 0 && in.revents & POLLIN;
}

bool relay_move(struct stub *stub, struct relay *relay)
{
	if (relay->in < 0)
		return true;
	relay->blocked = false;
	switch (move_chunk(stub, relay)) {
	case MOVED_SOME:
		return !relay->capped || relay->discard;
	case MOVED_NOTHING:
		/* Nothing came in, or nothing can go out: the input tells which. */
		relay->blocked = relay->out >= 0 && readable(relay->in);
		return true;
	case MOVED_END:
		close(relay->in);
		relay->in = -1;
		return true;
	case MOVED_BROKEN:
		relay->broken = true;
		close(relay->out);
		relay->out = -1;
		return relay->file >= 0 || relay->discard;
	}
	return true;
}

void relay_drain(struct stub *stub, struct relay *relay)
{
	for (int i = 0; i < DRAIN_ROUNDS && relay->in >= 0; i++) {
		uint64_t before = relay->moved;

		if (!relay_move(stub, relay) || relay->blocked || relay->moved == before)
			return;
	}
}

void relay_poll(const struct relay *relay, struct pollfd *in, struct pollfd *out)
{
	*in = (struct pollfd){ relay->blocked ? -1 : relay->in, POLLIN, 0 };
	*out = (struct pollfd){ relay->blocked ? relay->out : -1, POLLOUT, 0 };
}
