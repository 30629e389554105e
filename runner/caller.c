/* What the caller handed us, and the process it waits for. */
#include "caller.h"
#include "patience.h"
#include "signals.h"

#include "clock.h"
#include "clone.h"
#include "confine.h"
#include "slots.h"
#include "stream.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/futex.h>
#include <linux/ioprio.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The caller's descriptors are moved up to here, ours stay below: a table is copied from its
 * start, at least so many entries of it, and each copy of theirs would be one more to close.
 */
#define OURS 64
#define CLOSE_TIME (30 * NSEC_PER_MSEC) /* a close that takes longer is left to hang */
#define DEFAULT_TIME (30 * NSEC_PER_SEC)
#define SLICE (200 * NSEC_PER_MSEC)

enum words { WORDS_NONE, WORDS_READY, WORDS_TAKEN, WORDS_WRITTEN };

/* Seen by this process, the holders and the monitor. */
static struct shared {
	nsec_t deadline;
	int status; /* of the monitor, -1: not known */
	bool done;
	int doing_status;
	char doing[320];
	pid_t family[OURS + 8];
	size_t family_count;
	int next;       /* the caller's descriptor that is closed next */
	uint32_t moved; /* futex: the last one was */
	uint32_t words; /* futex: enum words, of a start that has failed */
} * shared;

struct first {
	pid_t self;
	int out, err;     /* the caller's, moved; -1: it had closed them */
	sigset_t callers; /* the mask it started us with */
	sigset_t ends;    /* signals that end an audit */
	int signals;      /* signalfd of those */
	pid_t monitor;
	int pidfd;
	int ended_by; /* the last signal that was to end the audit */
	nsec_t lent;  /* beyond the deadline, to a monitor without a processor */
};

PRINTF_LIKE(1, 2) static void say(const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	stream_send(STDERR_FILENO, STREAM_LINE, text);
}

/*
 * How the caller is scheduled says nothing of an audit's jobs, and what they inherit no job
 * gets rid of. Under SCHED_DEADLINE nothing could be started.
 */
static void scheduling_reset(void)
{
	struct sched_param none = { 0 };

	/* Who may not clear the flag keeps it: it does what is wanted anyway. */
	if (sched_setscheduler(0, SCHED_OTHER, &none))
		(void)sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none);
	(void)setpriority(PRIO_PROCESS, 0, 0);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		      IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0));
}

/* A copy above ours; a limit on descriptors that cannot be raised puts it lower. */
static int move_up(int fd)
{
	int up = fcntl(fd, F_DUPFD_CLOEXEC, OURS);

	return up < 0 && errno == EINVAL ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : up;
}

/* A child with this process's own descriptor table, and for as long as this process lives; -1. */
static pid_t ward_start(const struct first *first)
{
	int pidfd;
	pid_t pid = clone_child(CLONE_FILES, -1, &pidfd);
	sigset_t all;

	if (pid < 0)
		return pid;
	if (pid > 0) {
		close(pidfd);
		if (shared->family_count < ARRAY_LEN(shared->family))
			shared->family[shared->family_count++] = pid;
		return pid;
	}
	sigfillset(&all);
	/* Where the uid cannot be changed there is the more to be said. */
	(void)!confine_drop(UID_REPORT);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != first->self ||
	    setsid() < 0 || sigprocmask(SIG_SETMASK, &all, NULL))
		_exit(BEE_SOFTWARE);
	return 0;
}

static void words_set(enum words words)
{
	__atomic_store_n(&shared->words, words, __ATOMIC_SEQ_CST);
	(void)syscall(SYS_futex, &shared->words, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* The start has failed where this process has no stderr: a holder has the caller's. */
static _Noreturn void start_failed(const char *what)
{
	struct timespec wait = { 0, TELL_TIME };

	caller_doing(BEE_SOFTWARE, "%s: %s", what, strerrordesc_np(errno) ?: "?");
	words_set(WORDS_READY);
	for (uint32_t words = WORDS_READY; words <= WORDS_TAKEN; words++)
		(void)syscall(SYS_futex, &shared->words, FUTEX_WAIT, words, &wait, NULL,
			      0);
	_exit(BEE_SOFTWARE);
}

/* Here, as a write may hang: the words of a start that has failed, if it does. */
static void words_serve(int to)
{
	uint32_t ready = WORDS_READY;

	while (__atomic_load_n(&shared->words, __ATOMIC_SEQ_CST) == WORDS_NONE)
		(void)syscall(SYS_futex, &shared->words, FUTEX_WAIT, WORDS_NONE, NULL,
			      NULL, 0);
	if (!__atomic_compare_exchange_n(&shared->words, &ready, WORDS_TAKEN, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	(void)dprintf(to, "bee-audit: %s\n", shared->doing);
	words_set(WORDS_WRITTEN);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/*
 * Takes the caller's descriptors out of our range. A close may hang: then the next holder goes
 * on with the next one. A holder stays when it is done, so that the exit of this process is
 * never the one that closes the table.
 */
static _Noreturn void holder_run(const int keep[3])
{
	int fd;

	while ((fd = __atomic_fetch_add(&shared->next, 1, __ATOMIC_SEQ_CST)) < OURS)
		if (fd != keep[0] && fd != keep[1] && fd != keep[2])
			close(fd);
	__atomic_store_n(&shared->moved, 1, __ATOMIC_SEQ_CST);
	(void)syscall(SYS_futex, &shared->moved, FUTEX_WAKE, 1, NULL, NULL, 0);
	words_serve(keep[1]);
	for (;;)
		pause();
}

/* All that a holder was to close is out of the table, if it hangs in that or not. */
static bool moved(const int keep[3])
{
	if (!__atomic_load_n(&shared->moved, __ATOMIC_SEQ_CST))
		return false;
	for (int fd = 0; fd < OURS; fd++)
		if (fd != keep[0] && fd != keep[1] && fd != keep[2] && is_open(fd))
			return false;
	return true;
}

static void descriptors_move(struct first *first)
{
	struct timespec wait = { 0, CLOSE_TIME };
	int keep[3], null;

	/* Before one that is closed becomes something else. */
	keep[0] = first->out = move_up(STDOUT_FILENO);
	keep[1] = first->err = move_up(STDERR_FILENO);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		err(BEE_SOFTWARE, "/dev/null");
	keep[2] = move_up(null);
	for (int tries = 0; !moved(keep); tries++) {
		pid_t pid = 1;

		errno = ETIMEDOUT;
		if (tries > 2 * OURS)
			start_failed("descriptors that do not close");
		if (!__atomic_load_n(&shared->moved, __ATOMIC_SEQ_CST))
			pid = ward_start(first);
		if (pid == 0)
			holder_run(keep);
		if (pid < 0 && tries == 0) /* nobody has touched stderr */
			err(BEE_SOFTWARE, "clone3");
		if (pid < 0)
			start_failed("clone3");
		/* Woken when the last one is done, else there is one more. */
		(void)syscall(SYS_futex, &shared->moved, FUTEX_WAIT, 0, &wait, NULL, 0);
	}
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (dup2(keep[2], fd) < 0)
			start_failed("dup2");
}

/* A child that writes to the caller's `to`; in its place `fd` is a socket to that child. */
static void stream_start(const struct first *first, int fd, int to)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		start_failed("socketpair");
	pid = ward_start(first);
	if (pid == 0)
		stream_serve(ends[1], to, fd == STDERR_FILENO);
	if (pid < 0)
		start_failed("clone3");
	if (dup2(ends[0], fd) < 0)
		start_failed("dup2");
	close(ends[0]);
}

static void signals_take(struct first *first)
{
	signals_ends(&first->ends);
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR ||
	    sigprocmask(SIG_SETMASK, &first->ends, &first->callers))
		err(BEE_SOFTWARE, "signals");
}

/* Not in a child of the monitor that ends by exit(3). */
static void remember(int status, void *monitor)
{
	if (getpid() == *(const pid_t *)monitor)
		shared->status = status;
}

/*
 * Copies of our descriptors and of none of the caller's: who has a copy has to close it. The
 * jobs have no use for what is shared here.
 */
static void monitor_become(const struct first *first)
{
	static pid_t self;

	self = getpid();
	if (close_range(OURS, ~0U, CLOSE_RANGE_UNSHARE) || close_range(3, ~0U, 0) ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != first->self ||
	    madvise(shared, sizeof(*shared), MADV_DONTFORK) || on_exit(remember, &self) ||
	    sigprocmask(SIG_SETMASK, &first->callers, NULL))
		err(BEE_SOFTWARE, "the monitor's start");
}

static void monitor_signal(const struct first *first, int signo)
{
	(void)syscall(SYS_pidfd_send_signal, first->pidfd, signo, NULL, 0);
}

/* To the monitor, which then ends soon; so does this process. */
static void signals_forward(struct first *first)
{
	nsec_t last = clock_now() + INTERRUPT_TIME + LAST_RESORT;
	struct signalfd_siginfo info;

	while (read(first->signals, &info, sizeof(info)) == sizeof(info)) {
		first->ended_by = (int)info.ssi_signo;
		monitor_signal(first, first->ended_by);
		if (!shared->deadline || shared->deadline > last)
			shared->deadline = last;
	}
}

/* Waits for a slice of time, or for `fds`. What this process did not live to see is no
 * reason to give up. */
static void slice_wait(struct pollfd *polls, nfds_t count)
{
	nsec_t begun = clock_now(), end = begun + SLICE, last;

	if (shared->deadline && shared->deadline < end)
		end = shared->deadline;
	(void)poll(polls, count, clock_poll_ms(end));
	last = clock_now() + INTERRUPT_TIME + LAST_RESORT;
	if (clock_now() - end > STOPPED_MIN && shared->deadline &&
	    shared->deadline < last)
		shared->deadline = last;
}

/* True when the monitor has ended, with *info. It is not stopped while this process runs. */
static bool monitor_ended(const struct first *first, siginfo_t *info)
{
	info->si_pid = 0;
	if (waitid(P_PIDFD, (id_t)first->pidfd, info, WEXITED | WSTOPPED | WNOHANG) ||
	    !info->si_pid)
		return false;
	if (info->si_code != CLD_STOPPED)
		return true;
	monitor_signal(first, SIGCONT);
	return false;
}

static bool late(void)
{
	return shared->deadline && clock_now() >= shared->deadline;
}

/* The monitor waits for a processor, and for nothing that hangs. */
static bool starves(struct first *first)
{
	/* At this moment alone: it has slept for most of its life. */
	const struct patience monitor = { .pid = first->monitor, .ours = true };

	if (first->lent >= PATIENCE_MAX || !patience_due(&monitor))
		return false;
	first->lent += SLICE;
	shared->deadline = clock_now() + SLICE;
	return true;
}

/* The exit status, or minus the signal that ended it as it would have ended this process. */
static int monitor_wait(struct first *first)
{
	struct pollfd polls[] = { { first->signals, POLLIN, 0 },
				  { first->pidfd, POLLIN, 0 } };
	siginfo_t info;

	while (!monitor_ended(first, &info)) {
		if (late() && !starves(first)) {
			monitor_signal(first, SIGKILL);
			if (shared->status >= 0)
				return shared->status;
			say("gave up: %s does not end", shared->doing);
			return shared->doing_status;
		}
		slice_wait(polls, ARRAY_LEN(polls));
		signals_forward(first);
	}
	if (info.si_code == CLD_EXITED)
		return info.si_status;
	if (sigismember(&first->ends, info.si_status) > 0)
		return -info.si_status;
	if (shared->status >= 0)
		return shared->status;
	say("the monitor was ended by signal %d before it was done", info.si_status);
	return BEE_SOFTWARE;
}

/* Whether the child behind `fd` has written all and said so. */
static bool stream_ended(int fd, int *error)
{
	struct stream_answer answer;
	ssize_t n;

	while ((n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT)) == sizeof(answer))
		if (answer.number == UINT32_MAX) {
			*error = answer.printed;
			return true;
		}
	return n == 0 || errno != EAGAIN;
}

/* Lets the two write what they still have; of an audit that is no more than a line. */
static int streams_end(struct first *first)
{
	struct pollfd polls[] = { { first->signals, POLLIN, 0 },
				  { STDOUT_FILENO, POLLIN, 0 },
				  { STDERR_FILENO, POLLIN, 0 } };
	int error = 0, ignored;

	first->ended_by = 0;
	if (shared->done || late())
		shared->deadline = clock_now() + TELL_TIME;
	for (nfds_t i = 1; i < ARRAY_LEN(polls); i++)
		(void)shutdown(polls[i].fd, SHUT_WR);
	while (polls[1].fd >= 0 || polls[2].fd >= 0) {
		if (polls[1].fd >= 0 && stream_ended(polls[1].fd, &error))
			polls[1].fd = -1;
		else if (polls[2].fd >= 0 && stream_ended(polls[2].fd, &ignored))
			polls[2].fd = -1;
		else if (late() || first->ended_by)
			break;
		else
			slice_wait(polls, ARRAY_LEN(polls));
		signals_forward(first);
	}
	return error;
}

static _Noreturn void end(const struct first *first, int status)
{
	if (status < 0) {
		(void)signal(-status, SIG_DFL);
		(void)sigprocmask(SIG_SETMASK, &first->callers, NULL);
		(void)raise(-status);
		status = 128 - status;
	}
	_exit(status);
}

void caller_start(nsec_t start)
{
	struct first first = { .self = getpid() };
	int status, error;

	scheduling_reset();
	signals_take(&first);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(BEE_SOFTWARE, "mmap");
	shared->deadline = start + DEFAULT_TIME + LAST_RESORT;
	shared->status = -1;
	shared->family[shared->family_count++] = first.self;
	caller_doing(BEE_SOFTWARE, "the start");
	descriptors_move(&first);
	stream_start(&first, STDOUT_FILENO, first.out);
	stream_start(&first, STDERR_FILENO, first.err);
	first.signals = signalfd(-1, &first.ends, SFD_CLOEXEC | SFD_NONBLOCK);
	if (first.signals < 0)
		start_failed("signalfd");
	first.monitor = clone_child(CLONE_FILES, -1, &first.pidfd);
	if (first.monitor == 0) {
		monitor_become(&first);
		return;
	}
	if (first.monitor < 0)
		start_failed("clone3");
	status = monitor_wait(&first);
	error = streams_end(&first);
	end(&first, status == BEE_OK && error ? BEE_IOERR : status);
}

void caller_deadline(nsec_t deadline)
{
	shared->deadline = deadline;
}

void caller_doing(int status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(shared->doing, sizeof(shared->doing), fmt, args);
	va_end(args);
	shared->doing_status = status;
}

size_t caller_family(const pid_t **pids)
{
	*pids = shared->family;
	return shared->family_count;
}

void caller_status(int status)
{
	shared->status = status;
}

void caller_done(void)
{
	shared->done = true;
}

void caller_follow(void)
{
	char path[32], text[256];
	const char *name_end;
	ptrdiff_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", getppid());
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (n = read_full(fd, text, sizeof(text) - 1)) <= 0)
		return;
	text[n] = '\0';
	name_end = strrchr(text, ')');
	/* Whoever stopped that process has stopped the audit. It wakes us, if it runs again. */
	if (name_end && !strncmp(name_end, ") T", 3))
		(void)raise(SIGSTOP);
}
