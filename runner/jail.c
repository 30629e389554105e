/* The root file system of a job: read-only binds of what its policy lists, /proc and /dev. */
#include "jail.h"
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOT_SIZE "1M" /* only folders, links and nodes live in the tmpfs itself */

/* Links where the host has links. */
static const char *const merged_links[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64" };

/* Folders and the last component (a folder or an empty file) of `path` below the new root. */
static int make_place(const struct jail *jail, const char *path, bool folder)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len < 2 || len >= sizeof(part)) {
		errno = EINVAL;
		return -1;
	}
	(void)snprintf(part, sizeof(part), "%s", path + 1);
	for (char *slash = strchr(part, '/');; slash = strchr(slash + 1, '/')) {
		bool last = !slash;
		struct stat st;

		if (slash)
			*slash = '\0';
		if (fstatat(jail->root, part, &st, 0)) {
			if (errno != ENOENT)
				return -1;
			if (last && !folder ? mknodat(jail->root, part, S_IFREG | 0444, 0)
					    : mkdirat(jail->root, part, 0755))
				return -1;
		}
		if (last)
			return 0;
		*slash = '/';
	}
}

static int devices_make(struct jail *jail)
{
	const struct step *step = jail->ctx->step;
	uid_t uid = step->uid0 ? 0 : jail->ctx->tool_uid;

	if (mkdirat(jail->root, "dev", 0755))
		return jail_fail(jail, STAGE_DEVICE, -1);
	for (unsigned i = 0; i < step->grant_count; i++) {
		AUTO_FREE char *path =
			policy_expand(step->grants[i].path, jail->ctx->instance);

		if (!jail->modes[i])
			continue;
		if (make_place(jail, path, false) || unlinkat(jail->root, path + 1, 0) ||
		    mknodat(jail->root, path + 1, jail->modes[i], jail->numbers[i]) ||
		    fchownat(jail->root, path + 1, uid, uid, AT_SYMLINK_NOFOLLOW))
			return jail_fail(jail, STAGE_DEVICE, (int)i);
	}
	return 0;
}

static int trees_place(struct jail *jail)
{
	for (unsigned i = 0; i < jail->count; i++) {
		const struct tree *tree = &jail->trees[i];

		if (make_place(jail, tree->path, tree->folder) ||
		    move_mount(tree->fd, "", jail->root, tree->path + 1,
			       MOVE_MOUNT_F_EMPTY_PATH))
			return jail_fail(jail, STAGE_MOUNT_TREE, -1);
		close(tree->fd);
	}
	return 0;
}

/* A new file system of `type`, not yet anywhere; options are key, value pairs up to NULL. */
static int new_mount(const char *type, const char *const *options, uint64_t attrs)
{
	AUTO_CLOSE int fs = fsopen(type, FSOPEN_CLOEXEC);

	if (fs < 0)
		return -1;
	for (; options[0]; options += 2)
		if (fsconfig(fs, FSCONFIG_SET_STRING, options[0], options[1], 0))
			return -1;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -1;
	return fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attrs);
}

/*
 * A /proc of the new pid namespace, with nothing in it but processes, unless a `see`
 * names a file of it: then all of /proc without /proc/sys. "invisible" would show stub and
 * collector to group 0, which is that of every tool with uid 0.
 */
static int proc_mount(struct jail *jail)
{
	static const char *const pids_only[] = { "hidepid", "ptraceable", "subset", "pid",
						 NULL };
	static const char *const whole[] = { "hidepid", "ptraceable", NULL };
	static const char *const cover[] = { "size", "4k", "mode", "0555", NULL };
	const struct step *step = jail->ctx->step;
	bool needed = false;
	int fd;

	for (unsigned i = 0; i < step->grant_count; i++)
		needed |= !strncmp(step->grants[i].path, "/proc/", 6);
	fd = new_mount("proc", needed ? whole : pids_only, DATA_ATTRS);
	if (fd < 0 || mkdirat(jail->root, "proc", 0555) ||
	    move_mount(fd, "", jail->root, "proc", MOVE_MOUNT_F_EMPTY_PATH))
		return jail_fail(jail, STAGE_MOUNT_PROC, -1);
	close(fd);
	if (!needed)
		return 0;
	fd = new_mount("tmpfs", cover, DATA_ATTRS);
	if (fd < 0 || move_mount(fd, "", jail->root, "proc/sys", MOVE_MOUNT_F_EMPTY_PATH))
		return jail_fail(jail, STAGE_MOUNT_PROC, -1);
	close(fd);
	return 0;
}

static int links_make(const struct jail *jail)
{
	for (size_t i = 0; i < ARRAY_LEN(merged_links); i++) {
		char target[64];
		ssize_t n = readlink(merged_links[i], target, sizeof(target) - 1);

		if (n <= 0)
			continue;
		target[n] = '\0';
		/* With the folder: a program may be bound into it through the link. */
		AUTO_FREE char *folder = xasprintf("/%s", target + strspn(target, "/"));
		if (symlinkat(folder + 1, jail->root, merged_links[i] + 1) ||
		    make_place(jail, folder, true))
			return -1;
	}
	return 0;
}

/*
 * The tmpfs goes on top of "/" and becomes the root; the old one is dropped at once, with
 * every mount it held. An initramfs has nothing to pivot from (EINVAL): there the old root
 * stays below, out of reach without CAP_SYS_CHROOT.
 */
static int enter(struct jail *jail)
{
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };

	if (fchdir(jail->root))
		return jail_fail(jail, STAGE_PIVOT, -1);
	if (!syscall(SYS_pivot_root, ".", ".")) {
		if (umount2(".", MNT_DETACH))
			return jail_fail(jail, STAGE_PIVOT, -1);
	} else if (errno != EINVAL || chroot(".")) {
		return jail_fail(jail, STAGE_PIVOT, -1);
	}
	if (chdir("/"))
		return jail_fail(jail, STAGE_PIVOT, -1);
	if (mount_setattr(AT_FDCWD, "/", 0, &readonly, sizeof(readonly)))
		return jail_fail(jail, STAGE_SEAL, -1);
	return 0;
}

/*
 * From a chroot (a rescue shell, a fresh root being tried) to the namespace's own root: a
 * chroot is no mount point, so nothing there can be made private or pivoted from. The
 * working folder is left outside the root and climbs.
 */
static int chroot_leave(void)
{
	struct stat before, after;

	if (chdir("/") || chroot("/usr") || stat(".", &after))
		return -1;
	do {
		before = after;
		if (chdir("..") || stat(".", &after))
			return -1;
	} while (before.st_ino != after.st_ino || before.st_dev != after.st_dev);
	return chroot(".");
}

/* No mount of ours may show up in the machine's own tree. *chrooted: see above. */
static int mounts_private(bool *chrooted)
{
	AUTO_CLOSE int here = -1;

	*chrooted = false;
	if (!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return 0;
	if (errno != EINVAL)
		return -1;
	*chrooted = true;
	here = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (here < 0 || chroot_leave() ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	return fchdir(here) || chroot(".") ? -1 : 0;
}

/*
 * These come last, when all that the job needs is known to be there: most jobs of a machine
 * are of hardware it does not have, and a network namespace costs as much as all the rest.
 * Made here and not in clone3, they are also not made by the monitor one after the other.
 */
static int namespaces_enter(struct jail *jail)
{
	const struct job_context *ctx = jail->ctx;
	int flags = CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

	if (ctx->enter_v1)
		cgroup_enter_v1(ctx->cgroup, ctx->number);
	if (!ctx->step->network_host)
		flags |= CLONE_NEWNET;
	if (unshare(flags))
		return jail_fail(jail, STAGE_NAMESPACES, -1);
	return sethostname("bee", 3) ? jail_fail(jail, STAGE_HOSTNAME, -1) : 0;
}

enum job_msg_type jail_build(const struct job_context *ctx, struct job_program *program,
			     struct job_failure *failure)
{
	static const char *const root_options[] = { "size", ROOT_SIZE, "mode", "0755",
						    NULL };
	struct jail jail = { .ctx = ctx, .root = -1, .failure = failure };
	enum job_msg_type result;
	bool chrooted;

	if (mounts_private(&chrooted)) {
		jail_fail(&jail, STAGE_PRIVATE, -1);
		return JOB_MSG_SETUP;
	}
	result = jail_open(&jail, program);
	if (result != JOB_MSG_STARTED)
		return result;

	if (namespaces_enter(&jail))
		return JOB_MSG_SETUP;
	if (chrooted && chroot_leave()) {
		jail_fail(&jail, STAGE_MOUNT_ROOT, -1);
		return JOB_MSG_SETUP;
	}
	jail.root =
		new_mount("tmpfs", root_options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	if (jail.root < 0 ||
	    move_mount(jail.root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH)) {
		jail_fail(&jail, STAGE_MOUNT_ROOT, -1);
		return JOB_MSG_SETUP;
	}
	if (links_make(&jail)) {
		jail_fail(&jail, STAGE_MOUNT_ROOT, -1);
		return JOB_MSG_SETUP;
	}
	if (proc_mount(&jail) || devices_make(&jail) || trees_place(&jail) ||
	    enter(&jail))
		return JOB_MSG_SETUP;
	close(jail.root);
	return JOB_MSG_STARTED;
}
