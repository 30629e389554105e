/* What the two processes behind booted_start() say on their socket. */
#include "stages.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void stage_send(const struct stage *stage, const struct stage_message *message, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} room = { .bytes = { 0 } };
	struct iovec part = { (void *)(uintptr_t)message, sizeof(*message) };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *head;

		msg.msg_control = room.bytes;
		msg.msg_controllen = sizeof(room.bytes);
		head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	}
	/* Whoever is not there any more needs no answer. */
	if (sendmsg(stage->control, &msg, MSG_NOSIGNAL) < 0)
		_exit(BEE_SOFTWARE);
}

void stage_fail(const struct stage *stage, const char *what, const char *path)
{
	struct stage_message message = { .type = TOLD_FAILED,
					 .failure = { .error = errno } };

	(void)snprintf(message.failure.stage, sizeof(message.failure.stage), "%s", what);
	(void)snprintf(message.failure.path, sizeof(message.failure.path), "%s", path);
	stage_send(stage, &message, -1);
	_exit(BEE_SOFTWARE);
}
