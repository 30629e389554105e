/* After T only who is at work and lacks a processor is waited for, and not for ever. */
#include "patience.h"
#include "look.h"
#include "proc_fake.h"
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

/* For looking at what is stuck there is a while in any case, and more as far as T leaves some. */
static void test_look(void)
{
	struct audit_clock clock = { .end = clock_now() + 5 * LOOK_TIME / 2 };
	nsec_t last = clock.end - LOOK_TIME / 2, now, until = clock_look(&clock);

	/* Or it took us so long to ask. */
	CHECK(until == last || clock_now() + LOOK_TIME > last);
	clock.end += 3600 * NSEC_PER_SEC;
	now = clock_now();
	until = clock_look(&clock);
	CHECK(until >= now + 3 * LOOK_TIME && until <= clock_now() + 3 * LOOK_TIME);
	clock.end = 0;
	now = clock_now();
	until = clock_look(&clock);
	CHECK(until >= now + LOOK_TIME && until <= clock_now() + LOOK_TIME);
}

static void need_root(void)
{
	if (geteuid() != 0)
		tap_skip("only root says who has a processor");
}

/* As /proc says it, whatever the machine does: of its life, and since it is waited for. */
static void test_due(void)
{
	static const struct {
		bool ours;
		char state;
		nsec_t ran, waited;
		bool due;
	} cases[] = {
		{ true, 'R', 0, 0, true },
		{ true, 'S', 0, 0, false },
		{ true, 'D', 0, 0, false },
		{ true, 'S', 1000 * NSEC_PER_SEC, 0, true }, /* it has worked till now */
		{ true, 'S', 0, 1000 * NSEC_PER_SEC, true },
		{ false, 'R', 1, 2, true },
		{ false, 'R', 0, 1, true },
		{ false, 'R', 2, 2, false },
		{ false, 'R', 1000 * NSEC_PER_SEC, 1, false }, /* it spins */
		{ false, 'R', 0, 0, false },
		{ false, 'S', 0, 1000 * NSEC_PER_SEC, false },
		{ false, 'D', 0, 1000 * NSEC_PER_SEC, false },
	};
	const nsec_t ran = 50 * NSEC_PER_SEC, waited = 70 * NSEC_PER_SEC;

	need_root();
	fake_begin(child(sleep_long, SCHED_OTHER, 0));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct patience patience;

		fake_says('S', ran, waited);
		patience = patience_begin(fake_pid, cases[i].ours);
		fake_says(cases[i].state, ran + cases[i].ran, waited + cases[i].waited);
		if (patience_due(&patience) != cases[i].due)
			tap_fail(__FILE__, __LINE__, "case %zu", i);
	}
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

/* proc(5): a process may have any name, and be gone halfway. */
static void test_stat(void)
{
	static const char rest[] = " 7 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 4711";
	static const struct {
		const char *head;
		char state; /* 0: that is no such text */
	} cases[] = {
		{ "12 (x) R", 'R' }, { "12 (a) b) D", 'D' },
		{ "12 (() S", 'S' }, { "12 () Z", 'Z' },
		{ "", 0 },           { "12 x R", 0 },
		{ "12 (x R", 0 },    { "12 x) R", 0 },
		{ ")(", 0 },         { "12 ) (R", 0 },
		{ "12 (x)R", 0 },    { "12 (x)R S", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_FREE char *text = xasprintf("%s%s", cases[i].head, rest);
		AUTO_FREE char *cut = xstrdup(cases[i].head);
		struct look_stat stat = { .state = 0 };

		if (look_stat(text, &stat) != (cases[i].state != 0))
			tap_fail(__FILE__, __LINE__, "\"%s\"", cases[i].head);
		CHECK(!look_stat(cut, &(struct look_stat){ .state = 0 }));
		if (!cases[i].state)
			continue;
		CHECK_INT(stat.state, cases[i].state);
		CHECK_STR(stat.parent, "7");
		CHECK_STR(stat.starttime, "4711");
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "who sleeps is not waited for", test_sleeper, 10 },
		{ "one of ours that works is", test_worker, 20 },
		{ "but not for ever, nor when the audit is interrupted",
		  test_not_for_ever, 20 },
		{ "of others only who could run, and waited longer than it ran", test_due,
		  10 },
		{ "as the kernel says it", test_foreign_starves, 120 },
		{ "so the document is written when all its time is over", test_writer,
		  20 },
		{ "who looks at what is stuck has time as far as T leaves some",
		  test_look, 0 },
		{ "who a process is is read from a text that may be anything", test_stat,
		  0 },
		{ NULL, NULL, 0 },
	};

	if (pipe2(pipes, O_CLOEXEC))
		return 1;
	return tap_main(tests);
}
