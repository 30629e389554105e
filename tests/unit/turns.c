/* What a child that somebody has taken over says costs the monitor no more than a turn. */
#include "messages.h"
#include "starved.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENOUGH 100000 /* calls in one turn: it would go on for ever */

static pid_t self;
static unsigned calls;
static bool lies;
static uint32_t index_told;

/* In the place of libc's: a socket that always has one more message. */
ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	struct jail_msg *msg = buffer;

	(void)fd;
	(void)flags;
	if (size != sizeof(*msg) || calls++ > ENOUGH) {
		errno = EAGAIN;
		return -1;
	}
	*msg = (struct jail_msg){ .type = JOB_MSG_BAD_NAME, .number = 1 };
	return sizeof(*msg);
}

/* A pipe that always has one more answer, in the monitor. */
ssize_t read(int fd, void *buffer, size_t size)
{
	if (!lies || getpid() != self)
		return syscall(SYS_read, fd, buffer, size);
	if (calls++ > ENOUGH) {
		errno = EAGAIN;
		return -1;
	}
	memset(buffer, 0xff, size); /* starved, for ever */
	memcpy(buffer, &index_told, sizeof(index_told));
	return (ssize_t)size;
}

static void test_messages(void)
{
	struct monitor monitor = { .job_count = 0 };
	struct job job = { .lister = true, .child.state = CHILD_RUNNING };

	calls = 0;
	messages_take(&monitor, &job);
	CHECK(job.bad_names > 0);
	CHECK(job.bad_names <= 4096);
	CHECK(!job.hung_up);
}

/* A job whose time is up at once, and that has been asked about. */
static void job_ask(struct job *job)
{
	struct job *running[] = { job };

	*job = (struct job){ .child = { .pid = getpid(), .state = CHILD_RUNNING } };
	job->child.deadline = clock_now();
	starved_ask(running, 1);
	CHECK_INT(job->starved, STARVED_ASKED);
}

static void test_answers(void)
{
	struct job job;

	if (geteuid() != 0)
		tap_skip("who answers changes its uid");
	self = getpid();
	job_ask(&job);
	lies = true;
	calls = 0;
	index_told = 1; /* of one question */
	CHECK(!starved_was(&job));
	CHECK_INT(job.starved, STARVED_ASKED);
	index_told = 0;
	calls = 0;
	CHECK(starved_was(&job));
	CHECK(calls <= 2);
	lies = false;
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "messages without an end are taken a turn at a time", test_messages,
		  0 },
		{ "answers are those to the questions, and no more", test_answers, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
