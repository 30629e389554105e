/*
 * Network namespaces made before a job needs one, and used again after it. To make one, and to end it,
 * takes the kernel longer than all else that a jail is made of. The first are made while a job before
 * them runs, one at a time, so that where many jobs start at once, each makes its own as well, beside
 * the others.
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

void networks_start(struct networks *networks)
{
	struct helper helper;
	int ends[2];

	*networks = (struct networks){ .socket = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return;
	/* Who takes one does not wait for it; the flag is of this end alone. */
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) || helper_start(&helper)) {
		close(ends[0]);
		close(ends[1]);
		return;
	}
	if (helper.pid == 0)
		make(ends[1]);
	close(ends[1]);
	close(helper.answers);
	close(helper.pidfd);
	networks->socket = ends[0];
}

/* Each that the child made is paid for with a byte, for which it makes the next. */
int networks_take(struct networks *networks)
{
	int network;

	if (networks->count > 0)
		return networks->idle[--networks->count];
	network = networks->socket < 0 ? -1 : pass_take(networks->socket);
	if (network >= 0)
		(void)!send(networks->socket, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	return network;
}

void networks_give_back(struct networks *networks, int network)
{
	if (network < 0)
		return;
	networks->idle = xrealloc_array(networks->idle, networks->count + 1,
					sizeof(*networks->idle));
	networks->idle[networks->count++] = network;
}
