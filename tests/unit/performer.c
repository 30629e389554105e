/* The performer asks the policy's patterns itself: a copier that was taken over sends in vain. */
#include "broker_start.h"
#include "command.h"
#include "tap.h"

#include <errno.h>
#include <sys/uio.h>

static pid_t pid;

/* TEST UNIT READY alone, of a device that is none: what is performed has the kernel's ENOTTY. */
static int start(void)
{
	static const struct command_rule rule = { .transport = COMMAND_SCSI,
						  .direction = COMMAND_NO_DATA,
						  .size = 6,
						  .mask = { 0xff, 0xff, 0xff, 0xff, 0xff,
							    0xff } };
	int sockets[2];
	char hello[2];

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets));
	pid = broker_start("bee-performer", &rule, 1, sockets[1],
			   open("/dev/null", O_PATH | O_CLOEXEC), 0);
	CHECK_INT(recv(sockets[0], hello, sizeof(hello), 0), 1);
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
	int fd = start();

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
	CHECK_INT(broker_ended(pid), 0);
}

/* Sends `size` bytes of the command and `more` of data: it ends, without an answer. */
static void check_ends(const struct command *command, size_t size, size_t more)
{
	static uint8_t data[COMMAND_DATA_MAX + 4096];
	struct iovec out[] = { { (void *)(uintptr_t)command, size }, { data, more } };
	struct msghdr msg = { .msg_iov = out, .msg_iovlen = 2 };
	int fd = start(), room = 1 << 20;
	char answer;

	CHECK(!setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)));
	CHECK_INT(sendmsg(fd, &msg, MSG_NOSIGNAL), (ssize_t)(size + more));
	CHECK_INT(recv(fd, &answer, 1, 0), 0);
	CHECK_INT(broker_ended(pid), 0);
	close(fd);
}

/* What no copier of ours sends is from one that was taken over. */
static void test_lies(void)
{
	static const struct command good = { .transport = COMMAND_SCSI, .size = 6 };
	const size_t whole = sizeof(good);
	struct command command = good;

	check_ends(&good, whole - 1, 0);
	check_ends(&good, whole, 1); /* data, of a command that has none */
	command.direction = COMMAND_IN;
	command.length = 8;
	check_ends(&command, whole, 8); /* or that takes some */
	command.direction = COMMAND_OUT;
	check_ends(&command, whole, 0);
	check_ends(&command, whole, 7);
	check_ends(&command, whole, 9);
	command.length =
		COMMAND_DATA_MAX; /* and more than was said, cut off by the kernel */
	check_ends(&command, whole, COMMAND_DATA_MAX + 1);
	command = good;
	command.direction = COMMAND_IN; /* to be filled with zeros first */
	command.length = COMMAND_DATA_MAX + 1;
	check_ends(&command, whole, 0);
	command.length = ~0u;
	check_ends(&command, whole, 0);
	command = good;
	command.transport = COMMAND_NONE; /* nobody performs it */
	check_ends(&command, whole, 0);
	command.transport = COMMAND_TRANSPORTS;
	check_ends(&command, whole, 0);
	command.transport = 0xff;
	check_ends(&command, whole, 0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what no pattern lets through is not performed", test_asks_itself, 20 },
		{ "a copier that lies is not heard again", test_lies, 30 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
