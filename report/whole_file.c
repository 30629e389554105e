/* A file that is whole or not there, written by a process that cannot open any. */
#include "whole_file.h"

#include "util.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* "/a/.b.new" of "/a/b". Owned by the caller. */
static char *temporary_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash - path) + 1 : 0;

	return xasprintf("%.*s.%s.new", folder, path, slash ? slash + 1 : path);
}

/* A device or a FIFO is written as it is; NULL in *temporary says so. */
static int file_open(const char *path, char **temporary)
{
	struct stat st;
	int fd;

	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		*temporary = NULL;
		return open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	}
	*temporary = temporary_of(path);
	/* Left by one that was killed; in a folder of others it may be anybody's. */
	(void)unlink(*temporary);
	fd = open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	return fd;
}

static int child_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return BEE_SOFTWARE;
	return WIFEXITED(status) ? WEXITSTATUS(status) : BEE_SOFTWARE;
}

void whole_file_begin(const char *path)
{
	char *temporary = NULL;
	int status, fd = file_open(path, &temporary);
	pid_t pid;

	if (fd < 0)
		err(BEE_CANTCREAT, "cannot create %s", path);
	pid = fork();
	if (pid < 0)
		err(BEE_SOFTWARE, "fork");
	if (pid == 0) {
		if (dup2(fd, STDOUT_FILENO) < 0)
			err(BEE_SOFTWARE, "dup2");
		close(fd);
		free(temporary);
		return;
	}
	status = child_status(pid);
	if (temporary && status == BEE_OK && (fsync(fd) || rename(temporary, path))) {
		warn("%s", path);
		status = BEE_IOERR;
	}
	if (temporary && status != BEE_OK)
		(void)unlink(temporary);
	exit(status);
}
