/* Between the person's terminal and the run's own. */
#include "keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* A hung-up terminal is told by poll(2) without end; somebody may open it again. */
#define SILENCE (50 * NSEC_PER_MSEC)

/* The terminal of a program that ends by errx(3); not of those that it forked. */
static struct {
	pid_t pid;
	struct termios before;
} kept;

static void restore(void)
{
	if (kept.pid == getpid())
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &kept.before);
	kept.pid = 0;
}

void keys_begin(struct keys *keys, int master)
{
	struct termios raw;

	*keys = (struct keys){ .master = master };
	if (master < 0)
		return;
	(void)fcntl(master, F_SETFL, O_NONBLOCK);
	if (tcgetattr(STDIN_FILENO, &kept.before))
		return;
	(void)tcsetattr(master, TCSANOW, &kept.before);
	raw = kept.before;
	cfmakeraw(&raw);
	kept.pid = getpid();
	(void)atexit(restore);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void keys_resize(const struct keys *keys)
{
	struct winsize size;

	if (keys->master >= 0 && !ioctl(STDIN_FILENO, TIOCGWINSZ, &size))
		(void)ioctl(keys->master, TIOCSWINSZ, &size);
}

void keys_polled(const struct keys *keys, struct pollfd polled[2])
{
	polled[0] = (struct pollfd){ .fd = -1 };
	polled[1] = (struct pollfd){
		.fd = clock_now() < keys->silent ? -1 : keys->master,
	};
	if (keys->master < 0)
		return;
	if (keys->in_len == 0 && !keys->in_ended)
		polled[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	polled[1].events = (short)((keys->out_len == 0 ? POLLIN : 0) |
				   (keys->in_len > 0 ? POLLOUT : 0));
}

static void push(int fd, char *bytes, size_t *len)
{
	ssize_t n = write(fd, bytes, *len);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		n = (ssize_t)*len; /* nobody reads it any more */
	if (n > 0) {
		*len -= (size_t)n;
		memmove(bytes, bytes + n, *len);
	}
}

/* Of the program's words, as many as there are. False: no more now. */
static bool pull(struct keys *keys)
{
	ssize_t n = read(keys->master, keys->out, sizeof(keys->out));

	if (n <= 0)
		return false;
	keys->out_len = (size_t)n;
	while (keys->out_len > 0)
		push(STDOUT_FILENO, keys->out, &keys->out_len);
	return true;
}

void keys_move(struct keys *keys, const struct pollfd polled[2])
{
	if (keys->master < 0)
		return;
	if (polled[0].revents) {
		ssize_t n = read(STDIN_FILENO, keys->in, sizeof(keys->in));

		keys->in_ended = n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
		keys->in_len = n > 0 ? (size_t)n : 0;
	}
	if (keys->in_len > 0)
		push(keys->master, keys->in, &keys->in_len);
	if (polled[1].revents & POLLIN)
		(void)pull(keys);
	else if (polled[1].revents & POLLHUP)
		keys->silent = clock_now() + SILENCE;
}

void keys_end(struct keys *keys)
{
	if (keys->master < 0)
		return;
	while (pull(keys))
		;
	restore();
	close(keys->master);
	keys->master = -1;
}
