/* What the caller handed us, and the process it waits for. */
#include "caller.h"
#include "holders.h"
#include "patience.h"
#include "signals.h"

#include "clock.h"
#include "clone.h"
#include "stream.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
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

#define DEFAULT_TIME (30 * NSEC_PER_SEC)
#define SLICE (200 * NSEC_PER_MSEC)

/* Seen by this process, the holders and the monitor. */
static struct shared {
	nsec_t deadline;
	int status; /* of the monitor, -1: not known */
	bool done;
	int doing_status;
	struct holders holders;
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
 * The caller's scheduling policy, nice value and I/O class would be those of every job: they are
 * inherited, and a job has no right to change them. Under SCHED_DEADLINE no child can be made at all.
 */
static void scheduling_reset(void)
{
	struct sched_param none = { 0 };

	/* EPERM: SCHED_RESET_ON_FORK is set and is not ours to clear (sched(7)). With it
	 * children start as ordinary ones, which is what is wanted. */
	if (sched_setscheduler(0, SCHED_OTHER, &none))
		(void)sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none);
	(void)setpriority(PRIO_PROCESS, 0, 0);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		      IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0));
}

static void signals_take(struct first *first)
{
	signals_ends(&first->ends);
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR ||
	    sigprocmask(SIG_SETMASK, &first->ends, &first->callers))
		err(BEE_SOFTWARE, "signals");
}

/* For on_exit(3): the exit status, for the first process. A child of the monitor that ends by exit(3)
 * comes here too, and its status is nobody's. */
static void remember(int status, void *monitor)
{
	if (getpid() == *(const pid_t *)monitor)
		shared->status = status;
}

/*
 * The table of descriptors has been shared with the first process. Here the monitor takes a copy of its
 * low end, where only ours are: of the caller's it must have none, as its exit would close, that is
 * flush, them. `shared` is for these two alone, so that no job gets that memory.
 */
static void monitor_become(const struct first *first)
{
	static pid_t self;

	self = getpid();
	if (close_range(HOLDERS_OURS, ~0U, CLOSE_RANGE_UNSHARE) ||
	    close_range(3, ~0U, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) ||
	    getppid() != first->self || madvise(shared, sizeof(*shared), MADV_DONTFORK) ||
	    on_exit(remember, &self) || sigprocmask(SIG_SETMASK, &first->callers, NULL))
		err(BEE_SOFTWARE, "the monitor's start");
}

static void monitor_signal(const struct first *first, int signo)
{
	(void)syscall(SYS_pidfd_send_signal, first->pidfd, signo, NULL, 0);
}

/* Passes the caller's signals on to the monitor, which then ends soon, and so does this process. */
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

/* Waits for a slice of time, or for `polls`. Time in which this process itself was stopped does not
 * count: the monitor was stopped as well, and gets what an interrupted audit gets. */
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

/* True when the monitor has ended, with *info. One that was stopped alone is continued. */
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
	/* What it waits for now, not over its life: it has slept for most of that. */
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
			say("gave up: %s does not end", shared->holders.words);
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

/*
 * Lets the two write what they still have; of an audit that is no more than a line. The exit
 * status, or minus a signal. What stdout did not take, stderr has to say: so that one ends first.
 */
static int streams_end(struct first *first, int status)
{
	struct pollfd polls[] = { { first->signals, POLLIN, 0 },
				  { STDOUT_FILENO, POLLIN, 0 },
				  { STDERR_FILENO, POLLIN, 0 } };
	int error = 0, ignored = 0;

	first->ended_by = 0;
	if (shared->done || late())
		shared->deadline = clock_now() + TELL_TIME;
	(void)shutdown(STDOUT_FILENO, SHUT_WR);
	while (polls[1].fd >= 0 || polls[2].fd >= 0) {
		if (polls[1].fd >= 0 && stream_ended(polls[1].fd, &error)) {
			polls[1].fd = -1;
			if (error == -EPIPE && status == BEE_OK) {
				status = -SIGPIPE; /* as of any program in a pipeline */
			} else if (error && status == BEE_OK) {
				say("standard output: %s",
				    strerrordesc_np(-error) ?: "?");
				status = BEE_IOERR;
			}
			(void)shutdown(STDERR_FILENO, SHUT_WR);
		} else if (polls[2].fd >= 0 && stream_ended(polls[2].fd, &ignored)) {
			polls[2].fd = -1;
		} else if (late() || first->ended_by) {
			break;
		} else {
			slice_wait(polls, ARRAY_LEN(polls));
		}
		signals_forward(first);
	}
	return status;
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

	scheduling_reset();
	signals_take(&first);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(BEE_SOFTWARE, "mmap");
	shared->deadline = start + DEFAULT_TIME + LAST_RESORT;
	shared->status = -1;
	shared->holders.self = first.self;
	shared->holders.family[shared->holders.family_count++] = first.self;
	caller_doing(BEE_SOFTWARE, "the start");
	holders_move(&shared->holders, &first.out, &first.err);
	holders_stream(&shared->holders, STDOUT_FILENO, first.out);
	holders_stream(&shared->holders, STDERR_FILENO, first.err);
	first.signals = signalfd(-1, &first.ends, SFD_CLOEXEC | SFD_NONBLOCK);
	if (first.signals < 0)
		holders_failed(&shared->holders, "signalfd");
	first.monitor = clone_child(CLONE_FILES, -1, &first.pidfd);
	if (first.monitor == 0) {
		monitor_become(&first);
		return;
	}
	if (first.monitor < 0)
		holders_failed(&shared->holders, "clone3");
	end(&first, streams_end(&first, monitor_wait(&first)));
}

void caller_deadline(nsec_t deadline)
{
	shared->deadline = deadline;
}

void caller_doing(int status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(shared->holders.words, sizeof(shared->holders.words), fmt, args);
	va_end(args);
	shared->doing_status = status;
}

size_t caller_family(const pid_t **pids)
{
	*pids = shared->holders.family;
	return shared->holders.family_count;
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
