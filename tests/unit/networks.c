/* Network namespaces made before a job needs one (runner/networks.c). */
#include "networks.h"
#include "tap.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct networks networks;

static ino_t inode(int network)
{
	struct stat st;

	return network < 0 || fstat(network, &st) ? 0 : st.st_ino;
}

/* Waits until the child has made one. */
static int next_of(void)
{
	struct pollfd ready = { networks.socket, POLLIN, 0 };

	return poll(&ready, 1, 10000) == 1 ? networks_take(&networks) : -1;
}

/* Inodes tell namespaces apart (namespaces(7)) while they are open. */
static void nobody_elses(void)
{
	int taken[4];
	struct stat own;

#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that no filter lets through");
#endif
	if (geteuid() != 0)
		tap_skip("only root makes network namespaces");
	networks_start(&networks);
	CHECK(networks.socket >= 0 && !stat("/proc/self/ns/net", &own));
	for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
		taken[i] = next_of();
		CHECK(inode(taken[i]) != 0 && inode(taken[i]) != own.st_ino);
		for (size_t k = 0; k < i; k++)
			CHECK(inode(taken[k]) != inode(taken[i]));
	}
	close(networks.socket);
}

static void used_again(void)
{
	int first, second;

#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that no filter lets through");
#endif
	if (geteuid() != 0)
		tap_skip("only root makes network namespaces");
	networks_start(&networks);
	first = next_of();
	second = next_of();
	CHECK(first >= 0 && second >= 0);
	networks_give_back(&networks, second);
	networks_give_back(&networks, -1);
	networks_give_back(&networks, first);
	CHECK_INT(networks_take(&networks), first);
	CHECK_INT(networks_take(&networks), second);
	/* Nobody has given back the third. */
	CHECK(inode(next_of()) != inode(first));
	close(networks.socket);
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
	int taken[3];
	pid_t pid;

#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that no filter lets through");
#endif
	if (geteuid() != 0)
		tap_skip("only root makes network namespaces");
	networks_start(&networks);
	CHECK(networks.socket >= 0 &&
	      poll(&(struct pollfd){ networks.socket, POLLIN, 0 }, 1, 10000) == 1);
	pid = maker();
	CHECK(!kill(pid, SIGSTOP) && waitpid(pid, NULL, WUNTRACED) == pid);
	taken[0] = networks_take(&networks);
	CHECK(taken[0] >= 0 && networks_take(&networks) < 0);
	CHECK(!kill(pid, SIGCONT));
	for (size_t i = 1; i < ARRAY_LEN(taken); i++)
		CHECK((taken[i] = next_of()) >= 0);
	/* One is made ahead, and no more. */
	CHECK(poll(&(struct pollfd){ networks.socket, POLLIN, 0 }, 1, 10000) == 1);
	CHECK(!kill(pid, SIGKILL) && waitpid(pid, NULL, 0) == pid);
	CHECK(networks_take(&networks) >= 0);
	CHECK(networks_take(&networks) < 0);
	/* Where there was never a child, there is none to ask. */
	networks = (struct networks){ .socket = -1 };
	CHECK(networks_take(&networks) < 0);
}

static void ends_with_us(void)
{
	int status;
	pid_t pid;

#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that no filter lets through");
#endif
	if (geteuid() != 0)
		tap_skip("only root makes network namespaces");
	networks_start(&networks);
	CHECK(networks.socket >= 0 && next_of() >= 0);
	pid = maker();
	close(networks.socket);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "each is nobody else's, and none is the machine's", nobody_elses, 0 },
		{ "one that is given back is used again, and no other", used_again, 0 },
		{ "nobody waits for who makes them, and one is made ahead", nobody_waits,
		  0 },
		{ "who makes them ends when nobody can take one any more", ends_with_us,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
