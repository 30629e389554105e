/* The gatherer as the monitor sees it: messages go out in order, nothing here blocks. */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef BEE_SANITIZED /* shadow memory is address space */
#define GATHERER_MEMORY RLIM_INFINITY
#else
#define GATHERER_MEMORY (1u << 30)
#endif

/* A message that did not fit into the socket yet. */
struct queued {
	struct gather_msg msg;
	int fds[2]; /* owned until sent; -1 none */
	struct queued *next;
};

struct gatherer {
	pid_t pid;
	int pidfd, socket, document;
	bool failed;
	struct queued *first, **last;
};

static _Noreturn void child(const struct monitor *monitor, int socket, int document)
{
	char *argv[] = { (char[]){ "bee-gather" }, NULL };
	char *env[] = { (char[]){ "LC_ALL=C" }, NULL };
	int program = fcntl(monitor->gather_fd, F_DUPFD_CLOEXEC, 16);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	socket = fcntl(socket, F_DUPFD_CLOEXEC, 16);
	document = fcntl(document, F_DUPFD_CLOEXEC, 16);
	if (program < 0 || null < 0 || socket < 0 || document < 0 || dup2(null, 0) < 0 ||
	    dup2(null, 1) < 0 || dup2(socket, GATHER_SOCKET_FD) < 0 ||
	    dup2(document, GATHER_DOCUMENT_FD) < 0)
		_exit(BEE_SOFTWARE);
	(void)close_range(GATHER_DOCUMENT_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	if (confine_drop(UID_GATHERER) || confine_limit(RLIMIT_AS, GATHERER_MEMORY))
		_exit(BEE_SOFTWARE);
	execveat(program, "", argv, env, AT_EMPTY_PATH);
	_exit(BEE_SOFTWARE);
}

struct gatherer *gatherer_start(struct monitor *monitor)
{
	struct gatherer *gatherer = xcalloc(1, sizeof(*gatherer));
	int sockets[2], document[2];

	gatherer->last = &gatherer->first;
	gatherer->failed = true;
	gatherer->pidfd = gatherer->socket = gatherer->document = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return gatherer;
	if (pipe2(document, O_CLOEXEC)) {
		close(sockets[0]);
		close(sockets[1]);
		return gatherer;
	}
	(void)fcntl(document[1], F_SETPIPE_SZ, 1 << 20);
	gatherer->pid = spawn_helper(&gatherer->pidfd);
	if (gatherer->pid == 0)
		child(monitor, sockets[1], document[1]);
	close(sockets[1]);
	close(document[1]);
	gatherer->socket = sockets[0];
	gatherer->document = document[0];
	gatherer->failed = gatherer->pid < 0;
	return gatherer;
}

/* 0 sent, -EAGAIN later, -errno never. */
static int send_now(const struct gatherer *gatherer, const struct queued *item)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec bytes = { (void *)(uintptr_t)&item->msg, sizeof(item->msg) };
	struct msghdr out = { .msg_iov = &bytes, .msg_iovlen = 1 };
	size_t fds = (size_t)(item->fds[0] >= 0) + (size_t)(item->fds[1] >= 0);

	if (fds > 0) {
		struct cmsghdr *header;

		memset(&control, 0, sizeof(control));
		out.msg_control = &control;
		out.msg_controllen = CMSG_SPACE(fds * sizeof(int));
		header = CMSG_FIRSTHDR(&out);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(fds * sizeof(int));
		memcpy(CMSG_DATA(header), item->fds, fds * sizeof(int));
	}
	if (sendmsg(gatherer->socket, &out, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	    sizeof(item->msg))
		return 0;
	return errno == EINTR || errno == ENOBUFS || errno == ETOOMANYREFS ? -EAGAIN
									   : -errno;
}

static void fds_close(const struct queued *item)
{
	for (int i = 0; i < 2; i++)
		if (item->fds[i] >= 0)
			close(item->fds[i]);
}

void gatherer_flush(struct monitor *monitor)
{
	struct gatherer *gatherer = monitor->gatherer;

	while (gatherer->first) {
		struct queued *item = gatherer->first;
		int error = gatherer->failed ? -EPIPE : send_now(gatherer, item);

		if (error == -EAGAIN)
			return;
		if (error && !gatherer->failed) {
			gatherer->failed = true;
			tell_error(monitor->tell, "the gatherer has failed: %s",
				   strerrordesc_np(-error) ?: "?");
		}
		gatherer->first = item->next;
		if (!gatherer->first)
			gatherer->last = &gatherer->first;
		fds_close(item);
		free(item);
	}
}

void gatherer_send(struct monitor *monitor, const struct gather_msg *msg, int fd0,
		   int fd1)
{
	struct gatherer *gatherer = monitor->gatherer;
	struct queued *item = xcalloc(1, sizeof(*item));

	item->msg = *msg;
	item->fds[0] = fd0;
	item->fds[1] = fd1;
	*gatherer->last = item;
	gatherer->last = &item->next;
	gatherer_flush(monitor);
}

int gatherer_poll_fd(const struct gatherer *gatherer, short *events)
{
	*events = POLLOUT;
	return gatherer->first && !gatherer->failed ? gatherer->socket : -1;
}

/* Sends what is queued; false when there was no time for all of it. */
static bool flush_until(struct monitor *monitor, nsec_t after)
{
	struct gatherer *gatherer = monitor->gatherer;

	while (gatherer->first && !gatherer->failed) {
		if (!monitor_wait(monitor, gatherer->socket, POLLOUT, after))
			return false;
		gatherer_flush(monitor);
	}
	return !gatherer->failed;
}

/* Not looked into, but never more than text: somebody will show it on a terminal. */
static bool is_text(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)bytes[i] > 0x7f ||
		    ((unsigned char)bytes[i] < ' ' && bytes[i] != '\n'))
			return false;
	return true;
}

char *gatherer_finish(struct monitor *monitor, nsec_t after, size_t *len)
{
	struct gatherer *gatherer = monitor->gatherer;
	struct gather_msg msg = { .type = GATHER_FINISH };
	struct gather_reply reply;
	char *bytes = NULL;
	size_t room = 0;
	bool whole = false;

	msg.finish.interrupted = monitor->interrupted;
	msg.finish.elapsed_ms =
		(uint32_t)((clock_now() - monitor->options->start) / NSEC_PER_MSEC);
	gatherer_send(monitor, &msg, -1, -1);
	*len = 0;
	if (!flush_until(monitor, after))
		goto out;
	for (;;) {
		ssize_t n;

		if (!monitor_wait(monitor, gatherer->document, POLLIN, after))
			goto out;
		if (*len == room) {
			room = room ? 2 * room : 256 << 10;
			bytes = xrealloc_array(bytes, room, 1);
		}
		n = read(gatherer->document, bytes + *len, room - *len);
		if (n < 0)
			goto out;
		if (n == 0)
			break;
		*len += (size_t)n;
		if (*len > GATHER_DOCUMENT_MAX)
			goto out;
	}
	if (!monitor_wait(monitor, gatherer->socket, POLLIN, after) ||
	    recv(gatherer->socket, &reply, sizeof(reply), MSG_DONTWAIT) != sizeof(reply))
		goto out;
	whole = *len > 0 && reply.document_bytes == *len && is_text(bytes, *len);
	if (whole)
		monitor->incomplete = reply.incomplete;
out:
	(void)syscall(SYS_pidfd_send_signal, gatherer->pidfd, SIGKILL, NULL, 0);
	if (whole)
		return bytes;
	free(bytes);
	return NULL;
}
