/* Moves a tool's bytes without reading them: splice to the next pipe, tee for the capture. */
#include "stub.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CHUNK (64u << 10)
#define DRAIN_ROUNDS 64 /* a full pipe is one round; more is a writer that never stops */

static void file_lose(struct flow *flow)
{
	close(flow->file);
	flow->file = -1;
	flow->file_lost = true;
}

enum moved { MOVED_SOME, MOVED_NOTHING, MOVED_END, MOVED_BROKEN };

/* `count` bytes that `out` has already leave the pipe, whatever becomes of the file. */
static void file_write(struct stub *stub, struct flow *flow, size_t count)
{
	while (count > 0) {
		int to = flow->file < 0 ? stub->null : flow->file;
		ssize_t n = splice(flow->in, NULL, to, NULL, count, 0);

		if (n <= 0 && flow->file < 0)
			return;
		if (n <= 0)
			file_lose(flow);
		else
			count -= (size_t)n;
	}
}

/* What is past the cap, or read by nobody, is thrown away. */
static enum moved throw_away(struct stub *stub, struct flow *flow)
{
	ssize_t n = splice(flow->in, NULL, stub->null, NULL, CHUNK, SPLICE_F_NONBLOCK);

	if (n < 0)
		return MOVED_NOTHING;
	return n == 0 ? MOVED_END : MOVED_SOME;
}

static enum moved move_chunk(struct stub *stub, struct flow *flow)
{
	uint64_t left = flow->cap - flow->moved;
	size_t want = left < CHUNK ? (size_t)left : CHUNK;
	ssize_t n;

	if (want == 0 || (flow->out < 0 && flow->file < 0)) {
		enum moved thrown = throw_away(stub, flow);

		flow->capped |= want == 0 && thrown == MOVED_SOME;
		return thrown;
	}
	if (flow->out >= 0 && flow->file >= 0)
		n = tee(flow->in, flow->out, want, SPLICE_F_NONBLOCK);
	else
		n = splice(flow->in, NULL, flow->out >= 0 ? flow->out : flow->file, NULL,
			   want, SPLICE_F_NONBLOCK);
	if (n < 0 && flow->out < 0 && errno != EAGAIN)
		file_lose(flow);
	else if (n < 0 && errno == EPIPE)
		return MOVED_BROKEN;
	if (n < 0)
		return MOVED_NOTHING;
	if (n == 0)
		return MOVED_END;
	flow->moved += (uint64_t)n;
	if (flow->out >= 0 && flow->file >= 0)
		file_write(stub, flow, (size_t)n);
	return MOVED_SOME;
}

static bool readable(int fd)
{
	struct pollfd in = { fd, POLLIN, 0 };

	return poll(&in, 1, 0) > 0 && in.revents & POLLIN;
}

bool flow_move(struct stub *stub, struct flow *flow)
{
	if (flow->in < 0)
		return true;
	switch (move_chunk(stub, flow)) {
	case MOVED_SOME:
		flow->blocked = false;
		return !flow->capped || flow->discard;
	case MOVED_NOTHING:
		/* Nothing came in, or nothing can go out: the input tells which. */
		flow->blocked = flow->out >= 0 && readable(flow->in);
		return true;
	case MOVED_END:
		close(flow->in);
		flow->in = -1;
		flow->blocked = false;
		return true;
	case MOVED_BROKEN:
		close(flow->out);
		flow->out = -1;
		flow->blocked = false;
		return flow->file >= 0 || flow->discard;
	}
	return true;
}

void flow_drain(struct stub *stub, struct flow *flow)
{
	for (int i = 0; i < DRAIN_ROUNDS && flow->in >= 0; i++) {
		uint64_t before = flow->moved;

		if (!flow_move(stub, flow) || flow->blocked || flow->moved == before)
			return;
	}
}

void flow_poll(const struct flow *flow, struct pollfd *in, struct pollfd *out)
{
	*in = (struct pollfd){ flow->blocked ? -1 : flow->in, POLLIN, 0 };
	*out = (struct pollfd){ flow->blocked ? flow->out : -1, POLLOUT, 0 };
}
