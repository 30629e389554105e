/* Network namespaces made before a job needs one (runner/networks.c). */
#include "networks.h"
#include "pass.h"
#include "tap.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The next one's inode, by which namespaces are told apart (namespaces(7)), while it is open; 0: none came. */
static ino_t next_of(int socket)
{
	struct pollfd ready = { socket, POLLIN, 0 };
	int fd = poll(&ready, 1, 10000) == 1 ? pass_take(socket) : -1;
	struct stat st;

	return fd < 0 || fstat(fd, &st) ? 0 : st.st_ino;
}

static void once_each(void)
{
	ino_t seen[4] = { 0 };
	struct stat own;
	int socket;

#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that no filter lets through");
#endif
	if (geteuid() != 0)
		tap_skip("only root makes network namespaces");
	socket = networks_start();
	CHECK(socket >= 0 && !stat("/proc/self/ns/net", &own));
	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		struct pollfd more = { socket, POLLIN, 0 };

		seen[i] = next_of(socket);
		CHECK(seen[i] != 0 && seen[i] != own.st_ino);
		for (size_t k = 0; k < i; k++)
			CHECK(seen[k] != seen[i]);
		/* Not before this one is paid for. */
		CHECK_INT(poll(&more, 1, 50), 0);
		CHECK(write(socket, "", 1) == 1);
	}
	close(socket);
}

/* The one child of this process. */
static pid_t maker(void)
{
	char path[64], text[32] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	file = fopen(path, "re");
	CHECK(file && fgets(text, sizeof(text), file) && strtol(text, NULL, 10) > 1);
	(void)fclose(file);
	return (pid_t)strtol(text, NULL, 10);
}

/* Who makes them hangs, or dies: nobody waits, and what he had made is still good. The alarm is what
 * a wait would end by. */
static void nobody_waits(void)
{
	ino_t seen[3];
	int socket;
	pid_t pid;

#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that no filter lets through");
#endif
	if (geteuid() != 0)
		tap_skip("only root makes network namespaces");
	socket = networks_start();
	CHECK(socket >= 0 && poll(&(struct pollfd){ socket, POLLIN, 0 }, 1, 10000) == 1);
	pid = maker();
	CHECK(!kill(pid, SIGSTOP) && waitpid(pid, NULL, WUNTRACED) == pid);
	seen[0] = next_of(socket);
	CHECK(seen[0] != 0 && pass_take(socket) < 0);
	/* One that is not paid for stays the last; many that are paid for are one each. */
	CHECK(!kill(pid, SIGCONT) &&
	      poll(&(struct pollfd){ socket, POLLIN, 0 }, 1, 50) == 0);
	for (int i = 0; i < 2; i++)
		CHECK(write(socket, "", 1) == 1);
	for (size_t i = 1; i < ARRAY_LEN(seen); i++) {
		seen[i] = next_of(socket);
		CHECK(seen[i] != 0 && seen[i] != seen[0]);
	}
	CHECK(seen[1] != seen[2]);
	CHECK(!kill(pid, SIGKILL) && waitpid(pid, NULL, 0) == pid);
	CHECK(pass_take(socket) < 0);
	CHECK(send(socket, "", 1, MSG_NOSIGNAL) < 0);
}

static void ends_with_us(void)
{
	int socket, status;
	pid_t pid;

#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that no filter lets through");
#endif
	if (geteuid() != 0)
		tap_skip("only root makes network namespaces");
	socket = networks_start();
	CHECK(socket >= 0 && next_of(socket) != 0);
	pid = maker();
	close(socket);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "each is handed out once, and made when the one before it is paid for",
		  once_each, 0 },
		{ "nobody waits for who makes them, and no payment brings one twice",
		  nobody_waits, 0 },
		{ "who makes them ends when nobody can take one any more", ends_with_us,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
