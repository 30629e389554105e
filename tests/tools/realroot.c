/*
 * realroot COMMAND...: runs it where "/" is the mount namespace's root with /proc, /sys and /dev, as the
 * tests need it. A fresh root in a plain chroot has none of that; anywhere else, and
 * without root, the command is run as it is. What is mounted here nobody else sees.
 */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* To the namespace's own root: the working folder stays outside a new root and climbs. */
static void leave(struct stat *root)
{
	struct stat before;

	if (chdir("/") || chroot("/usr") || stat(".", root))
		err(1, "leaving the chroot");
	do {
		before = *root;
		if (chdir("..") || stat(".", root))
			err(1, "leaving the chroot");
	} while (before.st_ino != root->st_ino || before.st_dev != root->st_dev);
	if (chroot("."))
		err(1, "leaving the chroot");
}

/*
 * The folder becomes the root of this mount namespace, as a copy mounted over itself in a tree that is
 * ours alone. Another chroot would not do: the kernel makes no user namespace in one.
 */
static void make_root(int here)
{
	int tree = open_tree(here, "",
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
				     AT_EMPTY_PATH);

	if (tree < 0 || move_mount(tree, "", here, "",
				   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH))
		err(1, "mounting the root over itself");
	if (fchdir(tree) || syscall(SYS_pivot_root, ".", ".") ||
	    umount2(".", MNT_DETACH) || chdir("/"))
		err(1, "making it the root");
}

static void real_root(void)
{
	struct stat root, top;
	int here = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (here < 0 || fstat(here, &root))
		err(1, "/");
	leave(&top);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		err(1, "making all mounts private");
	if (root.st_dev != top.st_dev || root.st_ino != top.st_ino)
		make_root(here);
	close(here);
}

static void mount_missing(const char *type, const char *at, const char *witness)
{
	if (access(witness, F_OK) && mount(type, at, type, 0, NULL))
		warn("mounting %s", at);
}

int main(int argc, char **argv)
{
	char *folder = getcwd(NULL, 0);

	if (argc < 2 || !folder)
		errx(64, "usage: realroot COMMAND...");
	if (geteuid() == 0) {
		if (unshare(CLONE_NEWNS))
			err(1, "a mount namespace");
		real_root();
		mount_missing("proc", "/proc", "/proc/self/exe");
		mount_missing("sysfs", "/sys", "/sys/class");
		mount_missing("devtmpfs", "/dev", "/dev/fuse");
		mount_missing("devpts", "/dev/pts", "/dev/pts/ptmx");
		if (chdir(folder))
			err(1, "%s", folder);
	}
	execvp(argv[1], argv + 1);
	err(127, "%s", argv[1]);
}
