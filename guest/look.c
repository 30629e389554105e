/* What there is of a guest right now. */
#include "look.h"
#include "backend.h"
#include "group.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const guest_state_names[] = { "none", "stopped", "starting", "running",
					  "kept", "ended",   "bad",      "newer" };

/* It is not a process of this program any more, which waits to be let run: without its
 * supervisor that will not happen, and it ends. */
static bool has_gone(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/exe", pid);
	struct stat its, ours;

	return !stat(path, &its) && !stat("/proc/self/exe", &ours) &&
	       (its.st_ino != ours.st_ino || its.st_dev != ours.st_dev);
}

static bool is_this_boot(const char *boot)
{
	char here[BOOT_ID_SIZE];

	boot_id(here);
	return *here && !strcmp(here, boot);
}

void look_guest(const char *name, struct look *look)
{
	*look = (struct look){ .state = GUEST_NONE };
	look->record_kind = record_load(name, &look->record);
	look->handles_kind = handles_load(name, &look->handles);
	if (look->record_kind == STATE_BAD)
		look->state = GUEST_BAD;
	if (look->record_kind == STATE_NEWER || look->handles_kind == STATE_NEWER)
		look->state = GUEST_NEWER;
	else if (look->record_kind == STATE_GOOD)
		look->state = GUEST_STOPPED;
	if (look->state == GUEST_NEWER)
		return;
	if (look->handles_kind != STATE_GOOD) {
		/* Without handles it can still run: then something is in its group. */
		if (look->record_kind == STATE_GOOD && group_populated(look->record.id))
			look->state = GUEST_RUNNING;
		return;
	}
	look->supervisor = process_alive(&look->handles.supervisor, look->handles.boot);
	if (process_alive(&look->handles.init, look->handles.boot) &&
	    has_gone(look->handles.init.pid))
		look->state = GUEST_RUNNING;
	else if (look->supervisor)
		look->state = GUEST_STARTING;
	else if (look->handles.kept && is_this_boot(look->handles.boot))
		look->state = GUEST_KEPT;
	else
		look->state = GUEST_ENDED;
}

void look_done(struct look *look)
{
	record_done(&look->record);
	handles_done(&look->handles);
}

const struct backend *look_backend(const struct look *look)
{
	const char *name = look->handles_kind == STATE_GOOD  ? look->handles.backend
			   : look->record_kind == STATE_GOOD ? look->record.backend
							     : "ns";
	const struct backend *backend = backend_find(name);

	return backend ? backend : &backend_ns;
}

const char *look_id(const struct look *look)
{
	return look->handles_kind == STATE_GOOD  ? look->handles.id
	       : look->record_kind == STATE_GOOD ? look->record.id
						 : "";
}

static int id_add(const char *name, void *data)
{
	struct look look;

	look_guest(name, &look);
	if (look.state != GUEST_NONE && look.state != GUEST_STOPPED &&
	    look.state != GUEST_ENDED && look.state != GUEST_BAD)
		words_add(data, look_id(&look), strlen(look_id(&look)));
	look_done(&look);
	return 0;
}

void look_ids(struct words *ids)
{
	(void)state_each(id_add, ids);
}

bool look_id_lives(const char *id)
{
	struct words ids = { NULL, 0 };
	bool lives = false;

	look_ids(&ids);
	for (size_t i = 0; i < ids.count; i++)
		lives |= !strcmp(ids.at[i], id);
	words_clear(&ids);
	return lives;
}

int look_lock(const char *name)
{
	AUTO_FREE char *folder = xasprintf(GUEST_RECORDS "/%s", name);
	AUTO_FREE char *path = xasprintf("%s/lock", folder);

	/* Whoever removes a guest takes the file with it: then it is looked for again. */
	for (int i = 0; i < 10; i++) {
		struct stat mine, there;
		int fd;

		(void)mkdir("/var/lib/bee", 0755);
		(void)mkdir(GUEST_RECORDS, 0700);
		if (mkdir(folder, 0700) && errno != EEXIST)
			return -errno;
		fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return -errno;
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			int error = errno;

			close(fd);
			return -error;
		}
		if (!fstat(fd, &mine) && !stat(path, &there) &&
		    mine.st_ino == there.st_ino && mine.st_dev == there.st_dev)
			return fd;
		close(fd);
	}
	return -EWOULDBLOCK;
}
