/* Programs of the machine that are run to their end, with an environment that is ours. */
#include "outside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };

/* What waits for its end is told by a pidfd: a program that hangs is not waited for. */
static int end_of(pid_t pid, const char *name, nsec_t deadline, struct said *said)
{
	AUTO_CLOSE int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd end = { pidfd, POLLIN, 0 };
	int status = 0;
	bool late = false;

	while (pidfd >= 0 && !end.revents && !late)
		if (poll(&end, 1, clock_poll_ms(deadline)) <= 0)
			late = clock_now() >= deadline;
	if (pidfd < 0 || late) {
		(void)kill(pid, SIGKILL);
		if (late)
			(void)poll(&end, 1, 1000);
	}
	if (waitpid(pid, &status, late ? WNOHANG : 0) != pid || late)
		return say(said, "%.32s: it took too long", name);
	if (!WIFEXITED(status))
		return say(said, "%.32s: ended by signal %d", name, WTERMSIG(status));
	return WEXITSTATUS(status);
}

int outside_run(char *const *argv, int out, nsec_t deadline, struct said *said)
{
	char *env[] = { (char[]){ "LC_ALL=C" },
			(char[]){ "PATH=/usr/sbin:/usr/bin:/sbin:/bin" }, NULL };
	int to = out < 0 ? STDERR_FILENO : out, error = ENOENT;
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	if (posix_spawn_file_actions_init(&actions) ||
	    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
					     O_RDONLY, 0) ||
	    posix_spawn_file_actions_adddup2(&actions, to, STDOUT_FILENO) ||
	    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO))
		return say(said, "%.32s: it cannot be started", argv[0]);
	for (size_t i = 0; i < ARRAY_LEN(folders) && error == ENOENT; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", folders[i], argv[0]);

		error = posix_spawn(&pid, path, &actions, NULL, argv, env);
	}
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		return say(said, "%.32s: %s", argv[0],
			   error == ENOENT ? "it is not installed"
					   : strerrordesc_np(error) ?: "?");
	return end_of(pid, argv[0], deadline, said);
}
