/* Programs of ours that a command starts. */
#include "own.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
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
