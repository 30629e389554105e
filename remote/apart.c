/* What must not harm, or may hang: done by a child, of which only one struct of fixed size comes back. */
#include "apart.h"

#include "descriptors.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define REAP_MS 1000

static _Noreturn void child(struct apart *apart, int answer, void *out, size_t size)
{
	if (apart->keep_count == APART_KEEP_MAX)
		_exit(BEE_SOFTWARE);
	apart->keep[apart->keep_count++] = answer;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) ||
	    descriptors_keep(apart->keep, apart->keep_count))
		_exit(BEE_SOFTWARE);
	apart->work(apart->arg, out);
	_exit(write_all(answer, out, size) ? BEE_IOERR : BEE_OK);
}

static size_t answer_read(int answer, char *out, size_t size, nsec_t deadline)
{
	struct pollfd in = { answer, POLLIN, 0 };
	size_t have = 0;

	while (have < size) {
		ssize_t n;

		if (poll(&in, 1, clock_poll_ms(deadline)) <= 0)
			break;
		n = read(answer, out + have, size - have);
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	return have;
}

/* It may sit in a call of the kernel that no signal ends. */
static void child_end(pid_t pid)
{
	AUTO_CLOSE int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd end = { pidfd, POLLIN, 0 };

	(void)kill(pid, SIGKILL);
	if (pidfd >= 0)
		(void)poll(&end, 1, REAP_MS);
	(void)waitpid(pid, NULL, WNOHANG);
}

int apart_run(struct apart *apart, void *out, size_t size)
{
	nsec_t deadline = clock_now() + apart->time;
	size_t have = 0;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid == 0)
		child(apart, ends[1], out, size);
	close(ends[1]);
	if (pid > 0) {
		have = answer_read(ends[0], out, size, deadline);
		child_end(pid);
	}
	close(ends[0]);
	return have == size ? 0 : -1;
}
