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

const char *const guest_state_names[] = { "none",    "stopped", "starting",
					  "running", "kept",    "ended",
					  "bad",     "newer",   "unknown" };

/* It is not a process of this program any more, which waits to be let run: without its
 * supervisor that will not happen, and it ends. */
static enum process_state let_run(const struct handles *h)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/exe", h->init.pid);
	enum process_state state = process_look(&h->init, h->boot);
	struct stat its, ours;

	if (state != PROCESS_ALIVE)
		return state;
	if (stat("/proc/self/exe", &ours))
		return PROCESS_UNKNOWN;
	if (stat(path, &its))
		return errno == ENOENT || errno == ESRCH ? PROCESS_GONE : PROCESS_UNKNOWN;
	return its.st_ino != ours.st_ino || its.st_dev != ours.st_dev ? PROCESS_ALIVE
								      : PROCESS_GONE;
}

/* What its processes say. */
static enum guest_state state_of(const struct handles *h, bool *has_supervisor)
{
	enum process_state init = let_run(h);
	enum process_state supervisor = process_look(&h->supervisor, h->boot);
	char here[BOOT_ID_SIZE];

	*has_supervisor = supervisor == PROCESS_ALIVE;
	if (init == PROCESS_ALIVE)
		return GUEST_RUNNING;
	if (init == PROCESS_UNKNOWN || supervisor == PROCESS_UNKNOWN)
		return GUEST_UNKNOWN;
	if (supervisor == PROCESS_ALIVE)
		return GUEST_STARTING;
	if (!h->kept)
		return GUEST_ENDED;
	boot_id(here);
	return !*here ? GUEST_UNKNOWN : !strcmp(here, h->boot) ? GUEST_KEPT : GUEST_ENDED;
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
	if (look->record_kind == STATE_UNKNOWN || look->handles_kind == STATE_UNKNOWN)
		look->state = GUEST_UNKNOWN;
	if (look->state == GUEST_NEWER || look->state == GUEST_UNKNOWN)
		return;
	if (look->handles_kind != STATE_GOOD) {
		/* Without handles it can still run: then something is in its group. */
		if (look->record_kind == STATE_GOOD && group_populated(look->record.id))
			look->state = GUEST_RUNNING;
		return;
	}
	look->state = state_of(&look->handles, &look->supervisor);
}

void look_done(struct look *look)
{
	record_done(&look->record);
	handles_done(&look->handles);
}

void look_bad_keep(const char *name, const struct look *look)
{
	if (look->record_kind == STATE_BAD)
		record_bad_keep(name);
	if (look->handles_kind == STATE_BAD)
		handles_bad_keep(name);
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
	return *look->handles.id ? look->handles.id : look->record.id;
}

struct ids {
	struct words *words;
	bool whole;
};

static int id_add(const char *name, void *data)
{
	struct ids *ids = data;
	struct look look;

	look_guest(name, &look);
	if (look.state != GUEST_NONE && look.state != GUEST_STOPPED &&
	    look.state != GUEST_ENDED && look.state != GUEST_BAD)
		words_add(ids->words, look_id(&look), strlen(look_id(&look)));
	if ((look.state == GUEST_NEWER || look.state == GUEST_UNKNOWN) &&
	    !*look_id(&look))
		ids->whole = false;
	look_done(&look);
	return 0;
}

bool look_ids(struct words *words)
{
	struct ids ids = { words, true };

	(void)state_each(id_add, &ids);
	return ids.whole;
}

bool look_id_lives(const char *id)
{
	struct words ids = { NULL, 0 };
	bool lives = !look_ids(&ids);

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
