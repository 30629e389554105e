/* Programs of ours that a command starts. */
#include "own.h"
#include "exits.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void become(const char *program, char **words, int output)
{
	char self[PATH_MAX];

	if (own_program(self))
		errx(BEE_UNAVAILABLE,
		     "where this program is cannot be found: /proc is not there");
	*strrchr(self, '/') = '\0';
	words[0] = xasprintf("%s/%s", self, program);
	if (output != STDOUT_FILENO && dup2(output, STDOUT_FILENO) < 0)
		err_system("its output");
	execv(words[0], words);
	if (errno == ENOENT)
		err(BEE_SOFTWARE, "%s", words[0]);
	err_system("%s", words[0]);
}

/* Of the program that is run: who ends us ends it, and waits for us to tidy up. */
static volatile sig_atomic_t running, told;

static void pass_on(int number)
{
	told = number;
	if (running > 0)
		(void)kill(running, number);
}

/* What ends a command is the program's, and ours again; what a keyboard sends it gets itself. */
static void signals_set(bool program, struct sigaction old[2])
{
	static const int ends[] = { SIGTERM, SIGHUP };
	const struct sigaction pass = { .sa_handler = pass_on };

	(void)signal(SIGINT, program ? SIG_IGN : SIG_DFL);
	(void)signal(SIGQUIT, program ? SIG_IGN : SIG_DFL);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		(void)sigaction(ends[i], program ? &pass : &old[i],
				program ? &old[i] : NULL);
}

int own_run(const char *program, char **words, int output)
{
	struct sigaction old[2];
	sigset_t ends, before;
	int status = 0;
	pid_t pid, self = getpid();

	(void)fflush(NULL);
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &ends, &before);
	pid = fork();
	if (pid == 0) {
		/* Of KILL it would not be told by us. */
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != self)
			_exit(BEE_OSERR);
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		become(program, words, output);
	}
	running = pid;
	signals_set(true, old);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	running = 0;
	signals_set(false, old);
	if (told)
		exit(128 + told);
	if (pid < 0)
		err_system("a process for %s", program);
	if (!WIFEXITED(status))
		exit_killed(program, status);
	return WEXITSTATUS(status);
}

FILE *own_file(char **path)
{
	int fd = memfd_create("list", MFD_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

	if (!file)
		err_system("memory for a list");
	*path = xasprintf("/proc/%ld/fd/%d", (long)getpid(), fd);
	if (access(*path, F_OK))
		errx(BEE_UNAVAILABLE, "/proc is not there, by which names are followed");
	return file;
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
	if (rmdir(folder) && errno != ENOENT)
		warn("%s", folder);
}

/* A name that nobody gives a folder of his own: what has it is removed. */
#define FOLDER "bee-image-test."
#define RANDOM "XXXXXX"
#define FOLDER_TRIES 9

/* The maker of a folder has it locked: the kernel unlocks it, whatever ends him. 0 or errno. */
static int folder_lock(const char *path, int *fd)
{
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *fd >= 0 && !flock(*fd, LOCK_EX | LOCK_NB) ? 0 : errno;
}

static void leftover_remove(const char *path)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (!folder_lock(path, &fd) && !fstat(fd, &st) && st.st_uid == geteuid() &&
	    (st.st_mode & 07777) == S_IRWXU)
		own_remove(path);
}

static void leftovers_remove(const char *place)
{
	DIR *dir = opendir(place);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		AUTO_FREE char *path = xasprintf("%s/%s", place, entry->d_name);

		if (!strncmp(entry->d_name, FOLDER, strlen(FOLDER)) &&
		    strlen(entry->d_name) == strlen(FOLDER RANDOM))
			leftover_remove(path);
	}
	if (dir)
		(void)closedir(dir);
}

char *own_folder(void)
{
	const char *set = getenv("TMPDIR"), *place = set && *set == '/' ? set : "/tmp";
	char *path;
	int fd, error;

	leftovers_remove(place);
	for (unsigned i = 0; i < FOLDER_TRIES; i++) {
		path = xasprintf("%s/" FOLDER RANDOM, place);
		if (!mkdtemp(path))
			err(BEE_CANTCREAT, "%s", path);
		error = folder_lock(path, &fd);
		/* Until it was locked another one took it for a leftover, maybe; not all file systems lock. */
		if (error != ENOENT && error != EWOULDBLOCK)
			return path;
		if (fd >= 0)
			close(fd);
		free(path);
	}
	errx(BEE_CANTCREAT, "%s: each folder made there is taken by another one", place);
}
