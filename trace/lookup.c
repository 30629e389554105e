/* Follows a name as the kernel would for a traced task. */
#include "lookup.h"
#include "hash.h"
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long what is known of a task holds: its number may be another's by then. */
#define TASK_TIME NSEC_PER_SEC

/*
 * What is told here happens after the answer to it: when the task calls again it has, and of one
 * that does not so long afterwards. What was looked up in between is not trusted.
 */
#define SETTLE (100 * NSEC_PER_MSEC)

static ssize_t task_link(pid_t tid, const char *what, char to[PATH_MAX])
{
	char name[64];
	ssize_t n;

	(void)snprintf(name, sizeof(name), "/proc/%d/%s", tid, what);
	n = readlink(name, to, PATH_MAX - 1);
	to[n < 0 ? 0 : n] = '\0';
	return n;
}

static void forget_tasks(struct lookup *lookup)
{
	memset(lookup->tasks, 0, sizeof(lookup->tasks));
}

void lookup_forget_program(struct lookup *lookup)
{
	pid_t tid = lookup->tid;
	struct lookup_task *task = &lookup->tasks[(unsigned)tid % LOOKUP_TASKS];
	unsigned program = task->program;

	if (task->tid != tid)
		return;
	*task = (struct lookup_task){ .tid = 0 };
	if (!tgkill(tid, tid, 0) || errno != ESRCH)
		return;
	/* A thread gets the number of its process by that; which have the same program. */
	for (unsigned i = 0; i < LOOKUP_TASKS; i++)
		if (lookup->tasks[i].program == program)
			lookup->tasks[i] = (struct lookup_task){ .tid = 0 };
}

/* A folder that is open here keeps what is mounted there from being unmounted. */
static void forget_roots(struct lookup *lookup)
{
	for (unsigned i = 0; i < lookup->root_count; i++) {
		close(lookup->roots[i].fd);
		free(lookup->roots[i].text);
		free(lookup->roots[i].task);
	}
	lookup->root_count = 0;
	forget_tasks(lookup);
}

/* `what` of the task: "root", "cwd", "fd/3". */
static bool root_open(struct lookup_root *root, pid_t tid, const char *what, nsec_t now)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "/proc/%d/%s", tid, what);
	root->fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	root->read = now;
	return root->fd >= 0;
}

/*
 * A root that is known, by its mount namespace and its place there, or a new one. What is in
 * that place may have changed by pivot_root(2). -1: it is gone.
 */
static int root_of(struct lookup *lookup, pid_t tid)
{
	struct lookup_root *root;
	char space[PATH_MAX], text[PATH_MAX];
	uint64_t key;

	if (task_link(tid, "ns/mnt", space) < 0 || task_link(tid, "root", text) < 0)
		return -1;
	key = hash_text(hash_text(0, space), text);
	for (unsigned i = 0; i < lookup->root_count; i++) {
		root = &lookup->roots[i];
		if (root->key != key)
			continue;
		if (lookup->changing & LOOKUP_ROOTS || root->read < lookup->rooted) {
			close(root->fd);
			if (!root_open(root, tid, "root", lookup->now))
				return -1;
		}
		return (int)i;
	}
	if (lookup->root_count == LOOKUP_ROOT_MAX)
		forget_roots(lookup);
	root = &lookup->roots[lookup->root_count];
	*root = (struct lookup_root){ .key = key };
	if (!root_open(root, tid, "root", lookup->now))
		return -1;
	root->text = xstrdup(!strcmp(text, "/") ? "" : text);
	root->task = xstrdup(root->text);
	return (int)lookup->root_count++;
}

/* One that is known: what has its name may be another by now. */
static struct lookup_root *inner_known(struct lookup *lookup, uint64_t key,
				       const char *what)
{
	for (unsigned i = 0; i < lookup->root_count; i++) {
		struct lookup_root *root = &lookup->roots[i];

		if (root->key != key)
			continue;
		if (!(lookup->changing & ~(unsigned)LOOKUP_LAST) &&
		    root->read >= lookup->changed)
			return root;
		close(root->fd);
		return root_open(root, lookup->tid, what, lookup->now) ? root : NULL;
	}
	return NULL;
}

bool lookup_enter(struct lookup *lookup, int fd, bool beneath)
{
	struct lookup_root *root;
	char folder[PATH_MAX], what[32] = "cwd";
	AUTO_FREE char *task = NULL;
	uint64_t key;

	if (!lookup_folder(lookup, fd, folder))
		return false;
	if (fd >= 0)
		(void)snprintf(what, sizeof(what), "fd/%d", fd);
	key = hash_text(~lookup->root->key, folder);
	root = inner_known(lookup, key, what);
	if (!root) {
		task = xstrdup(lookup->root->task);
		if (lookup->root_count == LOOKUP_ROOT_MAX)
			forget_roots(lookup);
		root = &lookup->roots[lookup->root_count];
		*root = (struct lookup_root){ .key = key, .inner = true };
		if (!root_open(root, lookup->tid, what, lookup->now))
			return false;
		root->text = xstrdup(folder);
		root->task = xstrdup(task);
		lookup->root_count++;
	}
	lookup->root = root;
	lookup->beneath = beneath;
	return true;
}

/* Names of programs are few: they are told apart by number. */
static unsigned program_of(struct lookup *lookup, pid_t tid)
{
	char text[PATH_MAX];

	/* What starts the run is no program of it. */
	if (task_link(tid, "exe", text) < 0 || !strcmp(text, lookup->self))
		text[0] = '\0';
	for (unsigned i = 0; i < lookup->program_count; i++)
		if (!strcmp(lookup->programs[i], text))
			return i;
	lookup->programs = xrealloc_array(lookup->programs, lookup->program_count + 1,
					  sizeof(char *));
	lookup->programs[lookup->program_count] = xstrdup(text);
	return lookup->program_count++;
}

int lookup_init(struct lookup *lookup, struct board *board, pid_t first)
{
	int error = mountinfo_init(&lookup->mounts, first);

	if (own_program(lookup->self))
		lookup->self[0] = '\0';
	lookup->board = board;
	lookup->names = xcalloc(LOOKUP_MEMORY, sizeof(*lookup->names));
	lookup->done = xcalloc(LOOKUP_MEMORY, sizeof(*lookup->done));
	lookup->removed = xcalloc(LOOKUP_LASTS, sizeof(*lookup->removed));
	lookup->told_room = 1u << 12;
	lookup->told = xcalloc(lookup->told_room, sizeof(uint64_t));
	if (!error && root_of(lookup, first) < 0)
		error = -errno;
	if (error)
		return error;
	lookup->outermost = fcntl(lookup->roots[0].fd, F_DUPFD_CLOEXEC, 0);
	return lookup->outermost < 0 ? -errno : 0;
}

static void happened(struct lookup *lookup, const struct lookup_change *change)
{
	/* What was found since that was told is not kept: row_of. */
	if (change->what == LOOKUP_LAST)
		return;
	lookup->changed = lookup->now;
	if (change->what & LOOKUP_ROOTS) {
		lookup->rooted = lookup->now;
		forget_tasks(lookup);
	}
	if (change->what & LOOKUP_PLACES)
		mountinfo_moved(&lookup->mounts, lookup->now);
}

/* What a task did before has happened when it calls again. */
static void settle(struct lookup *lookup)
{
	unsigned kept = 0, changing = 0;

	for (unsigned i = 0; i < lookup->change_count; i++) {
		struct lookup_change change = lookup->changes[i];

		if (change.tid == lookup->tid || lookup->now - change.since > SETTLE) {
			happened(lookup, &change);
			continue;
		}
		changing |= change.what;
		lookup->changes[kept++] = change;
	}
	lookup->change_count = kept;
	lookup->changing = changing;
	lookup->mounts.moving = changing & LOOKUP_PLACES;
}

void lookup_change(struct lookup *lookup, unsigned what, const unsigned last[2])
{
	struct lookup_change *change;

	/* Of more at once the oldest counts as new: its time begins again. */
	if (lookup->change_count == LOOKUP_CHANGES) {
		change = &lookup->changes[0];
		what |= change->what | LOOKUP_NAMES;
	} else {
		change = &lookup->changes[lookup->change_count++];
	}
	*change = (struct lookup_change){ lookup->tid, lookup->now, what };
	for (unsigned i = 0; what == LOOKUP_LAST && i < 2; i++)
		if (last[i])
			lookup->removed[last[i]] = lookup->now;
	lookup->changing |= what;
	lookup->mounts.moving |= (what & LOOKUP_PLACES) != 0;
	happened(lookup, change);
	if (what & LOOKUP_ROOTS)
		forget_roots(lookup);
}

bool lookup_task(struct lookup *lookup, pid_t tid)
{
	struct lookup_task *task = &lookup->tasks[(unsigned)tid % LOOKUP_TASKS];

	lookup->now = lookup->board->since;
	lookup->tid = tid;
	if (lookup->change_count > 0)
		settle(lookup);
	if (task->tid != tid || lookup->now - task->read > TASK_TIME) {
		int root = root_of(lookup, tid);

		if (root < 0)
			return false;
		*task = (struct lookup_task){ tid, lookup->now, (unsigned)root,
					      program_of(lookup, tid) };
	}
	lookup->root = &lookup->roots[task->root];
	lookup->beneath = false;
	lookup->links = LOOKUP_LINKS;
	lookup->program = lookup->programs[task->program];
	lookup->program_key = hash_mix(task->program + 1);
	return true;
}

bool lookup_folder(const struct lookup *lookup, int fd, char to[PATH_MAX])
{
	char what[32] = "cwd";
	ssize_t n;

	if (fd >= 0)
		(void)snprintf(what, sizeof(what), "fd/%d", fd);
	n = task_link(lookup->tid, what, to);
	if (n <= 0 || *to != '/')
		return false;
	if (!strcmp(to, "/"))
		*to = '\0';
	return true;
}

unsigned lookup_last(const char *path)
{
	const char *slash = strrchr(path, '/');

	return 1 +
	       (unsigned)(hash_text(0, slash ? slash + 1 : path) % (LOOKUP_LASTS - 1));
}

/* While somebody changes something, what is found may be of before or of afterwards. */
static struct lookup_row row_of(const struct lookup *lookup, uint64_t key, unsigned last)
{
	return (struct lookup_row){ key, lookup->change_count > 0 ? 0 : lookup->now,
				    last };
}

static bool is_fresh(const struct lookup *lookup, const struct lookup_row *row,
		     uint64_t key)
{
	/* What was put by the call itself that changes it is of before. */
	return row->key == key && !(lookup->changing & ~(unsigned)LOOKUP_LAST) &&
	       row->put > 0 && row->put >= lookup->changed &&
	       row->put > lookup->removed[row->last];
}

bool lookup_is_done(const struct lookup *lookup, uint64_t key)
{
	return is_fresh(lookup, &lookup->done[key % LOOKUP_MEMORY], key);
}

void lookup_set_done(struct lookup *lookup, uint64_t key,
		     const struct lookup_object *object)
{
	lookup->done[key % LOOKUP_MEMORY] =
		row_of(lookup, key, lookup_last(object->seen));
}

static bool told_put(uint64_t *all, size_t room, uint64_t key)
{
	size_t at = key & (room - 1);

	for (; all[at]; at = (at + 1) & (room - 1))
		if (all[at] == key)
			return false;
	all[at] = key;
	return true;
}

static void told_grow(struct lookup *lookup)
{
	size_t room = 2 * lookup->told_room;
	uint64_t *all = xcalloc(room, sizeof(uint64_t));

	for (size_t i = 0; i < lookup->told_room; i++)
		if (lookup->told[i])
			(void)told_put(all, room, lookup->told[i]);
	free(lookup->told);
	lookup->told = all;
	lookup->told_room = room;
}

void lookup_tell(struct lookup *lookup, unsigned uses, const char *path)
{
	uint64_t key = (hash_text(uses, path) ^ lookup->program_key) | 1;

	if (!told_put(lookup->told, lookup->told_room, key))
		return;
	if (++lookup->told_count > lookup->told_room / 2)
		told_grow(lookup);
	board_put(lookup->board, uses, path, lookup->program);
}

/* What is known of a name without links on its way: a link's target, or that it is none. */
static const struct lookup_memory *name_known(const struct lookup *lookup, uint64_t key)
{
	const struct lookup_memory *row = &lookup->names[key % LOOKUP_MEMORY];

	return is_fresh(lookup, &row->row, key) ? row : NULL;
}

const struct lookup_memory *lookup_name(struct lookup *lookup, const char *path)
{
	uint64_t key = hash_text(lookup->root->key, path);
	const struct lookup_memory *known = name_known(lookup, key);
	struct lookup_memory *row = &lookup->names[key % LOOKUP_MEMORY];
	NOT_CLEARED char target[PATH_MAX];
	const char *relative;
	ssize_t n;
	int base;

	if (known)
		return known;
	base = walk_base(lookup, path, &relative);
	n = readlinkat(base, relative, target, sizeof(target) - 1);
	if (n < 0 && errno != EINVAL)
		return NULL;
	free(row->target);
	target[n < 0 ? 0 : n] = '\0';
	*row = (struct lookup_memory){ .row = row_of(lookup, key, lookup_last(path)),
				       .target = n < 0 ? NULL : xstrdup(target) };
	if (row->target)
		walk_tell_link(lookup, path);
	return row;
}

static uint64_t way_key(const struct lookup *lookup, const char *folder)
{
	return hash_text(lookup->root->key + 1, folder);
}

bool lookup_is_plain(const struct lookup *lookup, const char *folder)
{
	return name_known(lookup, way_key(lookup, folder));
}

void lookup_set_plain(struct lookup *lookup, const char *folder, uint64_t mount)
{
	uint64_t key = way_key(lookup, folder);
	struct lookup_memory *row = &lookup->names[key % LOOKUP_MEMORY];

	if (name_known(lookup, key) && !mount)
		return;
	free(row->target);
	*row = (struct lookup_memory){ .row = row_of(lookup, key, 0), .mount = mount };
}

uint64_t lookup_mount(const struct lookup *lookup, const char *folder)
{
	const struct lookup_memory *row = name_known(lookup, way_key(lookup, folder));

	return row ? row->mount : 0;
}
