/* From what a guest is to be to what root/ is told. */
#include "ns_plan.h"
#include "disk.h"
#include "ns_fstab.h"
#include "unused.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define INIT_INSIDE "/run/host/init"
#define LOOP_MAJOR 7

char *plan_disk_folder(const char *name, size_t number)
{
	return xasprintf(GUEST_RUN "/%s/disk%zu", name, number);
}

/* A path of the config: below BASE, or the guest's folder, unless it is absolute. */
static char *below(const struct guest *g, const char *path)
{
	if (*path == '/')
		return xstrdup(path);
	if (g->base && *g->base == '/')
		return xasprintf("%s/%s", g->base, path);
	if (!g->folder)
		errx(BEE_USAGE, "%s: \"%s\" is below no folder: say --config", g->name,
		     path);
	return g->base ? xasprintf("%s/%s/%s", g->folder, g->base, path)
		       : xasprintf("%s/%s", g->folder, path);
}

static void folder_ensure(const char *path)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		err(BEE_CANTCREAT, "%s", path);
}

/* NAME.img holds the tree, or what is changed of one that others share. */
static void image_choose(struct plan *plan)
{
	const struct guest *g = plan->guest;
	AUTO_FREE char *folder = plan_disk_folder(g->name, g->disk_count - 1);

	if (!g->lower) {
		plan->lower = xasprintf("%s/root", folder);
		return;
	}
	plan->lower = below(g, g->lower);
	if (g->is_volatile)
		return;
	plan->upper = xasprintf("%s/root", folder);
	plan->work = xasprintf("%s/work", folder);
}

/* The tree is a folder of the machine, or will be one once disks are mounted. */
static void tree_choose(struct plan *plan)
{
	const struct guest *g = plan->guest;
	struct booted *b = &plan->booted;

	booted_default(b);
	if (g->own_image) {
		image_choose(plan);
	} else if (g->root) {
		plan->lower = below(g, g->root);
	} else if (g->lower) {
		plan->lower = below(g, g->lower);
		if (g->is_volatile)
			goto out;
		plan->upper = below(g, g->upper ? g->upper : "root");
		plan->work = below(g, g->work ? g->work : "work");
	} else if (g->disk_count > 0) {
		plan->lower = plan_disk_folder(g->name, 0);
	} else if (g->folder) {
		plan->lower = below(g, "root");
	} else {
		errx(BEE_USAGE, "%s: no tree: say --root, --lower, --disk or --config",
		     g->name);
	}
out:
	b->root = plan->lower;
	b->upper = plan->upper;
	b->work = plan->work;
	b->changes = g->is_volatile ? BOOTED_VOLATILE
		     : plan->upper  ? BOOTED_OVERLAY
				    : BOOTED_IN_PLACE;
}

/* The one that is added, NULL: there is no room. */
static struct booted_tree *tree_add(struct plan *plan, const char *from, const char *at,
				    bool write, bool host_ids)
{
	struct booted *b = &plan->booted;

	if (b->tree_count >= PLAN_TREES_MAX)
		return NULL;
	plan->tree_from[b->tree_count] = xstrdup(from);
	plan->tree_at[b->tree_count] = xstrdup(at);
	plan->trees[b->tree_count] = (struct booted_tree){
		.from = plan->tree_from[b->tree_count],
		.at = plan->tree_at[b->tree_count],
		.write = write,
		.host_ids = host_ids,
	};
	return &plan->trees[b->tree_count++];
}

/*
 * A disk that the machine has mounted is seen inside, and cannot be opened: who writes below
 * a mounted file system attacks the machine's kernel. One that is not mounted is the guest's.
 */
void plan_nodes(struct plan *plan, const struct handles *handles)
{
	const struct guest *g = plan->guest;
	struct booted *b = &plan->booted;

	plan->handles = handles;
	if (handles->kept) /* they are there */
		return;
	for (unsigned i = 0; i < plan->handles->loop_count; i++) {
		plan->node_names[i] =
			g->disk[i].partition
				? xasprintf("%s%u", g->disk[i].node, g->disk[i].partition)
				: xstrdup(g->disk[i].node);
		plan->nodes[b->node_count++] = (struct booted_node){
			.name = plan->node_names[i],
			.mode = S_IFBLK | 0600,
			.major = LOOP_MAJOR,
			.minor = plan->handles->loops[i],
		};
	}
	if (g->tun)
		plan->nodes[b->node_count++] =
			(struct booted_node){ "net/tun", S_IFCHR | 0666, 10, 200, false };
	b->nodes = plan->nodes;
}

static void init_of_ours(struct plan *plan)
{
	char *slash;

	if (own_program(plan->init))
		errx(BEE_SOFTWARE, "where this program is cannot be found");
	slash = strrchr(plan->init, '/');
	(void)snprintf(slash + 1, sizeof(plan->init) - (size_t)(slash + 1 - plan->init),
		       "bee-guest-init");
	if (access(plan->init, X_OK))
		err(BEE_SOFTWARE, "%s", plan->init);
	(void)tree_add(plan, plan->init, INIT_INSIDE, false, true);
}

void plan_guest(struct plan *plan, const struct guest *guest)
{
	*plan = (struct plan){ .guest = guest };
	unused_ns(guest);
	if (guest->disk_count > STATE_LOOPS_MAX)
		errx(BEE_USAGE, "%s: more than %d disks", guest->name, STATE_LOOPS_MAX);
	tree_choose(plan);
}

void plan_record(struct plan *plan, const struct record *record)
{
	const struct guest *guest = plan->guest;
	struct booted *b = &plan->booted;

	if (plan->upper && !guest->own_image) {
		folder_ensure(plan->upper);
		folder_ensure(plan->work);
	}
	plan->found = mmap(NULL, sizeof(*plan->found), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (plan->found == MAP_FAILED)
		err(BEE_SOFTWARE, "mmap");
	b->first_id = record->first_id;
	b->id_count = record->host_users ? 0 : GUEST_IDS;
	b->hostname = guest->name;
	b->drop_caps = PLAN_DROPPED;
	b->trees = plan->trees;
	b->before_tree = plan_tree;
	b->data = plan;
	init_of_ours(plan);
	words_add(&plan->env, "", 0);
	free(plan->env.at[0]);
	plan->env.at[0] = xasprintf("container_uuid=%.8s-%.4s-4000-8000-%.4s00000000",
				    record->id, record->id + 8, record->id + 12);
	plan->env.at = xrealloc_array(plan->env.at, 2, sizeof(char *));
	plan->env.at[1] = NULL;
	b->env = plan->env.at;
}

/* In the layers of the tree from above: what `path` is, links followed inside; 0: nothing. */
static mode_t look(const struct plan *plan, const char *path, char *target, size_t size)
{
	const char *const layers[] = { plan->booted.upper, plan->booted.root };
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	struct open_how itself = { .flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
				   .resolve = RESOLVE_IN_ROOT };

	for (size_t i = 0; i < ARRAY_LEN(layers); i++) {
		AUTO_CLOSE int top = -1, fd = -1, link = -1;
		struct stat st;
		ssize_t len;

		if (!layers[i])
			continue;
		top = open(layers[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (target) {
			/* Its folder may be a link too: inside the tree, not on this machine. */
			link = open_within(top, path, &itself);
			len = readlinkat(link, "", target, size - 1);
			target[len < 0 ? 0 : len] = '\0';
		}
		fd = open_within(top, path, &how);
		if (fd >= 0 && !fstat(fd, &st))
			return st.st_mode;
		/* A link into a lower layer. */
		if (target && *target)
			return S_IFLNK;
	}
	return 0;
}

static void argv_set(struct plan *plan, const char *const *words)
{
	for (; *words; words++)
		words_add(&plan->argv, *words, strlen(*words));
}

static void argv_more(struct plan *plan, const struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		words_add(&plan->argv, words->at[i], strlen(words->at[i]));
}

/* What is started where nobody has said it. */
static void init_find(struct plan *plan)
{
	struct plan_found *found = plan->found;
	char target[256];
	mode_t init = look(plan, "/sbin/init", target, sizeof(target));

	if (init && strstr(target, "systemd")) {
		found->stop = STOP_SYSTEMD;
		found->notifies = true;
		argv_set(plan, (const char *const[]){ "/sbin/init", NULL });
		return;
	}
	if (init && strstr(target, "busybox")) {
		found->stop = STOP_USR2;
		argv_set(plan, (const char *const[]){ "/sbin/init", NULL });
		return;
	}
	found->notifies = true;
	if (look(plan, "/etc/init.d/rcS", NULL, 0) || plan->guest->start.count > 0) {
		argv_set(plan, (const char *const[]){ INIT_INSIDE, "--sysv", NULL });
		argv_more(plan, &plan->guest->start);
		return;
	}
	if (init) {
		found->notifies = false;
		argv_set(plan, (const char *const[]){ "/sbin/init", NULL });
		return;
	}
	argv_set(plan, (const char *const[]){ INIT_INSIDE, "--idle", NULL });
}

static void init_choose(struct plan *plan)
{
	const struct guest *g = plan->guest;

	if (g->shell) {
		bool bash = !plan->handles->kept && look(plan, "/bin/bash", NULL, 0) != 0;

		argv_set(plan,
			 (const char *const[]){ bash ? "/bin/bash" : "/bin/sh", NULL });
	} else if (g->init.count > 0) {
		plan->found->notifies = true;
		argv_set(plan, (const char *const[]){ INIT_INSIDE, "--", NULL });
		argv_more(plan, &g->init);
	} else if (plan->handles->kept) {
		plan->found->notifies = true;
		argv_more(plan, &plan->handles->argv);
	} else {
		init_find(plan);
	}
	plan->argv.at =
		xrealloc_array(plan->argv.at, plan->argv.count + 1, sizeof(char *));
	plan->argv.at[plan->argv.count] = NULL;
	plan->booted.argv = plan->argv.at;
	for (size_t i = 0, at = 0; i < plan->argv.count; i++) {
		size_t size = strlen(plan->argv.at[i]) + 1;

		if (at + size >= sizeof(plan->found->argv)) {
			/* Too long to be remembered: it is not woken by itself. */
			plan->found->argv[0] = '\0';
			break;
		}
		memcpy(plan->found->argv + at, plan->argv.at[i], size);
		at += size;
	}
}

static int mount_disk(struct plan *plan, size_t number, bool nosuid,
		      struct booted_failure *failure)
{
	AUTO_FREE char *folder = plan_disk_folder(plan->guest->name, number);
	int result;

	if (!*plan->disk_types[number])
		return -EMEDIUMTYPE;
	result = disk_mount((int)plan->handles->loops[number], plan->disk_types[number],
			    folder, nosuid);
	if (result) {
		failure->error = -result;
		(void)snprintf(failure->stage, sizeof(failure->stage), "disk");
		(void)snprintf(failure->path, sizeof(failure->path), "%s",
			       plan->guest->disk[number].image);
		return result;
	}
	plan->nodes[number].mode = S_IFBLK;
	plan->nodes[number].host = true;
	return 0;
}

/* Who knows whether it can be put there is another process. */
static void fstab_note(struct plan *plan, size_t number, const char *at)
{
	char *place = plan->found->tree_places[number];

	(void)snprintf(place, sizeof(plan->found->tree_places[number]), "%s", at);
	plan->trees[number].error = &plan->found->tree_errors[number];
}

static int fstab_entry(const struct fstab_line *line, void *data)
{
	const char *device = line->device, *at = line->at;
	struct plan *plan = data;

	for (size_t i = 0; i < plan->handles->loop_count; i++) {
		AUTO_FREE char *node = xasprintf("/dev/%s", plan->node_names[i]);
		AUTO_FREE char *folder = plan_disk_folder(plan->guest->name, i);
		struct booted_failure failure = { .error = EMEDIUMTYPE };
		struct booted_tree *tree;

		if (strcmp(device, node) != 0 || !(plan->nodes[i].mode & 0600))
			continue;
		if (mount_disk(plan, i, true, &failure)) {
			(void)snprintf(plan->found->note, sizeof(plan->found->note),
				       "%s of its fstab is not mounted on %s: %s", device,
				       at, strerror(failure.error));
			return 0;
		}
		tree = tree_add(plan, folder, at, !line->read_only, false);
		if (tree)
			fstab_note(plan, (size_t)(tree - plan->trees), at);
	}
	return 0;
}

void plan_notes(const struct plan *plan, void (*each)(void *data, const char *text),
		void *data)
{
	const struct plan_found *found = plan->found;

	if (*found->note)
		each(data, found->note);
	for (size_t i = 0; i < PLAN_TREES_MAX; i++) {
		AUTO_FREE char *text = NULL;

		if (!found->tree_errors[i])
			continue;
		text = xasprintf("%.200s of its fstab is not mounted: %s",
				 found->tree_places[i], strerror(found->tree_errors[i]));
		each(data, text);
	}
}

int plan_root_disk(const struct guest *g)
{
	if (g->own_image)
		return (int)g->disk_count - 1;
	return g->disk_count > 0 && !g->root && !g->lower ? 0 : -1;
}

/* They are entered by their names, as the machine enters them: a link would lead into its own tree. */
static int image_folders(const struct plan *plan, struct booted_failure *failure)
{
	const struct guest *g = plan->guest;
	const char *const names[] = { "root", plan->work ? "work" : NULL };
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	AUTO_FREE char *folder = plan_disk_folder(g->name, g->disk_count - 1);
	AUTO_CLOSE int top = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_LEN(names) && names[i]; i++) {
		AUTO_CLOSE int fd = open_within(top, names[i], &how);

		if (fd >= 0)
			continue;
		failure->error = errno;
		(void)snprintf(failure->stage, sizeof(failure->stage), "image");
		(void)snprintf(failure->path, sizeof(failure->path), "%s/%s", folder,
			       names[i]);
		return -errno;
	}
	return 0;
}

int plan_tree(void *data, struct booted_failure *failure)
{
	struct plan *plan = data;
	struct booted *b = &plan->booted;
	const struct guest *g = plan->guest;
	int disk = plan_root_disk(g), result = 0;

	if (plan->handles->kept) {
		init_choose(plan);
		return 0;
	}
	if (disk >= 0)
		result = mount_disk(plan, (size_t)disk, false, failure);
	if (!result && g->own_image)
		result = image_folders(plan, failure);
	if (result)
		return result;
	/* The layer above hides the one below. */
	if (plan->handles->loop_count > (disk >= 0 ? 1 : 0) &&
	    !(b->upper && fstab_each(b->upper, fstab_entry, plan)))
		(void)fstab_each(b->root, fstab_entry, plan);
	init_choose(plan);
	return 0;
}
