/*
 * The monitor's side of the gatherer, against gatherers that are slow, lie, die or hang. This
 * program is also that gatherer: the first message says which.
 */
#include "gatherer.h"
#include "slots.h"
#include "stream.h"
#include "tap.h"
#include "tell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGES 400
#define DOCUMENT "{\n\"a\": 1}\n"

/* --- bee-gather --- */

/* Receives one message; its descriptors are written to, so that it is seen which came. */
static uint32_t receive(struct gather_msg *msg)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec bytes = { msg, sizeof(*msg) };
	struct msghdr in = { .msg_iov = &bytes,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control) };
	struct cmsghdr *header;
	int fds[2] = { -1, -1 };

	if (recvmsg(GATHER_SOCKET_FD, &in, 0) != sizeof(*msg))
		_exit(1);
	header = CMSG_FIRSTHDR(&in);
	if (header)
		memcpy(fds, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0) {
			(void)!write(fds[i], &msg->job, sizeof(msg->job));
			(void)!write(fds[i], &i, sizeof(i));
			close(fds[i]);
		}
	return msg->type;
}

static void reply(const char *document, size_t len, size_t said)
{
	struct gather_reply last = { .document_bytes = said, .incomplete = 5 };

	(void)!write_all(GATHER_DOCUMENT_FD, document, len);
	close(GATHER_DOCUMENT_FD);
	(void)!send(GATHER_SOCKET_FD, &last, sizeof(last), MSG_NOSIGNAL);
}

static void reply_big(size_t len)
{
	char *bytes = malloc(len);

	if (!bytes)
		_exit(1);
	memset(bytes, 'x', len);
	reply(bytes, len, len);
}

/* What it is when it starts: 0, or which promise is broken. */
static uint32_t surroundings(void)
{
	struct rlimit memory;

	for (int fd = 5; fd < 200; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 1;
	if (getuid() != UID_GATHERER || getgid() != UID_GATHERER)
		return 2;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 3;
	if (getrlimit(RLIMIT_AS, &memory) || memory.rlim_cur != 1u << 30)
		return 4;
	for (int fd = 0; fd <= 1; fd++) {
		char target[32] = "", path[32];

		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		(void)!readlink(path, target, sizeof(target) - 1);
		if (strcmp(target, "/dev/null") != 0)
			return 5;
	}
	return 0;
}

static _Noreturn void gatherer(void)
{
	struct gather_msg msg;
	uint32_t broken = surroundings(), expected = 0;
	char mode[sizeof(msg.audit.version)];

	(void)receive(&msg);
	memcpy(mode, msg.audit.version, sizeof(mode));
	if (!strcmp(mode, "die"))
		_exit(0);
	if (!strcmp(mode, "slow"))
		usleep(300000);
	while (receive(&msg) != GATHER_FINISH)
		broken |= msg.job != expected++;
	if (!strcmp(mode, "slow"))
		broken |= expected != MESSAGES;
	if (!strcmp(mode, "finish") &&
	    (msg.finish.interrupted != SIGTERM || msg.finish.elapsed_ms < 2000 ||
	     msg.finish.elapsed_ms > 20000))
		broken |= 8;
	if (broken)
		_exit(1);
	if (!strcmp(mode, "hang"))
		for (;;)
			pause();
	if (!strcmp(mode, "short"))
		reply(DOCUMENT, 5, 6);
	else if (!strcmp(mode, "long"))
		reply(DOCUMENT, 6, 5);
	else if (!strcmp(mode, "escape"))
		reply("\x1b[2J\n", 5, 5);
	else if (!strcmp(mode, "high"))
		reply("a\x80\n", 3, 3);
	else if (!strcmp(mode, "zero"))
		reply("a\0\n", 3, 3);
	else if (!strcmp(mode, "empty"))
		reply("", 0, 0);
	else if (!strcmp(mode, "mute"))
		(void)!write(GATHER_DOCUMENT_FD, DOCUMENT, strlen(DOCUMENT));
	else if (!strcmp(mode, "largest"))
		reply_big(GATHER_DOCUMENT_MAX);
	else if (!strcmp(mode, "larger"))
		reply_big(GATHER_DOCUMENT_MAX + 1);
	else
		reply(DOCUMENT, strlen(DOCUMENT), strlen(DOCUMENT));
	_exit(0);
}

/* --- the tests --- */

static struct audit_clock audit;
static int told; /* what the audit says on stderr */

static struct gatherer *start(const char *mode)
{
	struct gather_msg msg = { .type = GATHER_AUDIT };
	int program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), ends[2];
	struct gatherer *gatherer;

	if (geteuid() != 0)
		tap_skip("a gatherer's uid takes root");
	CHECK(program >= 0);
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	CHECK(dup2(ends[1], 2) == 2); /* as in a monitor */
	close(ends[1]);
	told = ends[0];
	audit = (struct audit_clock){ .start = clock_now() - 2 * NSEC_PER_SEC,
				      .timeout = 12 * NSEC_PER_SEC,
				      .end = clock_now() + 8 * NSEC_PER_SEC,
				      .signals = -1,
				      .interrupted = SIGTERM };
	gatherer = gatherer_start(program, tell_start(true, false));
	(void)snprintf(msg.audit.version, sizeof(msg.audit.version), "%s", mode);
	gatherer_send(gatherer, &msg, -1, -1);
	return gatherer;
}

/* The document that such a gatherer gives, or NULL. */
static char *document(const char *mode, size_t *len, struct gather_reply *reply)
{
	return gatherer_finish(start(mode), &audit, 0, len, reply);
}

static void test_whole(void)
{
	struct gather_reply reply;
	size_t len;
	char *bytes = document("finish", &len, &reply);

	CHECK(bytes);
	CHECK_INT(len, strlen(DOCUMENT));
	CHECK(!memcmp(bytes, DOCUMENT, len));
	CHECK_INT(reply.incomplete, 5);
	free(bytes);
	bytes = document("largest", &len, &reply);
	CHECK(bytes);
	CHECK_INT(len, GATHER_DOCUMENT_MAX);
	free(bytes);
}

static void test_liars(void)
{
	static const char *const modes[] = { "short", "long",   "escape", "high", "zero",
					     "empty", "larger", "mute",   "die" };

	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		struct gather_reply reply;
		size_t len;

		if (document(modes[i], &len, &reply))
			tap_fail(__FILE__, __LINE__, "%s: there is a document", modes[i]);
	}
}

static void test_hang(void)
{
	struct gatherer *gatherer = start("hang");
	struct gather_reply reply;
	size_t len;

	audit.end = clock_now() + NSEC_PER_SEC;
	CHECK(!gatherer_finish(gatherer, &audit, 200 * NSEC_PER_MSEC, &len, &reply));
	CHECK(clock_now() >= audit.end + 200 * NSEC_PER_MSEC);
	CHECK(clock_now() < audit.end + 5 * NSEC_PER_SEC);
}

/* More than its socket takes while it sleeps: each arrives, in order, with its descriptors. */
static void test_slow(void)
{
	struct gatherer *gatherer = start("slow");
	int records[2], errors[2];
	struct gather_reply reply;
	uint32_t got[2];
	short events;
	size_t len;

	CHECK(!pipe2(records, O_CLOEXEC) && !pipe2(errors, O_CLOEXEC));
	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct gather_msg msg = { .type = GATHER_PIPES, .job = i };
		bool last = i == MESSAGES - 1;

		gatherer_send(gatherer, &msg, last ? records[1] : -1,
			      last ? errors[1] : -1);
	}
	CHECK(gatherer_poll_fd(gatherer, &events) >= 0);
	CHECK_INT(events, POLLOUT);
	CHECK(fcntl(records[1], F_GETFD) >= 0); /* it waits with its message */
	CHECK(gatherer_finish(gatherer, &audit, 0, &len, &reply));
	CHECK(fcntl(records[1], F_GETFD) < 0 && fcntl(errors[1], F_GETFD) < 0);
	CHECK_INT(read(records[0], got, sizeof(got)), sizeof(got));
	CHECK_INT(got[0], MESSAGES - 1);
	CHECK_INT(got[1], 0);
	CHECK_INT(read(errors[0], got, sizeof(got)), sizeof(got));
	CHECK_INT(got[1], 1);
	CHECK_INT(read(errors[0], got, sizeof(got)), 0);
	CHECK_INT(gatherer_poll_fd(gatherer, &events), -1);
}

/* Once it has failed, messages cost nothing, and their descriptors are closed. */
static void test_dead(void)
{
	struct gatherer *gatherer = start("die");
	struct gather_msg msg = { .type = GATHER_PIPES };
	char words[200] = "";
	short events;
	int ends[2];

	for (int i = 0; i < 2000; i++) {
		CHECK(!pipe2(ends, O_CLOEXEC));
		gatherer_send(gatherer, &msg, ends[1], -1);
		CHECK_INT(poll(&(struct pollfd){ ends[0], POLLIN, 0 }, 1, 5000), 1);
		close(ends[0]);
		usleep(i < 100 ? 2000 : 0);
	}
	CHECK_INT(gatherer_poll_fd(gatherer, &events), -1);
	CHECK_INT(poll(&(struct pollfd){ told, POLLIN, 0 }, 1, 5000), 1);
	CHECK(read(told, words, sizeof(words) - 1) > 0);
	CHECK_INT(words[0], STREAM_LINE);
	CHECK(strstr(words, "the gatherer has failed: "));
	CHECK_INT(poll(&(struct pollfd){ told, POLLIN, 0 }, 1, 200), 0); /* once */
}

/* It goes with its audit's end, also one that hangs. */
static void test_ended(void)
{
	struct gatherer *gatherer = start("hang");
	struct gather_reply reply;
	size_t len;
	int status;

	audit.end = clock_now();
	CHECK(!gatherer_finish(gatherer, &audit, 0, &len, &reply));
	CHECK(waitpid(-1, &status, 0) >
	      0); /* the other child tells, and waits for more */
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

int main(int argc, char **argv)
{
	static const struct tap_test tests[] = {
		{ "a document arrives whole, with its count, up to its cap", test_whole,
		  20 },
		{ "a document that is not what was said, or no text, is none", test_liars,
		  60 },
		{ "a gatherer that hangs is given up at its time", test_hang, 20 },
		{ "a slow gatherer loses no message and no descriptor", test_slow, 20 },
		{ "a dead gatherer is told once and costs nothing more", test_dead, 30 },
		{ "a gatherer is ended with the audit", test_ended, 20 },
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
