/* What each call of a run comes to: paths that were there, devices, programs, sockets. */
#include "watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum use { USE_OPEN, USE_LOOK, USE_EXEC };

/* The calls with a path, those of a read-only root: what others would change is not there. */
static const struct {
	int number;
	int path, folder, flags; /* numbers of arguments; -1: none */
	enum use use;
	bool nofollow;
} with_path[] = {
#if defined(__x86_64__)
	{ SYS_open, 0, -1, -1, USE_OPEN, false },
	{ SYS_stat, 0, -1, -1, USE_LOOK, false },
	{ SYS_lstat, 0, -1, -1, USE_LOOK, true },
	{ SYS_access, 0, -1, -1, USE_LOOK, false },
	{ SYS_readlink, 0, -1, -1, USE_LOOK, true },
#endif
	{ SYS_openat, 1, 0, -1, USE_OPEN, false },
	{ SYS_openat2, 1, 0, -1, USE_OPEN, false },
	{ SYS_newfstatat, 1, 0, 3, USE_LOOK, false },
	{ SYS_statx, 1, 0, 2, USE_LOOK, false },
	{ SYS_faccessat, 1, 0, -1, USE_LOOK, false },
	{ SYS_faccessat2, 1, 0, 3, USE_LOOK, false },
	{ SYS_readlinkat, 1, 0, -1, USE_LOOK, true },
	{ SYS_statfs, 0, -1, -1, USE_LOOK, false },
	{ SYS_chdir, 0, -1, -1, USE_LOOK, false },
	{ SYS_getxattr, 0, -1, -1, USE_LOOK, false },
	{ SYS_lgetxattr, 0, -1, -1, USE_LOOK, true },
	{ SYS_execve, 0, -1, -1, USE_EXEC, false },
	{ SYS_execveat, 1, 0, -1, USE_EXEC, false },
};

static int row_of(int number)
{
	for (size_t i = 0; i < ARRAY_LEN(with_path); i++)
		if (with_path[i].number == number)
			return (int)i;
	return -1;
}

bool calls_path(int number, const uint64_t args[6], int *path, int *folder,
		bool *nofollow)
{
	int row = row_of(number);

	if (row < 0)
		return false;
	*path = with_path[row].path;
	*folder = with_path[row].folder;
	*nofollow = with_path[row].nofollow ||
		    (with_path[row].flags >= 0 &&
		     args[with_path[row].flags] & AT_SYMLINK_NOFOLLOW);
	return true;
}

static char *link_of(const char *link)
{
	char path[PATH_MAX];
	ssize_t len = readlink(link, path, sizeof(path) - 1);

	if (len <= 0 || path[0] != '/')
		return NULL;
	path[len] = '\0';
	return xstrdup(path);
}

char *calls_descriptor(pid_t pid, int fd)
{
	AUTO_FREE char *link = xasprintf("/proc/%d/fd/%d", pid, fd);

	return link_of(link);
}

void calls_by(pid_t pid, char by[BY_SIZE])
{
	AUTO_FREE char *link = xasprintf("/proc/%d/exe", pid);
	AUTO_FREE char *path = link_of(link);
	const char *name = path ? strrchr(path, '/') + 1 : "?";

	(void)snprintf(by, BY_SIZE, "%s", name);
	for (char *at = by; *at; at++) /* it becomes part of a comment */
		if (*at <= ' ' || *at >= 0x7f)
			*at = '?';
}

/* The folder of a path with its links followed, and the last name as it is: /bin/sh is /usr/bin/sh,
 * whatever that leads to. Of malloc, or NULL. */
static char *folder_real(const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *folder = xasprintf("%.*s", (int)(slash - path) + 1, path);
	AUTO_FREE char *real = realpath(folder, NULL);

	if (!real || !strcmp(slash, "/") || !strcmp(slash, "/.") || !strcmp(slash, "/.."))
		return realpath(path, NULL);
	return xasprintf("%s%s", strcmp(real, "/") != 0 ? real : "", slash);
}

/* Without "//", "/./" and a "/" at its end; NULL where it has a ".." */
static char *plain(const char *path)
{
	char *out = xcalloc(strlen(path) + 2, 1);
	size_t len = 0;

	while (*path) {
		size_t part;

		path += strspn(path, "/");
		part = strcspn(path, "/");
		if (part == 2 && !strncmp(path, "..", 2)) {
			free(out);
			return NULL;
		}
		if (part && !(part == 1 && *path == '.')) {
			out[len++] = '/';
			memcpy(out + len, path, part);
			len += part;
		}
		path += part;
	}
	if (!len)
		out[0] = '/';
	return out;
}

static void add_path(struct run_log *log, const char *path, const char *by)
{
	struct stat st;

	if (!stat(path, &st) && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		(void)log_add(log, S_ISDIR(st.st_mode) ? FIND_LOOKED : FIND_PATH, path,
			      by);
}

/* By its name, and by where that leads: links on the way stay links. */
static void add_named(struct run_log *log, const struct call_seen *call, const char *by)
{
	AUTO_FREE char *name = plain(call->path);
	AUTO_FREE char *real = folder_real(call->path);
	AUTO_FREE char *end = realpath(call->path, NULL);
	struct stat st;

	if (name)
		add_path(log, name, by);
	if (real)
		add_path(log, real, by);
	if (end)
		add_path(log, end, by);
	if (call->nofollow && real && !lstat(real, &st) && S_ISLNK(st.st_mode)) {
		*strrchr(real, '/') = '\0';
		(void)log_add(log, FIND_TREE, *real ? real : "/", by);
		if (name && strrchr(name, '/') > name) {
			*strrchr(name, '/') = '\0';
			(void)log_add(log, FIND_TREE, name, by);
		}
	}
}

/* Who may open it, when it is neither of root nor has a capability. */
static void take_rights(struct run_log *log, const char *path, const char *by)
{
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode) || st.st_mode & S_IROTH)
		return;
	if (!st.st_uid)
		(void)log_add(log, FIND_ROOT, path, by);
	else
		log_add(log, FIND_CAP, "CAP_DAC_READ_SEARCH", by)->detail = xstrdup(path);
}

static void take_node(struct run_log *log, const char *path, bool write, const char *by)
{
	static const char *const there[] = { "/dev/null" };
	struct find *find;

	for (size_t i = 0; i < ARRAY_LEN(there); i++)
		if (!strcmp(path, there[i]))
			return;
	find = log_add(log, FIND_NODE, path, by);
	find->write |= write;
}

static uint64_t open_flags(const struct call_seen *call)
{
#if defined(__x86_64__)
	if (call->number == SYS_open)
		return call->args[1];
#endif
	return call->number == SYS_openat ? call->args[2] : 0;
}

static void take_open(struct run_log *log, const struct call_seen *call, const char *by)
{
	AUTO_FREE char *path = calls_descriptor(call->pid, (int)call->result);
	uint64_t flags = open_flags(call);
	bool write = (flags & O_ACCMODE) != O_RDONLY;
	struct stat st;

	if (!path)
		return;
	if (call->number == SYS_openat2)
		log_lost(log, by, "openat2 of %s: its flags are in memory", path);
	if (flags & (O_CREAT | O_TRUNC | O_EXCL)) {
		log_lost(log, by, "%s was made, emptied or claimed", path);
		return;
	}
	log->writes |= write;
	if (!stat(path, &st) && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))) {
		take_node(log, path, write, by);
		return;
	}
	if (write)
		log_lost(log, by, "%s was opened to be written to: all is read-only",
			 path);
	take_rights(log, path, by);
	add_named(log, call, by);
}

static void take_exec(struct run_log *log, const struct call_seen *call, const char *by)
{
	AUTO_FREE char *real = call->path ? folder_real(call->path) : NULL;
	AUTO_FREE char *link = xasprintf("/proc/%d/exe", call->pid);
	AUTO_FREE char *runs = link_of(link);
	AUTO_FREE char *end = call->path ? realpath(call->path, NULL) : NULL;
	bool script = runs && end && strcmp(runs, end) != 0;

	if (!real)
		return;
	if (script)
		(void)log_add(log, FIND_EXEC, runs, by);
	if (!log->program)
		log->program = xstrdup(real);
	else
		(void)log_add(log, FIND_EXEC, real, by);
	if (script) /* its interpreter opens it */
		(void)log_add(log, FIND_PATH, real, by);
}

/* A policy's `socket` is an IPv4 datagram socket; others are refused. */
static void take_socket(struct run_log *log, const struct call_seen *call, const char *by)
{
	int type = (int)call->args[1] & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (call->args[0] == AF_INET && type == SOCK_DGRAM && !call->args[2]) {
		log->granted_socket = true;
		return;
	}
	log->other_sockets = true;
	log_lost(log, by, "a socket of family %d and type %d", (int)call->args[0], type);
	if (call->args[0] == AF_PACKET || type == SOCK_RAW)
		(void)log_add(log, FIND_CAP, "CAP_NET_RAW", by);
}

static void take_listed(struct run_log *log, const struct call_seen *call, const char *by)
{
	AUTO_FREE char *path = calls_descriptor(call->pid, (int)call->args[0]);

	if (path)
		(void)log_add(log, FIND_TREE, path, by);
}

void calls_take(struct run_log *log, const struct call_seen *call)
{
	char by[BY_SIZE];
	int row = row_of(call->number);

	calls_by(call->pid, by);
	call_add(log->calls, call->number);
	if (!log->call_by[call->number])
		log->call_by[call->number] = xstrdup(by);
	if (call->number == SYS_ioctl)
		calls_ioctl(log, call, by);
	if (call->result < 0)
		return;
	if (call->number == SYS_socket)
		take_socket(log, call, by);
	else if (call->number == SYS_getdents64)
		take_listed(log, call, by);
	if (row < 0 || !call->path)
		return;
	if (with_path[row].use == USE_OPEN)
		take_open(log, call, by);
	else if (with_path[row].use == USE_EXEC)
		take_exec(log, call, by);
	else
		add_named(log, call, by);
}
