/* bee trace boot: a tree's init as pid 1, until it is ready, and what it uses. */
#include "booted.h"
#include "calls.h"
#include "command.h"
#include "exits.h"
#include "group.h"
#include "pass.h"
#include "quiet.h"
#include "reference.h"
#include "run.h"
#include "whole.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Bare, of the block that doc/ARCHITECTURE.md describes: root and 65,535 others of the boot. */
#define FIRST_ID 0x70000000u
#define ID_COUNT 0x10000u

#define BUILD_TIME (30 * NSEC_PER_SEC)
#define READY_TIME 90u                 /* s */
#define OFF_TIME (15 * NSEC_PER_SEC)   /* from the wish to power off to KILL */
#define ASK_TIME (500 * NSEC_PER_MSEC) /* between two runs of --until's command */
#define KEPT 4096u                     /* bytes of the console's last words */

struct boot {
	const char *tree, *out, *until;
	uint64_t seconds; /* --for; 0: not given */
	uint64_t timeout; /* s, until it is ready */
	bool verbose;
	struct run run;
	struct booted_child child;
	struct group group;
	int told[2]; /* the listener, once for who looks names up and once for us */
	nsec_t end, ask;
	nsec_t silent;         /* until when the console is not asked */
	bool ready, off, done; /* said so; told to power off; as was wished */
	pid_t asking;
	char kept[KEPT];
	size_t kept_len;
};

static void read_options(struct boot *b, int argc, char **argv)
{
	static const struct option options[] = {
		{ "directory", required_argument, NULL, 'd' },
		{ "output", required_argument, NULL, 'o' },
		{ "until", required_argument, NULL, 'u' },
		{ "for", required_argument, NULL, 'f' },
		{ "timeout", required_argument, NULL, 't' },
		{ "verbose", no_argument, NULL, 'v' },
		COMMAND_OPTIONS,
	};
	int c;

	while ((c = command_option(argc, argv, "hd:o:v", options)) != -1) {
		uint64_t *number = c == 'f' ? &b->seconds : &b->timeout;

		switch (c) {
		case 'd':
			b->tree = optarg;
			break;
		case 'o':
			b->out = optarg;
			break;
		case 'u':
			b->until = optarg;
			break;
		case 'f':
		case 't':
			if (parse_u64(optarg, 86400, number) || !*number)
				command_usage("boot: a number of seconds, 1 to 86400: %s",
					      optarg);
			break;
		default:
			b->verbose = true;
		}
	}
	if (!b->tree || optind < argc)
		command_usage("boot: -d DIR says what is booted, and no more words");
	if (b->until && b->seconds)
		command_usage("boot: --until or --for");
}

static bool is_program(int top, const char *path)
{
	AUTO_CLOSE int fd = reference_open(top, path, O_PATH);
	struct stat st;

	return fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_mode & 0111;
}

/* In pid 1, before it executes init: from here on it is traced. */
static int listen_to(void *data)
{
	const struct boot *b = data;
	int fd = calls_listen(&b->run.filter, true), error;

	if (fd < 0)
		return fd;
	error = pass_send(b->told[1], fd);
	if (!error)
		error = pass_send(b->told[1], fd);
	close(fd);
	return error;
}

static _Noreturn void fail(struct boot *b, const struct booted_failure *failure)
{
	trace_group_remove(&b->group);
	errx(exit_of_errno(failure->error), "%s%s%s: %s", failure->stage,
	     *failure->path ? ": " : "", failure->path, strerrordesc_np(failure->error));
}

static void start(struct boot *b, int top)
{
	static char init[] = "/init", sbin_init[] = "/sbin/init";
	char *argv[] = { is_program(top, init) ? init : sbin_init, NULL };
	struct booted_failure failure;
	struct booted booted;

	if (argv[0] == sbin_init && !is_program(top, sbin_init))
		errx(BEE_USAGE, "%s: there is neither /init nor /sbin/init", b->tree);
	booted_default(&booted);
	booted.root = b->tree;
	booted.changes = BOOTED_VOLATILE;
	booted.first_id = FIRST_ID;
	booted.id_count = ID_COUNT;
	booted.hostname = "bee-trace";
	trace_group_make(&b->group);
	booted.cgroup = b->group.fd;
	booted.pty = true;
	booted.argv = argv;
	booted.dies = true;
	booted.before_exec = listen_to;
	booted.data = b;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, b->told))
		err_system("a socket");
	run_prepare(&b->run);
	if (booted_start(&booted, clock_now() + BUILD_TIME, &b->child, &failure))
		fail(b, &failure);
	b->run.passed = b->told[0];
	run_listen(&b->run, b->child.pid);
	if (booted_go(&b->child, clock_now() + BUILD_TIME, &failure))
		fail(b, &failure);
	b->run.listener = pass_take(b->told[0]);
	if (b->run.listener < 0)
		errx(BEE_OSERR, "nobody can listen to it");
}

/* What is written on its console. */
static void console_take(struct boot *b)
{
	char text[1024];
	ssize_t n = read(b->child.console, text, sizeof(text));

	/* Nobody has it open now, which poll(2) would tell without end. */
	b->silent = n <= 0 ? clock_now() + RUN_TICK * NSEC_PER_MSEC : 0;
	if (n <= 0)
		return;
	if (b->verbose)
		(void)!write(STDERR_FILENO, text, (size_t)n);
	if (b->kept_len + (size_t)n > KEPT) {
		size_t drop = b->kept_len + (size_t)n - KEPT;

		memmove(b->kept, b->kept + drop, b->kept_len - drop);
		b->kept_len -= drop;
	}
	memcpy(b->kept + b->kept_len, text, (size_t)n);
	b->kept_len += (size_t)n;
}

/* Printable text alone: what a tree prints is not ours. */
static void console_show(const struct boot *b)
{
	if (b->verbose || b->kept_len == 0)
		return;
	warnx("the end of its console:");
	for (size_t i = 0; i < b->kept_len; i++) {
		char c = b->kept[i];

		if (c == '\n' || (c >= ' ' && c <= '~'))
			(void)fputc(c, stderr);
	}
	(void)fputc('\n', stderr);
}

/* The same as systemctl poweroff (systemd(1), SIGNALS); who does not know it is killed later. */
static void power_off(struct boot *b)
{
	if (b->off)
		return;
	b->off = true;
	b->end = clock_now() + OFF_TIME;
	(void)pidfd_send_signal(b->child.pidfd, SIGRTMIN + 4, NULL, 0);
}

/* --until's command, in all of the boot's namespaces, and not traced. */
static _Noreturn void ask_inside(const struct boot *b)
{
	static const int spaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
				  CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC |
				  CLONE_NEWCGROUP;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;
	pid_t pid;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 0; i < 3; i++)
		(void)dup2(null, i);
	if (setns(b->child.pidfd, spaces) || chdir("/"))
		_exit(BEE_SOFTWARE);
	pid = fork();
	if (pid == 0) {
		(void)execl("/bin/sh", "sh", "-c", b->until, (char *)NULL);
		_exit(BEE_SOFTWARE);
	}
	int status = BEE_SOFTWARE << 8;

	if (pid > 0)
		(void)waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : BEE_SOFTWARE);
}

static void ask(struct boot *b)
{
	int status;

	if (b->asking > 0) {
		pid_t pid = waitpid(b->asking, &status, WNOHANG);

		if (pid != b->asking)
			return;
		b->asking = 0;
		b->ask = clock_now() + ASK_TIME;
		b->done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	} else if (clock_now() >= b->ask) {
		(void)fflush(NULL);
		b->asking = fork();
		if (b->asking == 0)
			ask_inside(b);
	}
}

static void decide(struct boot *b)
{
	nsec_t now = clock_now();

	if (!b->off && b->until)
		ask(b);
	if (!b->off && !b->until && !b->seconds && b->ready)
		b->done = true;
	if (!b->off && now >= b->end) {
		b->done |= b->seconds > 0;
		if (!b->done)
			warnx("it is not ready after %llu s",
			      (unsigned long long)b->timeout);
		power_off(b);
	} else if (!b->off && b->done) {
		power_off(b);
	} else if (b->off && now >= b->end) {
		b->run.ended = true;
	}
}

static void watch(struct boot *b)
{
	AUTO_CLOSE int signals = run_signals();

	b->end = clock_now() +
		 (nsec_t)(b->seconds ? b->seconds : b->timeout) * NSEC_PER_SEC;
	while (!b->run.ended) {
		struct pollfd polled[] = {
			{ .fd = b->child.pidfd, .events = POLLIN },
			{ .fd = b->child.notify, .events = POLLIN },
			{ .fd = clock_now() < b->silent ? -1 : b->child.console,
			  .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
		};
		struct signalfd_siginfo info;

		if (poll(polled, ARRAY_LEN(polled), RUN_TICK) < 0 && errno != EINTR)
			err_system("poll");
		if (polled[1].revents && booted_ready(b->child.notify) == 1)
			b->ready = true;
		if (polled[2].revents)
			console_take(b);
		if (polled[3].revents && read(signals, &info, sizeof(info)) > 0 &&
		    info.ssi_signo != SIGWINCH)
			power_off(b);
		if (polled[0].revents)
			b->run.ended = true;
		run_look(&b->run);
		decide(b);
	}
}

int trace_boot(int argc, char **argv)
{
	struct boot *b = xcalloc(1, sizeof(*b));
	AUTO_CLOSE int top = -1;
	struct whole whole;
	bool read;
	int status;

	b->out = "-";
	b->timeout = READY_TIME;
	read_options(b, argc, argv);
	top = quiet_open(b->tree);
	if (top < 0)
		err(BEE_IOERR, "%s", b->tree);
	whole_open(&whole, b->out);
	start(b, top);
	watch(b);
	(void)booted_kill(&b->child, clock_now() + NSEC_PER_SEC, &status);
	booted_done(&b->child);
	trace_group_remove(&b->group);
	read = run_finish(&b->run);
	list_write(&b->run.finds, top, &whole);
	if (b->done)
		return read ? BEE_OK : BEE_INCOMPLETE;
	if (!b->off)
		warnx("it ended before it was ready");
	console_show(b);
	return BEE_INCOMPLETE;
}
