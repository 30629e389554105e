/* A frame, made by a child that has no rights, in time or not at all. */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAME_MAX (1u << 20) /* bytes: more than the largest screen takes */
#define FRAME_TIME (10 * NSEC_PER_SEC)

bool audit_runs(const struct console *console)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	AUTO_CLOSE int fd = open(console->lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd >= 0 && !fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK;
}

/* What the files look like from outside; two that differ are never taken for the same. */
static uint64_t stamp_of(const char *path)
{
	struct stat st;

	if (!path || stat(path, &st))
		return 0;
	return (uint64_t)st.st_mtim.tv_sec * NSEC_PER_SEC + (uint64_t)st.st_mtim.tv_nsec +
	       (uint64_t)st.st_ino * 31 + (uint64_t)st.st_size;
}

bool frame_is_due(const struct console *console)
{
	static uint64_t stamps[DOCUMENTS_MAX + 4];
	static char addresses[ADDRESSES_SIZE];
	static unsigned columns, lines;
	static bool ran;
	bool runs = audit_runs(console), due = runs || ran;
	const char *paths[DOCUMENTS_MAX + 4] = { console->host_key, console->password,
						 console->told[0], console->told[1] };

	memcpy(paths + 4, console->documents, sizeof(console->documents));
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		uint64_t stamp = stamp_of(paths[i]);

		due |= stamp != stamps[i];
		stamps[i] = stamp;
	}
	due |= strcmp(addresses, console->addresses) != 0 ||
	       columns != console->columns || lines != console->lines;
	(void)snprintf(addresses, sizeof(addresses), "%s", console->addresses);
	columns = console->columns;
	lines = console->lines;
	ran = runs;
	return due;
}

/* All the child writes; *late: it had to be given up. */
static char *collect(int fd, bool *late)
{
	char *text = xrealloc_array(NULL, FRAME_MAX + 1, 1);
	nsec_t deadline = clock_now() + FRAME_TIME;
	size_t len = 0;

	for (;;) {
		struct pollfd in = { fd, POLLIN, 0 };
		ssize_t n;

		if (poll(&in, 1, clock_poll_ms(deadline)) < 0 && errno == EINTR)
			continue;
		n = in.revents ? read(fd, text + len, FRAME_MAX - len) : -1;
		if (n <= 0) {
			*late = n != 0;
			text[len] = '\0';
			return text;
		}
		len += (size_t)n;
	}
}

/* One that hangs in a disk is left, and taken when it has gone. */
static void reap(pid_t pid)
{
	nsec_t deadline = clock_now() + NSEC_PER_SEC;

	while (waitpid(pid, NULL, WNOHANG) == 0 && clock_now() < deadline)
		(void)poll(NULL, 0, 5);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

char *frame_make(const struct console *console)
{
	bool late = false;
	int ends[2];
	char *text;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return NULL;
	pid = fork();
	if (pid == 0) {
		/* What it says of itself would stand on the screen. */
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		if (dup2(ends[1], STDOUT_FILENO) < 0 || null < 0 ||
		    dup2(null, STDERR_FILENO) < 0)
			_exit(BEE_SOFTWARE);
		draw_child(console);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return NULL;
	}
	text = collect(ends[0], &late);
	close(ends[0]);
	(void)kill(pid, SIGKILL);
	reap(pid);
	if (!late && *text)
		return text;
	free(text);
	return NULL;
}
