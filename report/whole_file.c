/* A file that is whole or not there, written by a process that cannot open any. */
#include "whole_file.h"

#include "whole.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
	struct whole whole;
	struct stat st;
	int status;
	pid_t pid;

	whole_open(&whole, path);
	whole.owned = true; /* serial numbers are in it: it stays root's under sudo */
	if (whole.folder >= 0 &&
	    (fstat(whole.fd, &st) || fchmod(whole.fd, st.st_mode & 0640)))
		err(BEE_CANTCREAT, "%s", path);
	pid = fork();
	if (pid < 0)
		err(BEE_SOFTWARE, "fork");
	if (pid == 0) {
		if (dup2(whole.fd, STDOUT_FILENO) < 0)
			err(BEE_SOFTWARE, "dup2");
		return;
	}
	status = child_status(pid);
	if (status == BEE_OK)
		whole_end(&whole);
	else if (whole.temporary)
		(void)unlinkat(whole.folder, whole.temporary, 0);
	exit(status);
}
