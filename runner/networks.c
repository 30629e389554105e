/*
 * Network namespaces made before a job needs one. To make one takes longer than all else that a jail
 * is made of; here it happens while a job before it runs. There is one at a time, so that
 * where many jobs start at once, each makes its own as well, beside the others.
 */
#include "networks.h"

#include "descriptors.h"
#include "helper.h"
#include "look.h"
#include "pass.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Until the monitor and those who could take one have gone. */
static _Noreturn void make(int socket)
{
	static const int calls[] = { SYS_unshare, SYS_sendmmsg };
	char taken;

	if (descriptors_keep(&socket, 1))
		_exit(BEE_SOFTWARE);
	streams_null();
	look_confine_more(UINT64_C(1) << CAP_SYS_ADMIN, calls, ARRAY_LEN(calls));
	for (;;) {
		AUTO_CLOSE int network = -1;

		if (unshare(CLONE_NEWNET))
			_exit(BEE_SOFTWARE);
		network = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (network < 0 || pass_send(socket, network) ||
		    read(socket, &taken, 1) != 1)
			_exit(0);
	}
}

int networks_start(void)
{
	struct helper helper;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -1;
	/* Who takes one does not wait for it; the flag is of this end alone. */
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) || helper_start(&helper)) {
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	if (helper.pid == 0)
		make(ends[1]);
	close(ends[1]);
	close(helper.answers);
	close(helper.pidfd);
	return ends[0];
}
