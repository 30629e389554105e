/* The caller's terminal, joined with a guest's. */
#include "guest.h"
#include "keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define ESCAPE 0x1d /* ^] */

static struct termios before;
static bool is_raw;

static void raw_end(void)
{
	if (is_raw)
		(void)tcsetattr(0, TCSAFLUSH, &before);
	is_raw = false;
}

static void raw_begin(void)
{
	struct termios raw;

	if (tcgetattr(0, &before))
		return;
	raw = before;
	cfmakeraw(&raw);
	is_raw = !tcsetattr(0, TCSAFLUSH, &raw);
	(void)atexit(raw_end);
}

/* A descriptor that is readable when the terminal's size changes, or one of ours ends us. */
static int signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* False: it is one to end for. */
static bool signal_take(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) != sizeof(info) ||
	       info.ssi_signo == SIGWINCH;
}

static void size_send(int socket)
{
	char message[1 + sizeof(struct winsize)] = { KEEPER_SIZE };
	struct winsize size;

	if (ioctl(0, TIOCGWINSZ, &size))
		return;
	memcpy(message + 1, &size, sizeof(size));
	(void)send(socket, message, sizeof(message), MSG_NOSIGNAL);
}

enum typed { TYPED, TYPED_END, TYPED_ESCAPE };

/* What is typed, to the keeper. */
static enum typed typed_send(int socket)
{
	char message[1 + 1024] = { KEEPER_BYTES };
	ssize_t n = read(0, message + 1, sizeof(message) - 1);
	char *escape = n > 0 ? memchr(message + 1, ESCAPE, (size_t)n) : NULL;

	if (escape)
		n = escape - message - 1;
	if (n > 0 && send(socket, message, (size_t)n + 1, MSG_NOSIGNAL) < 0)
		return TYPED_END;
	return escape ? TYPED_ESCAPE : n > 0 ? TYPED : TYPED_END;
}

int keeper_connect(const char *name)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(address.sun_path, sizeof(address.sun_path),
		       GUEST_RUN "/%s/console", name);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		return -error;
	}
	return fd;
}

int keeper_attach(const char *name, bool told)
{
	AUTO_CLOSE int fd = keeper_connect(name);
	AUTO_CLOSE int signals = signals_open();
	bool input = true;

	if (fd < 0)
		return fd;
	if (told && isatty(0))
		(void)fprintf(stderr, "(^] leaves)\r\n");
	raw_begin();
	size_send(fd);
	for (;;) {
		struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
					{ .fd = input ? 0 : -1, .events = POLLIN },
					{ .fd = signals, .events = POLLIN } };
		char bytes[KEEPER_MESSAGE];
		enum typed typed;
		ssize_t n;

		if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
			break;
		if (fds[2].revents && !signal_take(signals))
			break;
		if (fds[2].revents)
			size_send(fd);
		typed = fds[1].revents ? typed_send(fd) : TYPED;
		if (typed == TYPED_ESCAPE || (typed == TYPED_END && isatty(0)))
			break;
		/* A script's input is over, its output is not. */
		input = input && typed == TYPED;
		if (!fds[0].revents)
			continue;
		n = recv(fd, bytes, sizeof(bytes), 0);
		if (n <= 0 || write_all(1, bytes, (size_t)n))
			break;
	}
	raw_end();
	return 0;
}

static bool copy(int from, int to)
{
	char bytes[KEEPER_MESSAGE];
	ssize_t n = read(from, bytes, sizeof(bytes));

	return n > 0 && !write_all(to, bytes, (size_t)n);
}

void keeper_relay(int terminal, int pidfd)
{
	AUTO_CLOSE int signals = signals_open();
	struct winsize size;

	raw_begin();
	for (;;) {
		struct pollfd fds[] = { { .fd = terminal, .events = POLLIN },
					{ .fd = 0, .events = POLLIN },
					{ .fd = signals, .events = POLLIN },
					{ .fd = pidfd, .events = POLLIN } };

		if (!ioctl(0, TIOCGWINSZ, &size))
			(void)ioctl(terminal, TIOCSWINSZ, &size);
		if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
			break;
		if (fds[2].revents && !signal_take(signals))
			break;
		if (fds[1].revents && !copy(0, terminal))
			break;
		if (fds[0].revents & POLLIN) {
			if (!copy(terminal, 1))
				break;
			continue;
		}
		if (fds[3].revents || fds[0].revents)
			break;
	}
	raw_end();
}
