/* Network namespaces made before a job needs one (runner/networks.c). */
#include "networks.h"
#include "pass.h"
#include "tap.h"

#include <poll.h>
#include <sys/stat.h>
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

int main(void)
{
	static const struct tap_test tests[] = {
		{ "each is handed out once, and made when the one before it is paid for",
		  once_each, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
