/*
 * T is over and the gatherer has not answered: one that lacks a processor is waited for, in each of
 * the three waits for it. This program is also that gatherer: it answers when the audit is given
 * more time, and what it lacks is said by a /proc of ours.
 */
#include "gatherer.h"
#include "proc_fake.h"
#include "tell.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DOCUMENT "{}\n"
#define MESSAGES 400 /* more than a socket takes */
/* Before it is waited for, which counts no more. */
#define RAN (5 * NSEC_PER_SEC)
#define WAITED (10 * NSEC_PER_SEC)

/* --- bee-gather --- */

enum wait { WAIT_MESSAGES, WAIT_DOCUMENT, WAIT_REPLY };

/* The first message says before what it waits for time, which comes by that descriptor. */
static enum wait first_message(int *time)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct gather_msg msg;
	struct iovec bytes = { &msg, sizeof(msg) };
	struct msghdr in = { .msg_iov = &bytes,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control) };

	if (recvmsg(GATHER_SOCKET_FD, &in, 0) != sizeof(msg) || !CMSG_FIRSTHDR(&in))
		_exit(1);
	memcpy(time, CMSG_DATA(CMSG_FIRSTHDR(&in)), sizeof(*time));
	return (enum wait)msg.job;
}

static void wait_for(int time)
{
	char byte;

	if (read(time, &byte, 1) != 1)
		_exit(1);
}

static _Noreturn void gatherer(void)
{
	struct gather_reply reply = { .document_bytes = strlen(DOCUMENT) };
	struct gather_msg msg;
	int time;
	enum wait wait = first_message(&time);

	if (wait == WAIT_MESSAGES)
		wait_for(time);
	do
		if (recv(GATHER_SOCKET_FD, &msg, sizeof(msg), 0) != sizeof(msg))
			_exit(1);
	while (msg.type != GATHER_FINISH);
	if (wait == WAIT_DOCUMENT)
		wait_for(time);
	(void)!write_all(GATHER_DOCUMENT_FD, DOCUMENT, strlen(DOCUMENT));
	close(GATHER_DOCUMENT_FD);
	if (wait == WAIT_REPLY)
		wait_for(time);
	(void)send(GATHER_SOCKET_FD, &reply, sizeof(reply), MSG_NOSIGNAL);
	_exit(0);
}

/* --- the tests --- */

static struct audit_clock audit;
static int more_time; /* the other end of the gatherer's descriptor */
static struct {
	char state;
	nsec_t ran, waited; /* more of each at every look */
	nsec_t number;
} looks;

static void on_tick(void)
{
	looks.number++;
	fake_says(looks.state, RAN + looks.number * looks.ran,
		  WAITED + looks.number * looks.waited);
}

static void on_lent(nsec_t end)
{
	CHECK_INT(end, audit.end);
	CHECK_INT(write(more_time, "x", 1), 1);
}

/* The child that came last: the gatherer. */
static pid_t youngest(void)
{
	AUTO_FREE char *path = xasprintf("/proc/self/task/%d/children", getpid());
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	char text[256], *word, *save;
	uint64_t pid = 0;

	CHECK(file && fgets(text, sizeof(text), file));
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		CHECK(!parse_u64(word, INT32_MAX, &pid));
	CHECK(pid > 1);
	return (pid_t)pid;
}

static struct gatherer *start(enum wait wait)
{
	struct gather_msg msg = { .type = GATHER_AUDIT, .job = wait };
	int program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), ends[2];
	struct gatherer *gatherer;

	CHECK(program >= 0 && !pipe2(ends, O_CLOEXEC));
	more_time = ends[1];
	gatherer = gatherer_start(program, tell_start(true, false));
	fake_begin(youngest());
	fake_says('S', RAN, WAITED);
	gatherer_send(gatherer, &msg, ends[0], -1);
	msg.type = GATHER_PIPES;
	for (int i = 0; wait == WAIT_MESSAGES && i < MESSAGES; i++)
		gatherer_send(gatherer, &msg, -1, -1);
	audit = (struct audit_clock){ .start = clock_now() - NSEC_PER_SEC,
				      .timeout = NSEC_PER_SEC,
				      .end = clock_now() + 100 * NSEC_PER_MSEC,
				      .signals = -1,
				      .on_tick = on_tick,
				      .on_lent = on_lent };
	return gatherer;
}

/* Whether there is a document of a gatherer that is late, and looks so at each look. */
static bool document(enum wait wait, char state, nsec_t ran, nsec_t waited)
{
	struct gatherer *gatherer;
	struct gather_reply reply;
	char *bytes;
	size_t len;

	if (geteuid() != 0)
		tap_skip("a gatherer's uid, and mounts, take root");
	gatherer = start(wait);
	looks.state = state;
	looks.ran = ran;
	looks.waited = waited;
	looks.number = 0;
	bytes = gatherer_finish(gatherer, &audit, 0, &len, &reply);
	CHECK_INT(bytes != NULL, audit.lent > 0);
	CHECK(!bytes || (len == strlen(DOCUMENT) && !memcmp(bytes, DOCUMENT, len)));
	free(bytes);
	return bytes != NULL;
}

static void test_messages(void)
{
	CHECK(document(WAIT_MESSAGES, 'R', 0, 1));
}

static void test_document(void)
{
	CHECK(document(WAIT_DOCUMENT, 'R', 1, 2));
}

static void test_reply(void)
{
	CHECK(document(WAIT_REPLY, 'R', 1, 2));
}

/* It may be in the hands of what it read, and spin: then it runs, and longer than it waits. */
static void test_spins(void)
{
	CHECK(!document(WAIT_MESSAGES, 'R', 2, 1));
	CHECK(!document(WAIT_DOCUMENT, 'R', 1, 1));
	CHECK(!document(WAIT_REPLY, 'R', NSEC_PER_SEC, 1));
}

static void test_hangs(void)
{
	CHECK(!document(WAIT_DOCUMENT, 'S', 0, NSEC_PER_SEC));
	CHECK(!document(WAIT_DOCUMENT, 'D', 0, NSEC_PER_SEC));
	CHECK(!document(WAIT_REPLY, 'R', 0, 0));
}

int main(int argc, char **argv)
{
	static const struct tap_test tests[] = {
		{ "a gatherer without a processor is waited for until it took every "
		  "message",
		  test_messages, 20 },
		{ "until its document is there", test_document, 20 },
		{ "and until it has said how long that is", test_reply, 20 },
		{ "one that runs and does not answer is not", test_spins, 20 },
		{ "nor one that sleeps, hangs, or lacks nothing now", test_hangs, 20 },
		{ NULL, NULL, 0 },
	};

#ifdef BEE_SANITIZED
	puts("1..0 # SKIP a sanitizer's runtime does not leave a child's descriptors "
	     "alone");
	return 0;
#endif
	if (argc > 0 && !strcmp(argv[0], "bee-gather"))
		gatherer();
	return tap_main(tests);
}
