/* pid 1 of the tree: what it mounts itself, what it gives up, what it executes. */
#include "mounts.h"
#include "stages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define NOTIFY_NAME "/run/host/notify"
#define NOTHING "/run/host/nothing" /* an empty file, for masks */

/*
 * Each of these is the machine's own where there is no user namespace. Inside one the kernel
 * refuses what counts by itself.
 */
const char *const booted_masks[] = {
	"/proc/kcore",          "/proc/keys",        "/proc/kmsg",
	"/proc/kallsyms",       "/proc/timer_list",  "/proc/sched_debug",
	"/proc/sysrq-trigger",  "/proc/acpi",        "/proc/scsi",
	"/sys/firmware",        "/sys/kernel/debug", "/sys/kernel/tracing",
	"/sys/kernel/security", "/sys/fs/bpf",       NULL,
};

/* The guest's systemd would mount what it cannot have, and be degraded. */
static const char *const masked_units[] = { "sys-kernel-debug.mount",
					    "sys-kernel-tracing.mount",
					    "sys-kernel-config.mount" };

struct entering {
	const struct stage *stage;
	int proc, sys, cgroup, mqueue; /* -1: not to be had */
};

/*
 * proc and sysfs are given to a user namespace only where the whole of them is in sight
 * (mount_too_revealing, fs/namespace.c): before the machine's tree is left.
 */
static void file_systems_open(struct entering *e)
{
	e->proc = mounts_new("proc", NULL, MOUNTS_DATA);
	if (e->proc < 0)
		stage_fail(e->stage, "proc", "");
	/* Not of a network namespace that is somebody else's: then the machine's, locked. */
	e->sys = mounts_new("sysfs", NULL, MOUNTS_DATA | MOUNT_ATTR_RDONLY);
	if (e->sys < 0 && e->stage->booted->mount_ns < 0) {
		struct mount_attr attr = { .attr_set = MOUNTS_DATA | MOUNT_ATTR_RDONLY };

		e->sys = mounts_copy(STAGE "/sys", false);
		if (e->sys < 0 ||
		    mount_setattr(e->sys, "", AT_EMPTY_PATH, &attr, sizeof(attr)))
			stage_fail(e->stage, "sysfs", "");
	}
	e->cgroup = mounts_new("cgroup2", NULL, MOUNTS_DATA);
	e->mqueue = mounts_new("mqueue", NULL, MOUNTS_DATA);
}

static int taken(const struct stage *stage, const char *path)
{
	int fd = mounts_copy(path, true);

	if (fd < 0)
		stage_fail(stage, "mount", path);
	return fd;
}

static void put(const struct stage *stage, int fd, const char *path)
{
	if (mounts_folder(path) || mounts_place(fd, path))
		stage_fail(stage, "mount", path);
}

static void tmpfs_put(const struct stage *stage, const char *path, const char *mode,
		      unsigned attrs)
{
	const char *const options[] = { "mode", mode, NULL };
	int fd = mounts_new("tmpfs", options,
			    attrs | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);

	if (fd < 0)
		stage_fail(stage, "tmpfs", path);
	put(stage, fd, path);
}

/*
 * The tree is mounted once more, at STAGE/new, to be pivoted to: the mount it was copied to came
 * locked from another mount namespace (mount_namespaces(7)).
 */
static void tree_enter(const struct stage *stage)
{
	if (mounts_place(taken(stage, STAGE "/root"), STAGE "/new") ||
	    chdir(STAGE "/new"))
		stage_fail(stage, "root", stage->booted->root);
	/* EINVAL on an initramfs, which has nothing to pivot from. */
	if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
		stage_fail(stage, "pivot", stage->booted->root);
}

static void devpts_put(const struct stage *stage)
{
	static const char *const options[] = { "mode", "0620", "ptmxmode", "0666",
					       "gid",  "5",    NULL };
	int fd = mounts_new("devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);

	if (fd < 0)
		stage_fail(stage, "devpts", "");
	put(stage, fd, "/dev/pts");
}

/* /proc/sys is read-only, but for what belongs to a network of its own. */
static void sysctls_seal(const struct stage *stage)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	int net = -1;

	if (stage->booted->network == BOOTED_OWN || stage->booted->mount_ns >= 0)
		net = mounts_copy("/proc/sys/net", false);
	put(stage, taken(stage, "/proc/sys"), "/proc/sys");
	if (mount_setattr(AT_FDCWD, "/proc/sys", 0, &attr, sizeof(attr)))
		stage_fail(stage, "seal", "/proc/sys");
	if (net >= 0)
		put(stage, net, "/proc/sys/net");
}

static void mask(const struct stage *stage, const char *path)
{
	static const char *const options[] = { "mode", "0", "size", "4k", NULL };
	struct mount_attr attr = { .attr_set = MOUNTS_DATA | MOUNT_ATTR_RDONLY };
	struct stat st;
	int fd;

	if (stat(path, &st))
		return;
	if (S_ISDIR(st.st_mode))
		fd = mounts_new("tmpfs", options, MOUNTS_DATA | MOUNT_ATTR_RDONLY);
	else
		fd = mounts_copy(NOTHING, false);
	if (fd < 0 ||
	    (!S_ISDIR(st.st_mode) &&
	     mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr))) ||
	    mounts_place(fd, path))
		stage_fail(stage, "mask", path);
}

static void notify_bind(const struct stage *stage)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = NOTIFY_NAME };

	if (bind(stage->notify, (struct sockaddr *)&name, sizeof(name)) ||
	    chmod(NOTIFY_NAME, 0666))
		stage_fail(stage, "notify socket", NOTIFY_NAME);
}

static void run_fill(const struct stage *stage)
{
	tmpfs_put(stage, "/run", "0755", 0);
	if (mounts_folder("/run/host") || mounts_folder("/run/systemd/system"))
		stage_fail(stage, "folder", "/run");
	notify_bind(stage);
	for (size_t i = 0; i < ARRAY_LEN(masked_units); i++) {
		AUTO_FREE char *path =
			xasprintf("/run/systemd/system/%s", masked_units[i]);

		if (symlink("/dev/null", path))
			stage_fail(stage, "mask", path);
	}
}

static void covers_put(const struct stage *stage)
{
	const char *const *masks =
		stage->booted->masks ? stage->booted->masks : booted_masks;

	sysctls_seal(stage);
	/* New each time: one that was woken may have put something else there. A file and no device, as
	 * who reads a file of /proc asks for one. */
	if ((unlink(NOTHING) && errno != ENOENT) || mknod(NOTHING, S_IFREG, 0))
		stage_fail(stage, "mask", NOTHING);
	for (; *masks; masks++)
		mask(stage, *masks);
}

static void pseudo_put(const struct entering *e)
{
	put(e->stage, e->proc, "/proc");
	put(e->stage, e->sys, "/sys");
	if (e->cgroup >= 0 && mounts_place(e->cgroup, "/sys/fs/cgroup"))
		stage_fail(e->stage, "mount", "/sys/fs/cgroup");
	if (e->mqueue >= 0)
		put(e->stage, e->mqueue, "/dev/mqueue");
}

static void trees_put(const struct stage *stage, const int *trees)
{
	for (unsigned i = 0; i < stage->booted->tree_count; i++) {
		const struct booted_tree *tree = &stage->booted->trees[i];
		const char *at = tree->at;
		struct stat st;

		if (trees[i] < 0 ||
		    (!fstat(trees[i], &st) &&
		     !(S_ISDIR(st.st_mode) ? mounts_folder(at) : mounts_file(at)) &&
		     !mounts_place(trees[i], at)))
			continue;
		if (!tree->error)
			stage_fail(stage, "tree", at);
		*tree->error = errno;
	}
}

/* What belongs to process numbers, groups and a terminal that are gone. Its covers go with it. */
const char *stage_unmount_gone(void)
{
	static const char *const gone[] = { "/proc", "/sys", "/dev/mqueue",
					    "/dev/console" };

	for (size_t i = 0; i < ARRAY_LEN(gone); i++)
		if (umount2(gone[i], MNT_DETACH | UMOUNT_NOFOLLOW) && errno != EINVAL &&
		    errno != ENOENT)
			return gone[i];
	return NULL;
}

/* That is mounted anew; the rest is as it was left. */
static void mounts_renew(struct entering *e)
{
	const struct stage *stage = e->stage;
	const char *failed;

	file_systems_open(e);
	if (e->sys < 0)
		stage_fail(stage, "sysfs", "");
	if (setns(stage->booted->mount_ns, CLONE_NEWNS) || chdir("/"))
		stage_fail(stage, "mount namespace", "");
	/* Nothing, where booted_rest() has been. */
	failed = stage_unmount_gone();
	if (failed)
		stage_fail(stage, "unmount", failed);
	if (unlink(NOTIFY_NAME) && errno != ENOENT)
		stage_fail(stage, "notify socket", NOTIFY_NAME);
	pseudo_put(e);
	notify_bind(stage);
	covers_put(stage);
}

static void mounts_make(struct entering *e)
{
	const struct stage *stage = e->stage;
	int *trees = xcalloc(stage->booted->tree_count, sizeof(int));
	int dev;

	file_systems_open(e);
	dev = taken(stage, STAGE "/dev");
	for (unsigned i = 0; i < stage->booted->tree_count; i++) {
		const struct booted_tree *tree = &stage->booted->trees[i];
		AUTO_FREE char *path = xasprintf(STAGE "/trees/%u", i);

		trees[i] = tree->error && *tree->error ? -1 : taken(stage, path);
	}
	tree_enter(stage);
	put(stage, dev, "/dev");
	pseudo_put(e);
	devpts_put(stage);
	tmpfs_put(stage, "/dev/shm", "01777", 0);
	run_fill(stage);
	covers_put(stage);
	trees_put(stage, trees);
	free(trees);
}

/* The guest's own instance: its name, /dev/pts/0, is one inside. Returns the other end. */
static int console_open(const struct stage *stage)
{
	int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	int unlock = 0, number = 0, slave, copy;
	char name[32];

	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) ||
	    ioctl(master, TIOCGPTN, &number))
		stage_fail(stage, "console", "/dev/pts/ptmx");
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	(void)snprintf(name, sizeof(name), "/dev/pts/%d", number);
	copy = mounts_copy(name, false);
	if (slave < 0 || copy < 0 || mounts_place(copy, "/dev/console"))
		stage_fail(stage, "console", "/dev/console");
	for (int fd = 0; fd < 3; fd++)
		if (dup2(slave, fd) < 0)
			stage_fail(stage, "console", "");
	close(slave);
	/* A shell wants it as its own; an init takes it itself, or lets it be. */
	if (setsid() < 0 || ioctl(0, TIOCSCTTY, 0))
		stage_fail(stage, "console", "/dev/console");
	return master;
}

static void loopback_up(void)
{
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	if (fd >= 0)
		(void)ioctl(fd, SIOCSIFFLAGS, &request); /* joined: not ours to change */
}

static void signals_default(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The caller may be gone by now; then nothing is to run. */
static void go_wait(const struct stage *stage)
{
	char byte;
	ssize_t n;

	do
		n = read(stage->control, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(BEE_SOFTWARE);
}

static void rights_drop(const struct stage *stage)
{
	const struct booted *booted = stage->booted;

	for (int cap = 0; cap < 64; cap++)
		if (booted->drop_caps >> cap & 1 &&
		    prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) && errno != EINVAL)
			stage_fail(stage, "capabilities", "");
	/* Without no_new_privs, which would take setuid programs from the guest. */
	if (booted->filter.len > 0 &&
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &booted->filter))
		stage_fail(stage, "seccomp", "");
}

static void environment_make(const struct booted *booted)
{
	clearenv();
	(void)setenv("container", "bee", 1);
	(void)setenv("NOTIFY_SOCKET", NOTIFY_NAME, 1);
	(void)setenv("PATH",
		     "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	(void)setenv("HOME", "/root", 1);
	(void)setenv("TERM", booted->pty ? "vt220" : "dumb", 1);
	for (char *const *at = booted->env; at && *at; at++)
		(void)putenv(*at);
}

void stage_enter(const struct stage *stage)
{
	const struct booted *booted = stage->booted;
	struct entering e = { .stage = stage };
	struct stage_message message = { .type = TOLD_BUILT };
	int console = -1, failed;

	if (booted->dies && prctl(PR_SET_PDEATHSIG, SIGKILL))
		stage_fail(stage, "death signal", "");
	if (booted->mount_ns >= 0)
		mounts_renew(&e);
	else
		mounts_make(&e);
	if (booted->hostname && sethostname(booted->hostname, strlen(booted->hostname)))
		stage_fail(stage, "hostname", booted->hostname);
	if (booted->network == BOOTED_OWN)
		loopback_up();
	if (booted->pty)
		console = console_open(stage);
	stage_send(stage, &message, console);
	go_wait(stage);
	signals_default();
	environment_make(booted);
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC))
		stage_fail(stage, "descriptors", "");
	rights_drop(stage);
	failed = booted->before_exec ? booted->before_exec(booted->data) : 0;
	if (failed) {
		errno = -failed;
		stage_fail(stage, "before exec", "");
	}
	execvp(booted->argv[0], booted->argv);
	stage_fail(stage, "exec", booted->argv[0]);
}
