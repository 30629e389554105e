/* A descriptor from one process to another. */
#include "pass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

union room {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int pass_send(int socket, int fd)
{
	union room room = { .bytes = { 0 } };
	char byte = 0;
	struct iovec bytes = { &byte, 1 };
	struct mmsghdr to = { .msg_hdr = { .msg_iov = &bytes,
					   .msg_iovlen = 1,
					   .msg_control = &room,
					   .msg_controllen = sizeof(room) } };

	room.head.cmsg_level = SOL_SOCKET;
	room.head.cmsg_type = SCM_RIGHTS;
	room.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&room.head), &fd, sizeof(int));
	/* Not sendmsg(2): in a traced run that is traced, and would wait for ever as nobody listens yet. */
	return sendmmsg(socket, &to, 1, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

int pass_take(int socket)
{
	union room room = { .bytes = { 0 } };
	char byte;
	struct iovec bytes = { &byte, 1 };
	struct msghdr from = { .msg_iov = &bytes,
			       .msg_iovlen = 1,
			       .msg_control = &room,
			       .msg_controllen = sizeof(room) };
	int fd = -1;
	ssize_t n;

	do
		n = recvmsg(socket, &from, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n == 1 && from.msg_controllen >= CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(&room.head), sizeof(int));
	return fd;
}
