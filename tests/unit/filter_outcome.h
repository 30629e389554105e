/* What becomes of one call under the filter of a policy: made in a child, watched by its parent. */
#ifndef BEE_TESTS_FILTER_OUTCOME_H
#define BEE_TESTS_FILTER_OUTCOME_H

#include "policy.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEAD "policy 1\ncollector t\nemits system\ndefault report ENOANO\n"
#define TOOL "syscalls @tool\n"

/* What the supervisor of a test answers to a call that is reported: nothing else gives
 * it. */
#define REPORTED ENOANO

static struct policy *policy;
static struct step *step;

static inline void use_policy(const char *text)
{
#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that no policy grants");
#endif
	policy_free(policy);
	policy = policy_parse("t", text, strlen(text), stderr);
	CHECK(policy);
	step = &policy->steps[0];
	CHECK_INT(filter_build(step), 0);
}

/* Answers every notification until the child has gone; returns how many were of `call`. */
static inline unsigned supervise(int listener, pid_t child, long call)
{
	unsigned seen = 0;
	siginfo_t ended;

	for (;;) {
		struct pollfd poll_fd = { .fd = listener, .events = POLLIN };
		struct seccomp_notif request;
		struct seccomp_notif_resp answer;

		memset(&ended, 0, sizeof(ended));
		if (waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT) ==
			    0 &&
		    ended.si_pid == child)
			return seen;
		if (poll(&poll_fd, 1, 20) < 1 || !(poll_fd.revents & POLLIN))
			continue;
		memset(&request, 0, sizeof(request));
		memset(&answer, 0, sizeof(answer));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request))
			continue;
		seen += request.data.nr == (int)call;
		answer.id = request.id;
		answer.error = -REPORTED;
		CHECK(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0 ||
		      errno == ENOENT);
	}
}

/* Leaves the process at once when a call worked; a clone's child among them. */
static inline void make_call(const long call[5], int result_fd)
{
	int error;

	errno = 0;
	/* Nobody looks at the result's value: pids and addresses differ. */
	error = syscall(call[0], call[1], call[2], call[3], call[4], 0L, 0L) < 0 ? errno
										 : 0;
	(void)!write(result_fd, &error, sizeof(error));
	_exit(0);
}

/*
 * The errno of a call (its number and arguments) under the step's filter, 0 when it went
 * through, or minus the signal that ended the process.
 */
static inline int outcome(const long call[5])
{
	int result[2], listener_pipe[2], listener, error = -1, status;
	unsigned seen;
	pid_t child;

	CHECK_INT(pipe2(result, O_CLOEXEC), 0);
	CHECK_INT(pipe2(listener_pipe, O_CLOEXEC), 0);
	/* One table of descriptors for both: that is how the listener gets here. */
	child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	CHECK(child >= 0);
	if (child == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			_exit(1);
		listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
					SECCOMP_FILTER_FLAG_NEW_LISTENER, &step->filter);
		if (write(listener_pipe[1], &listener, sizeof(listener)) !=
		    sizeof(listener))
			_exit(1);
		make_call(call, result[1]);
	}
	CHECK_INT(read_full(listener_pipe[0], &listener, sizeof(listener)),
		  sizeof(listener));
	CHECK(listener >= 0);
	seen = supervise(listener, child, call[0]);
	CHECK_INT(waitpid(child, &status, 0), child);
	close(listener);
	close(result[1]);
	close(listener_pipe[0]);
	close(listener_pipe[1]);
	if (read_full(result[0], &error, sizeof(error)) != sizeof(error))
		error = WIFSIGNALED(status) ? -WTERMSIG(status) : -1000;
	close(result[0]);
	CHECK((seen > 0) == (error == REPORTED));
	return error;
}

#define OUTCOME(...) outcome((const long[5]){ __VA_ARGS__ })

#endif
