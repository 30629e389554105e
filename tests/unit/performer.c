/* The performer asks the policy's patterns itself: a copier that was taken over sends in vain. */
#include "broker.h"
#include "command.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program(void)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);

	CHECK(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 3; i++)
		*strrchr(path, '/') = '\0';
	strcat(path, "/bee-performer");
	return path;
}

/* TEST UNIT READY alone, of a device that is none: what is performed has the kernel's ENOTTY. */
static int start(pid_t *pid)
{
	static const struct command_rule rule = { .transport = COMMAND_SCSI,
						  .direction = COMMAND_NO_DATA,
						  .size = 6,
						  .mask = { 0xff, 0xff, 0xff, 0xff, 0xff,
							    0xff } };
	const char *path = program();
	int sockets[2], rules[2];

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets));
	CHECK(!pipe2(rules, O_CLOEXEC));
	CHECK_INT(write(rules[1], &rule, sizeof(rule)), sizeof(rule));
	*pid = fork();
	CHECK(*pid >= 0);
	if (*pid == 0) {
		int fds[3] = { fcntl(sockets[1], F_DUPFD_CLOEXEC, 16),
			       fcntl(rules[0], F_DUPFD_CLOEXEC, 16),
			       open("/dev/null", O_PATH | O_CLOEXEC) };

		fds[2] = fcntl(fds[2], F_DUPFD_CLOEXEC, 16);
		close(rules[1]);
		for (int i = 0; i < 3; i++)
			if (dup2(fds[i], BROKER_FD_ASKER + i) < 0)
				_exit(99);
		execl(path, "bee-performer", (char *)NULL);
		_exit(98);
	}
	close(sockets[1]);
	close(rules[0]);
	close(rules[1]);
	return sockets[0];
}

static struct command_answer ask(int fd, const struct command *command)
{
	struct command_answer answer = { .error = -1 };

	CHECK_INT(send(fd, command, sizeof(*command), MSG_NOSIGNAL), sizeof(*command));
	CHECK_INT(recv(fd, &answer, sizeof(answer), 0), sizeof(answer));
	return answer;
}

static void test_asks_itself(void)
{
	struct command command = { .transport = COMMAND_SCSI, .size = 6 };
	struct command_answer answer;
	pid_t pid;
	int fd;

#ifdef BEE_SANITIZED
	tap_skip("filters are off there");
#endif
	fd = start(&pid);
	answer = ask(fd, &command);
	CHECK_INT(answer.refused, 0);
	CHECK_INT(answer.error, ENOTTY);
	command.bytes[0] = 0x04; /* FORMAT UNIT, SBC-4 5.4 */
	answer = ask(fd, &command);
	CHECK_INT(answer.refused, 1);
	CHECK_INT(answer.error, EPERM);
	command.bytes[0] = 0;
	command.size = COMMAND_BYTES + 1;
	CHECK_INT(ask(fd, &command).refused, 1);
	command.size = 6;
	command.direction = COMMAND_IN;
	command.length = 8;
	CHECK_INT(ask(fd, &command).refused, 1);
	close(fd);
	CHECK_INT(waitpid(pid, NULL, 0), pid);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what no pattern lets through is not performed", test_asks_itself, 20 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
