/* Children that write for the monitor and may be abandoned: any file system can hang. */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Where the bytes really go: through links, and in place where it is no regular file. */
struct target {
	char path[PATH_MAX]; /* resolved */
	char folder[PATH_MAX];
	char temporary[2 * PATH_MAX + 8];
	bool in_place; /* a device, a FIFO: nothing to rename over */
};

static int target_find(const char *path, struct target *target)
{
	struct stat st;
	char *slash;

	if (!realpath(path, target->path)) {
		if (errno != ENOENT)
			return -errno;
		if (strlen(path) >= sizeof(target->path))
			return -ENAMETOOLONG;
		(void)snprintf(target->path, sizeof(target->path), "%s", path);
		if (!lstat(path, &st))
			return -ENOENT; /* a link to nowhere */
	} else if (stat(target->path, &st)) {
		return -errno;
	} else if (S_ISDIR(st.st_mode)) {
		return -EISDIR;
	} else if (!S_ISREG(st.st_mode)) {
		target->in_place = true;
		return 0;
	}
	(void)snprintf(target->folder, sizeof(target->folder), "%s", target->path);
	slash = strrchr(target->folder, '/');
	if (!slash)
		(void)snprintf(target->folder, sizeof(target->folder), ".");
	else
		slash[slash == target->folder] = '\0';
	slash = strrchr(target->path, '/');
	if (!(slash ? slash[1] : target->path[0]))
		return -EISDIR;
	(void)snprintf(target->temporary, sizeof(target->temporary), "%s/.%s.new",
		       target->folder, slash ? slash + 1 : target->path);
	return 0;
}

static int temporary_new(const struct target *target)
{
	/* Left by an audit that was killed; in a folder of others it may be anybody's. */
	(void)unlink(target->temporary);
	return open(target->temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
}

static int file_write(const char *path, const char *bytes, size_t len)
{
	struct target target = { .in_place = false };
	int error = target_find(path, &target), fd;

	if (error)
		return error;
	if (target.in_place) {
		fd = open(target.path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
		error = fd < 0 ? -errno : write_all(fd, bytes, len);
		return error ? error : close(fd) ? -errno : 0;
	}
	fd = temporary_new(&target);
	if (fd < 0)
		return -errno;
	error = write_all(fd, bytes, len);
	if (!error && fsync(fd))
		error = -errno;
	if (close(fd) && !error)
		error = -errno;
	if (!error && rename(target.temporary, target.path))
		error = -errno;
	if (error) {
		(void)unlink(target.temporary);
		return error;
	}
	AUTO_CLOSE int folder = open(target.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder < 0 || fsync(folder) ? -errno : 0;
}

static int output_probe(const char *path)
{
	struct target target = { .in_place = false };
	int error = target_find(path, &target), fd;

	if (error)
		return error;
	if (target.in_place)
		return access(target.path, W_OK) ? -errno : 0;
	fd = temporary_new(&target);
	if (fd < 0)
		return -errno;
	close(fd);
	return unlink(target.temporary) ? -errno : 0;
}

/* A new folder with its manifest; an existing one is only taken when it is empty. */
static int capture_new(const char *folder)
{
	AUTO_FREE char *manifest = xasprintf("%s/manifest.json", folder);
	struct timespec now;
	FILE *file;

	if (mkdir(folder, 0755) &&
	    (errno != EEXIST || (rmdir(folder) || mkdir(folder, 0755))))
		return errno == ENOTDIR ? -EEXIST : -errno;
	file = fopen(manifest, "wex");
	if (!file)
		return -errno;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)fprintf(
		file,
		"{\n  \"bee\": \"%s\",\n  \"format\": 1,\n  \"started_unix\": %lld\n}\n",
		BEE_VERSION, (long long)now.tv_sec);
	return fclose(file) ? -errno : 0;
}

/* The helper's answer: 0 or a positive errno; nothing by the deadline is -ETIMEDOUT. */
static int answer_wait(struct monitor *monitor, pid_t pid, int pidfd, int answers[2],
		       nsec_t after)
{
	int32_t error = EPIPE;

	close(answers[1]);
	if (pid < 0) {
		close(answers[0]);
		return -EAGAIN;
	}
	if (!monitor_wait(monitor, answers[0], POLLIN, after)) {
		(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		error = ETIMEDOUT;
	} else if (read(answers[0], &error, sizeof(error)) != sizeof(error)) {
		error = EPIPE;
	}
	close(answers[0]);
	close(pidfd);
	return -error;
}

static _Noreturn void answer(int fd, int error)
{
	int32_t positive = -error;

	(void)!write(fd, &positive, sizeof(positive));
	_exit(0);
}

int writer_probe(struct monitor *monitor, nsec_t time)
{
	const char *path = monitor->options->output, *capture = monitor->options->capture;
	int answers[2], pidfd = -1;
	pid_t pid;

	if (pipe2(answers, O_CLOEXEC))
		return -errno;
	pid = spawn_helper(&pidfd);
	if (pid == 0) {
		int error;

		descriptors_keep(&answers[1], 1);
		descriptors_null();
		error = strcmp(path, "-") != 0 ? output_probe(path) : 0;
		answer(answers[1], error ? error : capture ? capture_new(capture) : 0);
	}
	return answer_wait(monitor, pid, pidfd, answers,
			   clock_now() + time - monitor->end);
}

int writer_write(struct monitor *monitor, const char *path, const char *bytes, size_t len,
		 nsec_t after)
{
	int answers[2], pidfd = -1;
	pid_t pid;

	if (pipe2(answers, O_CLOEXEC))
		return -errno;
	pid = spawn_helper(&pidfd);
	if (pid == 0) {
		descriptors_keep(&answers[1], 1);
		if (strcmp(path, "-") == 0)
			answer(answers[1], write_all(STDOUT_FILENO, bytes, len));
		descriptors_null();
		answer(answers[1], file_write(path, bytes, len));
	}
	return answer_wait(monitor, pid, pidfd, answers, after);
}

/* LC_ALL, LC_CTYPE, LANG in that order; a boot console has none, and shows UTF-8. */
static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return true;
}

static void report_exec(const struct monitor *monitor, const char *note)
{
	struct winsize size = { .ws_col = 80, .ws_row = 25 };
	const char *term = getenv("TERM");
	bool dumb = !term || !strcmp(term, "dumb");
	/* Not compound literals: those of an if end with it. */
	static char name[] = "bee-report", ascii[] = "--ascii", utf8[] = "--utf8",
		    color[] = "--color", locale[] = "LC_ALL=C";
	char *argv[12], *env[] = { locale, NULL };
	int argc = 0;

	argv[argc++] = name;
	if (isatty(STDOUT_FILENO)) {
		(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
		argv[argc++] = xasprintf("--columns=%u", size.ws_col ? size.ws_col : 80U);
		argv[argc++] = xasprintf("--lines=%u", size.ws_row ? size.ws_row : 25U);
	}
	argv[argc++] = dumb || !locale_is_utf8() ? ascii : utf8;
	if (isatty(STDOUT_FILENO) && !dumb && !getenv("NO_COLOR"))
		argv[argc++] = color;
	argv[argc++] = xasprintf("--path=%s", monitor->options->output);
	if (note[0])
		argv[argc++] = xasprintf("--exit-note=%s", note);
	argv[argc] = NULL;
	if (confine_drop(UID_REPORT))
		return;
	execveat(monitor->report_fd, "", argv, env, AT_EMPTY_PATH);
}

void writer_report(struct monitor *monitor, const char *bytes, size_t len,
		   const char *note, nsec_t after)
{
	AUTO_CLOSE int document = memfd_create("bee-audit.json", MFD_CLOEXEC);
	int done = -1;
	pid_t pid;

	if (document < 0 || write_all(document, bytes, len) ||
	    lseek(document, 0, SEEK_SET))
		return;
	pid = spawn_helper(&done);
	if (pid == 0) {
		if (dup2(document, STDIN_FILENO) == STDIN_FILENO)
			report_exec(monitor, note);
		_exit(BEE_SOFTWARE);
	}
	if (pid < 0)
		return;
	if (!monitor_wait(monitor, done, POLLIN, after))
		(void)syscall(SYS_pidfd_send_signal, done, SIGKILL, NULL, 0);
	close(done);
}
