/* An ordinary user's root: a user namespace in which the caller is root. */
#include "user.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The range of a user in /etc/subuid or /etc/subgid (subuid(5)). False: none. */
static bool range_of(const char *file, char start[16], char count[16])
{
	AUTO_FCLOSE FILE *from = fopen(file, "re");
	const struct passwd *me = getpwuid(getuid());
	AUTO_FREE char *line = NULL, *number = xasprintf("%u", getuid());
	size_t room = 0;

	while (from && getline(&line, &room, from) > 0) {
		char *save, *name = strtok_r(line, ":\n", &save);
		const char *first = strtok_r(NULL, ":\n", &save);
		const char *length = strtok_r(NULL, ":\n", &save);
		uint64_t value;

		if (!length || (strcmp(name, number) != 0 &&
				(!me || strcmp(name, me->pw_name) != 0)))
			continue;
		if (parse_u64(first, UINT32_MAX, &value) ||
		    parse_u64(length, UINT32_MAX, &value))
			continue;
		(void)snprintf(start, 16, "%s", first);
		(void)snprintf(count, 16, "%s", length);
		return true;
	}
	return false;
}

/* newuidmap(1), which has the rights to map ranges. */
static bool map_range(const char *program, const char *file, pid_t pid, unsigned own)
{
	char start[16], count[16];
	AUTO_FREE char *target = xasprintf("%d", pid), *me = xasprintf("%u", own);
	int status = -1;
	pid_t child;

	if (!range_of(file, start, count))
		return false;
	child = fork();
	if (child == 0) {
		execlp(program, program, target, "0", me, "1", "1", start, count,
		       (char *)NULL);
		_exit(BEE_SOFTWARE);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && status == 0;
}

static int put(pid_t pid, const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/%s", pid, name);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : write_all(fd, text, strlen(text));
}

int user_map(pid_t pid)
{
	AUTO_FREE char *uids = xasprintf("0 %u 1\n", geteuid());
	AUTO_FREE char *gids = xasprintf("0 %u 1\n", getegid());
	int error;

	if (map_range("newuidmap", "/etc/subuid", pid, geteuid()) &&
	    map_range("newgidmap", "/etc/subgid", pid, getegid()))
		return 0;
	warnx("only you are a user in it: programs that change theirs will fail "
	      "(subuid(5))");
	error = put(pid, "uid_map", uids);
	if (!error)
		error = put(pid, "setgroups", "deny");
	return error ? error : put(pid, "gid_map", gids);
}

int user_enter(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/ns/user", pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 || setns(fd, CLONE_NEWUSER) ? -errno : 0;
}
