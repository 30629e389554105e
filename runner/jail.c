/* The root file system of a job: read-only binds of what its policy lists, /proc and /dev. */
#include "cgroup.h"
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define ROOT_SIZE "1M" /* only folders, links and nodes live in the tmpfs itself */
#define LIBRARY_ATTRS (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define DATA_ATTRS (LIBRARY_ATTRS | MOUNT_ATTR_NOEXEC)

/* A tree opened outside, waiting to be placed at `path` in the new root. */
struct tree {
	int fd;
	char *path; /* owned */
	bool folder;
};

struct jail {
	const struct job_context *ctx;
	struct tree trees[POLICY_GRANTS_MAX + 16];
	unsigned count;
	int root; /* the tmpfs */
	struct job_failure *failure;
};

/* Where programs and libraries are, everywhere; as links where the host has links. */
static const char *const library_folders[] = { "/usr/lib", "/usr/lib32", "/usr/lib64",
					       "/lib",     "/lib32",     "/lib64" };
static const char *const merged_links[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64" };
static const char *const program_folders[] = { "/usr/local/sbin", "/usr/local/bin",
					       "/usr/sbin", "/usr/bin" };

static int fail(struct jail *jail, enum job_stage stage, int index)
{
	*jail->failure = (struct job_failure){ stage, errno, index };
	return -1;
}

/* Opens a detached copy of the tree at `path` with everything mounted below it. */
static int tree_open(struct jail *jail, const char *path, const char *target,
		     uint64_t attrs)
{
	struct mount_attr attr = { .attr_set = attrs };
	struct tree *tree = &jail->trees[jail->count];
	struct stat st;

	if (jail->count == ARRAY_LEN(jail->trees)) {
		errno = E2BIG;
		return -1;
	}
	tree->fd = open_tree(AT_FDCWD, path,
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree->fd < 0)
		return -1;
	if (mount_setattr(tree->fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr,
			  sizeof(attr)) ||
	    fstat(tree->fd, &st)) {
		close(tree->fd);
		return -1;
	}
	tree->folder = S_ISDIR(st.st_mode);
	tree->path = xstrdup(target);
	jail->count++;
	return 0;
}

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

/* Finds the program as a shell would, opens it and what its "#!" line names. */
static enum job_msg_type program_find(struct jail *jail, struct job_program *found)
{
	const char *name = jail->ctx->step->argv[0];
	char *program = found->path;
	char head[256] = "";
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < ARRAY_LEN(program_folders); i++) {
		if (name[0] == '/')
			(void)snprintf(program, sizeof(found->path), "%s", name);
		else
			(void)snprintf(program, sizeof(found->path), "%s/%s",
				       program_folders[i], name);
		if (access(program, X_OK) == 0)
			fd = open(program, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	}
	if (fd < 0)
		return JOB_MSG_UNAVAILABLE;
	if (read_full(fd, head, sizeof(head) - 1) < 0 ||
	    tree_open(jail, program, program, LIBRARY_ATTRS)) {
		fail(jail, STAGE_PROGRAM, -1);
		close(fd);
		return JOB_MSG_SETUP;
	}
	close(fd);
	if (head[0] == '#' && head[1] == '!') {
		char *interpreter = head + 2 + strspn(head + 2, " \t");

		interpreter[strcspn(interpreter, " \t\r\n")] = '\0';
		if (interpreter[0] != '/' ||
		    tree_open(jail, interpreter, interpreter, LIBRARY_ATTRS)) {
			errno = errno ? errno : ENOEXEC;
			fail(jail, STAGE_PROGRAM, -1);
			return JOB_MSG_SETUP;
		}
		(void)snprintf(found->interpreter, sizeof(found->interpreter), "%s",
			       interpreter);
	}
	return JOB_MSG_STARTED;
}

/* Opens every listed tree before the new root covers anything. */
static enum job_msg_type sources_open(struct jail *jail)
{
	const struct step *step = jail->ctx->step;
	bool dynamic = !policy_own_program(step); /* ours are linked statically */

	for (size_t i = 0; dynamic && i < ARRAY_LEN(library_folders); i++) {
		struct stat st;

		if (lstat(library_folders[i], &st) || !S_ISDIR(st.st_mode))
			continue;
		if (tree_open(jail, library_folders[i], library_folders[i],
			      LIBRARY_ATTRS)) {
			fail(jail, STAGE_OPEN_TREE, -1);
			return JOB_MSG_SETUP;
		}
	}
	if (dynamic &&
	    tree_open(jail, "/etc/ld.so.cache", "/etc/ld.so.cache", DATA_ATTRS) &&
	    errno != ENOENT) {
		fail(jail, STAGE_OPEN_TREE, -1);
		return JOB_MSG_SETUP;
	}
	for (unsigned i = 0; i < step->grant_count; i++) {
		const struct grant *grant = &step->grants[i];
		AUTO_FREE char *path = policy_expand(grant->path, jail->ctx->instance);

		if (grant->kind != GRANT_SEE && grant->kind != GRANT_EXEC)
			continue;
		if (!tree_open(jail, path, path,
			       grant->kind == GRANT_EXEC ? LIBRARY_ATTRS : DATA_ATTRS))
			continue;
		if (errno == ENOENT || errno == ENOTDIR) {
			if (grant->optional)
				continue;
			fail(jail, STAGE_OPEN_TREE, (int)i);
			return JOB_MSG_ABSENT;
		}
		fail(jail, STAGE_OPEN_TREE, (int)i);
		return JOB_MSG_SETUP;
	}
	return JOB_MSG_STARTED;
}

static bool tree_has(const struct jail *jail, const char *path)
{
	for (unsigned i = 0; i < jail->count; i++)
		if (!strcmp(jail->trees[i].path, path))
			return true;
	return false;
}

/* Whether a folder that is open already holds `path`: its links lead into /sys/devices. */
static bool tree_covers(const struct jail *jail, const char *path)
{
	for (unsigned i = 0; i < jail->count; i++) {
		size_t len = strlen(jail->trees[i].path);

		if (!strncmp(jail->trees[i].path, path, len) &&
		    (path[len] == '/' || !path[len]))
			return true;
	}
	return false;
}

/* The folder a read pattern starts in: up to the component before its first wildcard. */
static char *pattern_folder(const struct jail *jail, const char *pattern)
{
	char *path = policy_expand(pattern, jail->ctx->instance);
	char *wild = path + strcspn(path, "*{");

	while (wild > path && *wild != '/')
		wild--;
	if (*wild == '/')
		*wild = '\0';
	return path;
}

/*
 * A read step sees the folders its patterns start in and, as sysfs is links into it,
 * /sys/devices; bee-read opens nothing but what the patterns say.
 */
static enum job_msg_type patterns_open(struct jail *jail)
{
	const struct step *step = jail->ctx->step;
	bool in_sysfs = false;

	for (unsigned i = 0; i < step->grant_count; i++) {
		AUTO_FREE char *folder = pattern_folder(jail, step->grants[i].path);

		if (tree_covers(jail, folder))
			continue;
		if (!tree_open(jail, folder, folder, DATA_ATTRS)) {
			in_sysfs |= !strncmp(folder, "/sys/", 5);
		} else if (errno != ENOENT && errno != ENOTDIR) {
			fail(jail, STAGE_OPEN_TREE, (int)i);
			return JOB_MSG_SETUP;
		}
	}
	if (jail->count == 0) {
		*jail->failure = (struct job_failure){ STAGE_OPEN_TREE, ENOENT, 0 };
		return JOB_MSG_ABSENT;
	}
	if (in_sysfs && !tree_has(jail, "/sys/devices") &&
	    tree_open(jail, "/sys/devices", "/sys/devices", DATA_ATTRS)) {
		fail(jail, STAGE_OPEN_TREE, -1);
		return JOB_MSG_SETUP;
	}
	return JOB_MSG_STARTED;
}

/*
 * The node is made anew, owned by the tool's uid with just the bits its policy grants, so
 * that most tools need not be uid 0: the kernel's own permission check then says the same
 * as Landlock and the filter do.
 */
static enum job_msg_type devices_stat(struct jail *jail, mode_t *modes, dev_t *numbers)
{
	const struct step *step = jail->ctx->step;

	for (unsigned i = 0; i < step->grant_count; i++) {
		const struct grant *grant = &step->grants[i];
		AUTO_FREE char *path = policy_expand(grant->path, jail->ctx->instance);
		struct stat st;

		modes[i] = 0;
		if (grant->kind != GRANT_DEVICE)
			continue;
		if (stat(path, &st)) {
			bool missing = errno == ENOENT || errno == ENOTDIR;

			if (missing && grant->optional)
				continue;
			fail(jail, STAGE_DEVICE, (int)i);
			return missing ? JOB_MSG_ABSENT : JOB_MSG_SETUP;
		}
		if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)) {
			errno = ENODEV;
			fail(jail, STAGE_DEVICE, (int)i);
			return JOB_MSG_SETUP;
		}
		modes[i] = (st.st_mode & S_IFMT) | (grant->write ? 0600 : 0400);
		numbers[i] = st.st_rdev;
	}
	return JOB_MSG_STARTED;
}

static int devices_make(struct jail *jail, const mode_t *modes, const dev_t *numbers)
{
	const struct step *step = jail->ctx->step;
	uid_t uid = step->uid0 ? 0 : jail->ctx->tool_uid;

	if (mkdirat(jail->root, "dev", 0755))
		return fail(jail, STAGE_DEVICE, -1);
	for (unsigned i = 0; i < step->grant_count; i++) {
		AUTO_FREE char *path =
			policy_expand(step->grants[i].path, jail->ctx->instance);

		if (!modes[i])
			continue;
		if (make_place(jail, path, false) || unlinkat(jail->root, path + 1, 0) ||
		    mknodat(jail->root, path + 1, modes[i], numbers[i]) ||
		    fchownat(jail->root, path + 1, uid, uid, AT_SYMLINK_NOFOLLOW))
			return fail(jail, STAGE_DEVICE, (int)i);
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
			return fail(jail, STAGE_MOUNT_TREE, -1);
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
		return fail(jail, STAGE_MOUNT_PROC, -1);
	close(fd);
	if (!needed)
		return 0;
	fd = new_mount("tmpfs", cover, DATA_ATTRS);
	if (fd < 0 || move_mount(fd, "", jail->root, "proc/sys", MOVE_MOUNT_F_EMPTY_PATH))
		return fail(jail, STAGE_MOUNT_PROC, -1);
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
		if (symlinkat(target + strspn(target, "/"), jail->root,
			      merged_links[i] + 1))
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
		return fail(jail, STAGE_PIVOT, -1);
	if (!syscall(SYS_pivot_root, ".", ".")) {
		if (umount2(".", MNT_DETACH))
			return fail(jail, STAGE_PIVOT, -1);
	} else if (errno != EINVAL || chroot(".")) {
		return fail(jail, STAGE_PIVOT, -1);
	}
	if (chdir("/"))
		return fail(jail, STAGE_PIVOT, -1);
	if (mount_setattr(AT_FDCWD, "/", 0, &readonly, sizeof(readonly)))
		return fail(jail, STAGE_SEAL, -1);
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
		return fail(jail, STAGE_NAMESPACES, -1);
	return sethostname("bee", 3) ? fail(jail, STAGE_HOSTNAME, -1) : 0;
}

enum job_msg_type jail_build(const struct job_context *ctx, struct job_program *program,
			     struct job_failure *failure)
{
	static const char *const root_options[] = { "size", ROOT_SIZE, "mode", "0755",
						    NULL };
	struct jail jail = { .ctx = ctx, .root = -1, .failure = failure };
	mode_t modes[POLICY_GRANTS_MAX] = { 0 };
	dev_t numbers[POLICY_GRANTS_MAX];
	enum job_msg_type result = JOB_MSG_STARTED;
	bool chrooted;

	if (mounts_private(&chrooted)) {
		fail(&jail, STAGE_PRIVATE, -1);
		return JOB_MSG_SETUP;
	}
	*program = (struct job_program){ .path = "" };
	errno = 0;
	if (!policy_own_program(ctx->step))
		result = program_find(&jail, program);
	if (result == JOB_MSG_STARTED)
		result = devices_stat(&jail, modes, numbers);
	if (result == JOB_MSG_STARTED)
		result = ctx->step->argv[0] ? sources_open(&jail) : patterns_open(&jail);
	if (result != JOB_MSG_STARTED)
		return result;

	if (namespaces_enter(&jail))
		return JOB_MSG_SETUP;
	if (chrooted && chroot_leave()) {
		fail(&jail, STAGE_MOUNT_ROOT, -1);
		return JOB_MSG_SETUP;
	}
	jail.root =
		new_mount("tmpfs", root_options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	if (jail.root < 0 ||
	    move_mount(jail.root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH)) {
		fail(&jail, STAGE_MOUNT_ROOT, -1);
		return JOB_MSG_SETUP;
	}
	if (links_make(&jail)) {
		fail(&jail, STAGE_MOUNT_ROOT, -1);
		return JOB_MSG_SETUP;
	}
	if (proc_mount(&jail) || devices_make(&jail, modes, numbers) ||
	    trees_place(&jail) || enter(&jail))
		return JOB_MSG_SETUP;
	close(jail.root);
	return JOB_MSG_STARTED;
}
