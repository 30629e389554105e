/* Helpers that may be abandoned, the times of an audit, and which uids are taken. */
#include "helper.h"
#include "clock.h"
#include "slots.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* An audit whose T is `timeout` from now. */
static struct audit_clock clock_of(nsec_t timeout)
{
	struct audit_clock clock = { .start = clock_now(), .timeout = timeout };

	clock.end = clock.start + timeout;
	clock.signals = -1;
	return clock;
}

/* What a helper is before it does anything: 0, or which of its promises is broken. */
static int promises(pid_t parent)
{
	int signo = 0;
	sigset_t mask;

	if (prctl(PR_GET_PDEATHSIG, &signo) || signo != SIGKILL)
		return -1;
	if (getsid(0) != getpid() || getppid() != parent)
		return -2;
	if (sigprocmask(SIG_SETMASK, NULL, &mask))
		return -3;
	for (int i = 1; i < 32; i++)
		if (sigismember(&mask, i))
			return -4;
	return 0;
}

static void test_start(void)
{
	struct audit_clock clock = clock_of(5 * NSEC_PER_SEC);
	struct helper helper;
	pid_t parent = getpid();
	sigset_t all;

	sigfillset(&all);
	sigdelset(&all, SIGALRM);
	CHECK(!sigprocmask(SIG_SETMASK, &all, NULL));
	CHECK_INT(helper_start(&helper), 0);
	if (helper.pid == 0)
		helper_answer(&helper, promises(parent));
	CHECK_INT(helper_wait(&helper, &clock, 0), 0);
	CHECK(fcntl(helper.pidfd, F_GETFD) < 0 && fcntl(helper.answers, F_GETFD) < 0);
}

static void test_answers(void)
{
	static const int answers[] = { 0, -ENOSPC, -1, 7 };
	struct audit_clock clock = clock_of(20 * NSEC_PER_SEC);
	struct helper helper;

	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		CHECK_INT(helper_start(&helper), 0);
		if (helper.pid == 0) {
			helper_keep_pipe(&helper);
			helper_answer(&helper, answers[i]);
		}
		CHECK_INT(helper_wait(&helper, &clock, 0), answers[i]);
	}
	CHECK_INT(helper_start(&helper), 0);
	if (helper.pid == 0)
		_exit(0);
	CHECK_INT(helper_wait(&helper, &clock, 0), -EPIPE); /* died without a word */
}

/* One that says nothing is waited for until its time has come, and then killed. */
static void test_silent(void)
{
	struct audit_clock clock = clock_of(0);
	struct helper helper;
	nsec_t began = clock_now();
	int status;
	pid_t pid;

	CHECK_INT(helper_start(&helper), 0);
	if (helper.pid == 0)
		for (;;)
			pause();
	pid = helper.pid;
	CHECK_INT(helper_wait(&helper, &clock, 300 * NSEC_PER_MSEC), -ETIMEDOUT);
	CHECK(clock_now() - clock.end >= 300 * NSEC_PER_MSEC);
	CHECK(clock_now() - began < 8 * NSEC_PER_SEC);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* The helper's copy of its parent's end would keep the pipe open after its death. */
static void test_keep(void)
{
	struct audit_clock clock = clock_of(5 * NSEC_PER_SEC);
	struct helper helper;
	int other = fcntl(0, F_DUPFD, 50);

	CHECK(other >= 50);
	CHECK_INT(helper_start(&helper), 0);
	if (helper.pid == 0) {
		int open = 0;

		helper_keep(&helper);
		for (int fd = 3; fd < 100; fd++)
			open += fcntl(fd, F_GETFD) >= 0;
		helper_answer(&helper, open);
	}
	CHECK_INT(helper_wait(&helper, &clock, 0), 1);
}

static void test_parent_gone(void)
{
	int ends[2];
	char byte;
	pid_t pid;

	CHECK(!pipe(ends));
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		struct helper helper;

		if (helper_start(&helper))
			_exit(1);
		if (helper.pid == 0) {
			(void)!write(ends[1], "x", 1);
			for (;;)
				pause();
		}
		for (;;)
			pause();
	}
	close(ends[1]);
	CHECK_INT(read(ends[0], &byte, 1), 1);
	CHECK(!kill(pid, SIGKILL));
	CHECK_INT(read(ends[0], &byte, 1), 0); /* the helper held the other end */
}

static void test_grace(void)
{
	struct audit_clock clock = clock_of(30 * NSEC_PER_SEC);

	CHECK_INT(clock_grace(&clock, RESERVE), RESERVE);
	CHECK_INT(clock_last(&clock), clock.end - RESERVE);
	clock.timeout = GRACE_FULL;
	CHECK_INT(clock_grace(&clock, RESERVE), RESERVE);
	clock.timeout = GRACE_FULL / 2;
	CHECK_INT(clock_grace(&clock, RESERVE), RESERVE / 2);
	CHECK_INT(clock_last(&clock), clock.end - RESERVE / 2);
	clock.timeout = GRACE_FULL * 3 / 4;
	CHECK_INT(clock_grace(&clock, RESERVE), RESERVE * 3 / 4);
}

/* The times that doc/ARCHITECTURE.md draws; the order of the others is asserted in clock.c. */
static void test_times(void)
{
	CHECK_INT(RESERVE, 300 * NSEC_PER_MSEC);
	CHECK_INT(T_GRACE, NSEC_PER_SEC);
	CHECK_INT(GRACE_FULL, 2 * NSEC_PER_SEC);
	CHECK(LAST_RESORT >= 800 * NSEC_PER_MSEC && LAST_RESORT + TELL_TIME < T_GRACE);
}

/* SIGSTOP as a wait sees it: it went on, and the clock says that it lasted. */
static void stop_for_a_while(void)
{
	static bool done;

	if (!done)
		usleep(1300 * 1000);
	done = true;
}

/* A stop past the end leaves time to end in order; what has ended meanwhile is seen first. */
static void test_stopped(void)
{
	struct audit_clock clock = clock_of(100 * NSEC_PER_MSEC);
	struct pollfd in = { .events = POLLIN };
	int ends[2];

	CHECK(!pipe2(ends, O_CLOEXEC));
	in.fd = ends[0];
	CHECK_INT(clock_poll(&clock, &in, 1, clock.end), 0);
	CHECK_INT(clock.stopped, 0);
	CHECK(!fork() ? (usleep(300 * 1000), (void)!write(ends[1], "x", 1), _exit(0), 0)
		      : 1);
	clock.on_tick = stop_for_a_while;
	CHECK_INT(clock_poll(&clock, &in, 1, clock_now() + 50 * NSEC_PER_MSEC), 1);
	CHECK(clock.stopped >= NSEC_PER_SEC && clock.stopped < 10 * NSEC_PER_SEC);
	CHECK(clock.end > clock_now() + INTERRUPT_TIME / 2);
	clock.end +=
		60 * NSEC_PER_SEC; /* far enough away: not moved, nor by a short one */
	nsec_t end = clock.end, stopped = clock.stopped;
	CHECK_INT(clock_poll(&clock, &in, 1, clock_now()), 1);
	CHECK(clock.end == end && clock.stopped == stopped);
}

static void on_interrupt(void *arg)
{
	(*(int *)arg)++;
}

static struct audit_clock interruptible(nsec_t timeout, int *called)
{
	struct audit_clock clock = clock_of(timeout);
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	CHECK(!sigprocmask(SIG_BLOCK, &mask, NULL));
	clock.signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	CHECK(clock.signals >= 0);
	clock.on_interrupt = on_interrupt;
	clock.arg = called;
	return clock;
}

static void test_interrupt(void)
{
	int called = 0;
	struct audit_clock clock = interruptible(60 * NSEC_PER_SEC, &called);
	nsec_t before = clock_now();

	clock_interrupt(&clock); /* nothing to read */
	CHECK_INT(clock.interrupted, 0);
	CHECK_INT(called, 0);
	CHECK(!raise(SIGTERM));
	clock_interrupt(&clock);
	CHECK_INT(clock.interrupted, SIGTERM);
	CHECK_INT(called, 1);
	CHECK(clock.end >= before + INTERRUPT_TIME);
	CHECK(clock.end <= clock_now() + INTERRUPT_TIME);
	/* A second one changes nothing. */
	before = clock.end;
	CHECK(!raise(SIGHUP));
	clock_interrupt(&clock);
	CHECK_INT(clock.interrupted, SIGTERM);
	CHECK_INT(called, 1);
	CHECK_INT(clock.end, before);
	/* One that comes when little is left gives no more time. */
	clock = interruptible(INTERRUPT_TIME / 2, &called);
	before = clock.end;
	CHECK(!raise(SIGTERM));
	clock_interrupt(&clock);
	CHECK_INT(clock.end, before);
}

static void test_wait(void)
{
	struct audit_clock clock = clock_of(0);
	nsec_t began = clock_now();
	int ends[2], called = 0;

	CHECK(!pipe(ends));
	CHECK(!clock_wait(&clock, ends[0], POLLIN, 200 * NSEC_PER_MSEC));
	CHECK(clock_now() >= clock.end + 200 * NSEC_PER_MSEC);
	CHECK(clock_now() - began < 5 * NSEC_PER_SEC);
	CHECK(!clock_wait(&clock, ends[0], POLLIN, -NSEC_PER_SEC)); /* long past */
	CHECK(clock_wait(&clock, ends[1], POLLOUT, NSEC_PER_SEC));
	CHECK_INT(write(ends[1], "x", 1), 1);
	CHECK(clock_wait(&clock, ends[0], POLLIN, NSEC_PER_SEC));
	/* An interrupt brings the end forward for who waits already. */
	clock = interruptible(60 * NSEC_PER_SEC, &called);
	CHECK_INT(read(ends[0], (char[1]){ 0 }, 1), 1);
	CHECK(!raise(SIGTERM));
	began = clock_now();
	CHECK(!clock_wait(&clock, ends[0], POLLIN, 0));
	CHECK_INT(called, 1);
	CHECK(clock_now() - began >= INTERRUPT_TIME);
	CHECK(clock_now() - began < 7 * NSEC_PER_SEC);
	/* Signals that wait to be read do not make it spin, nor end early. */
	CHECK(!raise(SIGHUP));
	CHECK(!clock_wait(&clock, ends[0], POLLIN, 0));
}

static void test_slots(void)
{
	struct slots slots = { .count = 0 };

	CHECK_INT(slots_take(&slots), 0);
	CHECK_INT(slots_take(&slots), 1);
	CHECK_INT(slots_take(&slots), 2);
	slots_free(&slots, 1);
	CHECK_INT(slots_take(&slots), 1); /* the lowest that is free */
	slots_hold(&slots, 5);
	CHECK_INT(slots_take(&slots), 3);
	CHECK_INT(slots_take(&slots), 4);
	CHECK_INT(slots_take(&slots), 6); /* not one that a stuck job holds */
	slots_hold(&slots, 2);            /* held twice is held */
	slots_free(&slots, 0);
	slots_free(&slots, 3);
	CHECK_INT(slots_take(&slots), 0);
	CHECK_INT(slots_take(&slots), 3);
	CHECK_INT(slots_take(&slots), 7);
	free(slots.taken);
	/* No two of them share a uid, nor one with those who have no slot. */
	CHECK(UID_GATHERER != UID_REPORT && UID_REPORT < UID_TOOL(0));
	CHECK(UID_TOOL(0) < UID_COLLECTOR(0) && UID_COLLECTOR(0) < UID_TOOL(1));
	CHECK(UID_TOOL(1) < UID_COLLECTOR(1) && UID_GATHERER < UID_REPORT);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a helper has a session of its own, no signal blocked, and ends with "
		  "us",
		  test_start, 0 },
		{ "what a helper answers arrives; its death without a word is told",
		  test_answers, 30 },
		{ "a silent helper is killed when its time has come, not before",
		  test_silent, 20 },
		{ "a helper keeps its pipe and nothing else", test_keep, 0 },
		{ "a helper does not outlive its parent", test_parent_gone, 0 },
		{ "grace shrinks with T below 2 s", test_grace, 0 },
		{ "the times are those of the documentation", test_times, 0 },
		{ "a stop past the end is told and leaves time to end", test_stopped,
		  20 },
		{ "an interrupt brings the end forward, once, and never back",
		  test_interrupt, 0 },
		{ "a wait ends when it is ready, late, or interrupted", test_wait, 20 },
		{ "a uid is used again when it is free, not before", test_slots, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
