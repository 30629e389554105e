/*
 * realroot COMMAND...: runs it where "/" is a mount point with /proc, /sys and /dev, as the
 * tests need it. A fresh root in a plain chroot has none of that; anywhere else, and
 * without root, the command is run as it is. What is mounted here nobody else sees.
 */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* To the namespace's own root: the working folder stays outside a new root and climbs. */
static void leave(void)
{
	struct stat before, after;

	if (chdir("/") || chroot("/usr") || stat(".", &after))
		err(1, "leaving the chroot");
	do {
		before = after;
		if (chdir("..") || stat(".", &after))
			err(1, "leaving the chroot");
	} while (before.st_ino != after.st_ino || before.st_dev != after.st_dev);
	if (chroot("."))
		err(1, "leaving the chroot");
}

/* A copy of the chroot, mounted over itself in a tree that is ours alone, is a mount point. */
static void make_mount_point(void)
{
	struct mount_attr private = { .propagation = MS_PRIVATE };
	int here = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int tree = open_tree(AT_FDCWD, "/",
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (here < 0 || tree < 0 ||
	    mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &private,
			  sizeof(private)))
		err(1, "copying the chroot");
	leave();
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    move_mount(tree, "", here, "",
		       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) ||
	    fchdir(tree) || chroot("."))
		err(1, "entering the chroot");
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
		if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
			make_mount_point();
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
