/* bee's other programs, run for what they print. */
#include "child.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 24
enum { TROUBLE = 2 };

static volatile sig_atomic_t running, interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
	if (running > 0)
		(void)kill(running, SIGTERM);
}

void child_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		(void)sigaction(numbers[i], &action, NULL);
}

bool child_interrupted(void)
{
	return interrupted;
}

static void place(int fd, int at)
{
	if (fd < 0 || (fd != at && dup2(fd, at) < 0))
		_exit(BEE_SOFTWARE);
}

static _Noreturn void become(const struct child *child, const char *path,
			     const char *const argv[])
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	place(child->in == CHILD_IN_NULL ? null : child->in, STDIN_FILENO);
	if (child->out != CHILD_OUT_SELF)
		place(child->out == CHILD_OUT_NULL ? null : child->out, STDOUT_FILENO);
	execv(path, (char *const *)(uintptr_t)argv);
	err(BEE_SOFTWARE, "%s", path);
}

/* Programs stand beside this one, built or installed. */
static pid_t start(const struct child *child, const char *program,
		   const char *const words[])
{
	const char *argv[WORDS_MAX + 2] = { program };
	char self[PATH_MAX];
	AUTO_FREE char *path = NULL;
	pid_t pid;

	if (own_program(self))
		errx(TROUBLE, "where this program is cannot be found: is /proc mounted?");
	path = xasprintf("%.*s/%s", (int)(strrchr(self, '/') - self), self, program);
	for (size_t i = 0; words[i]; i++) {
		if (i >= WORDS_MAX)
			errx(TROUBLE, "%s: too many words", program);
		argv[i + 1] = words[i];
	}
	pid = fork();
	if (pid < 0)
		err(TROUBLE, "fork");
	if (pid == 0)
		become(child, path, argv);
	running = pid;
	/* One that came between the two. */
	if (interrupted)
		(void)kill(pid, SIGTERM);
	return pid;
}

static int end_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(TROUBLE, "waitpid");
	running = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int child_run(const struct child *child, const char *program, const char *const words[])
{
	return end_of(start(child, program, words));
}

int child_line(const struct child *child, const char *program, const char *const words[],
	       char *line, size_t size)
{
	struct child piped = *child;
	char rest[512];
	ptrdiff_t n;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		err(TROUBLE, "pipe");
	piped.out = ends[1];
	pid = start(&piped, program, words);
	close(ends[1]);
	n = read_full(ends[0], line, size - 1);
	line[n > 0 ? n : 0] = '\0';
	while (n > 0 && read_full(ends[0], rest, sizeof(rest)) > 0)
		;
	close(ends[0]);
	line[strcspn(line, "\n")] = '\0';
	for (char *at = line; *at; at++)
		if (*at < 0x20 || *at > 0x7e)
			*at = '?';
	return end_of(pid);
}
