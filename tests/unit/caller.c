/*
 * The process that the caller waits for, and a monitor that is late: this one, which does what a test
 * says after caller_start(). Who spins could run at each moment, whoever has the processor.
 */
#include "caller.h"
#include "clock.h"
#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS_DONE 7 /* of a monitor that came to its end */
#define STATUS_ENDED 9
#define STATUS_GIVEN_UP 74

static nsec_t took;

static void spin_for(nsec_t time)
{
	nsec_t end = clock_now() + time;

	while (clock_now() < end)
		continue;
}

static void sleep_for(nsec_t time)
{
	(void)usleep((useconds_t)(time / 1000));
}

/* What is still to come when the monitor calls exit(3), as a flush that hangs would be. */
static nsec_t ends_for;
static bool ends_killed;

static void ends(void)
{
	if (ends_killed)
		(void)raise(SIGKILL);
	if (ends_for)
		sleep_for(ends_for);
}

static void exit_hangs(nsec_t time)
{
	ends_for = time;
	exit(STATUS_ENDED);
}

static void exit_killed(nsec_t time)
{
	(void)time;
	ends_killed = true;
	exit(STATUS_ENDED);
}

/* The status that the caller sees of a monitor that has 200 ms and takes `time`. */
static int status_of(void (*spends)(nsec_t), nsec_t time)
{
	struct sched_param none = { 0 };
	nsec_t began = clock_now();
	pid_t pid;
	int status;

	if (geteuid() != 0)
		tap_skip("the holders' uid takes root");
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (null < 0 || dup2(null, STDERR_FILENO) < 0)
			_exit(1);
		(void)atexit(ends); /* after what caller_start() asks for */
		caller_start(began);
		caller_doing(STATUS_GIVEN_UP, "a test");
		/* The other tests want the processors too. */
		(void)sched_setscheduler(0, SCHED_IDLE, &none);
		caller_deadline(clock_now() + 200 * NSEC_PER_MSEC);
		spends(time);
		_exit(STATUS_DONE);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	took = clock_now() - began;
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_spins(void)
{
	CHECK_INT(status_of(spin_for, 1500 * NSEC_PER_MSEC), STATUS_DONE);
	CHECK(took >= 1500 * NSEC_PER_MSEC);
}

static void test_sleeps(void)
{
	CHECK_INT(status_of(sleep_for, 20 * NSEC_PER_SEC), STATUS_GIVEN_UP);
	CHECK(took < 10 * NSEC_PER_SEC);
}

static void test_not_for_ever(void)
{
	CHECK_INT(status_of(spin_for, 60 * NSEC_PER_SEC), STATUS_GIVEN_UP);
	CHECK(took >= PATIENCE_MAX);
}

static void test_said(void)
{
	CHECK_INT(status_of(exit_hangs, 20 * NSEC_PER_SEC), STATUS_ENDED);
	CHECK(took < 10 * NSEC_PER_SEC);
	CHECK_INT(status_of(exit_killed, 0), STATUS_ENDED);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a monitor that could run when its time is over is waited for",
		  test_spins, 30 },
		{ "one that hangs is not", test_sleeps, 30 },
		{ "what it has ended with is known, whatever its end hangs in", test_said,
		  30 },
		{ "nor one that could run for ever", test_not_for_ever, 40 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
