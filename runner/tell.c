/* Progress and messages on stderr, written by a child: a stopped pager stops only that.
 */
#include "monitor.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINE_MAX_BYTES 480

struct tell {
	int socket, pidfd;
	bool quiet, terminal;
	bool verbose;
};

struct tell_msg {
	uint32_t progress; /* redrawn, only on a terminal */
	char text[LINE_MAX_BYTES];
};

/* Names in the text come from policies and checked instance names: printable ASCII. */
static _Noreturn void child(int socket, bool terminal, bool priority)
{
	struct tell_msg msg;
	bool drawn = false;

	while (recv(socket, &msg, sizeof(msg), 0) == sizeof(msg)) {
		char line[LINE_MAX_BYTES + 64];
		int n;

		msg.text[sizeof(msg.text) - 1] = '\0';
		if (msg.progress)
			n = snprintf(line, sizeof(line), "\r\033[K%.79s", msg.text);
		else
			n = snprintf(line, sizeof(line), "%s%sbee-audit: %s\n",
				     drawn ? "\r\033[K" : "", priority ? "<6>" : "",
				     msg.text);
		drawn = msg.progress;
		if (write_all(STDERR_FILENO, line, (size_t)n))
			_exit(0);
	}
	if (drawn && terminal)
		(void)!write(STDERR_FILENO, "\r\033[K", 4);
	_exit(0);
}

struct tell *tell_start(const struct options *options)
{
	struct tell *tell = xcalloc(1, sizeof(*tell));
	const char *term = getenv("TERM");
	int ends[2], keep[1];
	pid_t pid;

	tell->quiet = options->quiet;
	tell->verbose = options->verbose > 0;
	tell->terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
	tell->socket = tell->pidfd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return tell;
	pid = spawn_helper(&tell->pidfd);
	if (pid == 0) {
		keep[0] = ends[1];
		descriptors_keep(keep, 1);
		if (confine_drop(UID_REPORT))
			_exit(0);
		child(ends[1], tell->terminal, getenv("JOURNAL_STREAM") != NULL);
	}
	close(ends[1]);
	tell->socket = ends[0];
	return tell;
}

__attribute__((format(printf, 3, 0))) static void tell_send(const struct tell *tell,
							    bool is_progress,
							    const char *fmt, va_list args)
{
	struct tell_msg msg = { .progress = is_progress };

	(void)vsnprintf(msg.text, sizeof(msg.text), fmt, args);
	/* A child that cannot write loses lines, nothing else. */
	(void)!send(tell->socket, &msg, sizeof(msg), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void tell_line(struct tell *tell, const char *fmt, ...)
{
	va_list args;

	if (tell->quiet)
		return;
	va_start(args, fmt);
	/* On a terminal the one redrawn line is enough: the summary says what became of
	 * all. */
	tell_send(tell, tell->terminal && !tell->verbose, fmt, args);
	va_end(args);
}

void tell_error(struct tell *tell, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell_send(tell, false, fmt, args);
	va_end(args);
}

void tell_progress(struct tell *tell, const char *fmt, ...)
{
	va_list args;

	if (tell->quiet || !tell->terminal)
		return;
	va_start(args, fmt);
	tell_send(tell, true, fmt, args);
	va_end(args);
}

void tell_stop(struct tell *tell, nsec_t deadline)
{
	struct pollfd done = { tell->pidfd, POLLIN, 0 };

	if (tell->socket < 0)
		return;
	close(tell->socket);
	tell->socket = -1;
	if (poll(&done, 1, clock_poll_ms(deadline)) == 0)
		(void)syscall(SYS_pidfd_send_signal, tell->pidfd, SIGKILL, NULL, 0);
}
