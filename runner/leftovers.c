/* Control groups of jobs that an earlier audit, or bee run, left behind. */
#include "leftovers.h"

#include "clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define RETRY_MS 5

/*
 * Whether the name is that of a leaf whose owner has gone. In another pid namespace, as a
 * container's audit has one, the number may be a process that runs: nobody can tell from here.
 */
static bool owner_gone(const struct cgroup *cgroup, const char *name)
{
	uint64_t words[2]; /* SPACE-OWNER, after the prefix and before -NUMBER */

	name += strlen(CGROUP_LEAF);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		AUTO_FREE char *word = xasprintf("%.*s", (int)strcspn(name, "-"), name);

		if (parse_u64(word, i ? INT32_MAX : UINT64_MAX, &words[i]))
			return false;
		name += strcspn(name, "-");
		name += *name == '-';
	}
	if (words[0] != cgroup->space || words[1] == 0)
		return false;
	/* Our own number: we have no job yet, it was another's. */
	return (pid_t)words[1] == cgroup->owner ||
	       (kill((pid_t)words[1], 0) && errno == ESRCH);
}

static void all_kill(int folder, const char *leaf)
{
	AUTO_FREE char *path = xasprintf("%s/cgroup.kill", leaf);
	AUTO_CLOSE int fd = openat(folder, path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0) /* not in v1; there a leaf is of a job that has one in v2 as well */
		(void)!write(fd, "1", 1);
}

/* How many stay; with `tell` each is named. */
static unsigned folder_tidy(const struct cgroup *cgroup, const char *folder,
			    struct tell *tell)
{
	DIR *dir = folder[0] ? opendir(folder) : NULL;
	struct dirent *entry;
	unsigned left = 0;

	while (dir && (entry = readdir(dir))) {
		const char *leaf = entry->d_name;

		if (strncmp(leaf, CGROUP_LEAF, strlen(CGROUP_LEAF)) != 0)
			continue;
		bool gone = owner_gone(cgroup, leaf);
		/* Of who runs none is touched: it may be empty, and about to be used. */
		if (!gone || !unlinkat(dirfd(dir), leaf, AT_REMOVEDIR) || errno == ENOENT)
			continue;
		left++;
		if (tell)
			tell_error(
				tell,
				"%s/%s: left by an earlier audit, cannot be removed: %s",
				folder, leaf, strerrordesc_np(errno) ?: "?");
		else
			all_kill(dirfd(dir), leaf);
	}
	if (dir)
		closedir(dir);
	return left;
}

static unsigned all_tidy(const struct cgroup *cgroup, struct tell *tell)
{
	return folder_tidy(cgroup, cgroup->v2, tell) +
	       folder_tidy(cgroup, cgroup->v1_memory, tell) +
	       folder_tidy(cgroup, cgroup->v1_pids, tell);
}

void leftovers_tidy(const struct cgroup *cgroup, struct tell *tell)
{
	nsec_t deadline = clock_now() + TIDY_TIME;

	while (all_tidy(cgroup, NULL)) {
		if (clock_now() >= deadline) {
			(void)all_tidy(cgroup, tell);
			return;
		}
		(void)poll(NULL, 0, RETRY_MS);
	}
}
