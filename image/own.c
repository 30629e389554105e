/* Programs of ours that a command starts. */
#include "own.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void become(const char *program, char **words, int output)
{
	char self[PATH_MAX];

	if (own_program(self))
		errx(BEE_SOFTWARE, "where this program is cannot be found");
	*strrchr(self, '/') = '\0';
	words[0] = xasprintf("%s/%s", self, program);
	if (output != STDOUT_FILENO && dup2(output, STDOUT_FILENO) < 0)
		err(BEE_SOFTWARE, "its output");
	execv(words[0], words);
	err(BEE_SOFTWARE, "%s", words[0]);
}

int own_run(const char *program, char **words, int output)
{
	int status = 0;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		become(program, words, output);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	if (pid < 0 || !WIFEXITED(status))
		errx(BEE_SOFTWARE, "%s was ended by a signal", program);
	return WEXITSTATUS(status);
}

char *own_temporary(void)
{
	const char *folder = getenv("TMPDIR");

	return xasprintf("%s/bee-image.XXXXXX",
			 folder && *folder == '/' ? folder : "/tmp");
}

static bool is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Folders in it come up into `top`, each with a number for its name. True: it is gone. */
static bool folder_empty(int top, const char *name)
{
	static unsigned number;
	const struct dirent *entry;
	DIR *dir;
	int fd;

	(void)!fchmodat(top, name, S_IRWXU, 0);
	fd = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && (entry = readdir(dir))) {
		char up[16];

		if (!is_entry(entry) || !unlinkat(fd, entry->d_name, 0))
			continue;
		(void)snprintf(up, sizeof(up), "%u", number++);
		(void)!fchmodat(fd, entry->d_name, S_IRWXU, 0); /* its ".." changes */
		(void)renameat(fd, entry->d_name, top, up);
	}
	if (dir)
		(void)closedir(dir);
	return !unlinkat(top, name, AT_REMOVEDIR);
}

void own_remove(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	bool moves = dir;

	while (moves) {
		moves = false;
		rewinddir(dir);
		while ((entry = readdir(dir)))
			if (is_entry(entry))
				moves |= folder_empty(dirfd(dir), entry->d_name);
	}
	if (dir)
		(void)closedir(dir);
	if (rmdir(folder))
		warn("%s", folder);
}
