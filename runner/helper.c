/* Children of the monitor that do what may hang, and may be abandoned. */
#include "helper.h"

#include "clone.h"
#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int helper_start(struct helper *helper)
{
	pid_t parent = getpid();
	sigset_t none;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	*helper = (struct helper){ .pidfd = -1, .answers = ends[0] };
	helper->pid = clone_child(0, -1, &helper->pidfd);
	if (helper->pid < 0) {
		int error = -errno;

		close(ends[0]);
		close(ends[1]);
		return error;
	}
	if (helper->pid > 0) {
		close(ends[1]);
		return 0;
	}
	helper->answers = ends[1];
	sigemptyset(&none);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != parent ||
	    setsid() < 0 || sigprocmask(SIG_SETMASK, &none, NULL))
		_exit(BEE_SOFTWARE);
	return 0;
}

void helper_keep(const struct helper *helper)
{
	int keep[] = { helper->answers };

	if (descriptors_keep(keep, 1))
		_exit(BEE_SOFTWARE);
}

void helper_keep_pipe(const struct helper *helper)
{
	helper_keep(helper);
	streams_null();
}

_Noreturn void helper_answer(const struct helper *helper, int error)
{
	int32_t answer = error;

	(void)!write(helper->answers, &answer, sizeof(answer));
	_exit(0);
}

int helper_wait(struct helper *helper, struct audit_clock *clock, nsec_t after)
{
	int32_t answer = -EPIPE;

	if (!clock_wait(clock, helper->answers, POLLIN, after))
		answer = -ETIMEDOUT;
	else if (read(helper->answers, &answer, sizeof(answer)) != sizeof(answer))
		answer = -EPIPE;
	helper_end(helper);
	return answer;
}

void helper_end(struct helper *helper)
{
	(void)syscall(SYS_pidfd_send_signal, helper->pidfd, SIGKILL, NULL, 0);
	close(helper->pidfd);
	close(helper->answers);
}
