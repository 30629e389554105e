/* Answers the system calls a tool's policy does not grant, and counts them. */
#include "stub.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

/*
 * Only numbers are looked at: the call's, and an ioctl's. What pointers point to is the
 * tool's to change at any time, so it is never read.
 */
void refused_count(struct stub *stub, int call, uint32_t arg)
{
	stub->result.denied_total++;
	for (unsigned i = 0; i < stub->refused_count; i++) {
		struct jail_denied *refused = &stub->refused[i];

		if (refused->call == call && refused->arg == arg) {
			refused->count++;
			return;
		}
	}
	if (stub->refused_count < JAIL_DENIED_MAX)
		stub->refused[stub->refused_count++] =
			(struct jail_denied){ call, arg, 1 };
}

static int answer_for(const struct stub *stub, int call)
{
	switch (call) {
	case SYS_ioctl:
		return ENOTTY;
	case SYS_openat: /* listed, but not with these flags */
#ifdef SYS_open
	case SYS_open:
#endif
		return EACCES;
	default:
		return stub->jail->unlisted_error;
	}
}

void refused_answer(struct stub *stub)
{
	struct seccomp_notif request = { .id = 0 };
	struct seccomp_notif_resp answer = { .id = 0 };
	int call;

	if (ioctl(stub->listener, SECCOMP_IOCTL_NOTIF_RECV, &request))
		return; /* ENOENT: the caller was killed meanwhile */
	if (asked_of(stub, &request)) {
		asked_take(stub, &request);
		return;
	}
	call = request.data.nr;
	answer.id = request.id;
	if (!stub->exec_done && (call == SYS_execve || call == SYS_execveat)) {
		/* Our own child's exec: its path is in our memory, which only we can change. */
		stub->exec_done = true;
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	} else {
		answer.error = -answer_for(stub, call);
		refused_count(stub, call,
			      call == SYS_ioctl ? (uint32_t)request.data.args[1] : 0);
	}
	(void)ioctl(stub->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

void refused_report(const struct stub *stub)
{
	for (unsigned i = 0; i < stub->refused_count; i++) {
		struct jail_msg msg = { .type = JAIL_MSG_DENIED,
					.denied = stub->refused[i] };

		message_send(stub->jail->control, &msg);
	}
}
