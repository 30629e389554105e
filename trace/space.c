/* Where a traced program runs: processes and mounts of its own, the tree as its root. */
#include "space.h"
#include "calls.h"
#include "exits.h"
#include "space_root.h"
#include "user.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_NOT_FOUND 127 /* as of a shell */
#define EXIT_NOT_RUN 126

static void say(int control, const struct space_message *message, const int *fds,
		size_t count)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control_bytes = { .space = { 0 } };
	struct iovec bytes = { (void *)(uintptr_t)message, sizeof(*message) };
	struct mmsghdr to = { .msg_hdr = { .msg_iov = &bytes, .msg_iovlen = 1 } };

	if (count > 0) {
		to.msg_hdr.msg_control = &control_bytes;
		to.msg_hdr.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control_bytes.head.cmsg_level = SOL_SOCKET;
		control_bytes.head.cmsg_type = SCM_RIGHTS;
		control_bytes.head.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control_bytes.head), fds, count * sizeof(int));
	}
	/* sendmsg(2) is traced, and nobody listens yet: it would wait for ever. */
	(void)sendmmsg(control, &to, 1, MSG_NOSIGNAL);
}

static _Noreturn void fail(int control, const char *what, int error)
{
	struct space_message message = { .type = SPACE_FAILED, .error = error };

	(void)snprintf(message.what, sizeof(message.what), "%s", what);
	say(control, &message, NULL, 0);
	_exit(BEE_SOFTWARE);
}

bool space_hear(int control, struct space_message *message, int fds[2])
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control_bytes;
	struct iovec bytes = { message, sizeof(*message) };
	struct msghdr from = { .msg_iov = &bytes,
			       .msg_iovlen = 1,
			       .msg_control = &control_bytes,
			       .msg_controllen = sizeof(control_bytes) };
	const struct cmsghdr *head;
	ssize_t n;

	fds[0] = fds[1] = -1;
	do
		n = recvmsg(control, &from, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*message))
		return false;
	head = CMSG_FIRSTHDR(&from);
	if (head && head->cmsg_type == SCM_RIGHTS)
		memcpy(fds, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
	return true;
}

void space_go(int control)
{
	(void)send(control, "", 1, MSG_NOSIGNAL);
}

/* Default signals, and none blocked. */
static void signals_reset(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* This process becomes the traced program, once somebody listens. */
static _Noreturn void become(const struct space *space, int control, int master)
{
	struct space_message ready = { .type = SPACE_READY };
	int fds[2] = { -1, master }, status;
	char go;

	if (space->program) {
		fds[0] = calls_listen(space->program, true);
		if (fds[0] < 0)
			fail(control, "the filter", -fds[0]);
	}
	/* Names are asked about from here on: no file may be opened before somebody listens. */
	say(control, &ready, space->program ? fds : fds + 1,
	    (space->program ? 1u : 0u) + (master >= 0 ? 1u : 0u));
	if (recv(control, &go, 1, 0) != 1)
		_exit(BEE_SOFTWARE);
	signals_reset();
	if (space->output >= 0 && dup2(space->output, STDOUT_FILENO) < 0)
		_exit(BEE_SOFTWARE);
	(void)syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	execvp(space->argv[0], space->argv);
	status = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
	warn("%s", space->argv[0]);
	_exit(status);
}

/* Pid 1 of a run: waits for all children, and ends with the program, and all else with it. */
static _Noreturn void wait_for(pid_t program, int control)
{
	struct space_message ended = { .type = SPACE_ENDED };
	int status;
	pid_t pid;

	while ((pid = wait(&status)) > 0 || errno == EINTR)
		if (pid == program)
			break;
	ended.status = status;
	say(control, &ended, NULL, 0);
	_exit(BEE_OK);
}

static _Noreturn void first(const struct space *space, int control)
{
	struct space_root root = { .tree = space->tree,
				   .in_place = space->in_place,
				   .user = space->user };
	int master = -1;
	pid_t program;
	char go;

	/* Until ids are mapped, an ordinary user is nobody here. */
	if (recv(control, &go, 1, 0) != 1)
		_exit(BEE_SOFTWARE);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (space_root_enter(&root))
		fail(control, root.what, root.error);
	if (space->terminal >= 0) {
		master = space_terminal(space->terminal);
		if (master < 0)
			fail(control, "a terminal", errno);
	}
	program = fork();
	if (program < 0)
		fail(control, "fork", errno);
	if (program == 0) {
		if (space->terminal >= 0 && space_terminal_take())
			fail(control, "the terminal", errno);
		become(space, control, master);
	}
	if (master >= 0)
		close(master);
	/* The terminal's other side is the program's alone. */
	for (int i = 0; i < 3; i++)
		if (space->terminal >= 0)
			close(i);
	wait_for(program, control);
}

pid_t space_start(const struct space *space, int *control)
{
	unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | SIGCHLD;
	int pair[2], error;
	pid_t pid;

	if (space->user)
		flags |= CLONE_NEWUSER;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		err_system("a socket");
	(void)fflush(NULL);
	pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
	if (pid < 0)
		err_system("processes and mounts of its own");
	if (pid == 0) {
		close(pair[0]);
		first(space, pair[1]);
	}
	close(pair[1]);
	error = space->user ? user_map(pid) : 0;
	if (error)
		errx(exit_of_errno(-error), "ids of its own: %s",
		     strerrordesc_np(-error));
	*control = pair[0];
	space_go(*control);
	return pid;
}
