/*
 * In the place of a program of ours, taken over: looks for a terminal, and writes what it
 * found into the file "log" beside the program, and to stderr where it may write no file.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static const char title[] = "\x1b]0;owned\x07\n";
	char path[4200], letter = 'x';
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 5);
	char text[4096];
	FILE *log = fmemopen(text, sizeof(text), "w");
	int file;

	(void)argc;
	path[n > 0 ? n : 0] = '\0';
	strcpy(strrchr(path, '/') ? strrchr(path, '/') + 1 : path, "log");
	file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (!log)
		return 1;
	fprintf(log, "%s ran\n", argv[0]);
	for (int fd = 0; fd < 64; fd++)
		if (isatty(fd))
			fprintf(log, "%s has a terminal as %d\n", argv[0], fd);
	for (int fd = 0; fd <= 2; fd++) {
		(void)!write(fd, title, sizeof(title) - 1);
		if (!ioctl(fd, TIOCSTI, &letter))
			fprintf(log, "%s types into %d\n", argv[0], fd);
	}
	if (open("/dev/tty", O_RDWR | O_CLOEXEC) >= 0)
		fprintf(log, "%s has a controlling terminal\n", argv[0]);
	(void)fclose(log);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)!write(file, text, strlen(text));
	(void)!write(STDERR_FILENO, text, strlen(text));
	return 1;
}
