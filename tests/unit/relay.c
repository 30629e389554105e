/*
 * A tool's bytes on their way: each arrives once, also where a pipe is full, a copy finds no room,
 * a reader is gone or a cap is reached. And the calls it is refused.
 */
#include "listener.h"
#include "stub.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_CAP UINT64_MAX

/* A relay between two pipes: a tool writes to `tool`, a reader reads from `reader`. */
static struct stub stub;
static int tool, reader;

static struct relay relay_new(uint64_t cap)
{
	struct relay relay = { .file = -1, .cap = cap };
	int in[2], out[2];

	signal(SIGPIPE, SIG_IGN);
	stub.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	CHECK(stub.null >= 0);
	CHECK(!pipe2(in, O_CLOEXEC | O_NONBLOCK) && !pipe2(out, O_CLOEXEC | O_NONBLOCK));
	relay.in = in[0];
	tool = in[1];
	relay.out = out[1];
	reader = out[0];
	return relay;
}

static int copy_new(void)
{
	int fd = memfd_create("copy", MFD_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

/* `len` bytes that tell each other apart. */
static void write_pattern(uint64_t from, size_t len)
{
	unsigned char bytes[4096];

	while (len > 0) {
		size_t n = len < sizeof(bytes) ? len : sizeof(bytes);

		for (size_t i = 0; i < n; i++)
			bytes[i] = (unsigned char)((from + i) % 251);
		CHECK_INT(write(tool, bytes, n), (ssize_t)n);
		from += n;
		len -= n;
	}
}

/* Reads what there is: it must be the pattern's next bytes. How many. */
static size_t read_pattern(int fd, uint64_t from)
{
	unsigned char bytes[4096];
	size_t all = 0;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (bytes[i] != (from + all + (size_t)i) % 251)
				tap_fail(__FILE__, __LINE__, "byte %zu is another",
					 all + (size_t)i);
		all += (size_t)n;
	}
	return all;
}

static size_t copied(int fd)
{
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	return read_pattern(fd, 0);
}

/* Three pipes full, with and without a copy: each byte once, in order, counted. */
static void test_through(void)
{
	for (int with_copy = 0; with_copy <= 1; with_copy++) {
		struct relay relay = relay_new(NO_CAP);
		uint64_t sent = 0, got = 0;
		int copy = with_copy ? copy_new() : -1;

		relay.file = copy;
		for (int round = 0; round < 60; round++) {
			write_pattern(sent, 4000);
			sent += 4000;
			CHECK(relay_move(&stub, &relay));
			got += read_pattern(reader, got);
		}
		CHECK_INT(got, sent);
		CHECK_INT(relay.moved, sent);
		CHECK(!relay.capped && !relay.blocked && !relay.file_lost);
		if (with_copy)
			CHECK_INT(copied(copy), sent);
		close(tool);
		CHECK(relay_move(&stub, &relay));
		CHECK_INT(relay.in, -1);
		CHECK(relay_move(&stub, &relay)); /* nothing more to move */
		CHECK(fcntl(relay.out, F_GETFD) >= 0);
	}
}

/* A full pipe behind it: what waits is neither lost nor moved twice, and it is waited for. */
static void test_blocked(void)
{
	for (int with_copy = 0; with_copy <= 1; with_copy++) {
		struct relay relay = relay_new(NO_CAP);
		struct pollfd in, out;
		uint64_t got = 0;
		int copy = with_copy ? copy_new() : -1;

		relay.file = copy;
		relay_poll(&relay, &in, &out);
		CHECK(in.fd == relay.in && in.events == POLLIN && out.fd == -1);
		CHECK(relay_move(&stub, &relay)); /* nothing has come yet */
		CHECK(!relay.blocked);
		CHECK(fcntl(relay.out, F_SETPIPE_SZ, 4096) == 4096);
		write_pattern(0, 20000);
		for (int i = 0; i < 10; i++)
			CHECK(relay_move(&stub, &relay));
		CHECK(relay.blocked);
		relay_poll(&relay, &in, &out);
		CHECK(in.fd == -1 && out.fd == relay.out && out.events == POLLOUT);
		CHECK(relay.moved < 20000);
		for (int i = 0; i < 20; i++) {
			got += read_pattern(reader, got);
			CHECK(relay_move(&stub, &relay));
		}
		CHECK_INT(got, 20000);
		CHECK_INT(relay.moved, 20000);
		CHECK(!relay.blocked);
		if (with_copy)
			CHECK_INT(copied(copy), 20000);
	}
}

/* At the cap the job is ended, or, where it is stderr, the rest is thrown away. */
static void test_cap(void)
{
	for (int discard = 0; discard <= 1; discard++) {
		struct relay relay = relay_new(10000);

		relay.discard = discard;
		write_pattern(0, 10000);
		CHECK(relay_move(&stub, &relay));
		CHECK(relay_move(&stub, &relay));
		CHECK(!relay.capped); /* to reach it is not to pass it */
		write_pattern(10000, 1);
		CHECK_INT(relay_move(&stub, &relay), discard);
		CHECK(relay.capped);
		CHECK_INT(relay.moved, 10000);
		CHECK_INT(read_pattern(reader, 0), 10000);
		write_pattern(0, 30000); /* the tool is not held up */
		for (int i = 0; i < 4; i++)
			(void)relay_move(&stub, &relay);
		write_pattern(0, 60000);
		CHECK_INT(read_pattern(reader, 0), 0);
		CHECK_INT(relay.moved, 10000);
	}
}

/* Who reads no more ends the job; where a copy is kept, the copy goes on. */
static void test_reader_gone(void)
{
	struct relay relay = relay_new(NO_CAP);
	int copy = copy_new();

	close(reader);
	write_pattern(0, 1000);
	CHECK(!relay_move(&stub, &relay));
	CHECK_INT(relay.out, -1);

	relay = relay_new(NO_CAP);
	relay.file = copy;
	close(reader);
	write_pattern(0, 1000);
	CHECK(relay_move(&stub, &relay));
	CHECK_INT(relay.out, -1);
	CHECK(relay_move(&stub, &relay));
	CHECK_INT(copied(copy), 1000);

	relay = relay_new(NO_CAP);
	relay.discard = true; /* stderr: nobody's job */
	close(reader);
	write_pattern(0, 1000);
	CHECK(relay_move(&stub, &relay));
	CHECK(relay_move(&stub, &relay));
	write_pattern(0, 65000); /* and its pipe is emptied */
}

/* An output on a disk without room is as good as gone, and is not tried for ever. */
static void test_disk_full(void)
{
	struct relay relay = relay_new(NO_CAP);

	close(relay.out);
	relay.out = open("/dev/full", O_WRONLY | O_CLOEXEC);
	CHECK(relay.out >= 0);
	write_pattern(0, 1000);
	CHECK(!relay_move(&stub, &relay));
	CHECK(relay.broken);
	CHECK(!relay.blocked);
	CHECK_INT(relay.out, -1);
}

/* A copy without room costs the copy: what was tee'd is neither lost nor told twice. */
static void test_copy_lost(void)
{
	struct relay relay = relay_new(NO_CAP);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (full < 0)
		tap_skip("no /dev/full");
	relay.file = full;
	write_pattern(0, 5000);
	CHECK(relay_move(&stub, &relay));
	CHECK(relay.file_lost);
	CHECK_INT(relay.file, -1);
	CHECK(fcntl(full, F_GETFD) < 0);
	write_pattern(5000, 5000);
	CHECK(relay_move(&stub, &relay));
	CHECK_INT(read_pattern(reader, 0), 10000);
	CHECK_INT(relay.moved, 10000);

	/* Nobody reads, and the copy fails: there is nothing to move it to. */
	relay = relay_new(NO_CAP);
	relay.file = open("/dev/full", O_WRONLY | O_CLOEXEC);
	close(relay.out);
	relay.out = -1;
	write_pattern(0, 1000);
	CHECK(relay_move(&stub, &relay));
	CHECK(relay.file_lost);
}

static void test_drain(void)
{
	struct relay relay = relay_new(NO_CAP);

	write_pattern(0, 60000);
	relay_drain(&stub, &relay);
	CHECK_INT(read_pattern(reader, 0), 60000);
	CHECK(relay.in >= 0); /* the tool may hold it for ever */
	close(tool);
	relay_drain(&stub, &relay);
	CHECK_INT(relay.in, -1);

	relay = relay_new(100); /* a cap ends it */
	write_pattern(0, 60000);
	relay_drain(&stub, &relay);
	CHECK(relay.capped);
	CHECK_INT(read_pattern(reader, 0), 100);
}

/* --- refused calls: a child under a filter that reports all but what a child needs --- */

/* Its exit code says which answer was not the one that should come. */
static void some_calls(void)
{
	char *argv[] = { NULL };

	if (syscall(SYS_execve, "/no/such/program", argv, argv) != -1 || errno != ENOENT)
		_exit(1); /* the first one is let through, to fail by itself */
	if (syscall(SYS_execve, "/bin/true", argv, argv) != -1 || errno != EPERM)
		_exit(2);
	if (syscall(SYS_ioctl, 0, 0x5401, NULL) != -1 || errno != ENOTTY)
		_exit(3);
	if (syscall(SYS_ioctl, 0, 0x5401, NULL) != -1 || errno != ENOTTY)
		_exit(4);
	if (syscall(SYS_ioctl, 0, 0x5402, NULL) != -1 || errno != ENOTTY)
		_exit(5);
	if (syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY) != -1 || errno != EACCES)
		_exit(6);
	if (syscall(SYS_execveat, -1, "", argv, argv, 0) != -1 || errno != EPERM)
		_exit(7);
	for (unsigned i = 0; i < JAIL_DENIED_MAX; i++)
		(void)syscall(SYS_ioctl, 0, 0x6000 + i, NULL);
}

/* Until Linux 6.11 a listener hangs up when the last process of its filter is reaped, not when it exits. */
static int answer_all(pid_t pid)
{
	pid_t ended = 0;
	int status;

	for (int i = 0; i < 5000 && ended == 0; i++) {
		struct pollfd asked = { stub.listener, POLLIN, 0 };

		if (poll(&asked, 1, 20) == 1 && asked.revents & POLLIN)
			refused_answer(&stub);
		else
			ended = waitpid(pid, &status, asked.revents ? 0 : WNOHANG);
	}
	CHECK_INT(ended, pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static uint64_t told(int control, unsigned *messages, int call, uint32_t arg)
{
	struct jail_msg msg;
	uint64_t count = 0;

	*messages = 0;
	while (recv(control, &msg, sizeof(msg), MSG_DONTWAIT | MSG_PEEK) == sizeof(msg)) {
		CHECK_INT(recv(control, &msg, sizeof(msg), MSG_DONTWAIT), sizeof(msg));
		CHECK_INT(msg.type, JAIL_MSG_DENIED);
		if (msg.denied.call == call && msg.denied.arg == arg)
			count += msg.denied.count;
		++*messages;
	}
	return count;
}

static void test_refused(void)
{
	struct jail jail = { .unlisted_error = EPERM };
	unsigned messages;
	int ends[2];
	pid_t pid;

#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that the filter refuses");
#endif
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	jail.control = ends[1];
	stub.jail = &jail;
	stub.listener = listener_new(&pid, some_calls);
	CHECK_INT(answer_all(pid), 0);
	CHECK_INT(stub.result.denied_total, 6 + JAIL_DENIED_MAX);
	CHECK_INT(stub.refused_count, JAIL_DENIED_MAX);
	refused_report(&stub);
	CHECK_INT(told(ends[0], &messages, SYS_ioctl, 0x5401), 2);
	CHECK_INT(messages, JAIL_DENIED_MAX);
	refused_report(&stub);
	CHECK_INT(told(ends[0], &messages, SYS_openat, 0), 1);
	refused_report(&stub);
	CHECK_INT(told(ends[0], &messages, SYS_execve, 0), 1);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "every byte arrives once, and in the copy", test_through, 0 },
		{ "behind a full pipe nothing is lost or doubled", test_blocked, 0 },
		{ "past the cap nothing is moved, and nobody held up", test_cap, 0 },
		{ "a reader that is gone ends the job, or leaves the copy",
		  test_reader_gone, 0 },
		{ "an output on a full disk is given up", test_disk_full, 0 },
		{ "a copy that finds no room costs the copy alone", test_copy_lost, 0 },
		{ "draining takes what is there and waits for nothing", test_drain, 0 },
		{ "refused calls are answered each in its way, listed and counted",
		  test_refused, 20 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
