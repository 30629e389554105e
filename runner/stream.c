/* The caller's stdout and stderr, in the hands of children that may be abandoned. */
#include "stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX (64 << 10)
#define CLEAR_LINE "\r\033[K"
#define PROGRESS_COLUMNS 79

struct ask {
	char kind; /* STREAM_ASK */
	uint32_t number;
};

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int))];
};

/* State of the child. */
struct stream {
	int to;
	bool plain;
	bool priority; /* for the journal: lines begin with one */
	bool drawn;    /* a line that the next one replaces */
	struct stream_answer answer;
};

/* Once a write has failed nothing more is tried: half a line later helps nobody. */
static void put(struct stream *stream, const char *text, size_t len)
{
	if (!stream->answer.printed)
		stream->answer.printed = write_all(stream->to, text, len);
}

/* A byte that a terminal might obey is shown as \xNN. */
static void put_plain(struct stream *stream, const char *text, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];
		char escaped[8];

		if ((byte >= ' ' && byte < 0x7f) || byte == '\n' || byte == '\t')
			continue;
		put(stream, text + from, i - from);
		put(stream, escaped,
		    (size_t)snprintf(escaped, sizeof(escaped), "\\x%02x", byte));
		from = i + 1;
	}
	put(stream, text + from, len - from);
}

static void undraw(struct stream *stream)
{
	if (stream->drawn)
		put(stream, CLEAR_LINE, strlen(CLEAR_LINE));
	stream->drawn = false;
}

static void line(struct stream *stream, char kind, const char *text, size_t len)
{
	if (kind == STREAM_EVENT && stream->answer.terminal)
		kind = STREAM_PROGRESS;
	if (kind == STREAM_PROGRESS) {
		if (!stream->answer.terminal)
			return;
		put(stream, CLEAR_LINE, strlen(CLEAR_LINE));
		put_plain(stream, text, len < PROGRESS_COLUMNS ? len : PROGRESS_COLUMNS);
		stream->drawn = true;
		return;
	}
	AUTO_FREE char *whole = xasprintf("%sbee-audit: %.*s\n",
					  stream->priority ? "<6>" : "", (int)len, text);
	undraw(stream);
	put_plain(stream, whole, strlen(whole));
}

/* The bytes of a file, from its start. */
static int copy(int from, int to)
{
	static char bytes[MESSAGE_MAX];
	ptrdiff_t n;
	int error = 0;

	if (lseek(from, 0, SEEK_SET))
		return -errno;
	while (!error && (n = read_full(from, bytes, sizeof(bytes))) != 0)
		error = n < 0 ? (int)n : write_all(to, bytes, (size_t)n);
	return error;
}

static void answer(struct stream *stream, int socket, const struct ask *ask, int file)
{
	undraw(stream);
	stream->answer.number = ask->number;
	stream->answer.error = file >= 0 && !stream->plain ? copy(file, stream->to) : 0;
	if (!stream->answer.printed)
		stream->answer.printed = stream->answer.error;
	(void)!send(socket, &stream->answer, sizeof(stream->answer), MSG_NOSIGNAL);
}

/* A message and the descriptor that came with it, or -1. 0 at the end, as recv(2). */
static ssize_t take(int socket, char *text, int *file)
{
	union control control;
	struct iovec part = { text, MESSAGE_MAX };
	struct msghdr in = { .msg_iov = &part,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(socket, &in, MSG_CMSG_CLOEXEC);
	struct cmsghdr *header = n > 0 ? CMSG_FIRSTHDR(&in) : NULL;

	*file = -1;
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(file, CMSG_DATA(header), sizeof(*file));
	return n;
}

/* Asking a descriptor what it is may hang as any other question. */
static void know(struct stream *stream)
{
	const char *term = getenv("TERM");
	struct winsize size = { .ws_col = 0 };
	struct stream_answer *known = &stream->answer;

	if (fstat(stream->to, &known->file))
		known->file.st_nlink = 0;
	else if (!known->file.st_nlink)
		known->file.st_nlink = 1;
	if (!S_ISCHR(known->file.st_mode) || !isatty(stream->to))
		return;
	known->terminal = !stream->plain || (term && strcmp(term, "dumb") != 0);
	if (!ioctl(stream->to, TIOCGWINSZ, &size)) {
		known->columns = size.ws_col;
		known->lines = size.ws_row;
	}
}

_Noreturn void stream_serve(int socket, int to, bool plain)
{
	static char text[MESSAGE_MAX];
	struct stream stream = { .to = to,
				 .plain = plain,
				 .priority = getenv("JOURNAL_STREAM") != NULL };
	ssize_t n;
	int file;

	know(&stream);
	while ((n = take(socket, text, &file)) > 0) {
		struct ask ask;

		if (text[0] == STREAM_ASK && n == sizeof(ask)) {
			memcpy(&ask, text, sizeof(ask));
			answer(&stream, socket, &ask, file);
		} else if (text[0] <= STREAM_PROGRESS && text[0] > 0) {
			line(&stream, text[0], text + 1, (size_t)n - 1);
		} else {
			undraw(&stream);
			(plain ? put_plain : put)(&stream, text, (size_t)n);
		}
		if (file >= 0)
			close(file);
	}
	answer(&stream, socket, &(struct ask){ .number = UINT32_MAX }, -1);
	/* Closed one by one: a pipe's reader does not wait for the end of all of us. */
	close(to);
	_exit(0);
}

void stream_send(int fd, enum stream_kind kind, const char *text)
{
	char first = (char)kind;
	struct iovec parts[] = { { &first, 1 },
				 { (void *)(uintptr_t)text, strlen(text) } };
	struct msghdr out = { .msg_iov = parts, .msg_iovlen = ARRAY_LEN(parts) };

	(void)!sendmsg(fd, &out, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int stream_ask(int fd, int file, struct audit_clock *clock, nsec_t after,
	       struct stream_answer *answer)
{
	static uint32_t number;
	struct ask ask = { .kind = STREAM_ASK, .number = number + 1 };
	union control control = { .align = { .cmsg_len = CMSG_LEN(sizeof(int)),
					     .cmsg_level = SOL_SOCKET,
					     .cmsg_type = SCM_RIGHTS } };
	struct iovec part = { &ask, sizeof(ask) };
	struct msghdr out = { .msg_iov = &part, .msg_iovlen = 1 };

	number = ask.number;
	if (file >= 0) {
		memcpy(CMSG_DATA(&control.align), &file, sizeof(file));
		out.msg_control = &control;
		out.msg_controllen = sizeof(control);
	}
	while (sendmsg(fd, &out, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if (errno != EAGAIN)
			return -errno;
		if (!clock_wait(clock, fd, POLLOUT, after))
			return -ETIMEDOUT;
	}
	do {
		if (!clock_wait(clock, fd, POLLIN, after))
			return -ETIMEDOUT;
		if (recv(fd, answer, sizeof(*answer), MSG_DONTWAIT) != sizeof(*answer))
			return -EPIPE;
	} while (answer->number != ask.number);
	return answer->error;
}
