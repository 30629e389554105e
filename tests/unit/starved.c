/* Whether a job that is out of time had no processor, as a /proc of the test's own says it. */
#include "starved.h"
#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOB 100   /* pid 1 of a jail */
#define CHILD 101 /* and what it has started */
#define SECOND ((nsec_t)1000000000)

static const char busy[] = "9.00 9.00 9.00 100000/200000 4711\n", /* proc(5) */
	idle[] = "0.00 0.00 0.00 1/200 4711\n";

struct thread {
	int process, id;
	char state;
	nsec_t ran, waited;
};

static void put(const char *name, const char *text)
{
	AUTO_CLOSE int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK(fd >= 0);
	CHECK_INT(write_all(fd, text, strlen(text)), 0);
}

static void folder(const char *name)
{
	CHECK(!mkdir(name, 0755));
}

/* /proc with these threads, in this process's mounts alone. */
static void proc_begin(const char *loadavg, const struct thread *threads)
{
	if (geteuid() != 0)
		tap_skip("it takes root to have a /proc of one's own");
	CHECK(!unshare(CLONE_NEWNS));
	CHECK(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	CHECK(!mount("tmpfs", "/proc", "tmpfs", 0, NULL));
	put("/proc/loadavg", loadavg);
	for (; threads->id; threads++) {
		AUTO_FREE char *process = xasprintf("/proc/%d", threads->process);
		AUTO_FREE char *task = xasprintf("%s/task", process);
		AUTO_FREE char *thread = xasprintf("%s/%d", task, threads->id);
		AUTO_FREE char *stat = xasprintf("%s/stat", thread);
		AUTO_FREE char *schedstat = xasprintf("%s/schedstat", thread);
		AUTO_FREE char *children = xasprintf("%s/children", thread);
		AUTO_FREE char *state =
			xasprintf("%d (x) R) %c 1 1 1\n", threads->id, threads->state);
		AUTO_FREE char *times =
			xasprintf("%lld %lld 3\n", (long long)threads->ran,
				  (long long)threads->waited);

		if (threads->process == threads->id) {
			folder(process);
			folder(task);
		}
		folder(thread);
		put(stat, state);
		put(schedstat, times);
		put(children, threads->id == JOB ? "101 " : "");
	}
}

/* A leak checker wants the true one. */
static void proc_end(void)
{
	CHECK(!umount2("/proc", MNT_DETACH));
}

/* Asks as the monitor does at the deadline, and waits for as long as a busy machine takes. */
static void check_job(bool starved, nsec_t ran)
{
	struct job job = { .child = { .pid = JOB, .state = CHILD_RUNNING } };
	struct job *running[] = { &job };

	job.child.deadline = clock_now();
	CHECK(!starved_known(&job));
	starved_ask(running, 1);
	CHECK_INT(job.starved, STARVED_ASKED);
	for (int i = 0; i < 800 && job.starved == STARVED_ASKED; i++) {
		(void)starved_was(&job);
		(void)usleep(10000);
	}
	CHECK_INT(job.starved, starved ? STARVED : STARVED_NOT);
	CHECK_INT(starved_was(&job), starved);
	CHECK_INT(job.ran, ran);
	proc_end();
}

static void check(const char *loadavg, const struct thread *threads, bool starved,
		  nsec_t ran)
{
	proc_begin(loadavg, threads);
	check_job(starved, ran);
}

static void test_starved(void)
{
	static const struct thread threads[] = {
		{ JOB, JOB, 'R', SECOND, 2 * SECOND },
		{ 0, 0, 0, 0, 0 },
	};

	check(busy, threads, true, SECOND);
}

static void test_idle(void)
{
	static const struct thread threads[] = {
		{ JOB, JOB, 'R', SECOND, 2 * SECOND },
		{ 0, 0, 0, 0, 0 },
	};

	check(idle, threads, false, SECOND);
}

static void test_ran(void)
{
	static const struct thread threads[] = {
		{ JOB, JOB, 'R', 2 * SECOND, 2 * SECOND },
		{ 0, 0, 0, 0, 0 },
	};

	check(busy, threads, false, 2 * SECOND);
}

static void test_sleeps(void)
{
	static const struct thread threads[] = {
		{ JOB, JOB, 'S', SECOND, 2 * SECOND },
		{ 0, 0, 0, 0, 0 },
	};

	check(busy, threads, false, SECOND);
}

/* Its pid 1 waits for it; of its two threads the second has waited. */
static void test_together(void)
{
	static const struct thread threads[] = {
		{ JOB, JOB, 'S', SECOND, 0 },
		{ CHILD, CHILD, 'S', SECOND, SECOND },
		{ CHILD, CHILD + 1, 'R', SECOND, 3 * SECOND },
		{ 0, 0, 0, 0, 0 },
	};

	check(busy, threads, true, 3 * SECOND);
}

static void test_hangs(void)
{
	static const struct thread threads[] = {
		{ JOB, JOB, 'R', SECOND, 2 * SECOND },
		{ CHILD, CHILD, 'D', 0, 0 },
		{ 0, 0, 0, 0, 0 },
	};

	check(busy, threads, false, SECOND);
}

static void test_gone(void)
{
	static const struct thread threads[] = {
		{ 0, 0, 0, 0, 0 },
	};

	check(busy, threads, false, 0);
}

static void test_machine(void)
{
	static const struct thread threads[] = {
		{ 0, 0, 0, 0, 0 },
	};
	cpu_set_t set;
	unsigned most;

	CHECK(!sched_getaffinity(0, sizeof(set), &set));
	most = 4 * (unsigned)CPU_COUNT(&set); /* per processor, doc/ARCHITECTURE.md */
	proc_begin(busy, threads);
	CHECK(starved_machine(most));
	CHECK(!starved_machine(most - 1));
	put("/proc/loadavg", idle);
	CHECK(!starved_machine(most));
	proc_end();
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "who could run and waited for longer than it ran is starved",
		  test_starved, 0 },
		{ "where nobody wants the processors it is not", test_idle, 0 },
		{ "nor who had one as long as it waited", test_ran, 0 },
		{ "nor who does not want one", test_sleeps, 0 },
		{ "all threads of all its processes count", test_together, 0 },
		{ "where one of them hangs it is not starved", test_hangs, 0 },
		{ "of one that has gone nothing is known", test_gone, 0 },
		{ "a busy machine has no processor for a fifth job on each", test_machine,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
