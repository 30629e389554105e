/*
 * names WHAT: names files in one way, for tests of who follows names. Paths are fixed; the test
 * makes them. names COUNT FOLDER: looks at so many files of a folder, each once.
 */
#include "names/names.h"

#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

void read_at(int folder, const char *path, int flags)
{
	int fd = openat(folder, path, flags | O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	close(fd);
}

void write_all_of(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, "x", 1) != 1)
		err(1, "%s", path);
	close(fd);
}

static void count_names(int count, const char *folder)
{
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		struct stat st;

		(void)snprintf(path, sizeof(path), "%s/%d", folder, i);
		(void)lstat(path, &st);
	}
}

/* As pid 1: says that it is ready, unless /data/never-ready is there, and waits to be told to end. */
static void init_main(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *name = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), got;
	sigset_t off;

	(void)sigemptyset(&off);
	(void)sigaddset(&off, SIGRTMIN + 4);
	(void)sigprocmask(SIG_BLOCK, &off, NULL);
	read_at(AT_FDCWD, "/data/by-init", 0);
	write_all_of("/data/by-boot", O_WRONLY | O_CREAT);
	puts("init is here");
	(void)fflush(stdout);
	if (!access("/data/ends-early", F_OK))
		return;
	if (access("/data/never-ready", F_OK)) {
		(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", name ? name : "");
		if (sendto(fd, "READY=1", 7, 0, (struct sockaddr *)&to, sizeof(to)) != 7)
			err(1, "%s", to.sun_path);
	}
	(void)sigwait(&off, &got);
	read_at(AT_FDCWD, "/data/at-the-end", 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} ways[] = {
		{ "dirfd", dirfd_names },     { "thread", thread_names },
		{ "chroot", chroot_names },   { "stat", stat_names },
		{ "write", write_names },     { "relink", relink_names },
		{ "bind", bind_names },       { "self", self_names },
		{ "uring", uring_names },     { "fork", fork_names },
		{ "fexec", fexec_names },     { "edge", edge_names },
		{ "hang", hang_names },       { "late", late_names },
		{ "socket", socket_names },   { "pivot", pivot_names },
		{ "strange", strange_names }, { "slow", slow_names },
		{ "old", old_names },         { "how", how_names },
		{ "outside", outside_names }, { "roots", roots_names },
		{ "anew", anew_names },       { "loader", loader_names },
		{ "hidden", hidden_names },   { "rare", rare_names },
		{ "message", message_names }, { "remake", remake_names },
		{ "race", race_names },       { "endless", endless_names },
		{ "memory", memory_names },   { "deep", deep_names },
		{ "passed", passed_names },   { "long", long_names },
	};

	if (getpid() == 1) {
		init_main();
		return 0;
	}
	if (argc == 3) {
		count_names(atoi(argv[1]), argv[2]);
		return 0;
	}
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(argv[1], ways[i].name)) {
			ways[i].run();
			return 0;
		}
	errx(64, "which way?");
}
