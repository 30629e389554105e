/*
 * bee-gather: the collectors' records in, one document out. It has no rights: the monitor
 * starts it with a uid of its own, no capabilities, and the two descriptors it needs.
 */
#include "intake.h"
#include "pipes.h"
#include "stdio_filter.h"
#include "write_document.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS_MAX 2          /* descriptors with one message */
#define MESSAGES_A_TURN 64 /* then the pipes have theirs */

static struct gathered *job_of(struct gather *gather, const struct gather_msg *msg)
{
	if (msg->job >= gather->job_count)
		errx(BEE_SOFTWARE, "message %u for job %u of %u", msg->type, msg->job,
		     gather->job_count);
	return &gather->jobs[msg->job];
}

static void take_audit(struct gather *gather, const struct gather_msg *msg, int *fds)
{
	(void)fds;
	if (gather->has_audit)
		errx(BEE_SOFTWARE, "a second audit message");
	gather->audit = msg->audit;
	gather->has_audit = true;
}

static void take_policy(struct gather *gather, const struct gather_msg *msg, int *fds)
{
	(void)fds;
	if (msg->policy.index != gather->policy_count)
		errx(BEE_SOFTWARE, "policy %u out of order", msg->policy.index);
	gather->policies = xrealloc_array(gather->policies, gather->policy_count + 1,
					  sizeof(*gather->policies));
	gather->policies[gather->policy_count++] = msg->policy;
}

static void take_job(struct gather *gather, const struct gather_msg *msg, int *fds)
{
	(void)fds;
	if (msg->job != gather->job_count || gather_add_job(gather, &msg->job_entry))
		errx(BEE_SOFTWARE, "job %u does not fit", msg->job);
}

static void adopt(struct gathered *job, enum job_pipe which, int *fd)
{
	int flags = fcntl(*fd, F_GETFL);

	if (job->fds[which] >= 0)
		errx(BEE_SOFTWARE, "%s: a second pipe", job->name);
	if (flags < 0 || fcntl(*fd, F_SETFL, flags | O_NONBLOCK) < 0)
		err(BEE_SOFTWARE, "%s: fcntl", job->name);
	job->fds[which] = *fd;
	*fd = -1;
}

static void take_pipes(struct gather *gather, const struct gather_msg *msg, int *fds)
{
	struct gathered *job = job_of(gather, msg);

	job->had_pipes = true;
	adopt(job, PIPE_RECORDS, &fds[0]);
	adopt(job, PIPE_STDERR, &fds[1]);
}

static void take_look(struct gather *gather, const struct gather_msg *msg, int *fds)
{
	adopt(job_of(gather, msg), PIPE_LOOK, &fds[0]);
}

static void take_around(struct gather *gather, const struct gather_msg *msg, int *fds)
{
	(void)msg;
	if (gather->around_fd >= 0)
		errx(BEE_SOFTWARE, "a second look around");
	gather->around_fd = fds[0];
	fds[0] = -1;
}

static void take_denied(struct gather *gather, const struct gather_msg *msg, int *fds)
{
	struct gathered *job = job_of(gather, msg);

	(void)fds;
	job->denied =
		xrealloc_array(job->denied, job->denied_count + 1, sizeof(*job->denied));
	job->denied[job->denied_count++] = msg->denied;
}

static void take_end(struct gather *gather, const struct gather_msg *msg, int *fds)
{
	struct gathered *job = job_of(gather, msg);

	(void)fds;
	if (job->end)
		errx(BEE_SOFTWARE, "%s: a second end", job->name);
	job->end = xcalloc(1, sizeof(*job->end));
	*job->end = msg->end;
	pipe_finish(gather, msg->job, PIPE_RECORDS);
	pipe_finish(gather, msg->job, PIPE_STDERR);
}

static _Noreturn void take_finish(struct gather *gather, const struct gather_msg *msg,
				  int *fds)
{
	struct gather_reply reply = { 0 };
	ssize_t sent;
	int error;

	(void)fds;
	gather->finish = msg->finish;
	for (uint32_t job = 0; job < gather->job_count; job++)
		for (int which = 0; which < JOB_PIPES; which++)
			pipe_finish(gather, job, (enum job_pipe)which);
	pipe_around(gather);
	error = document_write(gather, GATHER_DOCUMENT_FD, GATHER_DOCUMENT_MAX, &reply);
	if (error)
		errx(BEE_IOERR, "the document: %s", strerrordesc_np(-error));
	close(GATHER_DOCUMENT_FD);
	do
		sent = send(GATHER_SOCKET_FD, &reply, sizeof(reply), MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	/* The tree is not freed: the process ends, and the deadline is near. */
	_exit(sent == (ssize_t)sizeof(reply) ? BEE_OK : BEE_IOERR);
}

static const struct {
	unsigned fds;
	bool early; /* allowed before GATHER_AUDIT */
	void (*handle)(struct gather *gather, const struct gather_msg *msg, int *fds);
} messages[GATHER_TYPES] = {
	[GATHER_AUDIT] = { 0, true, take_audit },
	[GATHER_POLICY] = { 0, false, take_policy },
	[GATHER_JOB] = { 0, false, take_job },
	[GATHER_PIPES] = { 2, false, take_pipes },
	[GATHER_DENIED] = { 0, false, take_denied },
	[GATHER_LOOK] = { 1, false, take_look },
	[GATHER_AROUND] = { 1, false, take_around },
	[GATHER_END] = { 0, false, take_end },
	[GATHER_FINISH] = { 0, false, take_finish },
};

static unsigned take_fds(struct msghdr *header, int fds[FDS_MAX])
{
	struct cmsghdr *control = CMSG_FIRSTHDR(header);
	size_t bytes;

	if (!control || control->cmsg_level != SOL_SOCKET ||
	    control->cmsg_type != SCM_RIGHTS)
		return 0;
	bytes = control->cmsg_len - CMSG_LEN(0);
	if (bytes > FDS_MAX * sizeof(int))
		bytes = FDS_MAX * sizeof(int);
	memcpy(fds, CMSG_DATA(control), bytes);
	return (unsigned)(bytes / sizeof(int));
}

/* One message, if there is one. False: none for now. The end of the socket ends us. */
static bool receive(struct gather *gather)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control;
	struct gather_msg msg;
	struct iovec part = { &msg, sizeof(msg) };
	struct msghdr header = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes) };
	int fds[FDS_MAX] = { -1, -1 };
	unsigned got;
	ssize_t n = recvmsg(GATHER_SOCKET_FD, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n < 0)
		err(BEE_IOERR, "the monitor's socket");
	if (n == 0)
		errx(BEE_IOERR, "the monitor is gone");
	got = take_fds(&header, fds);
	if (n != (ssize_t)sizeof(msg) || msg.type >= GATHER_TYPES ||
	    (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
	    got != messages[msg.type].fds ||
	    (!gather->has_audit && !messages[msg.type].early))
		errx(BEE_SOFTWARE, "a message of %zd bytes that does not fit", n);
	messages[msg.type].handle(gather, &msg, fds);
	return true;
}

struct watch {
	uint32_t job;
	enum job_pipe which;
};

/* Everything that is open: the socket first, then the pipes. Returns how many. */
static nfds_t fill(const struct gather *gather, struct pollfd **polls,
		   struct watch **watches, size_t *room)
{
	size_t need = 1 + (size_t)gather->job_count * JOB_PIPES;
	nfds_t count = 1;

	if (need > *room) {
		*polls = xrealloc_array(*polls, need, sizeof(**polls));
		*watches = xrealloc_array(*watches, need, sizeof(**watches));
		*room = need;
	}
	(*polls)[0] = (struct pollfd){ .fd = GATHER_SOCKET_FD, .events = POLLIN };
	for (uint32_t job = 0; job < gather->job_count; job++) {
		for (int which = 0; which < JOB_PIPES; which++) {
			int fd = gather->jobs[job].fds[which];

			if (fd < 0)
				continue;
			(*polls)[count] = (struct pollfd){ .fd = fd, .events = POLLIN };
			(*watches)[count] = (struct watch){ job, (enum job_pipe)which };
			count++;
		}
	}
	return count;
}

static _Noreturn void gather_run(struct gather *gather)
{
	struct pollfd *polls = NULL;
	struct watch *watches = NULL;
	size_t room = 0;

	for (;;) {
		nfds_t count = fill(gather, &polls, &watches, &room);

		if (poll(polls, count, -1) < 0) {
			if (errno == EINTR)
				continue;
			err(BEE_SOFTWARE, "poll");
		}
		/* Pipes first: the socket's messages may close what the array names. */
		for (nfds_t i = 1; i < count; i++)
			if (polls[i].revents)
				pipe_read(gather, watches[i].job, watches[i].which, 1);
		if (polls[0].revents)
			for (int n = 0; n < MESSAGES_A_TURN && receive(gather); n++)
				;
	}
}

int main(void)
{
	static struct gather gather = { .around_fd = -1 };
	int error = process_hide() ?: stdio_filter_load(STDIO_AND_SOCKET);

	if (error)
		errx(BEE_SOFTWARE, "giving up rights: %s", strerrordesc_np(-error));
	json_seed();
	intake_init();
	gather_run(&gather);
}
