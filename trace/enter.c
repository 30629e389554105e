/* bee-enter: a program in a tree, by the way that traces use, and nothing is left to unmount. */
#include "exits.h"
#include "keys.h"
#include "program.h"
#include "quiet.h"
#include "space.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define ASK_TIME 100 /* ms: how often a terminal that was hung up is asked */

static void usage(void)
{
	(void)fputs("usage: bee enter DIR [CMD...]\n"
		    "\n"
		    "  bee enter root/               its /chroot, or a shell\n"
		    "  bee enter root/ apt-get update\n"
		    "\nbee-enter(1) describes it.\n",
		    stdout);
}

static _Noreturn void end_wrong(void)
{
	(void)fprintf(stderr, "bee enter --help has examples\n");
	exit(BEE_USAGE);
}

static int read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};

	switch (getopt_long(argc, argv, "+h", options, NULL)) {
	case -1:
		break;
	case 'h':
		usage();
		exit_written(BEE_IOERR);
	case 'V':
		puts("bee-enter " BEE_VERSION);
		exit_written(BEE_IOERR);
	default:
		end_wrong();
	}
	if (optind < argc)
		return optind;
	warnx("which DIR?");
	end_wrong();
}

/* As a shell tells it. */
static int exit_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* WINCH, and those that end a command, as a descriptor; the keyboard's signals are the program's. */
static int signals_open(void)
{
	sigset_t set;
	int fd;

	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGWINCH);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		err_system("signals");
	return fd;
}

/* The next message; true at the last one. */
static bool hear(int control, int *master, int *status)
{
	struct space_message message = { .what = "" };
	int fds[2];

	if (!space_hear(control, &message, fds))
		errx(BEE_OSERR, "its first process is gone");
	switch (message.type) {
	case SPACE_READY:
		*master = fds[0];
		space_go(control);
		return false;
	case SPACE_FAILED:
		errx(exit_of_errno(message.error), "%s: %s", message.what,
		     strerrordesc_np(message.error));
	case SPACE_ENDED:
		break;
	}
	*status = exit_of(message.status);
	return true;
}

/* Of one that ends us: the program ends with its first process, and the terminal is as it was. */
static void signal_take(const struct keys *keys, int signals, pid_t first)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH) {
		keys_resize(keys);
		return;
	}
	(void)kill(first, SIGKILL);
	/* All that is in its namespace ends before it does; what hangs there stays behind. */
	for (int i = 0; i < 50 && !waitpid(first, NULL, WNOHANG); i++)
		(void)usleep(10000);
	exit(128 + (int)info.ssi_signo);
}

static int wait_for(int control, pid_t first)
{
	int master = -1, status = 0;
	struct keys keys;
	/* The tree may hang, and until it is entered each signal ends that. */
	bool ended = hear(control, &master, &status);
	AUTO_CLOSE int signals = signals_open();

	keys_begin(&keys, master);
	while (!ended) {
		struct pollfd polled[4] = {
			{ .fd = control, .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
		};

		keys_polled(&keys, polled + 2);
		if (poll(polled, ARRAY_LEN(polled), ASK_TIME) < 0 && errno != EINTR)
			err_system("poll");
		if (polled[1].revents)
			signal_take(&keys, signals, first);
		keys_move(&keys, polled + 2);
		if (polled[0].revents)
			ended = hear(control, &master, &status);
	}
	keys_end(&keys);
	return status;
}

int main(int argc, char **argv)
{
	int at = read_options(argc, argv), control, status;
	AUTO_CLOSE int top = quiet_open(argv[at]);
	struct space space = { .tree = argv[at],
			       .in_place = true,
			       .user = geteuid() != 0,
			       .output = -1,
			       .terminal = -1 };
	pid_t pid;

	if (top < 0)
		err(BEE_IOERR, "%s", argv[at]);
	space.argv = argv[at + 1] ? argv + at + 1 : program_default(top);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		space.terminal = STDIN_FILENO;
	pid = space_start(&space, &control);
	status = wait_for(control, pid);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return status;
}
