/* The gatherer as the monitor sees it: messages go out in order, nothing here blocks. */
#include "gatherer.h"
#include "compile.h"
#include "confine.h"
#include "helper.h"
#include "patience.h"
#include "slots.h"
#include "tell.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef BEE_SANITIZED /* shadow memory is address space, and a report is wanted */
#define GATHERER_MEMORY RLIM_INFINITY
#define GATHERER_STDERR 1
#else
#define GATHERER_MEMORY (1u << 30)
#define GATHERER_STDERR 2 /* the caller's: one that is taken over must not have it */
#endif

/* A message that did not fit into the socket yet. */
struct queued {
	struct gather_msg msg;
	int fds[2]; /* owned until sent; -1 none */
	struct queued *next;
};

struct gatherer {
	struct helper helper; /* its pipe is the document's */
	int socket;
	struct tell *tell; /* borrowed */
	bool failed;
	struct queued *first, **last;
};

static _Noreturn void child(int program, int socket, int document)
{
	char *argv[] = { (char[]){ "bee-gather" }, NULL };
	char *env[] = { (char[]){ "LC_ALL=C" }, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	program = fcntl(program, F_DUPFD_CLOEXEC, 16);
	socket = fcntl(socket, F_DUPFD_CLOEXEC, 16);
	document = fcntl(document, F_DUPFD_CLOEXEC, 16);
	if (program < 0 || null < 0 || socket < 0 || document < 0 || dup2(null, 0) < 0 ||
	    dup2(null, 1) < 0 || dup2(null, GATHERER_STDERR) < 0 ||
	    dup2(socket, GATHER_SOCKET_FD) < 0 || dup2(document, GATHER_DOCUMENT_FD) < 0)
		_exit(BEE_SOFTWARE);
	if (close_range(GATHER_DOCUMENT_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC) ||
	    confine_drop(UID_GATHERER) || confine_limit(RLIMIT_AS, GATHERER_MEMORY))
		_exit(BEE_SOFTWARE);
	execveat(program, "", argv, env, AT_EMPTY_PATH);
	_exit(BEE_SOFTWARE);
}

struct gatherer *gatherer_start(int program, struct tell *tell)
{
	struct gatherer *gatherer = xcalloc(1, sizeof(*gatherer));
	int sockets[2];

	gatherer->tell = tell;
	gatherer->last = &gatherer->first;
	gatherer->failed = true;
	gatherer->socket = gatherer->helper.pidfd = gatherer->helper.answers = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return gatherer;
	if (helper_start(&gatherer->helper)) {
		close(sockets[0]);
		close(sockets[1]);
		return gatherer;
	}
	if (gatherer->helper.pid == 0)
		child(program, sockets[1], gatherer->helper.answers);
	close(sockets[1]);
	(void)fcntl(gatherer->helper.answers, F_SETPIPE_SZ, 1 << 20);
	gatherer->socket = sockets[0];
	gatherer->failed = false;
	return gatherer;
}

/* 0: sent; -EAGAIN: the socket has no room now; another -errno: it can never be sent. */
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

void gatherer_flush(struct gatherer *gatherer)
{
	while (gatherer->first) {
		struct queued *item = gatherer->first;
		int error = gatherer->failed ? -EPIPE : send_now(gatherer, item);

		if (error == -EAGAIN)
			return;
		if (error && !gatherer->failed) {
			gatherer->failed = true;
			tell_error(gatherer->tell, "the gatherer has failed: %s",
				   strerrordesc_np(-error) ?: "?");
		}
		gatherer->first = item->next;
		if (!gatherer->first)
			gatherer->last = &gatherer->first;
		fds_close(item);
		free(item);
	}
}

void gatherer_send(struct gatherer *gatherer, const struct gather_msg *msg, int fd0,
		   int fd1)
{
	struct queued *item = xcalloc(1, sizeof(*item));

	item->msg = *msg;
	item->fds[0] = fd0;
	item->fds[1] = fd1;
	*gatherer->last = item;
	gatherer->last = &item->next;
	gatherer_flush(gatherer);
}

static void argv_pack(struct gather_job *entry, const struct job *job)
{
	struct jail jail;

	if (!job->step->argv[0])
		return;
	policy_jail(job->step, job->instance, &jail);
	for (size_t i = 0; jail.tool.argv[i]; i++) {
		size_t len = strlen(jail.tool.argv[i]) + 1;

		if (entry->argv_len + len > sizeof(entry->argv))
			break;
		memcpy(entry->argv + entry->argv_len, jail.tool.argv[i], len);
		entry->argv_len += (uint32_t)len;
	}
	policy_jail_done(&jail);
}

/* The job's place in the document does not depend on which lister answered first. */
static uint64_t order_of(const struct job *job)
{
	uint64_t step = (uint64_t)(job->step - job->policy->steps);

	return (uint64_t)job->policy_index << 32 | step << 24 | (job->number & 0xffffff);
}

void gatherer_enter(struct gatherer *gatherer, const struct job *job)
{
	struct gather_msg msg = { .type = GATHER_JOB, .job = job->number };

	_Static_assert(sizeof(msg.job_entry.name) > JOB_NAME_MAX, "every name fits");
	msg.job_entry.policy = job->policy_index;
	msg.job_entry.order = order_of(job);
	(void)snprintf(msg.job_entry.name, sizeof(msg.job_entry.name), "%s", job->name);
	argv_pack(&msg.job_entry, job);
	gatherer_send(gatherer, &msg, -1, -1);
}

int gatherer_poll_fd(const struct gatherer *gatherer, short *events)
{
	*events = POLLOUT;
	return gatherer->first && !gatherer->failed ? gatherer->socket : -1;
}

/* Sends what is queued; false when there was no time for all of it. */
static bool flush_until(struct gatherer *gatherer, const struct patience *patience,
			struct audit_clock *clock, nsec_t after)
{
	while (gatherer->first && !gatherer->failed) {
		if (!patience_wait(patience, clock, gatherer->socket, POLLOUT, after))
			return false;
		gatherer_flush(gatherer);
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

static bool reply_take(const struct gatherer *gatherer, const struct patience *patience,
		       struct audit_clock *clock, nsec_t after,
		       struct gather_reply *reply)
{
	ssize_t n;

	do {
		if (!patience_wait(patience, clock, gatherer->socket, POLLIN, after))
			return false;
		n = recv(gatherer->socket, reply, sizeof(*reply), MSG_DONTWAIT);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	return n == sizeof(*reply);
}

char *gatherer_finish(struct gatherer *gatherer, struct audit_clock *clock, nsec_t after,
		      size_t *len, struct gather_reply *reply)
{
	struct gather_msg msg = { .type = GATHER_FINISH };
	struct patience patience;
	char *bytes = NULL;
	size_t room = 0;
	bool whole = false;

	msg.finish.interrupted = clock->interrupted;
	msg.finish.elapsed_ms = (uint32_t)((clock_now() - clock->start) / NSEC_PER_MSEC);
	msg.finish.stopped_ms = clock->stopped / NSEC_PER_MSEC;
	gatherer_send(gatherer, &msg, -1, -1);
	*len = 0;
	/* It may be in the hands of what it read, and spin: that is no reason to wait. */
	patience = patience_begin(gatherer->helper.pid, false);
	if (!flush_until(gatherer, &patience, clock, after))
		goto out;
	for (;;) {
		ssize_t n;

		if (!patience_wait(&patience, clock, gatherer->helper.answers, POLLIN,
				   after))
			goto out;
		if (*len == room) {
			room = room ? 2 * room : 256 << 10;
			bytes = xrealloc_array(bytes, room, 1);
		}
		n = read(gatherer->helper.answers, bytes + *len, room - *len);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			goto out;
		if (n == 0)
			break;
		*len += (size_t)n;
		if (*len > GATHER_DOCUMENT_MAX)
			goto out;
	}
	if (!reply_take(gatherer, &patience, clock, after, reply))
		goto out;
	whole = *len > 0 && reply->document_bytes == *len && is_text(bytes, *len);
out:
	if (gatherer->helper.pidfd >= 0)
		helper_end(&gatherer->helper);
	if (whole)
		return bytes;
	free(bytes);
	return NULL;
}
