/*
 * bee-performer: holds the device of a job and the capability that its commands need. It takes
 * commands of one fixed structure, asks the policy's patterns again, performs them from buffers of
 * its own, and never sees the tool's memory. Where the device hangs it hangs, and nobody else.
 */
#include "broker.h"
#include "perform.h"
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define CALLS_ALWAYS 3 /* of those that main() lists */

/* The device that the jail found by its name, opened as the transport wants it; or a socket. Or -errno. */
static int device_open(bool by_socket, bool write)
{
	char path[FD_PATH_SIZE];
	int fd = by_socket ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)
			   : open(fd_path(path, BROKER_FD_OTHER),
				  (write ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY |
					  O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void command_perform(int device, const struct command_rules *rules,
			    struct command *command, uint8_t *data,
			    struct command_answer *answer)
{
	const struct command_rule *rule = command_find(rules, command, data);

	*answer = (struct command_answer){ .refused = !rule, .error = rule ? 0 : EPERM };
	if (rule && device < 0)
		answer->error = -device;
	if (answer->error)
		return;
	for (unsigned i = 0; i < command->size; i++)
		command->bytes[i] |= rule->set[i];
	if (command->direction != COMMAND_OUT)
		memset(data, 0, command->length);
	answer->length = command->length;
	answer->value =
		perform[command->transport].perform(device, command, data, answer);
	answer->error = answer->value < 0 ? errno : 0;
	/* NVMe: a status, which is no error of the kernel's; there are no data then. */
	if (command->direction != COMMAND_IN || answer->value)
		answer->length = 0;
}

/* One command from the copier, and its answer. False: it has gone, or speaks nonsense. */
static bool serve(int device, const struct command_rules *rules, uint8_t *data)
{
	struct command command;
	struct command_answer answer;
	struct iovec in[] = { { &command, sizeof(command) }, { data, COMMAND_DATA_MAX } };
	struct iovec out[] = { { &answer, sizeof(answer) }, { data, 0 } };
	struct msghdr msg = { .msg_iov = in, .msg_iovlen = 2 };
	ssize_t n = recvmsg(BROKER_FD_ASKER, &msg, 0);
	size_t more;

	if (n < (ssize_t)sizeof(command) || msg.msg_flags & MSG_TRUNC)
		return false;
	more = (size_t)n - sizeof(command);
	if (command.transport >= COMMAND_TRANSPORTS ||
	    !perform[command.transport].perform || command.length > COMMAND_DATA_MAX ||
	    more != (command.direction == COMMAND_OUT ? command.length : 0))
		return false;
	command_perform(device, rules, &command, data, &answer);
	out[1].iov_len = answer.length;
	msg = (struct msghdr){ .msg_iov = out, .msg_iovlen = 2 };
	return sendmsg(BROKER_FD_ASKER, &msg, MSG_NOSIGNAL) ==
	       (ssize_t)(sizeof(answer) + answer.length);
}

int main(int argc, char **argv)
{
	static struct command_rules rules;
	static uint8_t data[COMMAND_DATA_MAX];
	/* The last ones where a transport waits. */
	static const unsigned calls[] = {
		SYS_recvmsg, SYS_sendmsg, SYS_exit_group, SYS_ppoll, SYS_restart_syscall,
#ifdef SYS_poll
		SYS_poll,
#endif
	};
	unsigned requests[ARRAY_LEN(perform[0].requests) * COMMAND_TRANSPORTS];
	size_t count = 0;
	bool seen[COMMAND_TRANSPORTS] = { false }, polls = false, by_socket = false;
	int device;

	/* By descriptor, it would have that one's number for a name: people look for it when it hangs. */
	(void)prctl(PR_SET_NAME, "bee-performer");
	if (process_hide() || start_rules(&rules) || start_hello())
		return BEE_SOFTWARE;
	for (unsigned i = 0; i < rules.count; i++) {
		const struct performs *how = &perform[rules.rules[i].transport];

		polls |= how->polls;
		by_socket |= how->socket;
		for (unsigned r = 0; how->requests[r] && !seen[rules.rules[i].transport];
		     r++)
			requests[count++] = how->requests[r];
		seen[rules.rules[i].transport] = true;
	}
	/* What the device is opened for, the stub says: its node in the jail is so. */
	device = device_open(by_socket, argc > 1 && !strcmp(argv[1], "readwrite"));
	if (start_filter(calls, polls ? ARRAY_LEN(calls) : CALLS_ALWAYS, requests, count))
		return BEE_SOFTWARE;
	while (serve(device, &rules, data))
		continue;
	return 0;
}
