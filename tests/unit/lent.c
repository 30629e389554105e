/* What a job was lent is the next one's when it is over, and never where its stub may have lied. */
#include "clone.h"
#include "messages.h"
#include "root.h"
#include "run.h"
#include "settle.h"
#include "spawn.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In the place of jail/clone.c: a machine that makes no process. */
pid_t clone_child(uint64_t flags, int cgroup, int *pidfd)
{
	(void)flags;
	(void)cgroup;
	*pidfd = -1;
	errno = EAGAIN;
	return -1;
}

static struct options options;
static struct monitor monitor = { .options = &options, .networks = { .socket = -1 } };

/* A network namespace is a descriptor here, and nobody enters it. */
static int network_new(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void test_unborn(void)
{
	struct step step = { .limits = { .tasks = 2 } };
	struct job job = { .step = &step, .name = (char[]){ "a/b" } };
	int network = network_new(), before = descriptors();

	networks_give_back(&monitor.networks, network);
	for (int turn = 0; turn < 3; turn++) {
		CHECK_INT(spawn_job(&monitor, &job), -EAGAIN);
		CHECK_INT(descriptors(), before);
		CHECK_INT(monitor.networks.count, 1);
		CHECK_INT(monitor.slots.taken[0], false);
	}
	CHECK_INT(networks_take(&monitor.networks), network);
	/* And what all jails are made from says why there is none. */
	CHECK_INT(root_base(INT64_MAX, -1), -EAGAIN);
}

/* What the stub of a job says, in order, and what becomes of the job and of its namespace. */
static const struct said {
	unsigned words[3]; /* enum jail_msg_type; 0: no more */
	enum job_status status;
	bool back; /* that of a tool with a capability is given back */
} orders[] = {
	{ { JAIL_MSG_STARTED, JAIL_MSG_RESULT }, JOB_OK, false },
	{ { JAIL_MSG_SETUP }, JOB_SETUP, false },
	{ { 0 }, JOB_CRASHED, false },
	{ { JAIL_MSG_ABSENT }, JOB_ABSENT, true },
	{ { JAIL_MSG_UNAVAILABLE }, JOB_UNAVAILABLE, true },
	/* Not even a program was started, or one runs: who says both was taken over by it. */
	{ { JAIL_MSG_STARTED, JAIL_MSG_ABSENT }, JOB_CRASHED, false },
	{ { JAIL_MSG_STARTED, JAIL_MSG_UNAVAILABLE }, JOB_CRASHED, false },
	{ { JAIL_MSG_STARTED, JAIL_MSG_RESULT, JAIL_MSG_ABSENT }, JOB_CRASHED, false },
	{ { JAIL_MSG_ABSENT, JAIL_MSG_STARTED, JAIL_MSG_RESULT }, JOB_CRASHED, false },
	{ { JAIL_MSG_STARTED, JOB_MSG_NOT_CAPTURED }, JOB_CRASHED, false },
};

static bool given_back(const struct said *said, uint64_t caps, enum job_status *status)
{
	struct step step = { .caps = caps, .argv = { (char[]){ "tool" } } };
	struct job job = { .step = &step,
			   .name = (char[]){ "a/b" },
			   .slot = slots_take(&monitor.slots),
			   .network = network_new(),
			   .child = { .pidfd = -1, .deadline = INT64_MAX } };
	size_t before = monitor.networks.count;
	int ends[2], held = descriptors();

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	job.child.control = ends[0];
	for (size_t i = 0; i < ARRAY_LEN(said->words) && said->words[i]; i++) {
		struct jail_msg msg = { .type = said->words[i] };

		if (msg.type == JAIL_MSG_SETUP)
			msg.failure = (struct jail_failure){ STAGE_CAPS, EPERM, "" };
		CHECK(send(ends[1], &msg, sizeof(msg), 0) == sizeof(msg));
	}
	close(ends[1]);
	messages_take(&monitor, &job);
	settle_ended(&monitor, &job);
	*status = job.status;
	/* What is not given back is closed. */
	CHECK_INT(held - descriptors(), monitor.networks.count == before);
	return monitor.networks.count > before;
}

static void test_orders(void)
{
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		enum job_status status;

		CHECK(given_back(&orders[i], 0, &status));
		CHECK_INT(status, orders[i].status);
		CHECK_INT(given_back(&orders[i], 1, &status), orders[i].back);
		CHECK_INT(status, orders[i].status);
	}
}

static void test_flood(void)
{
	struct job job = { .child = { .pidfd = -1, .deadline = INT64_MAX } };
	struct jail_msg msg = { .type = JAIL_MSG_DENIED, .denied = { -1, 0, 1 } };
	int ends[2];

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	job.child.control = ends[0];
	for (int turn = 0; turn < JAIL_DENIED_MAX + 9; turn++)
		CHECK(send(ends[1], &msg, sizeof(msg), MSG_DONTWAIT) == sizeof(msg));
	messages_take(&monitor, &job);
	CHECK_INT(job.commands_refused, JAIL_DENIED_MAX);
}

/* bee run has no settling: its verdict goes by the one kind that is left. */
static void test_alone(void)
{
	static const unsigned said[][3] = {
		{ JAIL_MSG_STARTED, JAIL_MSG_ABSENT, JAIL_MSG_STARTED },
		{ JAIL_MSG_STARTED, JAIL_MSG_UNAVAILABLE, JAIL_MSG_STARTED },
		{ JAIL_MSG_STARTED, JAIL_MSG_SETUP, JAIL_MSG_SETUP },
		{ JAIL_MSG_SETUP, JAIL_MSG_ABSENT, JAIL_MSG_SETUP },
	};

	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		struct jail_run run = { .child.deadline = INT64_MAX };
		pid_t pid = fork();
		int ends[2];

		if (pid == 0)
			_exit(0);
		run.child.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		CHECK(run.child.pidfd >= 0);
		CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
		run.child.control = ends[0];
		for (size_t k = 0; k < 2; k++)
			CHECK(send(ends[1], &(struct jail_msg){ .type = said[i][k] },
				   sizeof(struct jail_msg), 0) > 0);
		jail_run_wait(&run, -1);
		CHECK_INT(run.kind, said[i][2]);
		close(ends[1]);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a job that cannot be cloned gives back all that it was lent",
		  test_unborn, 0 },
		{ "a network namespace goes by what the job has said, and by no word "
		  "that contradicts it",
		  test_orders, 0 },
		{ "of refused calls no more are passed on than a stub has", test_flood,
		  0 },
		{ "bee run believes no word that contradicts another", test_alone, 0 },
		{ NULL, NULL, 0 },
	};

	monitor.tell = tell_start(true, false);
	monitor.gatherer = gatherer_start(-1, monitor.tell);
	return tap_main(tests);
}
