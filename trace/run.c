/* A traced run from its start to its list: who looks names up is watched, and replaced. */
#include "run.h"
#include "calls.h"
#include "keys.h"
#include "pass.h"
#include "user.h"
#include "worker.h"

#include <err.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOKUP_TIME (500 * NSEC_PER_MSEC) /* a name that takes longer is let through */
#define TICK 100                          /* ms: how often that is looked at */
#define LEFT_MAX 64 /* workers left behind; then nothing is looked up any more */

static void worker_start(struct run *run)
{
	uint32_t turn = ++run->board->turn;

	run->board->since = 0;
	(void)fflush(NULL);
	run->worker = fork();
	if (run->worker < 0)
		err(BEE_SOFTWARE, "fork");
	if (run->worker > 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_NAME, "bee-trace-names");
	(void)setpriority(PRIO_PROCESS, 0, -10);
	if (run->listener < 0)
		run->listener = pass_take(run->passed);
	if (run->listener < 0)
		exit(BEE_SOFTWARE); /* nothing will be traced */
	if (run->user && user_enter(run->first))
		err(BEE_SOFTWARE, "the user namespace of the run");
	worker_main(run->board, run->listener, run->first, turn);
}

static void let_through(const struct run *run, uint64_t id)
{
	struct seccomp_notif_resp response = {
		.id = id,
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	(void)ioctl(run->listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* A name that could not be looked up; nobody tries it again. */
static void unresolved(struct run *run)
{
	struct board *board = run->board;

	if (!board->text[0]) {
		board->unread++;
		return;
	}
	board_put(board, USE_UNRESOLVED, board->text + (board->text[0] == '/'),
		  board->program);
	if (board->avoid_count < BOARD_AVOID_MAX) {
		memcpy(board->avoid[board->avoid_count], board->text,
		       sizeof(board->text));
		board->avoid_count++;
	}
}

/* The worker hangs in a name, or has ended: the call goes on, and another one takes its place. */
static void worker_replace(struct run *run)
{
	uint64_t id = run->board->id;
	bool busy = run->board->since != 0;

	run->board->turn++; /* it tells nothing more */
	(void)kill(run->worker, SIGKILL);
	if (busy)
		unresolved(run);
	if (++run->left > LEFT_MAX)
		errx(BEE_SOFTWARE, "too many names hang");
	worker_start(run);
	if (busy)
		let_through(run, id);
}

void run_look(struct run *run)
{
	int64_t since = run->board->since;
	int status;

	if (waitpid(run->worker, &status, WNOHANG) == run->worker) {
		warnx("who looks names up was ended, and is started again");
		worker_replace(run);
	} else if (since && clock_now() - since > LOOKUP_TIME) {
		worker_replace(run);
	}
}

void run_prepare(struct run *run)
{
	calls_init();
	run->board = board_new();
	run->listener = -1;
	run->passed = -1;
	run->filter = calls_program();
}

void run_listen(struct run *run, pid_t first)
{
	run->first = first;
	worker_start(run);
}

/* Signals that end a command end the run; the list is written all the same. */
int run_signals(void)
{
	sigset_t all;
	int fd;

	(void)sigemptyset(&all);
	(void)sigaddset(&all, SIGTERM);
	(void)sigaddset(&all, SIGHUP);
	(void)sigaddset(&all, SIGINT);
	(void)sigaddset(&all, SIGQUIT);
	(void)sigaddset(&all, SIGWINCH);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		err(BEE_SOFTWARE, "signals");
	return fd;
}

/* The next message of a run's pid 1; its listener and terminal come with READY. */
static void hear(struct run *run, int control, int *master)
{
	struct space_message message = { .what = "" };
	int fds[2];

	if (!space_hear(control, &message, fds)) {
		run->ended = true;
		return;
	}
	switch (message.type) {
	case SPACE_READY:
		run->listener = fds[0];
		*master = fds[1];
		break;
	case SPACE_ENDED:
		run->status = message.status;
		run->ended = true;
		break;
	case SPACE_FAILED:
		errx(BEE_SOFTWARE, "%s: %s", message.what,
		     strerrordesc_np(message.error));
	}
}

static void signals_take(struct run *run, struct keys *keys, int fd)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			keys_resize(keys);
		} else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP) {
			run->ended = true;
			run->status = (int)info.ssi_signo;
		}
		/* The program has the keyboard's, too. */
	}
}

static void watch(struct run *run, int control, int master)
{
	AUTO_CLOSE int signals = run_signals();
	struct keys keys;

	keys_begin(&keys, master);
	while (!run->ended) {
		struct pollfd polled[4] = {
			{ .fd = control, .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
		};

		keys_polled(&keys, polled + 2);
		if (poll(polled, ARRAY_LEN(polled), RUN_TICK) < 0 && errno != EINTR)
			err(BEE_SOFTWARE, "poll");
		if (polled[1].revents)
			signals_take(run, &keys, signals);
		keys_move(&keys, polled + 2);
		if (polled[0].revents)
			hear(run, control, &master);
		run_look(run);
	}
	keys_end(&keys);
}

/* Its end waits for all that is in its namespace; what hangs there stays behind. */
static void end_first(pid_t first)
{
	int status;

	(void)kill(first, SIGKILL);
	for (int i = 0; i < 50; i++) {
		pid_t pid = waitpid(first, &status, WNOHANG);

		if (pid == first || (pid < 0 && errno == ECHILD))
			break;
		(void)usleep(10000);
	}
}

void run_program(struct run *run, struct space *space)
{
	int control, master = -1;
	pid_t first;

	run_prepare(run);
	space->program = &run->filter;
	run->user = space->user;
	first = space_start(space, &control);
	hear(run, control, &master);
	if (run->listener < 0)
		errx(BEE_SOFTWARE, "the run ended before it began");
	run_listen(run, first);
	space_go(control);
	watch(run, control, master);
	end_first(first);
	close(control);
}

void run_finish(struct run *run)
{
	run->board->turn++;
	(void)kill(run->worker, SIGKILL);
	finds_put_log(&run->finds, run->board);
	if (run->board->full)
		warnx("the list is not whole: there were too many names");
	if (run->board->unread > 0)
		warnx("the names of %llu calls could not be read in time",
		      (unsigned long long)run->board->unread);
}
