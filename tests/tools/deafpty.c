/*
 * deafpty COMMAND...: runs it on a terminal that was stopped with ^S and that nobody reads, and
 * exits as it does.
 */
#include <err.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 25, .ws_col = 80 };
	int terminal, status;
	pid_t pid;

	if (argc < 2)
		errx(64, "usage: deafpty COMMAND...");
	pid = forkpty(&terminal, NULL, NULL, &size);
	if (pid < 0)
		err(1, "forkpty");
	if (pid == 0) {
		(void)usleep(100000); /* until it is stopped */
		execvp(argv[1], argv + 1);
		err(127, "%s", argv[1]);
	}
	if (write(terminal, "\x13", 1) != 1 || waitpid(pid, &status, 0) != pid)
		err(1, "%s", argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
