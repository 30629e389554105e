/* Pid 1's part in device commands: starts copier and performer, and alone holds the listener. */
#include "broker.h"
#include "confine.h"
#include "stub.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FD_ABOVE 16     /* where what is to be at 3 to 5 waits until those are free */
#define ERRNO_LAST 4095 /* of the kernel's; more is no error but an address */

/* The rules, in a pipe of their own for each of the two. */
static int rules_pipe(const struct stub *stub)
{
	const struct jail_broker *broker = &stub->jail->broker;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		setup_failed(stub, STAGE_BROKER);
	errno = E2BIG;
	if (write(ends[1], broker->rules, broker->rules_size) !=
		    (ssize_t)broker->rules_size ||
	    fcntl(ends[0], F_SETFL, 0))
		setup_failed(stub, STAGE_BROKER);
	close(ends[1]);
	return ends[0];
}

/* Becomes the program, with these at its descriptors from BROKER_FD_ASKER on; -1: none. */
static _Noreturn void program_become(const struct stub *stub, int program, uid_t uid,
				     uint64_t caps, char **argv, const int fds[3])
{
	char *env[] = { NULL };
	struct jail_failure failure;
	int above[3]; /* below 0: none */

	program = fcntl(program, F_DUPFD_CLOEXEC, FD_ABOVE);
	for (int i = 0; i < 3; i++)
		above[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FD_ABOVE);
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0 && dup2(above[i], BROKER_FD_ASKER + i) < 0)
			setup_failed(stub, STAGE_BROKER);
	if (confine_reader(uid, caps, &failure))
		message_fail(stub->jail->control, JAIL_MSG_SETUP, &failure);
	execveat(program, "", argv, env, AT_EMPTY_PATH);
	setup_failed(stub, STAGE_BROKER);
}

/*
 * Stub, copier and performer work one after another, while the tool waits: kept on one processor, none of
 * them has to wake another processor up. The tool itself may run anywhere. A failure only costs time.
 */
static void share_processor(struct stub *stub)
{
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET((unsigned)sched_getcpu(), &here); /* none where that is -1 */
	if (!sched_getaffinity(0, sizeof(here), &stub->asked.anywhere))
		(void)sched_setaffinity(0, sizeof(here), &here);
}

void asked_start(struct stub *stub, int device)
{
	const struct jail *jail = stub->jail;
	char *copier_argv[] = { (char[]){ "bee-copier" }, NULL };
	char *performer_argv[] = { (char[]){ "bee-performer" }, NULL, NULL };
	int up[2], across[2];
	int rules[2] = { rules_pipe(stub), rules_pipe(stub) };
	pid_t performer;

	share_processor(stub);
	for (unsigned i = 0; i < jail->node_count; i++)
		if (jail->nodes[i].write)
			performer_argv[1] = (char[]){ "readwrite" };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, up) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, across))
		setup_failed(stub, STAGE_BROKER);
	performer = fork();
	if (performer == 0)
		program_become(stub, jail->broker.performer, jail->broker.uid,
			       jail->broker.caps, performer_argv,
			       (int[]){ across[1], rules[1], device });
	if (performer > 0)
		stub->asked.copier = fork();
	if (performer < 0 || stub->asked.copier < 0)
		setup_failed(stub, STAGE_BROKER);
	if (stub->asked.copier == 0)
		program_become(stub, jail->broker.copier, jail->tool.uid, 0, copier_argv,
			       (int[]){ up[1], rules[0], across[0] });
	stub->asked.socket = up[0];
	for (const int *fd =
		     (int[]){ up[1], across[0], across[1], rules[0], rules[1],
			      jail->broker.copier, jail->broker.performer, device, -1 };
	     *fd >= 0; fd++)
		close(*fd);
}

bool asked_idle(const struct stub *stub)
{
	return !stub->asked.copier ||
	       (stub->asked.ready && stub->asked.step == BROKER_READY);
}

bool asked_of(const struct stub *stub, const struct seccomp_notif *request)
{
	const struct jail_broker *broker = &stub->jail->broker;

	for (unsigned i = 0; i < broker->request_count; i++)
		if (request->data.nr == SYS_ioctl &&
		    (uint32_t)request->data.args[1] == broker->requests[i])
			return true;
	return false;
}

static void answer(struct stub *stub, int32_t value, int32_t error)
{
	struct seccomp_notif_resp resp = {
		.id = stub->asked.id,
		.val = error ? 0 : value,
		.error = error > 0 && error <= ERRNO_LAST ? -error
			 : error                          ? -EIO
							  : 0,
	};

	stub->asked.step = BROKER_READY;
	(void)ioctl(stub->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

/* Whoever speaks for the tool has gone, or was taken over: no command is sent any more. */
static void copier_lost(struct stub *stub)
{
	uint32_t step = stub->asked.step;

	close(stub->asked.socket);
	stub->asked.socket = -1;
	/* The tool has not begun yet: without its broker it does not. */
	if (!stub->asked.ready || (!stub->exec_done && stub->sync >= 0)) {
		errno = ECHILD;
		setup_failed(stub, STAGE_BROKER);
	}
	if (step == BROKER_READY)
		return;
	refused_count(stub, SYS_ioctl, stub->asked.request);
	answer(stub, 0, EIO);
}

static void order(struct stub *stub, struct broker_order order)
{
	stub->asked.step = order.step == BROKER_DROP ? BROKER_READY : order.step;
	if (send(stub->asked.socket, &order, sizeof(order),
		 MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof(order))
		copier_lost(stub);
}

void asked_take(struct stub *stub, const struct seccomp_notif *request)
{
	stub->asked.id = request->id;
	stub->asked.request = (uint32_t)request->data.args[1];
	stub->asked.transport = stub->asked.key = 0;
	if (stub->asked.socket < 0) {
		refused_count(stub, SYS_ioctl, stub->asked.request);
		answer(stub, 0, EIO);
		return;
	}
	order(stub, (struct broker_order){ .step = BROKER_COPY,
					   .pid = request->pid,
					   .request = stub->asked.request,
					   .address = request->data.args[2] });
}

/* Before memory that was read is believed, and before it is written: the number may be another
 * process's by now (seccomp_unotify(2)). */
static bool still_waits(const struct stub *stub)
{
	uint64_t id = stub->asked.id;

	return ioctl(stub->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

void asked_read(struct stub *stub)
{
	struct asked *asked = &stub->asked;
	struct broker_report report;
	ssize_t n = recv(asked->socket, &report, sizeof(report), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != sizeof(report) || (asked->ready && asked->step == BROKER_READY) ||
	    report.step != asked->step ||
	    (report.step == BROKER_WRITE && !report.answered)) {
		copier_lost(stub);
		return;
	}
	if (report.step == BROKER_READY) {
		asked->ready = true;
		return;
	}
	if (report.step != BROKER_WRITE) {
		asked->transport = report.transport & 0xff;
		asked->key = report.key;
	}
	if (report.refused && asked->transport)
		refused_count(stub, -(int)asked->transport, asked->key);
	else if (report.refused) /* its memory could not even be read */
		refused_count(stub, SYS_ioctl, asked->request);
	if (report.answered)
		answer(stub, report.value, report.refused ? EIO : report.error);
	else
		order(stub, (struct broker_order){
				    .step = !still_waits(stub) ? (uint32_t)BROKER_DROP
					    : report.step == BROKER_COPY
						    ? (uint32_t)BROKER_SEND
						    : (uint32_t)BROKER_WRITE });
}

void asked_tell(const struct stub *stub)
{
	struct jail_msg msg = {
		.type = JAIL_MSG_ASKED,
		.denied = { -(int)stub->asked.transport, stub->asked.key, 0 },
	};

	if (stub->asked.copier && stub->asked.step == BROKER_SEND)
		message_send(stub->jail->control, &msg);
}
