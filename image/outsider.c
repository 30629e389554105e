/* A process without rights that takes apart what others wrote. */
#include "outsider.h"
#include "exits.h"
#include "give_up.h"
#include "json.h"
#include "modinfo.h"
#include "wants.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct answer {
	int status;
	uint32_t len;
};

/* All of a file, of malloc. 0 or -errno. */
static int read_all(int fd, uint8_t **bytes, size_t *len)
{
	size_t room = 1u << 20, have = 0;
	uint8_t *all = xcalloc(room, 1);
	ptrdiff_t n;

	while ((n = read_full(fd, all + have, room - have)) == (ptrdiff_t)(room - have)) {
		have = room;
		if (room >= MODINFO_FILE) {
			n = -EFBIG;
			break;
		}
		room *= 2;
		all = xrealloc_array(all, room, 1);
	}
	if (n < 0) {
		free(all);
		return (int)n;
	}
	*bytes = all;
	*len = have + (size_t)n;
	return 0;
}

static int perform(enum outsider_task task, int fd, char **text, size_t *len)
{
	AUTO_FREE uint8_t *bytes = NULL;
	size_t count = 0;
	uint64_t unpacked = 0;
	int status = read_all(fd, &bytes, &count);

	if (status)
		return status;
	switch (task) {
	case OUTSIDER_MODINFO:
		return modinfo_read(bytes, count, text, len, &unpacked);
	case OUTSIDER_WANTS:
		return wants_of((const char *)bytes, count, text, len);
	case OUTSIDER_TEXT:
		*text = (char *)bytes;
		*len = count;
		bytes = NULL;
		return 0;
	}
	return -EINVAL;
}

/* The next task and its file; -1: there is no more. */
static int receive(int socket, char *task)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec io = { task, 1 };
	struct msghdr message = {
		.msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	const struct cmsghdr *head;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

static _Noreturn void serve(int socket)
{
	char task = 0;
	int fd;

	json_seed();
	give_up_rights_but_sockets();
	while ((fd = receive(socket, &task)) >= 0) {
		AUTO_FREE char *text = NULL;
		size_t len = 0;
		struct answer answer = { .status = perform((enum outsider_task)task, fd,
							   &text, &len) };

		close(fd);
		if (!answer.status && len > OUTSIDER_ANSWER)
			answer.status = -EFBIG;
		answer.len = answer.status ? 0 : (uint32_t)len;
		if (write_all(socket, &answer, sizeof(answer)) ||
		    write_all(socket, text, answer.len))
			break;
	}
	_exit(BEE_OK);
}

void outsider_start(struct outsider *o)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		err_system("a socket");
	o->child = fork();
	if (o->child < 0)
		err_system("a process that reads modules");
	if (o->child == 0) {
		close(ends[0]);
		serve(ends[1]);
	}
	close(ends[1]);
	o->socket = ends[0];
}

static bool send_task(const struct outsider *o, enum outsider_task task, int fd)
{
	char byte = (char)task;
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec io = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	return sendmsg(o->socket, &message, MSG_NOSIGNAL) == 1;
}

/* It says nothing any more: it has said why, or was ended. */
static _Noreturn void gone(struct outsider *o)
{
	int status = 0;

	close(o->socket);
	while (waitpid(o->child, &status, 0) < 0)
		if (errno != EINTR)
			err_system("waiting for the process that reads modules");
	if (WIFEXITED(status) && WEXITSTATUS(status))
		exit(WEXITSTATUS(status));
	exit_killed("the process that reads modules", status);
}

int outsider_ask(struct outsider *o, enum outsider_task task, int fd, char **text,
		 size_t *len)
{
	struct answer answer;
	char *bytes;

	if (!send_task(o, task, fd) ||
	    read_full(o->socket, &answer, sizeof(answer)) != sizeof(answer) ||
	    answer.len > OUTSIDER_ANSWER)
		gone(o);
	if (answer.status)
		return answer.status < 0 ? answer.status : -EBADMSG;
	bytes = xcalloc((size_t)answer.len + 1, 1);
	if (read_full(o->socket, bytes, answer.len) != (ptrdiff_t)answer.len) {
		free(bytes);
		gone(o);
	}
	*text = bytes;
	*len = answer.len;
	return 0;
}

void outsider_end(struct outsider *o)
{
	if (!o->child)
		return;
	close(o->socket);
	while (waitpid(o->child, NULL, 0) < 0)
		if (errno != EINTR)
			err_system("waiting for the process that reads modules");
	o->child = 0;
}
