/* Who holds a guest's terminal, so that it lives on without the supervisor. */
#include "keeper.h"
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX 8

struct keeper {
	const char *name;
	int terminal, slave, socket, pidfd, log;
	uint64_t logged;
	int clients[CLIENTS_MAX];
	char recent[KEEPER_MESSAGE]; /* what was said last, for who connects */
	size_t recent_len;
};

static void address_of(const char *name, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(out->sun_path, sizeof(out->sun_path), GUEST_RUN "/%s/console",
		       name);
}

int keeper_socket(const char *name)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;

	if (fd < 0)
		return -errno;
	address_of(name, &address);
	(void)unlink(address.sun_path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    chmod(address.sun_path, 0600) || listen(fd, CLIENTS_MAX)) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd;
}

static void log_open(struct keeper *k)
{
	AUTO_FREE char *path = xasprintf(GUEST_RECORDS "/%s/console.log", k->name);
	AUTO_FREE char *old = xasprintf("%s.1", path);

	if (k->log >= 0) {
		close(k->log);
		(void)rename(path, old);
	}
	k->log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	k->logged = k->log < 0 ? 0 : (uint64_t)lseek(k->log, 0, SEEK_END);
}

static void client_drop(struct keeper *k, int slot)
{
	close(k->clients[slot]);
	k->clients[slot] = -1;
}

static void recent_add(struct keeper *k, const char *bytes, size_t len)
{
	size_t keep = sizeof(k->recent) - len;

	if (k->recent_len > keep) {
		memmove(k->recent, k->recent + k->recent_len - keep, keep);
		k->recent_len = keep;
	}
	memcpy(k->recent + k->recent_len, bytes, len);
	k->recent_len += len;
}

/* Who does not read fast enough misses something; the guest never waits for anybody. */
static void output_take(struct keeper *k)
{
	char bytes[KEEPER_MESSAGE];
	ssize_t n = read(k->terminal, bytes, sizeof(bytes));

	if (n <= 0)
		return;
	if (k->logged + (uint64_t)n > KEEPER_LOG_MAX)
		log_open(k);
	if (k->log >= 0 && write(k->log, bytes, (size_t)n) == n)
		k->logged += (uint64_t)n;
	recent_add(k, bytes, (size_t)n);
	for (int i = 0; i < CLIENTS_MAX; i++)
		if (k->clients[i] >= 0 &&
		    send(k->clients[i], bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) <
			    0 &&
		    errno != EAGAIN)
			client_drop(k, i);
}

static void client_take(struct keeper *k, int slot)
{
	char bytes[KEEPER_MESSAGE];
	ssize_t n = recv(k->clients[slot], bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			client_drop(k, slot);
		return;
	}
	if (bytes[0] == KEEPER_BYTES && n > 1) {
		/* Non-blocking: a guest that does not read loses what is typed. */
		if (write(k->terminal, bytes + 1, (size_t)n - 1) < 0 && errno != EAGAIN)
			client_drop(k, slot);
	} else if (bytes[0] == KEEPER_SIZE && n == 1 + (ssize_t)sizeof(struct winsize)) {
		struct winsize size;

		memcpy(&size, bytes + 1, sizeof(size));
		(void)ioctl(k->terminal, TIOCSWINSZ, &size);
	}
}

static void client_add(struct keeper *k)
{
	int fd = accept4(k->socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (int i = 0; i < CLIENTS_MAX && fd >= 0; i++)
		if (k->clients[i] < 0) {
			k->clients[i] = fd;
			if (k->recent_len > 0)
				(void)send(fd, k->recent, k->recent_len,
					   MSG_DONTWAIT | MSG_NOSIGNAL);
			return;
		}
	if (fd >= 0)
		close(fd);
}

/* What the terminal still holds, then the end. */
static _Noreturn void keeper_end(struct keeper *k)
{
	struct pollfd left = { .fd = k->terminal, .events = POLLIN };

	for (int i = 0; i < 256 && poll(&left, 1, 0) > 0 && left.revents & POLLIN; i++)
		output_take(k);
	_exit(0);
}

static _Noreturn void keeper_main(struct keeper *k)
{
	for (;;) {
		struct pollfd fds[3 + CLIENTS_MAX] = {
			{ .fd = k->terminal, .events = POLLIN },
			{ .fd = k->socket, .events = POLLIN },
			{ .fd = k->pidfd, .events = POLLIN },
		};

		for (int i = 0; i < CLIENTS_MAX; i++)
			fds[3 + i] =
				(struct pollfd){ .fd = k->clients[i], .events = POLLIN };
		if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
			_exit(BEE_SOFTWARE);
		if (fds[0].revents & POLLIN)
			output_take(k);
		if (fds[1].revents & POLLIN)
			client_add(k);
		for (int i = 0; i < CLIENTS_MAX; i++)
			if (fds[3 + i].revents)
				client_take(k, i);
		if (fds[2].revents)
			keeper_end(k);
	}
}

int keeper_start(const char *name, int terminal, int socket, int guest_pidfd)
{
	struct keeper k = { .name = name, .log = -1 };
	pid_t pid = fork();

	if (pid != 0)
		return pid < 0 ? -errno : pid;
	(void)setsid();
	(void)prctl(PR_SET_NAME, "bee-keeper");
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	for (int i = 0; i < CLIENTS_MAX; i++)
		k.clients[i] = -1;
	/* To known places, and the rest closed: a lock of the supervisor's among it. */
	k.terminal = 3;
	k.socket = 4;
	k.pidfd = 5;
	terminal = fcntl(terminal, F_DUPFD, 10);
	socket = fcntl(socket, F_DUPFD, 10);
	guest_pidfd = fcntl(guest_pidfd, F_DUPFD, 10);
	if (dup2(terminal, 3) < 0 || dup2(socket, 4) < 0 || dup2(guest_pidfd, 5) < 0 ||
	    close_range(6, ~0U, 0))
		_exit(BEE_SOFTWARE);
	for (int fd = 0; fd < 3; fd++) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (null >= 0 && null != fd)
			(void)dup2(null, fd);
		if (null > 5)
			close(null);
	}
	/* While nobody inside has the terminal open, its other end only says EIO. */
	k.slave = ioctl(k.terminal, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	(void)fcntl(k.terminal, F_SETFL, O_NONBLOCK);
	log_open(&k);
	keeper_main(&k);
}
