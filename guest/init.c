/*
 * bee-guest-init: the first process of a guest whose tree has none. Static, as it runs in
 * any tree. It reaps, and it ends when its command does, or when it is told to.
 *
 *   bee-guest-init --idle              waits
 *   bee-guest-init -- COMMAND...       its exit status is the command's
 *   bee-guest-init --sysv [SERVICE...] rcS and rc2, or these of /etc/init.d, then waits for
 *                                      anything to be written to /run/initctl: power-off
 */
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define INITCTL "/run/initctl"
#define TERM_TIME (5 * NSEC_PER_SEC) /* from TERM to KILL, when the guest ends */

static sigset_t none;

static void ready_tell(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (!path || strlen(path) >= sizeof(address.sun_path) || fd < 0)
		return;
	(void)stpcpy(address.sun_path, path);
	(void)sendto(fd, "READY=1", 7, MSG_NOSIGNAL, (struct sockaddr *)&address,
		     sizeof(address));
}

static pid_t spawn(char **argv)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv[0], argv);
	(void)fprintf(stderr, "bee-guest-init: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static int code_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Runs one to its end; others are reaped on the way. */
static int run(char **argv)
{
	pid_t pid = spawn(argv), got;
	int status = 0;

	do
		got = wait(&status);
	while (got != pid && (got > 0 || errno == EINTR));
	return code_of(status);
}

/* All the rest of the guest. */
static void end_others(void)
{
	nsec_t deadline = clock_now() + TERM_TIME;

	(void)kill(-1, SIGTERM);
	(void)kill(-1, SIGCONT);
	while (clock_now() < deadline) {
		pid_t got = waitpid(-1, NULL, WNOHANG);

		if (got < 0)
			return;
		if (got == 0)
			(void)poll(NULL, 0, 10);
	}
	(void)kill(-1, SIGKILL);
}

static void sysv_start(char **services)
{
	static char rcs[] = "/etc/init.d/rcS", rc[] = "/etc/init.d/rc", two[] = "2",
		    start[] = "start";

	(void)setenv("RUNLEVEL", two, 1);
	(void)setenv("PREVLEVEL", "N", 1);
	(void)setenv("runlevel", two, 1);
	(void)setenv("prevlevel", "N", 1);
	for (char **at = services; *at; at++) {
		AUTO_FREE char *path = xasprintf("/etc/init.d/%s", *at);

		(void)run((char *[]){ path, start, NULL });
	}
	if (*services)
		return;
	(void)run((char *[]){ rcs, NULL });
	if (!access(rc, X_OK))
		(void)run((char *[]){ rc, two, NULL });
}

/* Until TERM, anything on initctl, or the end of `child` (0: none). Its status, or 0. */
static int wait_for(pid_t child, int initctl)
{
	sigset_t set;
	int fd;

	sigfillset(&set);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	for (;;) {
		struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
					{ .fd = initctl, .events = POLLIN } };
		struct signalfd_siginfo info;
		int status;
		pid_t got;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return BEE_SOFTWARE;
		if (fds[1].revents & POLLIN)
			return 0;
		if (!(fds[0].revents & POLLIN) ||
		    read(fd, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) {
			if (!child)
				return 0;
			(void)kill(child, (int)info.ssi_signo);
		}
		while ((got = waitpid(-1, &status, WNOHANG)) > 0)
			if (got == child)
				return code_of(status);
	}
}

int main(int argc, char **argv)
{
	AUTO_CLOSE int initctl = -1;
	pid_t child = 0;
	sigset_t all;
	int status;

	sigfillset(&all);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	if (argc > 2 && !strcmp(argv[1], "--")) {
		child = spawn(argv + 2);
		if (child < 0)
			return BEE_SOFTWARE;
	} else if (argc > 1 && !strcmp(argv[1], "--sysv")) {
		(void)mkfifo(INITCTL, 0600);
		/* Also to write: without a writer it would be at its end for ever. */
		initctl = open(INITCTL, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		sysv_start(argv + 2);
	} else if (argc != 2 || strcmp(argv[1], "--idle") != 0) {
		return BEE_USAGE;
	}
	ready_tell();
	status = wait_for(child, initctl);
	end_others();
	return status;
}
