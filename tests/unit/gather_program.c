/* bee-gather as the monitor meets it: messages and pipes in, one document out. */
#include "gather_msg.h"
#include "policy.h"
#include "record.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t gatherer;
static int monitor_fd, document_fd;

static const char *program(void)
{
	static char path[512];
	const char *folder = getenv("B");

	(void)snprintf(path, sizeof(path), "%s/bee-gather", folder ? folder : "build");
	if (access(path, X_OK))
		tap_skip("%s is not built", path);
	return path;
}

static void start(void)
{
	const char *path = program();
	int sockets[2], pipes[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
	CHECK_INT(pipe2(pipes, O_CLOEXEC), 0);
	gatherer = fork();
	CHECK(gatherer >= 0);
	if (gatherer == 0) {
		/* Out of the way of 3 and 4 first. */
		int in = fcntl(sockets[1], F_DUPFD_CLOEXEC, 10);
		int out = fcntl(pipes[1], F_DUPFD_CLOEXEC, 10);

		if (dup2(in, GATHER_SOCKET_FD) < 0 || dup2(out, GATHER_DOCUMENT_FD) < 0)
			_exit(99);
		execl(path, "bee-gather", (char *)NULL);
		_exit(98);
	}
	close(sockets[1]);
	close(pipes[1]);
	monitor_fd = sockets[0];
	document_fd = pipes[0];
}

static void tell(struct gather_msg *msg, const int *fds, unsigned count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec part = { msg, sizeof(*msg) };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

	if (count > 0) {
		struct cmsghdr *rights;

		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
	}
	CHECK_INT(sendmsg(monitor_fd, &header, MSG_NOSIGNAL), sizeof(*msg));
}

static void tell_audit(void)
{
	struct gather_msg msg = { .type = GATHER_AUDIT };

	strcpy(msg.audit.version, "1.2.3");
	strcpy(msg.audit.kernel, "6.1.0");
	strcpy(msg.audit.cgroup, "v2");
	msg.audit.started_unix_ms = INT64_C(1700000000123);
	msg.audit.timeout_ms = 30000;
	msg.audit.parallel_jobs = 64;
	msg.audit.landlock_abi = 2;
	strcpy(msg.audit.only, "storage,pcie");
	msg.audit.stopped_ms = 1000;
	tell(&msg, NULL, 0);
}

static void tell_policy(uint32_t index, const char *collector, const char *emits)
{
	struct gather_msg msg = { .type = GATHER_POLICY };

	msg.policy.index = index;
	strcpy(msg.policy.collector, collector);
	(void)snprintf(msg.policy.file, sizeof(msg.policy.file), "/etc/%s.policy",
		       collector);
	strcpy(msg.policy.sha256, "abcd");
	msg.policy.emits = UINT64_C(1) << record_type_find(emits);
	tell(&msg, NULL, 0);
}

static void tell_job(uint32_t job, uint32_t policy, const char *name)
{
	struct gather_msg msg = { .type = GATHER_JOB, .job = job };

	msg.job_entry.policy = policy;
	msg.job_entry.order = job == 0   ? 1
			      : job == 1 ? 0
					 : job; /* not as they are numbered */
	strcpy(msg.job_entry.name, name);
	memcpy(msg.job_entry.argv, "tool\0-x", 8);
	msg.job_entry.argv_len = 8;
	tell(&msg, NULL, 0);
}

/* A job's two pipes; ours are the write ends. */
static void tell_pipes(uint32_t job, int writers[2])
{
	struct gather_msg msg = { .type = GATHER_PIPES, .job = job };
	int records[2], errors[2];

	CHECK_INT(pipe2(records, O_CLOEXEC), 0);
	CHECK_INT(pipe2(errors, O_CLOEXEC), 0);
	tell(&msg, (int[]){ records[0], errors[0] }, 2);
	close(records[0]);
	close(errors[0]);
	writers[0] = records[1];
	writers[1] = errors[1];
}

static void say(int fd, const char *text)
{
	CHECK_INT(write_all(fd, text, strlen(text)), 0);
}

static void tell_end(uint32_t job, enum job_status status, const char *reason)
{
	struct gather_msg msg = { .type = GATHER_END, .job = job };

	msg.end.status = status;
	strcpy(msg.end.reason, reason);
	msg.end.started = 1;
	strcpy(msg.end.path, "/usr/bin/tool");
	msg.end.enforced = ENFORCED_SECCOMP | ENFORCED_LANDLOCK;
	tell(&msg, NULL, 0);
}

static json_t *finish(struct gather_reply *reply)
{
	struct gather_msg msg = { .type = GATHER_FINISH };
	static char text[8 << 20];
	json_error_t error;
	json_t *document;
	ptrdiff_t n;
	int status;

	msg.finish.elapsed_ms = 321;
	msg.finish.stopped_ms = 234;
	tell(&msg, NULL, 0);
	n = read_full(document_fd, text, sizeof(text));
	CHECK(n > 0);
	CHECK_INT(recv(monitor_fd, reply, sizeof(*reply), 0), sizeof(*reply));
	CHECK_INT(reply->document_bytes, n);
	CHECK_INT(waitpid(gatherer, &status, 0), gatherer);
	CHECK_INT(status, 0);
	CHECK_INT(text[n - 1], '\n');
	document = json_loadb(text, (size_t)n, JSON_REJECT_DUPLICATES, &error);
	if (!document)
		tap_fail(__FILE__, __LINE__, "%s", error.text);
	if (getenv("BEE_SHOW"))
		(void)fwrite(text, 1, (size_t)n, stderr);
	return document;
}

static const char *status_of(const json_t *document, size_t job)
{
	const json_t *entry =
		json_array_get(json_object_get(document, "collectors"), job);

	return json_string_value(json_object_get(entry, "status"));
}

/* What the first job was under, as tell_end says it. */
static void check_enforced(const json_t *document)
{
	const json_t *entry = json_array_get(json_object_get(document, "collectors"), 0);
	AUTO_FREE char *text =
		json_dumps(json_object_get(entry, "enforced"), JSON_COMPACT);

	CHECK_STR(text, "[\"seccomp\",\"landlock\"]");
}

static void test_document(void)
{
	struct gather_reply reply;
	json_t *document, *drive;
	int a[2], b[2], look[2];
	struct gather_msg msg = { .type = GATHER_LOOK, .job = 1 };

	start();
	tell_audit();
	tell_policy(0, "storage", "storage.drives");
	tell_policy(1, "nvidia", "gpus");
	tell_job(0, 0, "storage/smart@sda");
	tell_job(1, 0, "storage/disks");
	tell_job(2, 1, "nvidia/smi");
	tell_pipes(1, b);
	tell_pipes(0, a);
	say(b[0],
	    "{\"type\":\"storage.drives\",\"key\":\"sda\",\"props\":{\"model\":\"SAM"
	    "SUNG MZ7WD\",\"a\":1}}\n{\"type\":\"gpus\",\"key\":\"x\",\"props\":{}}\n");
	say(a[0],
	    "{\"type\":\"tool\",\"key\":\"tool\",\"props\":{\"version\":\"7.3\"}}\n");
	say(a[0],
	    "{\"type\":\"storage.drives\",\"key\":\"sda\",\"props\":{\"model\":\"SAM"
	    "SUNG MZ7WD240\",\"health\":\"OK\"}}\nhalf a li");
	say(a[1], "warning: \033[31mred\n");
	close(a[0]);
	close(a[1]);
	tell_end(0, JOB_OK, "");
	CHECK_INT(pipe2(look, O_CLOEXEC), 0);
	tell(&msg, &look[0], 1);
	CHECK_INT(write_all(look[1],
			    "77\0"
			    "123\0evil\033\0D\0blk_execute_rq\0"
			    "blk_execute_rq+0x1\nsg_io\0\0",
			    57),
		  0);
	tell_end(1, JOB_STUCK, "still there 300 ms after KILL"); /* b's ends stay open */
	tell_end(2, JOB_UNAVAILABLE, "nvidia-smi is not installed");
	document = finish(&reply);
	CHECK_INT(reply.incomplete, 2);
	CHECK_STR(status_of(document, 1), "partial"); /* order, not number */
	CHECK_STR(status_of(document, 0), "stuck");
	check_enforced(document);
	/* Nobody has read which devices there are, so it may well have a GPU to ask. */
	CHECK_STR(status_of(document, 2), "unavailable");
	drive = json_array_get(
		json_object_get(json_object_get(document, "storage"), "drives"), 0);
	CHECK_STR(json_string_value(json_object_get(drive, "model")), "SAMSUNG MZ7WD240");
	CHECK(json_object_get(json_object_get(drive, "conflicts"), "model"));
	CHECK_INT(json_array_size(json_object_get(drive, "src")), 2);
	CHECK(!json_object_get(document, "gpus"));
	json_decref(document);
}

/* A collector has ended and its pipe is full: all of it is in the document, with the last byte. */
static void test_full_pipe(void)
{
	enum { SIZE = 1 << 20, LINE = 128 };
	struct gather_reply reply;
	json_t *document;
	unsigned lines = 0;
	int writers[2];

	start();
	CHECK_INT(kill(gatherer, SIGSTOP), 0);
	tell_audit();
	tell_policy(0, "pcie", "pcie.devices");
	tell_job(0, 0, "pcie/sysfs");
	tell_pipes(0, writers);
	CHECK_INT(fcntl(writers[0], F_SETPIPE_SZ, SIZE), SIZE);
	CHECK_INT(fcntl(writers[0], F_SETFL, O_NONBLOCK), 0);
	for (;;) {
		char text[LINE + 1];
		int n = snprintf(
			text, sizeof(text),
			"{\"type\":\"pcie.devices\",\"key\":\"%u\",\"props\":{\"a\":1}}",
			lines);

		memset(text + n, ' ', (size_t)(LINE - 1 - n));
		text[LINE - 1] = '\n';
		if (write(writers[0], text, LINE) != LINE)
			break;
		lines++;
	}
	CHECK_INT(lines, SIZE / LINE);
	tell_end(0, JOB_OK, "");
	CHECK_INT(kill(gatherer, SIGCONT), 0);
	document = finish(&reply);
	CHECK_INT(json_array_size(
			  json_object_get(json_object_get(document, "pcie"), "devices")),
		  lines);
	CHECK_STR(status_of(document, 0), "ok");
	json_decref(document);
}

/* A collector that has more to say than a pipe holds is read while it runs. */
static void test_more_than_a_pipe(void)
{
	enum { LINES = 5000 };
	struct gather_reply reply;
	int writers[2], status;
	json_t *document;
	pid_t collector;

	start();
	tell_audit();
	tell_policy(0, "pcie", "pcie.devices");
	tell_job(0, 0, "pcie/sysfs");
	tell_pipes(0, writers);
	collector = fork();
	CHECK(collector >= 0);
	if (collector == 0) {
		for (unsigned i = 0; i < LINES; i++)
			if (dprintf(writers[0],
				    "{\"type\":\"pcie.devices\",\"key\":\"%u\",\"props\":"
				    "{}}\n",
				    i) < 0)
				_exit(1);
		_exit(0);
	}
	CHECK_INT(waitpid(collector, &status, 0), collector);
	CHECK_INT(status, 0);
	tell_end(0, JOB_OK, "");
	document = finish(&reply);
	CHECK_INT(json_array_size(
			  json_object_get(json_object_get(document, "pcie"), "devices")),
		  LINES);
	json_decref(document);
}

/* What was asked for, and what came between: who reads a document must know. */
static void test_what_was_asked(void)
{
	struct gather_reply reply;
	const json_t *audit, *only;
	json_t *document;

	start();
	tell_audit();
	tell_policy(0, "storage", "storage.drives");
	tell_job(0, 0, "storage/disks");
	tell_end(0, JOB_STARVED, "ended while it waited for a processor");
	document = finish(&reply);
	audit = json_object_get(document, "audit");
	only = json_object_get(audit, "only");
	CHECK_INT(json_array_size(only), 2);
	CHECK_STR(json_string_value(json_array_get(only, 0)), "storage");
	CHECK_STR(json_string_value(json_array_get(only, 1)), "pcie");
	CHECK(json_is_null(json_object_get(audit, "with")));
	CHECK_INT(json_integer_value(json_object_get(audit, "stopped_ms")), 1234);
	CHECK_STR(json_string_value(json_object_get(
			  json_array_get(json_object_get(document, "collectors"), 0),
			  "policy_path")),
		  "/etc/storage.policy");
	CHECK_STR(status_of(document, 0), "starved");
	CHECK_INT(reply.incomplete, 1);
	CHECK(json_is_false(json_object_get(audit, "complete")));
	json_decref(document);
}

static void test_never_ended(void)
{
	struct gather_reply reply;
	json_t *document;

	start();
	tell_audit();
	tell_policy(0, "storage", "storage.drives");
	tell_job(0, 0, "storage/disks");
	document = finish(&reply);
	CHECK_STR(status_of(document, 0), "skipped");
	CHECK(!json_object_get(document, "storage"));
	json_decref(document);
}

static void expect_exit(int wanted)
{
	int status;

	CHECK_INT(waitpid(gatherer, &status, 0), gatherer);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), wanted);
}

static void test_monitor_dies(void)
{
	int writers[2];

	start();
	tell_audit();
	tell_policy(0, "storage", "storage.drives");
	tell_job(0, 0, "storage/disks");
	tell_pipes(0, writers);
	close(monitor_fd);
	expect_exit(BEE_IOERR);
}

static void test_bad_message(void)
{
	start();
	CHECK_INT(send(monitor_fd, "short", 5, 0), 5);
	expect_exit(BEE_SOFTWARE);
}

/* 300 jobs' pipes at once, and a writer that never stops: the end comes all the same. */
static void test_many_and_endless(void)
{
	enum { JOBS = 300 };
	static int writers[JOBS][2];
	struct gather_reply reply;
	json_t *document;
	pid_t flood;

	start();
	tell_audit();
	tell_policy(0, "pcie", "pcie.devices");
	for (uint32_t i = 0; i < JOBS; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "pcie/sysfs@%u", i);
		tell_job(i, 0, name);
	}
	for (uint32_t i = 0; i < JOBS; i++) {
		tell_pipes(i, writers[i]);
		say(writers[i][0],
		    "{\"type\":\"pcie.devices\",\"key\":\"k\",\"props\":{\"p\":1}}\n");
	}
	flood = fork();
	CHECK(flood >= 0);
	if (flood == 0) {
		static char junk[65536];

		signal(SIGPIPE, SIG_DFL);
		for (;;)
			if (write(writers[7][0], junk, sizeof(junk)) < 0)
				_exit(0);
	}
	usleep(100000);
	for (uint32_t i = 0; i < JOBS; i++)
		tell_end(i, i == 7 ? JOB_STUCK : JOB_OK, "");
	close(writers[7][0]);
	document = finish(&reply);
	kill(flood, SIGKILL);
	CHECK_INT(reply.incomplete, 1);
	CHECK_INT(json_array_size(json_object_get(document, "collectors")), JOBS);
	CHECK_INT(json_array_size(
			  json_object_get(json_object_get(document, "pcie"), "devices")),
		  1);
	json_decref(document);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "messages and pipes become a document", test_document, 0 },
		{ "the document says what was asked for, of which policies, and for how "
		  "long the audit stood still",
		  test_what_was_asked, 0 },
		{ "a collector with more than a pipe holds is read while it runs",
		  test_more_than_a_pipe, 0 },
		{ "what a full pipe holds when its job ends is in the document",
		  test_full_pipe, 0 },
		{ "a job that never had its turn is skipped, with a reason",
		  test_never_ended, 0 },
		{ "the gatherer ends when the monitor is gone", test_monitor_dies, 0 },
		{ "a message of the wrong size ends the gatherer", test_bad_message, 0 },
		{ "300 jobs at once and an endless writer stall nothing",
		  test_many_and_endless, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
