/* The root file system of a run: the tree, or an overlay over it, with /proc, /sys and /dev. */
#include "space_root.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Where the overlay's own files are until the old root is gone. It is everywhere, and what it
 * covers is not needed. */
#define SCRATCH "/proc"

static int fail(struct space_root *root, const char *what)
{
	root->error = errno;
	root->what = what;
	return -1;
}

static const struct {
	const char *name;
	unsigned major, minor;
} nodes[] = {
	{ "null", 1, 3 },   { "zero", 1, 5 },    { "full", 1, 7 },
	{ "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};

static const struct {
	const char *name, *target;
} links[] = {
	{ "fd", "/proc/self/fd" },       { "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
	{ "ptmx", "pts/ptmx" },
};

/* In a user namespace nobody makes nodes: the machine's own are seen there. */
static int node_make(const struct space_root *root, const char *name, dev_t number)
{
	AUTO_FREE char *path = xasprintf("dev/%s", name);
	AUTO_FREE char *theirs = xasprintf("/dev/%s", name);

	if (!root->user)
		return mknod(path, S_IFCHR | 0666, number) || chmod(path, 0666) ? -1 : 0;
	return mknod(path, S_IFREG | 0666, 0) || mount(theirs, path, NULL, MS_BIND, NULL)
		       ? -1
		       : 0;
}

/* A /dev of its own, with what is in each. */
static int devices(struct space_root *root)
{
	if (mount("dev", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755"))
		return fail(root, "/dev");
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		if (node_make(root, nodes[i].name,
			      makedev(nodes[i].major, nodes[i].minor)))
			return fail(root, "a device node");
	}
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		AUTO_FREE char *name = xasprintf("dev/%s", links[i].name);

		if (symlink(links[i].target, name))
			return fail(root, "/dev");
	}
	if (mkdir("dev/pts", 0755) || mkdir("dev/shm", 01777) ||
	    chmod("dev/shm", 01777) ||
	    mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		  root->user ? "newinstance,ptmxmode=0666,mode=620"
			     : "newinstance,ptmxmode=0666,mode=620,gid=5") ||
	    mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"))
		return fail(root, "/dev/pts");
	return 0;
}

/* One folder of a sysfs that is nowhere yet, below sys. */
static int sys_place(int sysfs, const char *name)
{
	AUTO_FREE char *path = xasprintf("sys/%s", name);
	AUTO_CLOSE int fd = (int)syscall(SYS_open_tree, sysfs, name,
					 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return fd < 0 || mkdir(path, 0555) ||
			       syscall(SYS_move_mount, fd, "", AT_FDCWD, path,
				       MOVE_MOUNT_F_EMPTY_PATH)
		       ? -1
		       : 0;
}

/*
 * The kernel refuses to mount a file system over itself (EBUSY), and of sysfs there is one for a
 * network. nbic's /chroot mounts it: so what is here is a folder with all of it.
 */
static int sys_mount(const struct space_root *root)
{
	static const char *const names[] = { "block",   "bus",      "class", "dev",
					     "devices", "firmware", "fs",    "kernel",
					     "module",  "power" };
	AUTO_CLOSE int fs = fsopen("sysfs", FSOPEN_CLOEXEC);
	AUTO_CLOSE int sysfs = -1;

	if (fs >= 0 && !fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		sysfs = fsmount(fs, FSMOUNT_CLOEXEC,
				MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
					MOUNT_ATTR_RDONLY);
	/* One of a network that is somebody else's cannot be had. */
	if (sysfs < 0)
		return root->user ? mount("/sys", "sys", NULL, MS_BIND | MS_REC, NULL)
				  : -1;
	if (mount("sys", "sys", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=555"))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sys_place(sysfs, names[i]) && errno != ENOENT)
			return -1;
	return mount(NULL, "sys", NULL,
		     MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		     NULL);
}

/* In the new root: what the kernel has to be seen by. In place, a tree without the folder does
 * not get one. */
static int kernel_files(struct space_root *root)
{
	static const char *const folders[] = { "proc", "sys", "dev" };

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (!root->in_place && mkdir(folders[i], 0755) && errno != EEXIST)
			return fail(root, "a folder to mount on");
	if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) &&
	    errno != ENOENT)
		return fail(root, "/proc");
	if (access("sys", F_OK) == 0 && sys_mount(root))
		return fail(root, "/sys");
	if (access("dev", F_OK) == 0)
		return devices(root);
	return 0;
}

/* The tree, which is where we are, with a layer over it that takes what is written, in memory.
 * Its own name may have a comma or colon in it. */
static int over(struct space_root *root)
{
	AUTO_FREE char *options = xasprintf("lowerdir=.,upperdir=" SCRATCH
					    "/upper,workdir=" SCRATCH "/work%s",
					    root->user ? ",userxattr" : "");

	if (mount("bee-trace", SCRATCH, "tmpfs", 0, "mode=755") ||
	    mkdir(SCRATCH "/upper", 0755) || mkdir(SCRATCH "/work", 0755) ||
	    mkdir(SCRATCH "/root", 0755))
		return fail(root, "a file system for what is written");
	if (mount("overlay", SCRATCH "/root", "overlay", 0, options))
		return fail(root, "an overlay over the tree");
	return chdir(SCRATCH "/root") ? fail(root, "the overlay") : 0;
}

static int itself(struct space_root *root, int top)
{
	int fd = (int)syscall(SYS_open_tree, top, "",
			      AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
				      AT_RECURSIVE);

	if (fd < 0 ||
	    syscall(SYS_move_mount, fd, "", AT_FDCWD, SCRATCH, MOVE_MOUNT_F_EMPTY_PATH))
		return fail(root, "the tree as a root");
	return fchdir(fd) ? fail(root, "the tree as a root") : 0;
}

/* A chroot is no mount: setns(2) leads to the namespace's own root, which is one. */
static int mounts_own(void)
{
	int error = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ? errno : 0;
	AUTO_CLOSE int space = -1;

	if (error != EINVAL)
		return error ? -1 : 0;
	space = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	return space < 0 || setns(space, CLONE_NEWNS) ||
			       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)
		       ? -1
		       : 0;
}

int space_root_enter(struct space_root *root)
{
	AUTO_CLOSE int top = -1;
	mode_t mask = umask(022); /* not for what is made here */
	struct stat st;

	/* A mount of the old namespace is no overlay's layer: it is opened in the new one. */
	top = open(root->tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return fail(root, root->tree);
	if (mounts_own())
		return fail(root, "mounts of its own");
	if (fchdir(top))
		return fail(root, root->tree);
	if (root->in_place ? itself(root, top) : over(root))
		return -1;
	/* The folder that becomes "/" keeps its mode: an overlay's is that of its upper one. */
	if (!root->in_place && !fstat(top, &st) &&
	    ((!root->user && chown(".", st.st_uid, st.st_gid)) ||
	     chmod(".", st.st_mode & 07777)))
		return fail(root, "the overlay's mode");
	if (kernel_files(root))
		return -1;
	if (syscall(SYS_pivot_root, ".", ".")) {
		/* An initramfs cannot be pivoted from: what is new is moved over it. */
		if (errno != EINVAL || mount(".", "/", NULL, MS_MOVE, NULL) ||
		    chroot("."))
			return fail(root, "pivot_root");
	} else if (umount2(".", MNT_DETACH)) {
		return fail(root, "the old root");
	}
	(void)umask(mask);
	return chdir("/") ? fail(root, "the new root") : 0;
}

/* The root's, or where its tree has no /dev that of a file system that is mounted nowhere. */
static int multiplexer_open(void)
{
	int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
	int master = open("/dev/pts/ptmx", flags);
	AUTO_CLOSE int fs = -1, pts = -1;

	if (master >= 0 || errno != ENOENT)
		return master;
	fs = fsopen("devpts", FSOPEN_CLOEXEC);
	if (fs >= 0 && !fsconfig(fs, FSCONFIG_SET_STRING, "ptmxmode", "0666", 0) &&
	    !fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		pts = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	return pts < 0 ? -1 : openat(pts, "ptmx", flags);
}

int space_terminal(int caller)
{
	struct winsize size;
	int master = multiplexer_open(), terminal, zero = 0;

	if (master < 0 || ioctl(master, TIOCSPTLCK, &zero))
		return -1;
	terminal = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0)
		return -1;
	if (!ioctl(caller, TIOCGWINSZ, &size))
		(void)ioctl(master, TIOCSWINSZ, &size);
	for (int i = 0; i < 3; i++)
		if (dup2(terminal, i) < 0)
			return -1;
	close(terminal);
	return master;
}

int space_terminal_take(void)
{
	return setsid() < 0 || ioctl(STDIN_FILENO, TIOCSCTTY, 0) ? -1 : 0;
}
