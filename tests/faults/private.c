/* A mount and a pid namespace for one run of an audit. */
#include "private.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t hang_server;

static void hang_start(const char *server, const char *folder)
{
	int ready[2];
	char word[6];

	if (pipe2(ready, O_CLOEXEC))
		err(2, "pipe");
	hang_server = fork();
	if (hang_server == 0) {
		if (dup2(ready[1], 1) != 1)
			_exit(2);
		execl(server, server, folder, (char *)NULL);
		_exit(2);
	}
	close(ready[1]);
	if (read(ready[0], word, sizeof(word)) != sizeof(word) ||
	    memcmp(word, "ready\n", 6) != 0)
		errx(2, "%s: no file system that hangs", server);
	close(ready[0]);
}

void private_enter(const char *server, const char *hang)
{
	pid_t init;
	int status;

	if (unshare(CLONE_NEWNS | CLONE_NEWPID) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		err(2, "a namespace");
	init = fork();
	if (init < 0)
		err(2, "fork");
	if (init > 0) {
		if (waitpid(init, &status, 0) != init || !WIFEXITED(status))
			errx(2, "the run's first process died");
		exit(WEXITSTATUS(status));
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || mount("proc", "/proc", "proc", 0, NULL) ||
	    (mkdir("/run/bee", 0700) && access("/run/bee", X_OK)) ||
	    mount("tmpfs", "/run/bee", "tmpfs", 0, "mode=0700"))
		err(2, "mounts");
	if (hang)
		hang_start(server, hang);
}

_Noreturn void private_exec(const char *out, const char *errors, char **argv)
{
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC),
	    to = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600),
	    words = open(errors, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
			 0600);

	if (in < 0 || to < 0 || words < 0 || dup2(in, 0) < 0 || dup2(to, 1) < 0 ||
	    dup2(words, 2) < 0)
		_exit(126);
	execv(argv[0], argv);
	_exit(127);
}

long long private_now(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_BOOTTIME, &now))
		err(2, "clock");
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* What /proc/PID/FILE begins with, as far as it is printable and no quote. */
static void word_read(const char *pid, const char *file, char *word, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%s/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, word, size - 1);
	word[n > 0 ? n : 0] = '\0';
	for (char *c = word; *c; c++)
		if (!isprint((unsigned char)*c) || *c == '"' || *c == '\\')
			*c = ' ';
	if (fd >= 0)
		close(fd);
}

static int count_left(FILE *report)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir))) {
		char stat[128], wchan[64];
		long pid = strtol(entry->d_name, NULL, 10);

		if (pid <= 1 || pid == hang_server)
			continue;
		word_read(entry->d_name, "stat", stat, sizeof(stat));
		word_read(entry->d_name, "wchan", wchan, sizeof(wchan));
		/* Who hangs in FUSE, and the namespace's init that waits for him. */
		if (!stat[0] || (hang_server && (strstr(wchan, "request_wait_answer") ||
						 strstr(wchan, "do_wait"))))
			continue;
		if (report)
			(void)fprintf(report, "%s\"%.60s %s\"", count ? ", " : "", stat,
				      wchan);
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

void private_leftovers(FILE *report, int ms)
{
	const struct timespec tick = { 0, 5000000 };

	for (int waited = 0; waited < ms && count_left(NULL) > 0; waited += 5) {
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		(void)nanosleep(&tick, NULL);
	}
	(void)count_left(report);
}
