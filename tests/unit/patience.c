/* After T only who is at work and lacks a processor is waited for, and not for ever. */
#include "patience.h"
#include "tap.h"
#include "writer.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int pipes[2];
static nsec_t moved;

static void on_lent(nsec_t end)
{
	moved = end;
}

static struct audit_clock clock_at_end(void)
{
	nsec_t now = clock_now();

	moved = 0;
	return (struct audit_clock){ .start = now - NSEC_PER_SEC,
				     .timeout = NSEC_PER_SEC,
				     .end = now,
				     .signals = -1,
				     .on_lent = on_lent };
}

/* On one processor, so that how the kernel shares it out is known. */
static void one_processor(int policy, int priority)
{
	struct sched_param param = { .sched_priority = priority };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
	(void)sched_setscheduler(0, policy, &param);
}

static pid_t child(void (*work)(void), int policy, int priority)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		one_processor(policy, priority);
		work();
		_exit(0);
	}
	return pid;
}

static void spin(void)
{
	for (;;)
		__asm__ volatile("");
}

static void sleep_long(void)
{
	(void)pause();
}

static void answer_late(void)
{
	nsec_t end = clock_now() + 700 * NSEC_PER_MSEC;

	while (clock_now() < end)
		continue;
	(void)!write(pipes[1], "x", 1);
}

static void end(pid_t pid)
{
	CHECK(!kill(pid, SIGKILL));
	CHECK_INT(waitpid(pid, NULL, 0), pid);
}

static bool waited(pid_t pid, bool ours, struct audit_clock *clock)
{
	struct patience patience = patience_begin(pid, ours);

	usleep(200 * 1000);
	return patience_wait(&patience, clock, pipes[0], POLLIN, 0);
}

static void test_sleeper(void)
{
	struct audit_clock clock = clock_at_end();
	pid_t pid = child(sleep_long, SCHED_OTHER, 0);

	usleep(100 * 1000);
	CHECK(!waited(pid, true, &clock));
	CHECK_INT(clock.lent, 0);
	CHECK_INT(moved, 0);
	end(pid);
}

static void test_worker(void)
{
	struct audit_clock clock = clock_at_end();
	pid_t pid = child(answer_late, SCHED_OTHER, 0);
	nsec_t was = clock.end;
	char byte;

	CHECK(waited(pid, true, &clock));
	CHECK(clock.lent > 0 && clock.lent <= PATIENCE_MAX);
	CHECK_INT(clock.end, was + clock.lent);
	CHECK_INT(moved, clock.end);
	CHECK_INT(read(pipes[0], &byte, 1), 1);
	CHECK_INT(waitpid(pid, NULL, 0), pid);
}

static void test_not_for_ever(void)
{
	struct audit_clock clock = clock_at_end();
	pid_t pid = child(spin, SCHED_OTHER, 0);

	clock.lent = PATIENCE_MAX - 100 * NSEC_PER_MSEC;
	CHECK(!waited(pid, true, &clock));
	CHECK(clock.lent >= PATIENCE_MAX);
	clock = clock_at_end();
	clock.interrupted = SIGINT;
	CHECK(!waited(pid, true, &clock)); /* who wants it to end does not want this */
	CHECK_INT(clock.lent, 0);
	end(pid);
}

static void need_root(void)
{
	if (geteuid() != 0)
		tap_skip("only root says who has a processor");
}

static void test_foreign_spins(void)
{
	struct audit_clock clock = clock_at_end();
	pid_t pid;

	need_root();
	pid = child(spin, SCHED_FIFO, 1);
	CHECK(!waited(pid, false, &clock));
	CHECK_INT(clock.lent, 0);
	end(pid);
}

static void test_foreign_starves(void)
{
	struct audit_clock clock = clock_at_end();
	pid_t greedy, pid;

	need_root();
	greedy = child(spin, SCHED_FIFO, 1);
	pid = child(spin, SCHED_IDLE, 0);
	/* schedstat knows of a wait when it is over. */
	for (int i = 0; i < 100 && clock.lent == 0; i++) {
		struct patience patience = patience_begin(pid, false);

		usleep(1100 * 1000);
		clock = clock_at_end();
		clock.lent = PATIENCE_MAX - 100 * NSEC_PER_MSEC;
		if (patience_due(&patience))
			CHECK(!patience_wait(&patience, &clock, pipes[0], POLLIN, 0));
		clock.lent = clock.lent >= PATIENCE_MAX;
	}
	CHECK_INT(clock.lent, 1);
	end(pid);
	end(greedy);
}

/* T and all grace are over when the writer begins: it is at work, so its file comes. In tmpfs nothing
 * but the processor is waited for. */
static void test_writer(void)
{
	struct audit_clock clock = clock_at_end();
	AUTO_FREE char *path = xasprintf("/dev/shm/patience-%d", getpid());
	AUTO_FCLOSE FILE *file = NULL;
	char text[16] = "";

	clock.end -= NSEC_PER_SEC;
	CHECK_INT(writer_write(&clock, path, "whole\n", 6, 0), 0);
	file = fopen(path, "re");
	CHECK(file && fgets(text, sizeof(text), file));
	CHECK_STR(text, "whole\n");
	CHECK(!unlink(path));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "who sleeps is not waited for", test_sleeper, 10 },
		{ "one of ours that works is", test_worker, 20 },
		{ "but not for ever, nor when the audit is interrupted",
		  test_not_for_ever, 20 },
		{ "another that spins is not", test_foreign_spins, 10 },
		{ "but one that has no processor", test_foreign_starves, 120 },
		{ "so the document is written when all its time is over", test_writer,
		  20 },
		{ NULL, NULL, 0 },
	};

	if (pipe2(pipes, O_CLOEXEC))
		return 1;
	return tap_main(tests);
}
