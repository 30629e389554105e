/* The list of an image by watching a run in its tree: bee-trace does that. */
#include "traced.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void become(const char *tree, const char *list, char *const *argv,
			     int output)
{
	char self[PATH_MAX];
	size_t count = 0, at = 0;
	char **words;

	while (argv && argv[count])
		count++;
	words = xcalloc(count + 9, sizeof(char *));
	if (own_program(self))
		errx(BEE_SOFTWARE, "where this program is cannot be found");
	*strrchr(self, '/') = '\0';
	words[at++] = xasprintf("%s/bee-trace", self);
	words[at++] = xstrdup("run");
	words[at++] = xstrdup("-d");
	words[at++] = xstrdup(tree);
	words[at++] = xstrdup("-o");
	words[at++] = xstrdup(list);
	words[at++] = xstrdup("--");
	for (size_t i = 0; i < count; i++)
		words[at++] = argv[i];
	if (output != STDOUT_FILENO && dup2(output, STDOUT_FILENO) < 0)
		err(BEE_SOFTWARE, "its output");
	execv(words[0], words);
	err(BEE_SOFTWARE, "%s", words[0]);
}

int traced_run(const char *tree, char *const *argv, int output, FILE **list)
{
	const char *folder = getenv("TMPDIR");
	AUTO_FREE char *path = xasprintf("%s/bee-image.XXXXXX",
					 folder && *folder == '/' ? folder : "/tmp");
	int fd = mkstemp(path), status = 0;
	pid_t pid;

	if (fd < 0)
		err(BEE_CANTCREAT, "%s", path);
	close(fd);
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		become(tree, path, argv, output);
	/* The keyboard's signals are the program's; bee-trace ends with it, and then we go on. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	*list = fopen(path, "re");
	(void)unlink(path);
	if (pid < 0 || !WIFEXITED(status))
		errx(BEE_SOFTWARE, "bee-trace was ended by a signal");
	if (WEXITSTATUS(status) != BEE_OK && WEXITSTATUS(status) != BEE_INCOMPLETE)
		exit(WEXITSTATUS(status)); /* it has said why */
	if (!*list)
		err(BEE_IOERR, "%s", path);
	return WEXITSTATUS(status);
}
