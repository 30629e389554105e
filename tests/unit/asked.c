/*
 * Pid 1's part in device commands: a call that waits no more is forgotten before anything is sent or
 * written for it, and what cannot be from a copier ends the copier's part, not the tool's confinement.
 */
#include "broker.h"
#include "listener.h"
#include "stub.h"
#include "tap.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define REQUEST 0x2285 /* SG_IO */

static const uint32_t requests[] = { REQUEST };
static struct jail jail = { .broker = { .requests = requests, .request_count = 1 } };
static struct stub stub;
static int copier; /* the copier's end of the socket */
static pid_t tool;

/* Its exit code is what the call returned, or 100 and the error. */
static void ask(void)
{
	long value = syscall(SYS_ioctl, 0, REQUEST, 0x1234);

	_exit(value < 0 ? 100 + errno : (int)value);
}

static void ask_twice(void)
{
	(void)syscall(SYS_ioctl, 0, REQUEST, 0x1234);
	ask();
}

static void report(struct broker_report report)
{
	CHECK_INT(send(copier, &report, sizeof(report), MSG_NOSIGNAL), sizeof(report));
	asked_read(&stub);
}

/* What the copier is to do next; BROKER_READY: nothing. */
static struct broker_order ordered(void)
{
	struct broker_order order = { .step = BROKER_READY };

	(void)!recv(copier, &order, sizeof(order), MSG_DONTWAIT);
	return order;
}

static void call_take(void)
{
	struct pollfd asked = { stub.listener, POLLIN, 0 };

	CHECK(poll(&asked, 1, 5000) == 1 && asked.revents & POLLIN);
	refused_answer(&stub);
}

static void kill_tool(void)
{
	CHECK(!kill(tool, SIGKILL));
	CHECK_INT(waitpid(tool, NULL, 0), tool);
}

static int tool_end(void)
{
	int status;

	CHECK_INT(waitpid(tool, &status, 0), tool);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A tool whose call has been handed to the copier. */
static void start(void (*calls)(void))
{
	struct broker_order order;
	int ends[2];

#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that the filter refuses");
#endif
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	copier = ends[1];
	stub = (struct stub){ .jail = &jail,
			      .sync = -1,
			      .asked = { .socket = ends[0], .copier = getpid() } };
	CHECK(!asked_idle(&stub)); /* not confined yet */
	report((struct broker_report){ .step = BROKER_READY });
	CHECK(asked_idle(&stub));
	stub.listener = listener_new(&tool, calls);
	call_take();
	CHECK(!asked_idle(&stub));
	order = ordered();
	CHECK_INT(order.step, BROKER_COPY);
	CHECK_INT(order.pid, tool);
	CHECK_INT(order.request, REQUEST);
	CHECK_INT(order.address, 0x1234);
}

static void test_in_order(void)
{
	start(ask);
	report((struct broker_report){ .step = BROKER_COPY, .transport = 1 });
	CHECK_INT(ordered().step, BROKER_SEND);
	report((struct broker_report){ .step = BROKER_SEND, .transport = 1 });
	CHECK_INT(ordered().step, BROKER_WRITE);
	report((struct broker_report){ .step = BROKER_WRITE, .answered = 1, .value = 7 });
	CHECK_INT(ordered().step, BROKER_READY);
	CHECK(asked_idle(&stub));
	CHECK_INT(tool_end(), 7);
	CHECK_INT(stub.result.denied_total, 0);
}

/* seccomp_unotify(2): by now the number may be another process's. */
static void test_gone(void)
{
	start(ask);
	kill_tool();
	report((struct broker_report){ .step = BROKER_COPY, .transport = 1 });
	CHECK_INT(ordered().step, BROKER_DROP);
	CHECK(asked_idle(&stub));

	start(ask);
	report((struct broker_report){ .step = BROKER_COPY, .transport = 1 });
	CHECK_INT(ordered().step, BROKER_SEND);
	kill_tool();
	report((struct broker_report){ .step = BROKER_SEND, .transport = 1 });
	CHECK_INT(ordered().step, BROKER_DROP);
	CHECK(asked_idle(&stub));
	CHECK(stub.asked.socket >= 0);
}

/* An answer before the device is asked ends the call; refused, it is listed. */
static void test_answers(void)
{
	start(ask_twice);
	report((struct broker_report){
		.step = BROKER_COPY, .answered = 1, .error = EINVAL });
	CHECK_INT(ordered().step, BROKER_READY);
	call_take();
	CHECK_INT(ordered().step, BROKER_COPY);
	report((struct broker_report){ .step = BROKER_COPY,
				       .answered = 1,
				       .refused = 1,
				       .transport = 1,
				       .key = 0x1200,
				       .error = EPERM });
	CHECK_INT(tool_end(), 100 + EIO);
	CHECK_INT(stub.refused_count, 1);
	CHECK_INT(stub.refused[0].call, -1);
	CHECK_INT(stub.refused[0].arg, 0x1200);
}

/* No pointer can be made of an error, and no success of a failure. */
static void test_errors(void)
{
	static const struct {
		int32_t said, told;
	} errors[] = { { ENODEV, ENODEV }, { 133, 133 }, { -5, EIO }, { 4096, EIO } };

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		start(ask);
		report((struct broker_report){ .step = BROKER_COPY,
					       .answered = 1,
					       .value = 3,
					       .error = errors[i].said });
		CHECK_INT(tool_end(), 100 + errors[i].told);
	}
}

/* A copier that was taken over: EIO to who asks, listed, now and from then on. */
static void test_lies(void)
{
	static const struct broker_report lies[] = {
		{ .step = BROKER_READY },
		{ .step = BROKER_SEND, .answered = 1 },
		{ .step = BROKER_WRITE, .answered = 1 },
		{ .step = BROKER_DROP },
		{ .step = 77, .answered = 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		start(ask_twice);
		report(lies[i]);
		CHECK_INT(stub.asked.socket, -1);
		CHECK_INT(ordered().step, BROKER_READY);
		call_take();
		CHECK_INT(tool_end(), 100 + EIO);
		CHECK_INT(stub.refused_count, 1);
		CHECK_INT(stub.refused[0].call, SYS_ioctl);
		CHECK_INT(stub.refused[0].arg, REQUEST);
		CHECK_INT(stub.refused[0].count, 2);
	}
}

/* Written back, and no answer; half a report; one that nobody waits for; none any more. */
static void test_lies_later(void)
{
	static const struct broker_report unasked = { .step = BROKER_READY }, half = {
		.step = BROKER_COPY, .answered = 1, .value = 9
	};

	start(ask);
	report((struct broker_report){ .step = BROKER_COPY, .transport = 1 });
	report((struct broker_report){ .step = BROKER_SEND, .transport = 1 });
	report((struct broker_report){ .step = BROKER_WRITE });
	CHECK_INT(stub.asked.socket, -1);
	CHECK_INT(tool_end(), 100 + EIO);

	start(ask);
	CHECK_INT(send(copier, &half, sizeof(half) - 1, 0), sizeof(half) - 1);
	asked_read(&stub);
	CHECK_INT(stub.asked.socket, -1);
	CHECK_INT(tool_end(), 100 + EIO);

	start(ask_twice);
	report((struct broker_report){ .step = BROKER_COPY, .answered = 1 });
	call_take(); /* so that the tool waits; its order is not looked at */
	report((struct broker_report){ .step = BROKER_COPY, .answered = 1, .value = 5 });
	CHECK_INT(tool_end(), 5);
	report(unasked);
	CHECK_INT(stub.asked.socket, -1);
	CHECK_INT(stub.result.denied_total, 0);

	start(ask);
	close(copier);
	asked_read(&stub);
	CHECK_INT(stub.asked.socket, -1);
	CHECK_INT(tool_end(), 100 + EIO);
	CHECK_INT(stub.result.denied_total, 1);
}

/* The tool has not been let go yet, or has: its exec was answered, or its pipe is at its end. */
static void test_lost_before(void)
{
	for (int gone = 0; gone <= 2; gone++) {
		struct jail_msg msg = { .type = JAIL_MSG_TYPES };
		int control[2], ends[2], status;
		pid_t pid;

		CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control));
		CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
		close(ends[1]);
		pid = fork();
		CHECK(pid >= 0);
		if (pid == 0) {
			jail.control = control[1];
			stub = (struct stub){
				.jail = &jail,
				.sync = gone == 1 ? -1 : 0,
				.exec_done = gone == 2,
				.asked = { .socket = ends[0], .copier = 1, .ready = true }
			};
			asked_read(&stub);
			_exit(99);
		}
		close(control[1]);
		close(ends[0]);
		(void)!recv(control[0], &msg, sizeof(msg), 0);
		CHECK_INT(msg.type, gone ? JAIL_MSG_TYPES : JAIL_MSG_SETUP);
		CHECK_INT(waitpid(pid, &status, 0), pid);
		CHECK_INT(WEXITSTATUS(status) == 99, gone != 0);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a command is copied, sent, written back, and answered", test_in_order,
		  20 },
		{ "for a tool that is gone nothing is sent, and nothing written",
		  test_gone, 20 },
		{ "what is answered early is not sent; what is refused is listed",
		  test_answers, 20 },
		{ "an error is one of the kernel's", test_errors, 20 },
		{ "a copier that lies is done with, and its tool is told EIO", test_lies,
		  20 },
		{ "also where it lies later, or falls silent", test_lies_later, 20 },
		{ "without a copier no tool is let go", test_lost_before, 20 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
