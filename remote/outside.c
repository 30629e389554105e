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
static int end_of(pid_t pid, const char *name, int stop, nsec_t deadline,
		  struct said *said)
{
	AUTO_CLOSE int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd polls[] = { { pidfd, POLLIN, 0 }, { stop, POLLIN, 0 } };
	int status = 0;
	bool late = false;

	while (pidfd >= 0 && !polls[0].revents && !polls[1].revents && !late)
		if (poll(polls, 2, clock_poll_ms(deadline)) <= 0)
			late = clock_now() >= deadline;
	late |= !polls[0].revents;
	if (late) {
		(void)kill(pid, SIGKILL);
		(void)poll(polls, 1, 1000);
	}
	if (waitpid(pid, &status, late ? WNOHANG : 0) != pid || late)
		return say(said, "%.32s: %s", name,
			   polls[1].revents ? "it was to end" : "it took too long");
	if (!WIFEXITED(status))
		return say(said, "%.32s: ended by signal %d", name, WTERMSIG(status));
	return WEXITSTATUS(status);
}

int outside_run(char *const *argv, int out, int stop, nsec_t deadline, struct said *said)
{
	char *env[] = { (char[]){ "LC_ALL=C" },
			(char[]){ "PATH=/usr/sbin:/usr/bin:/sbin:/bin" }, NULL };
	int to = out < 0 ? STDERR_FILENO : out, error = ENOENT;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid = -1;

	/* What its caller blocks, to be told of it in another way, ends the program as it would any. */
	sigemptyset(&none);
	if (posix_spawnattr_init(&attributes) ||
	    posix_spawnattr_setsigmask(&attributes, &none) ||
	    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK) ||
	    posix_spawn_file_actions_init(&actions) ||
	    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
					     O_RDONLY, 0) ||
	    posix_spawn_file_actions_adddup2(&actions, to, STDOUT_FILENO) ||
	    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO))
		return say(said, "%.32s: it cannot be started", argv[0]);
	for (size_t i = 0; i < ARRAY_LEN(folders) && error == ENOENT; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", folders[i], argv[0]);

		error = posix_spawn(&pid, path, &actions, &attributes, argv, env);
	}
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (error)
		return say(said, "%.32s: %s", argv[0],
			   error == ENOENT ? "it is not installed"
					   : strerrordesc_np(error) ?: "?");
	return end_of(pid, argv[0], stop, deadline, said);
}
