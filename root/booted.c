/* A whole root file system entered as if it were booted: the caller's side. */
#include "booted.h"
#include "clone.h"
#include "stages.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

void booted_default(struct booted *booted)
{
	*booted = (struct booted){
		.user_ns = -1,
		.mount_ns = -1,
		.network = BOOTED_OWN,
		.cgroup = -1,
	};
}

static int failed(struct booted_failure *failure, int error, const char *what)
{
	*failure = (struct booted_failure){ .error = error };
	(void)snprintf(failure->stage, sizeof(failure->stage), "%s", what);
	return -error;
}

static int map_write(pid_t pid, const char *name, const struct booted *booted)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/%s", pid, name);
	AUTO_FREE char *text = xasprintf("0 %u %u\n", booted->first_id, booted->id_count);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : write_all(fd, text, strlen(text));
}

/*
 * What the kernel counts by user (inotify instances, keys, namespaces) it counts for the
 * user that has made the namespace, too (kernel/ucount.c). So that is the guest's root as it
 * is outside, and no two guests share a limit.
 */
static int owner_become(uid_t uid)
{
	cap_t caps = cap_get_proc();

	/* Privileges are kept, as machines may leave namespaces to root alone. */
	if (!caps || prctl(PR_SET_KEEPCAPS, 1) || setresgid(uid, uid, uid) ||
	    setresuid(uid, uid, uid) || cap_set_proc(caps))
		return -1;
	return unshare(CLONE_NEWUSER);
}

/* A process is needed to make one, and only for that. Its descriptor or -errno. */
static int user_ns_make(const struct booted *booted)
{
	AUTO_CLOSE int pidfd = -1;
	int hold[2], fd = -1, result;
	int32_t made = EPIPE;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, hold))
		return -errno;
	pid = clone_child(0, -1, &pidfd);
	if (pid == 0) {
		char byte;

		close(hold[1]);
		made = owner_become(booted->first_id) ? errno : 0;
		_exit(write(hold[0], &made, sizeof(made)) < 0 ||
		      read(hold[0], &byte, 1) != 0);
	}
	result = pid < 0 ? -errno : 0;
	close(hold[0]);
	if (!result && read_full(hold[1], &made, sizeof(made)) < 0)
		made = EIO;
	if (!result)
		result = -made;
	if (!result)
		result = map_write(pid, "uid_map", booted);
	if (!result)
		result = map_write(pid, "gid_map", booted);
	if (!result) {
		AUTO_FREE char *path = xasprintf("/proc/%d/ns/user", pid);

		fd = open(path, O_RDONLY | O_CLOEXEC);
		result = fd < 0 ? -errno : fd;
	}
	close(hold[1]);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return result;
}

/* The next message by `deadline`: 1, 0 at the end, or -errno; *fd, or -1. */
static int receive(int control, nsec_t deadline, struct stage_message *message, int *fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} room;
	struct iovec part = { .iov_base = message, .iov_len = sizeof(*message) };
	struct msghdr msg = { .msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = room.bytes,
			      .msg_controllen = sizeof(room.bytes) };
	struct pollfd in = { .fd = control, .events = POLLIN };
	struct cmsghdr *head;
	ssize_t n;

	*fd = -1;
	for (;;) {
		int ready = poll(&in, 1, clock_poll_ms(deadline));

		if (ready == 0)
			return -ETIMEDOUT;
		if (ready > 0)
			break;
		if (errno != EINTR)
			return -errno;
	}
	n = recvmsg(control, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	head = CMSG_FIRSTHDR(&msg);
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(head), sizeof(*fd));
	return n == (ssize_t)sizeof(*message) ? 1 : 0;
}

/* Takes messages until pid 1 is built. */
static int built_wait(struct booted_child *child, nsec_t deadline,
		      struct booted_failure *failure)
{
	bool built = false;

	while (!built || child->pid < 0) {
		struct stage_message message = { .pid = -1 };
		int fd, got = receive(child->control, deadline, &message, &fd);

		if (got <= 0)
			return failed(failure, got ? -got : EPIPE, "start");
		switch (message.type) {
		case TOLD_FAILED:
			*failure = message.failure;
			return message.failure.error ? -message.failure.error : -EPROTO;
		case TOLD_CHILD:
			child->pid = message.pid;
			child->pidfd = pidfd_open(message.pid, 0);
			if (child->pidfd < 0)
				return failed(failure, errno, "pidfd");
			break;
		case TOLD_BUILT:
			built = true;
			child->console = fd;
			break;
		default:
			return failed(failure, EPROTO, "start");
		}
	}
	return 0;
}

/* Waits for the end of a child until `deadline`. */
static int reap(int pidfd, nsec_t deadline, int *status)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	siginfo_t info = { .si_pid = 0 };
	int ready;

	do
		ready = poll(&end, 1, clock_poll_ms(deadline));
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return -ETIMEDOUT;
	if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) || !info.si_pid)
		return -errno;
	*status = info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
	return 0;
}

int booted_kill(const struct booted_child *child, nsec_t deadline, int *status)
{
	if (child->pidfd < 0)
		return -ESRCH;
	(void)pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0);
	return reap(child->pidfd, deadline, status);
}

void booted_done(struct booted_child *child)
{
	int *fds[] = { &child->pidfd, &child->user_ns, &child->console, &child->notify,
		       &child->control };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

/* What was killed gets this to end; in a system call that hangs it does not. */
#define KILL_TIME (200 * NSEC_PER_MSEC)

void booted_rest(const struct booted *booted, nsec_t deadline)
{
	AUTO_CLOSE int pidfd = -1;
	int status;
	pid_t pid = clone_child(0, -1, &pidfd);

	/* With the guest's rights alone: its tree says where these names lead. */
	if (pid == 0) {
		if ((booted->user_ns < 0 || !setns(booted->user_ns, CLONE_NEWUSER)) &&
		    !setns(booted->mount_ns, CLONE_NEWNS))
			(void)stage_unmount_gone();
		_exit(0);
	}
	if (pid > 0 && reap(pidfd, deadline, &status)) {
		(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		(void)reap(pidfd, clock_now() + KILL_TIME, &status);
	}
}

static void give_up(struct booted_child *child, int preparer)
{
	int status;

	(void)pidfd_send_signal(preparer, SIGKILL, NULL, 0);
	(void)reap(preparer, clock_now() + KILL_TIME, &status);
	(void)booted_kill(child, clock_now() + KILL_TIME, &status);
	booted_done(child);
}

static int prepare_start(const struct booted *booted, struct booted_child *child,
			 int *preparer)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	child->control = ends[0];
	/* For one that wakes nothing is mounted here: a copy would be made and thrown away. */
	pid = clone_child(booted->mount_ns >= 0 ? 0 : CLONE_NEWNS, booted->cgroup,
			  preparer);
	if (pid == 0) {
		struct stage stage = { .booted = booted,
				       .control = ends[1],
				       .notify = child->notify,
				       .user_ns = child->user_ns };

		close(ends[0]);
		stage_prepare(&stage);
	}
	if (pid < 0) {
		int error = errno;

		close(ends[1]);
		return -error;
	}
	close(ends[1]);
	return 0;
}

int booted_start(const struct booted *booted, nsec_t deadline, struct booted_child *out,
		 struct booted_failure *failure)
{
	struct booted_child child = { -1, -1, -1, -1, -1, -1 };
	AUTO_CLOSE int preparer = -1;
	int result = 0, status;

	if (booted->id_count)
		result = booted->user_ns >= 0 ? fcntl(booted->user_ns, F_DUPFD_CLOEXEC, 3)
					      : user_ns_make(booted);
	if (result < 0)
		return failed(failure, -result, "user namespace");
	child.user_ns = booted->id_count ? result : -1;
	child.notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	result = child.notify < 0 ? -errno : prepare_start(booted, &child, &preparer);
	if (result) {
		booted_done(&child);
		return failed(failure, -result, "start");
	}
	result = built_wait(&child, deadline, failure);
	if (!result)
		result = reap(preparer, deadline, &status);
	if (result) {
		give_up(&child, preparer);
		return result;
	}
	*out = child;
	return 0;
}

int booted_go(struct booted_child *child, nsec_t deadline, struct booted_failure *failure)
{
	struct stage_message message = { .pid = -1 };
	int fd, got, status;

	if (send(child->control, "g", 1, MSG_NOSIGNAL) != 1)
		return failed(failure, errno, "start");
	/* Its end of the socket is closed by the exec. */
	got = receive(child->control, deadline, &message, &fd);
	if (got == 0)
		return 0;
	if (got < 0)
		(void)failed(failure, -got, "exec");
	else
		*failure = message.failure;
	(void)booted_kill(child, clock_now() + KILL_TIME, &status);
	return failure->error ? -failure->error : -EPROTO;
}

int booted_ready(int notify)
{
	char text[4096];
	ssize_t n = recv(notify, text, sizeof(text) - 1, MSG_DONTWAIT);
	char *save, *line;

	if (n < 0)
		return -errno;
	text[n] = '\0';
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (!strcmp(line, "READY=1"))
			return 1;
	return 0;
}
