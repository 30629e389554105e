/* copier and performer as programs, with a test for all that they speak with. */
#ifndef BEE_TESTS_BROKER_START_H
#define BEE_TESTS_BROKER_START_H

#include "broker.h"
#include "command.h"
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A companion of the build that this test is of, by descriptor. */
static int broker_program(const char *name)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);
	int fd;

	CHECK(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 3; i++)
		*strrchr(path, '/') = '\0';
	strcat(path, "/");
	strcat(path, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

/*
 * Starts it with these rules, `asker` and `other` at their descriptors, as `uid` without any right
 * where that is not 0. Both descriptors are closed here.
 */
static pid_t broker_start(const char *name, const struct command_rule *rules,
			  size_t count, int asker, int other, uid_t uid)
{
	char *argv[] = { strdup(name), NULL }, *env[] = { NULL };
	int program = broker_program(name), pipes[2];
	ssize_t size = (ssize_t)(count * sizeof(*rules));
	pid_t pid;

#ifdef BEE_SANITIZED
	tap_skip("filters are off there");
#endif
	CHECK(!pipe2(pipes, O_CLOEXEC));
	CHECK_INT(write(pipes[1], rules, (size_t)size), size);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		int fds[3] = { fcntl(asker, F_DUPFD_CLOEXEC, 16),
			       fcntl(pipes[0], F_DUPFD_CLOEXEC, 16),
			       fcntl(other, F_DUPFD_CLOEXEC, 16) };

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		program = fcntl(program, F_DUPFD_CLOEXEC, 16);
		close(pipes[1]);
		for (int i = 0; i < 3; i++)
			if (dup2(fds[i], BROKER_FD_ASKER + i) < 0)
				_exit(99);
		if (uid && (setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
			_exit(97);
		fexecve(program, argv, env);
		_exit(98);
	}
	close(program);
	close(pipes[0]);
	close(pipes[1]);
	close(asker);
	close(other);
	free(argv[0]);
	return pid;
}

/* Its wait status, once it has ended by itself. */
static int broker_ended(pid_t pid)
{
	int status;

	CHECK_INT(waitpid(pid, &status, 0), pid);
	return status;
}

#endif
