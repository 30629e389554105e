/* Takes away what a guest has had of the machine. */
#include "clean.h"
#include "disk.h"
#include "group.h"
#include "ids.h"
#include "link.h"
#include "look.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <mntent.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIE_TIME (3 * NSEC_PER_SEC)   /* for what was killed */
#define LOOP_TIME (15 * NSEC_PER_SEC) /* 3 s were not enough at a load of 20 */

struct cleaning {
	const char *name, *id;
	const struct handles *handles;
	unsigned failed;
	int loop; /* one that is there, -1 */
};

PRINTF_LIKE(2, 3) static void fault(struct cleaning *c, const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	warnx("%s: %s", c->name ? c->name : c->id, text ? text : "?");
	c->failed++;
}

static void process_kill(const struct process *process, const char *boot)
{
	AUTO_CLOSE int pidfd = process_open(process, boot);
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	if (pidfd < 0)
		return;
	(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	(void)poll(&end, 1, (int)(DIE_TIME / NSEC_PER_MSEC));
}

static void processes_end(struct cleaning *c)
{
	nsec_t deadline = clock_now() + DIE_TIME;

	group_kill(c->id);
	if (c->handles) {
		process_kill(&c->handles->init, c->handles->boot);
		process_kill(&c->handles->keeper, c->handles->boot);
	}
	while (group_populated(c->id) && clock_now() < deadline)
		(void)poll(NULL, 0, 10);
}

static void link_if_its(int index, const char *id, void *data)
{
	const struct cleaning *c = data;

	if (!strcmp(id, c->id))
		link_remove(index);
}

static void loop_if_its(int number, const char *id, void *data)
{
	struct cleaning *c = data;

	if (strcmp(id, c->id) != 0)
		return;
	loop_clear(number, id);
	c->loop = number;
}

/* The kernel takes a namespace's mounts away some time after its last process. */
static void loops_remove(struct cleaning *c)
{
	nsec_t deadline = clock_now() + LOOP_TIME;

	for (;;) {
		c->loop = -1;
		loop_each(loop_if_its, c);
		if (c->loop < 0)
			return;
		if (clock_now() > deadline)
			break;
		(void)poll(NULL, 0, 5);
	}
	fault(c, "/dev/loop%d is in use", c->loop);
}

/*
 * /run/netns/NAME is its own where it is the namespace that is pinned in its folder too, or
 * a file that nothing was bound to yet. False: it is there still, or that could not be seen;
 * then the pin has to stay, as nothing else tells whose it is.
 */
static bool netns_remove(struct cleaning *c)
{
	AUTO_FREE char *path = xasprintf("/run/netns/%s", c->name);
	AUTO_FREE char *pin = xasprintf(GUEST_RUN "/%s/net", c->name);
	struct stat there, ours;

	if (lstat(path, &there) || lstat(pin, &ours)) {
		if (errno == ENOENT)
			return true;
		fault(c, "%s: %s", path, strerror(errno));
		return false;
	}
	if ((there.st_ino == ours.st_ino && there.st_dev == ours.st_dev) ||
	    (S_ISREG(there.st_mode) && there.st_size == 0 && c->handles &&
	     c->handles->netns && !(there.st_mode & 0777))) {
		(void)umount2(path, MNT_DETACH);
		if (unlink(path) && errno != ENOENT) {
			fault(c, "%s: %s", path, strerror(errno));
			return false;
		}
	}
	return true;
}

/* Every mount below its folder, the last first; with `keep` but for the pin of its network. */
static void mounts_remove(struct cleaning *c, bool keep)
{
	AUTO_FREE char *folder = xasprintf(GUEST_RUN "/%s", c->name);
	AUTO_FREE char *pin = xasprintf(GUEST_RUN "/%s/net", c->name);
	size_t len = strlen(folder);
	struct words found = { NULL, 0 };
	FILE *mounts = setmntent("/proc/self/mounts", "re");

	for (const struct mntent *m = mounts ? getmntent(mounts) : NULL; m;
	     m = getmntent(mounts))
		if (!strncmp(m->mnt_dir, folder, len) &&
		    (m->mnt_dir[len] == '/' || !m->mnt_dir[len]))
			words_add(&found, m->mnt_dir, strlen(m->mnt_dir));
	if (mounts)
		endmntent(mounts);
	while (found.count > 0) {
		char *path = found.at[--found.count];

		if (!(keep && !strcmp(path, pin)) &&
		    umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW))
			fault(c, "%s: %s", path, strerror(errno));
		free(path);
	}
	free(found.at);
}

/* One level is all there is below it. */
static void folder_remove(struct cleaning *c)
{
	AUTO_FREE char *folder = xasprintf(GUEST_RUN "/%s", c->name);
	DIR *dir = opendir(folder);

	for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
		size_t len = strlen(e->d_name);

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		/* What could not be read is kept for who wants to know why. */
		if (len > 4 && !strcmp(e->d_name + len - 4, ".bad"))
			continue;
		if (unlinkat(dirfd(dir), e->d_name, 0) &&
		    unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR))
			fault(c, "%s/%s: %s", folder, e->d_name, strerror(errno));
	}
	if (dir)
		closedir(dir);
	if (rmdir(folder) && errno != ENOENT && errno != ENOTEMPTY)
		fault(c, "%s: %s", folder, strerror(errno));
}

static void groups_remove(struct cleaning *c)
{
	nsec_t deadline = clock_now() + DIE_TIME;
	pid_t pid;
	int result;

	/* The last process of a group is gone a moment after it was reaped. */
	while ((result = guest_group_remove(c->id, &pid)) == -EBUSY && !pid &&
	       clock_now() < deadline)
		(void)poll(NULL, 0, 5);
	if (result && pid)
		fault(c, "process %d does not end, and is left with its group", pid);
	else if (result)
		fault(c, "its group: %s", strerror(-result));
}

void clean_processes(const char *id, const struct handles *handles)
{
	struct cleaning c = { NULL, id, handles, 0, -1 };

	processes_end(&c);
	groups_remove(&c);
}

unsigned clean_guest(const char *name, const char *id, const struct handles *handles)
{
	struct cleaning c = { name, id, handles, 0, -1 };
	bool unnamed;

	if (*id) {
		processes_end(&c);
		link_each(link_if_its, &c);
	}
	unnamed = netns_remove(&c);
	mounts_remove(&c, !unnamed);
	if (*id) {
		loops_remove(&c);
		groups_remove(&c);
	}
	if (unnamed)
		folder_remove(&c);
	return c.failed;
}

struct strays {
	char world[STATE_WORLD_SIZE];
	struct words live; /* ids that were, a moment ago */
	unsigned failed;
};

/* One that is not among them may have been started since: it is looked for once more. */
static bool is_stray(const struct strays *s, const char *id)
{
	for (size_t i = 0; i < s->live.count; i++)
		if (!strcmp(s->live.at[i], id))
			return false;
	return strlen(id) == GUEST_ID_SIZE - 1 &&
	       !strncmp(id, s->world, STATE_WORLD_SIZE - 1) && !look_id_lives(id);
}

static void link_stray(int index, const char *id, void *data)
{
	if (is_stray(data, id))
		link_remove(index);
}

static void loop_stray(int number, const char *id, void *data)
{
	if (is_stray(data, id))
		loop_clear(number, id);
}

static void group_stray(const char *id, void *data)
{
	struct strays *s = data;
	struct cleaning c = { NULL, id, NULL, 0, -1 };

	if (!is_stray(s, id))
		return;
	processes_end(&c);
	groups_remove(&c);
	s->failed += c.failed;
}

unsigned clean_strays(void)
{
	struct strays s = { .failed = 0 };
	int error = state_world(s.world);

	if (error) {
		warnx(STATE_WORLD ": %s: whose groups, links and loop devices "
				  "there are cannot be told",
		      strerror(-error));
		return 1;
	}
	if (!look_ids(&s.live)) {
		warnx("of a guest the id cannot be read: what may be its is left");
		words_clear(&s.live);
		return 1;
	}
	group_each(group_stray, &s);
	link_each(link_stray, &s);
	loop_each(loop_stray, &s);
	words_clear(&s.live);
	return s.failed;
}
