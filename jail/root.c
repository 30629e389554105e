/* A jail's root file system: read-only binds of what is listed, /proc and /dev. */
#include "cgroup.h"
#include "clone.h"
#include "descriptors.h"
#include "pass.h"
#include "sources.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOT_SIZE "1M" /* only folders, links and nodes live in the tmpfs itself */

/* Links where the host has links. */
static const char *const merged_links[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64" };

/* Folders and the last component (a folder or an empty file) of `path` below the new root. */
static int make_place(int root, const char *path, bool folder)
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
		if (fstatat(root, part, &st, 0)) {
			if (errno != ENOENT)
				return -1;
			if (last && !folder ? mknodat(root, part, S_IFREG | 0444, 0)
					    : mkdirat(root, part, 0755))
				return -1;
		}
		if (last)
			return 0;
		*slash = '/';
	}
}

/*
 * The real node is there while it is looked up, and never where the tool runs: the performer
 * opens it by this descriptor. Under its name is the null device.
 */
static int device_hide(struct sources *sources, int root, const char *path,
		       const struct source_node *node, int *device)
{
	uid_t uid = sources->jail->broker.uid;

	if (mknodat(root, path + 1, node->mode, node->number) ||
	    fchownat(root, path + 1, uid, uid, AT_SYMLINK_NOFOLLOW))
		return -1;
	*device = openat(root, path + 1, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (*device < 0 || unlinkat(root, path + 1, 0))
		return -1;
	return mknodat(root, path + 1, S_IFCHR | (node->mode & ~(mode_t)S_IFMT),
		       makedev(1, 3));
}

static int devices_make(struct sources *sources, int root, int *device)
{
	const struct jail *jail = sources->jail;

	if (mkdirat(root, "dev", 0755))
		return sources_fail(sources, STAGE_DEVICE, "");
	for (unsigned i = 0; i < jail->node_count; i++) {
		const struct source_node *node = &sources->nodes[i];
		const char *path = jail->nodes[i].path;

		if (!node->mode)
			continue;
		if (make_place(root, path, false) || unlinkat(root, path + 1, 0) ||
		    (jail->broker.request_count
			     ? device_hide(sources, root, path, node, device)
			     : mknodat(root, path + 1, node->mode, node->number)) ||
		    fchownat(root, path + 1, jail->tool.uid, jail->tool.uid,
			     AT_SYMLINK_NOFOLLOW))
			return sources_fail(sources, STAGE_DEVICE, path);
	}
	return 0;
}

static int trees_place(struct sources *sources, int root)
{
	for (unsigned i = 0; i < sources->count; i++) {
		const struct source_tree *tree = &sources->trees[i];

		if (make_place(root, tree->path, tree->folder) ||
		    move_mount(tree->fd, "", root, tree->path + 1,
			       MOVE_MOUNT_F_EMPTY_PATH))
			return sources_fail(sources, STAGE_MOUNT_TREE, tree->path);
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
 * A /proc of the new pid namespace, with nothing in it but processes. Nothing can be put into
 * that: where files of the machine's /proc are listed, /proc is a folder with those files in
 * it, and the processes beside them. "invisible" would show stub and collector to group 0,
 * which is that of every tool with uid 0.
 */
static int proc_mount(struct sources *sources, int root)
{
	static const char *const options[] = { "hidepid", "ptraceable", "subset", "pid",
					       NULL };
	bool listed = false;
	int fd;

	for (unsigned i = 0; i < sources->count; i++)
		listed |= !strncmp(sources->trees[i].path, "/proc/", 6);
	fd = new_mount("proc", options, DATA_ATTRS);
	if (fd < 0 || mkdirat(root, "proc", 0555) ||
	    (listed && (mkdirat(root, "proc/pid", 0555) ||
			symlinkat("pid/self", root, "proc/self") ||
			symlinkat("pid/thread-self", root, "proc/thread-self"))) ||
	    move_mount(fd, "", root, listed ? "proc/pid" : "proc",
		       MOVE_MOUNT_F_EMPTY_PATH))
		return sources_fail(sources, STAGE_MOUNT_PROC, "");
	close(fd);
	return 0;
}

static int links_make(int root)
{
	for (size_t i = 0; i < ARRAY_LEN(merged_links); i++) {
		char target[64];
		ssize_t n = readlink(merged_links[i], target, sizeof(target) - 1);

		if (n <= 0)
			continue;
		target[n] = '\0';
		/* With the folder: a program may be bound into it through the link. */
		AUTO_FREE char *folder = xasprintf("/%s", target + strspn(target, "/"));
		if (symlinkat(folder + 1, root, merged_links[i] + 1) ||
		    make_place(root, folder, true))
			return -1;
	}
	return 0;
}

/*
 * Puts an empty file system in the place of the machine's tree, and sends the mount namespace in
 * which that is so. Who hangs in it holds nothing of ours, no lock and no pipe.
 */
static int base_make(int to, pid_t parent)
{
	static const char *const options[] = { "mode", "0555", NULL }, *const none = NULL;
	AUTO_CLOSE int proc = -1, space = -1, root = -1;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != parent ||
	    descriptors_keep(&to, 1))
		return -1;
	proc = new_mount("proc", &none, DATA_ATTRS);
	space = proc < 0 ? -1 : openat(proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
	/* No mount of ours may show up in the machine's own tree. A chroot (a rescue shell, a fresh root
	 * being tried) is no mount: setns(2) leads to the namespace's own root. */
	if (space < 0 || setns(space, CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	root = new_mount("tmpfs", options, DATA_ATTRS);
	if (root < 0 || move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) ||
	    fchdir(root))
		return -1;
	/* An initramfs has nothing to pivot from: there the machine's tree stays below, out of reach
	 * without the rights to unmount and to enter a namespace. */
	if (syscall(SYS_pivot_root, ".", ".") ? errno != EINVAL
					      : umount2(".", MNT_DETACH))
		return -1;
	return pass_send(to, space);
}

int root_base(nsec_t until, int interrupt)
{
	struct pollfd polls[] = { { -1, POLLIN, 0 }, { interrupt, POLLIN, 0 } };
	siginfo_t info = { .si_pid = 0 };
	pid_t self = getpid(), pid;
	int ends[2], base;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid = clone_child(CLONE_NEWNS, -1, &polls[0].fd);
	if (pid == 0)
		_exit(base_make(ends[1], self) ? errno : 0);
	base = pid < 0 ? -errno : -ETIMEDOUT;
	close(ends[1]);
	while (pid > 0 && poll(polls, 2, clock_poll_ms(until)) < 0 && clock_now() < until)
		continue;
	if (polls[1].revents)
		base = -ECANCELED;
	if (pid > 0)
		(void)waitid(P_PIDFD, (id_t)polls[0].fd, &info, WEXITED | WNOHANG);
	if (info.si_pid)
		base = info.si_code != CLD_EXITED ? -EINTR
		       : info.si_status           ? -info.si_status
						  : pass_take(ends[0]);
	/* Who still hangs in the kernel is left behind. */
	(void)syscall(SYS_pidfd_send_signal, polls[0].fd, SIGKILL, NULL, 0);
	close(polls[0].fd);
	close(ends[0]);
	return base;
}

/*
 * These come last, when all that the job needs is known to be there: most jobs of a machine
 * are of hardware it does not have, and a network namespace costs as much as all the rest.
 * Made here and not in clone3, they are also not made by the monitor one after the other.
 * The mounts are a copy of the base's, which is one, and `root` on top of it: of the machine's
 * tree there is only what `sources` holds.
 */
static int namespaces_enter(struct sources *sources, int root, uint32_t *enforced)
{
	const struct jail *jail = sources->jail;
	int flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

	*enforced = cgroup_enter(jail->cgroup, jail->number, &jail->limits);
	if (!jail->network_host &&
	    (jail->network < 0 || setns(jail->network, CLONE_NEWNET)))
		flags |= CLONE_NEWNET;
	errno = jail->base < 0 ? -jail->base : 0;
	if (jail->base < 0 || setns(jail->base, CLONE_NEWNS))
		return sources_fail(sources, STAGE_BASE, "");
	close(jail->base);
	close(jail->network);
	if (unshare(flags))
		return sources_fail(sources, STAGE_NAMESPACES, "");
	if (move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH))
		return sources_fail(sources, STAGE_MOUNT_ROOT, "");
	return sethostname("bee", 3) ? sources_fail(sources, STAGE_HOSTNAME, "") : 0;
}

/* The tmpfs that everything goes into, with the host's links; -1: failed. */
static int root_make(struct sources *sources)
{
	static const char *const options[] = { "size", ROOT_SIZE, "mode", "0755", NULL };
	int root = new_mount("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);

	return root < 0 || links_make(root) ? sources_fail(sources, STAGE_MOUNT_ROOT, "")
					    : root;
}

static int enter(struct sources *sources, int root)
{
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };

	if (fchdir(root) || chroot("."))
		return sources_fail(sources, STAGE_ENTER, "");
	if (mount_setattr(AT_FDCWD, "/", 0, &readonly, sizeof(readonly)))
		return sources_fail(sources, STAGE_SEAL, "");
	return 0;
}

enum jail_msg_type root_build(const struct jail *jail, struct jail_program *program,
			      struct jail_failure *failure)
{
	struct sources sources = { .jail = jail, .failure = failure };
	enum jail_msg_type result = sources_open(&sources, program);
	int root;

	if (result != JAIL_MSG_STARTED)
		return result;
	root = root_make(&sources);
	if (root < 0 || namespaces_enter(&sources, root, &program->enforced) ||
	    proc_mount(&sources, root) ||
	    devices_make(&sources, root, &program->device) ||
	    trees_place(&sources, root) || enter(&sources, root))
		return JAIL_MSG_SETUP;
	close(root);
	return JAIL_MSG_STARTED;
}
