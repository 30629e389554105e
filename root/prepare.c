/* The tree, /dev and what else needs the machine's rights, in a mount namespace of its own. */
#include "clone.h"
#include "mounts.h"
#include "stages.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const struct booted_node standard_nodes[] = {
	{ "null", S_IFCHR | 0666, 1, 3, false },
	{ "zero", S_IFCHR | 0666, 1, 5, false },
	{ "full", S_IFCHR | 0666, 1, 7, false },
	{ "random", S_IFCHR | 0666, 1, 8, false },
	{ "urandom", S_IFCHR | 0666, 1, 9, false },
	{ "tty", S_IFCHR | 0666, 5, 0, false },
};

static const struct {
	const char *target, *name;
} dev_links[] = {
	{ "/proc/self/fd", "fd" },       { "/proc/self/fd/0", "stdin" },
	{ "/proc/self/fd/1", "stdout" }, { "/proc/self/fd/2", "stderr" },
	{ "pts/ptmx", "ptmx" },
};

/* What is opened before anything is mounted over. */
struct sources {
	int root, upper;              /* detached copies; -1 */
	char *upper_name, *work_name; /* owned: below `upper` */
	int *trees;
	int sys;
};

/* A detached copy of `path` whose owners are those of the guest. Or -errno, and what has failed. */
static int tree_try(const struct stage *stage, const char *path, bool mapped, bool write,
		    const char *what, const char **failed)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NODEV };
	int fd = mounts_copy(path, false);

	*failed = what;
	if (fd < 0)
		return -errno;
	if (!write)
		attr.attr_set |= MOUNT_ATTR_RDONLY;
	if (mapped && stage->user_ns >= 0) {
		attr.attr_set |= MOUNT_ATTR_IDMAP;
		attr.userns_fd = (unsigned)stage->user_ns;
	}
	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr))) {
		int error = errno;

		if (attr.userns_fd)
			*failed = "map owners";
		close(fd);
		return -error;
	}
	return fd;
}

static int tree_open(const struct stage *stage, const char *path, bool mapped, bool write,
		     const char *what)
{
	const char *failed;
	int fd = tree_try(stage, path, mapped, write, what, &failed);

	if (fd >= 0)
		return fd;
	errno = -fd;
	stage_fail(stage, failed, path);
}

/* One that may be missing says so itself. */
static int more_open(const struct stage *stage, const struct booted_tree *tree)
{
	const char *failed;
	int fd;

	if (!tree->error)
		return tree_open(stage, tree->from, !tree->host_ids, tree->write, "tree");
	fd = tree_try(stage, tree->from, !tree->host_ids, tree->write, "tree", &failed);
	*tree->error = fd < 0 ? -fd : 0;
	return fd;
}

/*
 * upper and work have to be on one mount, and a mount can only have its owners mapped before
 * it is anywhere: the folder above both is taken.
 */
static void overlay_open(const struct stage *stage, struct sources *sources)
{
	char *upper = realpath(stage->booted->upper, NULL);
	char *work = realpath(stage->booted->work, NULL);
	size_t common = 0;

	if (!upper)
		stage_fail(stage, "overlay", stage->booted->upper);
	if (!work)
		stage_fail(stage, "overlay", stage->booted->work);
	for (size_t i = 0; upper[i] && upper[i] == work[i]; i++)
		if (upper[i] == '/')
			common = i;
	sources->upper_name = xasprintf(STAGE "/upper%s", upper + common);
	sources->work_name = xasprintf(STAGE "/upper%s", work + common);
	free(work);
	upper[common ? common : 1] = '\0';
	sources->upper = tree_open(stage, upper, true, true, "overlay");
	free(upper);
}

static void sources_open(const struct stage *stage, struct sources *sources)
{
	const struct booted *booted = stage->booted;
	bool in_place = booted->changes == BOOTED_IN_PLACE;

	sources->root = tree_open(stage, booted->root, true,
				  in_place && !booted->read_only, "root");
	sources->upper = -1;
	if (booted->changes == BOOTED_OVERLAY)
		overlay_open(stage, sources);
	sources->trees = xcalloc(booted->tree_count, sizeof(int));
	for (unsigned i = 0; i < booted->tree_count; i++)
		sources->trees[i] = more_open(stage, &booted->trees[i]);
	sources->sys = mounts_copy("/sys", false);
	if (sources->sys < 0)
		stage_fail(stage, "sysfs", "/sys");
}

static void place(const struct stage *stage, int fd, const char *path)
{
	if (mounts_place(fd, path))
		stage_fail(stage, "mount", path);
}

static void folder(const struct stage *stage, const char *path)
{
	if (mkdir(path, 0755))
		stage_fail(stage, "folder", path);
}

static void option(const struct stage *stage, int fs, const char *key, const char *value)
{
	if (fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0))
		stage_fail(stage, "overlay", value);
}

/*
 * An overlay makes files in `work` with the rights of who mounts it: to have an owner in a
 * mapped file system that has to be the guest's root, with the machine's capabilities.
 */
static int overlay_mount(const struct stage *stage, const char *upper, const char *work)
{
	AUTO_CLOSE int fs = fsopen("overlay", FSOPEN_CLOEXEC);
	cap_t caps = cap_get_proc();
	int fd;

	if (fs < 0 || !caps)
		stage_fail(stage, "overlay", "");
	option(stage, fs, "lowerdir", STAGE "/lower");
	option(stage, fs, "upperdir", upper);
	option(stage, fs, "workdir", work);
	setfsgid(stage->booted->first_id);
	setfsuid(stage->booted->first_id);
	if (cap_set_proc(caps))
		stage_fail(stage, "overlay", "");
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		stage_fail(stage, "overlay", upper);
	fd = fsmount(fs, FSMOUNT_CLOEXEC,
		     MOUNT_ATTR_NODEV |
			     (stage->booted->read_only ? MOUNT_ATTR_RDONLY : 0));
	if (fd < 0)
		stage_fail(stage, "overlay", upper);
	setfsuid(0);
	setfsgid(0);
	if (cap_set_proc(caps))
		stage_fail(stage, "overlay", "");
	cap_free(caps);
	return fd;
}

static void tree_place(const struct stage *stage, struct sources *sources)
{
	static const char volatile_upper[] = STAGE "/volatile/upper",
			  volatile_work[] = STAGE "/volatile/work";
	const struct booted *booted = stage->booted;
	const char *const options[] = { "mode", "0755",
					booted->volatile_size ? "size" : NULL,
					booted->volatile_size, NULL };

	folder(stage, STAGE "/root");
	if (booted->changes == BOOTED_IN_PLACE) {
		place(stage, sources->root, STAGE "/root");
		return;
	}
	folder(stage, STAGE "/lower");
	place(stage, sources->root, STAGE "/lower");
	if (booted->changes == BOOTED_OVERLAY) {
		folder(stage, STAGE "/upper");
		place(stage, sources->upper, STAGE "/upper");
		place(stage,
		      overlay_mount(stage, sources->upper_name, sources->work_name),
		      STAGE "/root");
		return;
	}
	folder(stage, STAGE "/volatile");
	place(stage, mounts_new("tmpfs", options, 0), STAGE "/volatile");
	folder(stage, volatile_upper);
	folder(stage, volatile_work);
	if (chown(volatile_upper, booted->first_id, booted->first_id) ||
	    chown(volatile_work, booted->first_id, booted->first_id))
		stage_fail(stage, "overlay", volatile_upper);
	place(stage, overlay_mount(stage, volatile_upper, volatile_work), STAGE "/root");
}

static void node_make(const struct stage *stage, const struct booted_node *node)
{
	AUTO_FREE char *path = xasprintf(STAGE "/dev/%s", node->name);
	uid_t root = stage->booted->first_id, owner = node->host ? 0 : root;

	for (char *slash = strchr(path + sizeof(STAGE "/dev"), '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if ((mkdir(path, 0755) && errno != EEXIST) || chown(path, root, root))
			stage_fail(stage, "device", path);
		*slash = '/';
	}
	/* chmod: the umask took some of it. */
	if (mknod(path, node->mode, makedev(node->major, node->minor)) ||
	    chown(path, owner, owner) || chmod(path, node->mode & 07777))
		stage_fail(stage, "device", path);
}

/*
 * A tmpfs and never a devtmpfs, which is the machine's own. Its nodes work inside as it is
 * the machine's root that mounts it; nobody in a user namespace can make more.
 */
static void dev_make(const struct stage *stage)
{
	static const char *const options[] = { "mode", "0755", "size", "1M", NULL };
	static const struct booted_node console = { "console", S_IFCHR | 0600, 1, 3,
						    false };
	static const char *const folders[] = { "", "/pts", "/shm", "/mqueue" };
	const struct booted *booted = stage->booted;

	folder(stage, STAGE "/dev");
	place(stage, mounts_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC),
	      STAGE "/dev");
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		AUTO_FREE char *path = xasprintf(STAGE "/dev%s", folders[i]);

		if ((*folders[i] && mkdir(path, 0755)) ||
		    chown(path, booted->first_id, booted->first_id))
			stage_fail(stage, "device", path);
	}
	for (size_t i = 0; i < ARRAY_LEN(standard_nodes); i++)
		node_make(stage, &standard_nodes[i]);
	node_make(stage, &console); /* a terminal goes over it */
	for (unsigned i = 0; i < booted->node_count; i++)
		node_make(stage, &booted->nodes[i]);
	for (size_t i = 0; i < ARRAY_LEN(dev_links); i++) {
		AUTO_FREE char *path = xasprintf(STAGE "/dev/%s", dev_links[i].name);

		if (symlink(dev_links[i].target, path) ||
		    lchown(path, booted->first_id, booted->first_id))
			stage_fail(stage, "device", path);
	}
}

static void trees_place(const struct stage *stage, const struct sources *sources)
{
	folder(stage, STAGE "/trees");
	for (unsigned i = 0; i < stage->booted->tree_count; i++) {
		AUTO_FREE char *path = xasprintf(STAGE "/trees/%u", i);
		struct stat st;

		if (sources->trees[i] < 0)
			continue;
		if (fstat(sources->trees[i], &st))
			stage_fail(stage, "tree", stage->booted->trees[i].from);
		if (S_ISDIR(st.st_mode))
			folder(stage, path);
		else if (mknod(path, S_IFREG | 0600, 0))
			stage_fail(stage, "tree", path);
		place(stage, sources->trees[i], path);
	}
}

/*
 * The only thread there is, moved by itself: with the whole process the kernel would wait some 10 ms
 * until nobody forks any more (kernel/cgroup/cgroup.c: cgroup_attach_lock, since Linux 5.19).
 */
static void cgroups_join(const struct stage *stage)
{
	for (const char *const *at = stage->booted->cgroup_v1; at && *at; at++) {
		AUTO_FREE char *path = xasprintf("%s/tasks", *at);
		AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

		if (fd < 0 || write(fd, "0", 1) != 1)
			stage_fail(stage, "cgroup", path);
	}
}

/* The guest may divide its own group (cgroups(7), "Cgroup delegation"), its limits it may not. */
static void cgroup_delegate(const struct stage *stage)
{
	static const char *const files[] = { ".", "cgroup.procs", "cgroup.threads",
					     "cgroup.subtree_control" };
	uid_t root = stage->booted->first_id;

	for (size_t i = 0; stage->booted->cgroup >= 0 && i < ARRAY_LEN(files); i++)
		if (fchownat(stage->booted->cgroup, files[i], root, root, 0) &&
		    errno != ENOENT)
			stage_fail(stage, "cgroup", files[i]);
}

/* As a machine's first process has it: nobody inside can raise the hard limit later. */
static void limits_set(const struct stage *stage)
{
	struct rlimit files = { .rlim_cur = 1024, .rlim_max = 524288 };
	/* Exactly 1: the machine's handler of cores, which runs outside, is not started (core(5)). */
	const struct rlimit core = { 1, 1 };

	if (setrlimit(RLIMIT_CORE, &core))
		stage_fail(stage, "limits", "");
	if (!setrlimit(RLIMIT_NOFILE, &files))
		return;
	/* Without CAP_SYS_RESOURCE, or with a lower /proc/sys/fs/nr_open. */
	if (getrlimit(RLIMIT_NOFILE, &files))
		stage_fail(stage, "limits", "");
	if (files.rlim_cur > 1024)
		files.rlim_cur = 1024;
	if (setrlimit(RLIMIT_NOFILE, &files))
		stage_fail(stage, "limits", "");
}

/*
 * CLONE_PARENT: a child of who called booted_start(). In a user namespace a copy of these
 * mounts is locked together: none can be taken off another, and nodev and ro stay.
 */
static void enter_start(const struct stage *stage)
{
	uint64_t flags = CLONE_PARENT | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
			 CLONE_NEWUTS | CLONE_NEWCGROUP;
	struct stage_message message = { .type = TOLD_CHILD };
	int pidfd = -1;

	if (stage->booted->network >= 0 && setns(stage->booted->network, CLONE_NEWNET))
		stage_fail(stage, "network namespace", "");
	if (stage->booted->network == BOOTED_OWN)
		flags |= CLONE_NEWNET;
	if (stage->user_ns >= 0 && setns(stage->user_ns, CLONE_NEWUSER))
		stage_fail(stage, "user namespace", "");
	/* Root of it from here on: what the kernel makes with the namespaces is root's then. */
	if (setgroups(0, NULL) || setresgid(0, 0, 0) || setresuid(0, 0, 0))
		stage_fail(stage, "ids", "");
	message.pid = clone_child(flags, -1, &pidfd);
	if (message.pid < 0)
		stage_fail(stage, "namespaces", "");
	if (message.pid == 0)
		stage_enter(stage);
	stage_send(stage, &message, -1);
}

static void before_tree(const struct stage *stage)
{
	struct stage_message message = { .type = TOLD_FAILED };
	int result = 0;

	if (stage->booted->before_tree)
		result =
			stage->booted->before_tree(stage->booted->data, &message.failure);
	if (!result)
		return;
	message.failure.error = -result;
	stage_send(stage, &message, -1);
	_exit(BEE_SOFTWARE);
}

void stage_prepare(const struct stage *stage)
{
	static const char *const options[] = { "mode", "0755", NULL };
	struct sources sources = { .root = -1 };
	bool wakes = stage->booted->mount_ns >= 0;

	if (!wakes && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		stage_fail(stage, "private mounts", "/");
	(void)umask(022);
	before_tree(stage);
	cgroups_join(stage);
	cgroup_delegate(stage);
	if (wakes) {
		limits_set(stage);
		enter_start(stage);
		_exit(0);
	}
	sources_open(stage, &sources);
	place(stage, mounts_new("tmpfs", options, MOUNT_ATTR_NODEV), STAGE);
	folder(stage, STAGE "/new");
	folder(stage, STAGE "/sys");
	place(stage, sources.sys, STAGE "/sys");
	tree_place(stage, &sources);
	dev_make(stage);
	trees_place(stage, &sources);
	limits_set(stage);
	enter_start(stage);
	_exit(0);
}
