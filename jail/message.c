/* What a jail and who started it say to each other. */
#include "message.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

void message_send(int control, const struct jail_msg *msg)
{
	ssize_t n;

	do
		n = send(control, msg, sizeof(*msg), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(*msg))
		_exit(0);
}

_Noreturn void message_fail(int control, uint32_t type,
			    const struct jail_failure *failure)
{
	struct jail_msg msg = { .type = type, .failure = *failure };

	message_send(control, &msg);
	_exit(0);
}

_Noreturn void message_fail_errno(int control, enum jail_stage stage)
{
	struct jail_failure failure = { .stage = stage, .error = errno };

	message_fail(control, JAIL_MSG_SETUP, &failure);
}
