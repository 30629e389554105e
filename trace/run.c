/* A traced run from its start to its list: who looks names up is watched, and replaced. */
#include "run.h"
#include "calls.h"
#include "exits.h"
#include "keys.h"
#include "pass.h"
#include "user.h"
#include "worker.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
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
#define BUSY_TIME (20 * NSEC_PER_SEC) /* one that only lacks a processor, or is stopped */
#define LEFT_MAX 64  /* workers left behind; then nothing is looked up any more */
#define REAP_TIME 50 /* ms: who is killed and not gone then hangs in the kernel */

static const int endings[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };

static void worker_start(struct run *run)
{
	run->board->since = 0;
	memset(&run->board->request, 0, sizeof(run->board->request));
	(void)fflush(NULL);
	run->worker = fork();
	run->unwatched = run->worker < 0;
	if (run->worker)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_NAME, "bee-trace-names");
	/* What a terminal sends goes to all of its group; this one ends when the run has. */
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		(void)signal(endings[i], SIG_IGN);
	(void)setpriority(PRIO_PROCESS, 0, -10);
	if (run->listener < 0)
		run->listener = pass_take(run->passed);
	if (run->listener < 0)
		exit(BEE_SOFTWARE); /* nothing will be traced */
	if (run->user && user_enter(run->first))
		err_system("the user namespace of the run");
	worker_main(run->board, run->listener, run->first);
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

/* Killed, it may be in a call yet; what it tells is read when it is gone, or hangs in there. */
static void worker_kill(struct run *run)
{
	if (run->worker < 0)
		return;
	(void)kill(run->worker, SIGKILL);
	for (int i = 0; i < REAP_TIME; i++) {
		if (waitpid(run->worker, NULL, WNOHANG))
			return;
		(void)usleep(1000);
	}
}

/*
 * The worker hangs in a name, or has ended: the call that it took last goes on, which may be one that
 * it had not begun to look at, and another one takes its place.
 */
static void worker_replace(struct run *run)
{
	struct board *board = run->board;
	uint64_t id;

	worker_kill(run);
	id = board->request.id;
	if (board->since)
		unresolved(run);
	if (++run->left > LEFT_MAX && !board->blind) {
		warnx("too many names hang: no more are looked up");
		board->blind = true;
	}
	worker_start(run);
	if (id)
		let_through(run, id);
}

/*
 * Whether the worker has done something since it was looked at last, or could not for want of a
 * processor, or is stopped: that is no name that hangs (proc_pid_stat(5)).
 */
static bool worker_moves(struct run *run)
{
	char path[64], text[1024], *save, *word;
	uint64_t spent = 0, ticks;
	ptrdiff_t n;
	char state;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", run->worker);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read_full(fd, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	word = strrchr(text, ')');
	word = word ? strtok_r(word + 1, " ", &save) : NULL;
	if (!word)
		return false;
	state = word[0];
	for (int field = 3; word && field <= 15; field++) {
		if (field >= 14 && !parse_u64(word, UINT64_MAX, &ticks))
			spent += ticks; /* utime, stime */
		word = strtok_r(NULL, " ", &save);
	}
	if (spent == run->spent && !strchr("RTt", state))
		return false;
	run->spent = spent;
	return true;
}

/*
 * What the run has started may be all the processes that there can be (pids.max, RLIMIT_NPROC), and
 * wait for a name itself: until there is one for us the calls go on, and are counted. The run may make
 * calls without end; signals and the next try are not kept waiting for that.
 */
static void worker_want(struct run *run)
{
	struct pollfd polled = { .fd = run->listener, .events = POLLIN };
	nsec_t until = clock_now() + RUN_TICK * NSEC_PER_MSEC;
	struct seccomp_notif request = { 0 };

	worker_start(run);
	while (run->unwatched && clock_now() < until && poll(&polled, 1, 0) > 0 &&
	       polled.revents & POLLIN &&
	       !ioctl(run->listener, SECCOMP_IOCTL_NOTIF_RECV, &request)) {
		run->board->unread++;
		let_through(run, request.id);
		memset(&request, 0, sizeof(request));
	}
}

void run_look(struct run *run)
{
	nsec_t now = clock_now(), since = run->board->since;
	int status;

	if (run->unwatched)
		worker_want(run);
	if (run->worker < 0)
		return;
	if (waitpid(run->worker, &status, WNOHANG) == run->worker) {
		run->worker = -1;
		if (WIFEXITED(status) && WEXITSTATUS(status) == BEE_OK)
			return; /* all are gone who had names */
		warnx("who looks names up was ended, and is started again");
		worker_replace(run);
	} else if (since && now - since > LOOKUP_TIME) {
		if (worker_moves(run))
			run->moved = now;
		if (now - since > BUSY_TIME ||
		    now - (run->moved > since ? run->moved : since) > LOOKUP_TIME)
			worker_replace(run);
	}
}

void run_prepare(struct run *run)
{
	/* Each name is followed from its program's folders there. */
	if (access("/proc/self/root", F_OK))
		errx(BEE_UNAVAILABLE, "/proc is not there, by which names are followed");
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
	if (run->unwatched)
		err_system("a process that looks names up");
}

/* Signals that end a command end the run; the list is written all the same. */
int run_signals(void)
{
	sigset_t all;
	int fd;

	(void)sigemptyset(&all);
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		(void)sigaddset(&all, endings[i]);
	(void)sigaddset(&all, SIGWINCH);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		err_system("signals");
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
		errx(exit_of_errno(message.error), "%s: %s", message.what,
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
			err_system("poll");
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
		errx(BEE_OSERR, "the run ended before it began");
	run_listen(run, first);
	space_go(control);
	watch(run, control, master);
	end_first(first);
	close(control);
}

bool run_finish(struct run *run)
{
	const struct board *board = run->board;
	unsigned long long unread = board->unread;

	worker_kill(run);
	finds_put_log(&run->finds, board);
	if (board->full)
		warnx("the list is not whole: there were too many names");
	if (board->deep)
		warnx("the list is not whole: some names are longer than %d bytes",
		      PATH_MAX - 1);
	if (unread > 0)
		warnx("the list is not whole: the names of %llu calls could not be "
		      "read%s",
		      unread,
		      board->refused ? ", as ptrace(2) of the program is not allowed"
		      : board->blind ? ""
				     : " in time");
	return !board->full && !board->deep && unread == 0;
}
