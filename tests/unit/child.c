/* The ladder from TERM to stuck, descriptors, messages: what is done, at which time, to whom. */
#include "child.h"
#include "clone.h"
#include "descriptors.h"
#include "helper.h"
#include "message.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAR (3600 * NSEC_PER_SEC)
#define TERM_TIME (200 * NSEC_PER_MSEC)
#define KILL_TIME (100 * NSEC_PER_MSEC)
#define SLACK (5 * NSEC_PER_SEC) /* what a busy machine may take between two lines */

/* A child that ignores all it can, and the far end of its control socket. */
struct victim {
	struct jail_child child;
	int far;
};

static struct victim victim_new(void)
{
	struct victim victim = { .child = { .term = TERM_TIME, .kill = KILL_TIME } };
	int ends[2];

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	victim.child.control = ends[0];
	victim.far = ends[1];
	victim.child.pid = clone_child(0, -1, &victim.child.pidfd);
	CHECK(victim.child.pid >= 0);
	if (victim.child.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG,
			    SIGKILL); /* or it holds the test's stdout */
		for (;;)
			pause();
	}
	return victim;
}

/* The type of the message that waits at the far end, -1 for none. */
static int told(const struct victim *victim)
{
	struct jail_msg msg;

	if (recv(victim->far, &msg, sizeof(msg), MSG_DONTWAIT) != sizeof(msg))
		return -1;
	return (int)msg.type;
}

/* The deadline is `time` from a moment between `before` and now. */
static void check_after(const struct jail_child *child, nsec_t before, nsec_t time)
{
	CHECK(child->deadline >= before + time);
	CHECK(child->deadline <= clock_now() + time);
	CHECK(clock_now() - before < SLACK);
}

static void test_ladder(void)
{
	struct victim victim = victim_new();
	struct jail_child *child = &victim.child;
	nsec_t last = clock_now() + FAR, before = clock_now();

	child_climb(child, last);
	CHECK_INT(child->state, CHILD_TERMED);
	CHECK(child->term_sent);
	check_after(child, before, TERM_TIME);
	CHECK_INT(told(&victim), JAIL_MSG_TERM);
	before = clock_now();
	child_climb(child, last);
	CHECK_INT(child->state, CHILD_KILLED);
	check_after(child, before, KILL_TIME / 2);
	CHECK_INT(told(&victim), JAIL_MSG_KILL);
	CHECK_INT(told(&victim), -1);
	CHECK(!child_reaped(child)); /* so far it was told, not killed */
	before = clock_now();
	child_climb(child, last);
	CHECK_INT(child->state, CHILD_INIT_KILLED);
	check_after(child, before, KILL_TIME / 2);
	CHECK_INT(told(&victim), -1);
	CHECK_INT(poll(&(struct pollfd){ child->pidfd, POLLIN, 0 }, 1, 5000), 1);
	child_climb(child, last);
	CHECK_INT(child->state, CHILD_STUCK);
	child_climb(child, last);
	CHECK_INT(child->state, CHILD_STUCK);
}

/* Whatever its grace, the rungs that are left fit before the end. */
static void test_last(void)
{
	struct victim victim = victim_new();
	struct jail_child *child = &victim.child;
	nsec_t last;

	child->term = child->kill = FAR;
	last = clock_now() + FAR / 2;
	child_climb(child, last);
	CHECK_INT(child->deadline, last - FAR);
	child_climb(child, last);
	CHECK_INT(child->deadline, last - FAR / 2);
	child_climb(child, last);
	CHECK_INT(child->deadline, last);
	child->state = CHILD_RUNNING;
	child_ending(child, last);
	CHECK_INT(child->deadline, last - FAR);
}

static void test_ending(void)
{
	struct victim victim = victim_new();
	struct jail_child *child = &victim.child;
	nsec_t last = clock_now() + FAR, before = clock_now();

	child_ending(child, last);
	CHECK_INT(child->state, CHILD_TERMED);
	CHECK(!child->term_sent);
	check_after(child, before, TERM_TIME);
	CHECK_INT(told(&victim), -1);
	/* Said twice it gives no second grace. */
	child->deadline = 1;
	child_ending(child, last);
	CHECK_INT(child->deadline, 1);
	CHECK_INT(child->state, CHILD_TERMED);
}

/* A stub that reads nothing, or is gone, holds nobody up. */
static void test_deaf(void)
{
	struct victim victim = victim_new();
	struct jail_msg msg = { .type = JAIL_MSG_TERM };

	while (send(victim.child.control, &msg, sizeof(msg), MSG_DONTWAIT) > 0)
		;
	child_climb(&victim.child, clock_now() + FAR);
	CHECK_INT(victim.child.state, CHILD_TERMED);
	close(victim.far);
	child_climb(&victim.child, clock_now() + FAR);
	CHECK_INT(victim.child.state, CHILD_KILLED);
}

static void test_reaped(void)
{
	struct victim victim = victim_new();

	CHECK(!child_reaped(&victim.child));
	CHECK(!kill(victim.child.pid, SIGSTOP));
	while (waitpid(victim.child.pid, NULL, WUNTRACED) < 0 && errno == EINTR)
		;
	CHECK(!child_reaped(&victim.child)); /* stopped is not gone */
	CHECK(!kill(victim.child.pid, SIGKILL));
	CHECK_INT(poll(&(struct pollfd){ victim.child.pidfd, POLLIN, 0 }, 1, 5000), 1);
	CHECK(child_reaped(&victim.child));
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
	CHECK(!child_reaped(&victim.child)); /* the kernel knows it no more */
}

/* Descriptors 0 to 2 and those to be kept, in whatever order they are named. */
static void test_descriptors(void)
{
	int a = fcntl(0, F_DUPFD_CLOEXEC, 40), b = fcntl(0, F_DUPFD_CLOEXEC, 20),
	    high = fcntl(0, F_DUPFD_CLOEXEC, 900), low = fcntl(0, F_DUPFD_CLOEXEC, 3);
	int keep[] = { a, -1, 1, b };

	CHECK(a >= 40 && b >= 20 && high >= 900 && low >= 3);
	CHECK(fcntl(0, F_DUPFD, a + 1) == a + 1 && fcntl(0, F_DUPFD, a - 1) == a - 1);
	CHECK(!descriptors_keep(keep, ARRAY_LEN(keep)));
	for (int fd = 0; fd < 1000; fd++) {
		bool wanted = fd <= 2 || fd == a || fd == b;

		if ((fcntl(fd, F_GETFD) >= 0) != wanted)
			tap_fail(__FILE__, __LINE__, "descriptor %d is %s", fd,
				 wanted ? "closed" : "open");
	}
}

static void test_null(void)
{
	struct stat st;

	fflush(stdout);
	int out = dup(1);

	CHECK(out >= 0);
	/* Which stdin may be already. */
	CHECK(!close(0) && open("/dev/zero", O_RDONLY | O_CLOEXEC) == 0);
	streams_null();
	for (int fd = 0; fd <= 2; fd++) {
		bool null = !fstat(fd, &st) && S_ISCHR(st.st_mode) &&
			    st.st_rdev == makedev(1, 3) &&
			    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR &&
			    !(fcntl(fd, F_GETFD) & FD_CLOEXEC);

		if (!null) {
			dup2(out, 1);
			tap_fail(__FILE__, __LINE__, "%d is not /dev/null", fd);
		}
	}
	dup2(out, 1);
	CHECK(fcntl(out + 1, F_GETFD) < 0); /* it keeps none for itself */
}

/* The exit code of a child that sends to `control`, and with it goes. */
static int sender(int control, void (*send_it)(int control))
{
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		send_it(control);
		_exit(99);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void send_plain(int control)
{
	struct jail_msg msg = { .type = JAIL_MSG_ENDING };

	message_send(control, &msg);
}

static void send_fail(int control)
{
	struct jail_failure failure = { .stage = STAGE_DEVICE,
					.error = EIO,
					.path = "/dev/x" };

	message_fail(control, JAIL_MSG_ABSENT, &failure);
}

static void send_errno(int control)
{
	errno = EMFILE;
	message_fail_errno(control, STAGE_PIPES);
}

static void test_messages(void)
{
	struct jail_msg msg;
	int ends[2];

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	CHECK_INT(sender(ends[1], send_plain), 99);
	CHECK_INT(recv(ends[0], &msg, sizeof(msg), 0), sizeof(msg));
	CHECK_INT(msg.type, JAIL_MSG_ENDING);
	CHECK(sender(ends[1], send_fail) != 99);
	CHECK_INT(recv(ends[0], &msg, sizeof(msg), 0), sizeof(msg));
	CHECK_INT(msg.type, JAIL_MSG_ABSENT);
	CHECK_INT(msg.failure.stage, STAGE_DEVICE);
	CHECK_INT(msg.failure.error, EIO);
	CHECK_STR(msg.failure.path, "/dev/x");
	CHECK(sender(ends[1], send_errno) != 99);
	CHECK_INT(recv(ends[0], &msg, sizeof(msg), 0), sizeof(msg));
	CHECK_INT(msg.type, JAIL_MSG_SETUP);
	CHECK_INT(msg.failure.stage, STAGE_PIPES);
	CHECK_INT(msg.failure.error, EMFILE);
	CHECK_STR(msg.failure.path, "");
	/* Nobody listens any more: the sender ends, by itself. */
	close(ends[0]);
	CHECK(sender(ends[1], send_plain) >= 0);
	CHECK(sender(ends[1], send_plain) != 99);
}

static void test_names(void)
{
	for (unsigned i = 0; i < STAGE_COUNT; i++)
		if (!jail_stage_names[i] || !*jail_stage_names[i])
			tap_fail(__FILE__, __LINE__, "stage %u has no name", i);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "TERM, KILL, KILL of pid 1, stuck: each with its grace", test_ladder,
		  20 },
		{ "what is left of the ladder fits before the end", test_last, 0 },
		{ "a child that ends by itself has the grace of TERM, once", test_ending,
		  0 },
		{ "a stub that does not listen holds nobody up", test_deaf, 0 },
		{ "gone is what the kernel gave back, and nothing else", test_reaped,
		  20 },
		{ "only the descriptors that are named stay", test_descriptors, 0 },
		{ "descriptors 0 to 2 become /dev/null", test_null, 0 },
		{ "messages arrive as they were sent, and a failure ends its sender",
		  test_messages, 0 },
		{ "every stage has a name", test_names, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
