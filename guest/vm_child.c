/* Programs of others, started as nobody, with a deadline. */
#include "group.h"
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define FDS_MAX VM_FDS_MAX
#define FDS_HIGH 64 /* where they wait until their places are free */
#define RUN_TIME (120 * NSEC_PER_SEC)
#define DIE_TIME (3 * NSEC_PER_SEC)

/* Of root's capabilities these alone, also after exec. */
static bool root_keep(uint64_t caps)
{
	cap_t held = cap_init();
	bool good = held != NULL;

	for (int cap = 0; cap < 64 && good; cap++) {
		cap_value_t value = cap;

		if (caps >> cap & 1)
			good = !cap_set_flag(held, CAP_PERMITTED, 1, &value, CAP_SET) &&
			       !cap_set_flag(held, CAP_EFFECTIVE, 1, &value, CAP_SET);
		else if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) && errno != EINVAL)
			good = false;
	}
	good = good && !cap_set_proc(held);
	if (held)
		(void)cap_free(held);
	return good;
}

static bool rights_drop(const struct vm_child *c)
{
	if (c->id == 0)
		return root_keep(c->caps) && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return !setgroups(c->group ? 1 : 0, &c->group) &&
	       !setresgid(c->id, c->id, c->id) && !setresuid(c->id, c->id, c->id) &&
	       !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Its descriptors to 0, 1, 2, 3 ..., and nothing else. */
static bool descriptors_place(const struct vm_child *c)
{
	const int standard[] = { c->in, c->out, c->error };
	size_t count = 3 + c->fd_count;
	int high[3 + FDS_MAX];

	for (size_t i = 0; i < count; i++) {
		int fd = i < 3 ? standard[i] : c->fds[i - 3];
		int null = fd < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;

		high[i] = fcntl(fd < 0 ? null : fd, F_DUPFD_CLOEXEC, FDS_HIGH);
		if (null >= 0)
			close(null);
		if (high[i] < 0)
			return false;
	}
	for (size_t i = 0; i < count; i++)
		if (dup2(high[i], (int)i) < 0)
			return false;
	return !close_range((unsigned)count, ~0U, 0);
}

static _Noreturn void child_main(const struct vm_child *c)
{
	static char path[] =
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C";
	static char *const env[] = { path, locale, NULL };
	const struct rlimit none = { 0, 0 };
	sigset_t empty;

	(void)setsid();
	sigemptyset(&empty);
	(void)sigprocmask(SIG_SETMASK, &empty, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)setrlimit(RLIMIT_CORE, &none);
	if (c->group_of && group_enter(c->group_of->handles.id))
		_exit(126);
	if (!descriptors_place(c) || chdir("/") || !rights_drop(c))
		_exit(126);
	(void)execvpe(c->argv[0], (char *const *)(uintptr_t)c->argv, env);
	_exit(errno == ENOENT ? 127 : 126);
}

int vm_child_start(const struct vm_child *child)
{
	pid_t pid;

	if (child->fd_count > FDS_MAX)
		return -E2BIG;
	pid = fork();
	if (pid == 0)
		child_main(child);
	return pid < 0 ? -errno : pid;
}

int vm_child_wait(pid_t pid, nsec_t deadline)
{
	AUTO_CLOSE int pidfd = pidfd_open(pid, 0);
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int status, ready;

	do
		ready = pidfd < 0 ? 1 : poll(&end, 1, clock_poll_ms(deadline));
	while (ready < 0 && errno == EINTR);
	if (ready == 0) {
		(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		/* What hangs in the kernel does not end: it is left with its group. */
		if (poll(&end, 1, (int)(DIE_TIME / NSEC_PER_MSEC)) > 0)
			(void)waitpid(pid, NULL, WNOHANG);
		return -ETIMEDOUT;
	}
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return supervise_code(status);
}

/* What it says until it has closed its end, or the deadline. */
static void said_read(int fd, nsec_t deadline, char *said, size_t size)
{
	size_t len = 0;

	for (;;) {
		struct pollfd in = { .fd = fd, .events = POLLIN };
		int ready = poll(&in, 1, clock_poll_ms(deadline));
		char rest[4096];
		ssize_t n;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			break;
		n = len + 1 < size ? read(fd, said + len, size - 1 - len)
				   : read(fd, rest, sizeof(rest));
		if (n <= 0)
			break;
		if (len + 1 < size)
			len += (size_t)n;
	}
	said[len] = '\0';
}

int vm_child_run(struct vm_child *child, char *said, size_t size)
{
	nsec_t deadline = clock_now() + RUN_TIME;
	int ends[2];
	pid_t pid;

	/* Of all that is done before it runs, what is left. */
	if (child->group_of && child->group_of->deadline < deadline)
		deadline = child->group_of->deadline;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	child->out = child->error = ends[1];
	pid = vm_child_start(child);
	close(ends[1]);
	if (pid > 0)
		said_read(ends[0], deadline, said, size);
	close(ends[0]);
	return pid < 0 ? pid : vm_child_wait(pid, deadline);
}
