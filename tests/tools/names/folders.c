/* Names by folders, links, roots and mounts. */
#include "names.h"

#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void dirfd_names(void)
{
	int folder = open("/data/sub", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int above = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	read_at(folder, "by-dirfd", 0);
	read_at(folder, "../by-dotdot", 0);
	read_at(above, "data/by-root", 0);
	if (chdir("/data/sub"))
		err(1, "chdir");
	read_at(AT_FDCWD, "by-cwd", 0);
	if (fchdir(above))
		err(1, "fchdir");
	read_at(AT_FDCWD, "data/by-fchdir", 0);
}

/* A thread with a working directory of its own (CLONE_FS undone). */
static void *thread_main(void *arg)
{
	(void)arg;
	if (unshare(CLONE_FS) || chdir("/data/thread"))
		err(1, "unshare");
	read_at(AT_FDCWD, "by-thread", 0);
	return NULL;
}

void thread_names(void)
{
	pthread_t thread;

	if (chdir("/data/sub") || pthread_create(&thread, NULL, thread_main, NULL) ||
	    pthread_join(thread, NULL))
		err(1, "thread");
	read_at(AT_FDCWD, "by-main", 0);
}

void chroot_names(void)
{
	if (chroot("/data/jail") || chdir("/"))
		err(1, "chroot");
	read_at(AT_FDCWD, "/in-jail", 0);
	read_at(AT_FDCWD, "/link-to-in-jail", 0);
	read_at(AT_FDCWD, "../../in-jail-too", 0);
}

void stat_names(void)
{
	struct stat st;

	if (stat("/data/only-stat", &st) || lstat("/data/a-link", &st) ||
	    access("/data/only-access", R_OK))
		err(1, "stat");
	if (inotify_add_watch(inotify_init1(IN_CLOEXEC), "/data/only-watched",
			      IN_MODIFY) < 0)
		err(1, "inotify_add_watch");
	if (!stat("/data/never-there", &st))
		errx(1, "/data/never-there");
}

void bind_names(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("/data/sub", "/data/bound", NULL, MS_BIND, NULL))
		err(1, "mount");
	read_at(AT_FDCWD, "/data/bound/by-bind", 0);
	if (mount("none", "/data/thread", "tmpfs", 0, NULL))
		err(1, "mount");
	write_all_of("/data/thread/elsewhere", O_WRONLY | O_CREAT);
	read_at(AT_FDCWD, "/data/thread/elsewhere", 0);
}

void self_names(void)
{
	int link = open("/data/a-link", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	char name[64];

	if (chdir("/data/sub"))
		err(1, "chdir");
	read_at(AT_FDCWD, "/proc/self/cwd/by-proc", 0);
	read_at(AT_FDCWD, "/proc/self/root/data/by-proc-root", 0);
	read_at(AT_FDCWD, "/dev/fd/0", 0);
	read_at(AT_FDCWD, "//proc//self//root/data/by-slashes", 0);
	read_at(AT_FDCWD, "../../proc/./self/cwd/by-dots", 0);
	/* Where it is by its number, and then where else. */
	(void)snprintf(name, sizeof(name), "/proc/%d/cwd/by-number", getpid());
	read_at(AT_FDCWD, name, 0);
	if (chdir("/data/thread"))
		err(1, "chdir");
	read_at(AT_FDCWD, name, 0);
	if (chdir("/proc/self"))
		err(1, "chdir");
	read_at(AT_FDCWD, "root/data/by-here", 0);
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", link);
	if (link < 0 || stat(name, &st))
		err(1, "%s", name);
	/* Such a descriptor does not lead on. */
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d/", link);
	if (!stat(name, &st))
		errx(1, "%s", name);
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d/.", link);
	if (!stat(name, &st))
		errx(1, "%s", name);
}

/* Folders that were open before, outside of the root; one's name begins like the root's. */
void outside_names(void)
{
	int sub = open("/data/sub", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int like = open("/data/jail2", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (chroot("/data/jail") || chdir("/"))
		err(1, "chroot");
	read_at(sub, "by-dirfd", 0);
	read_at(like, "in-jail2", 0);
	read_at(AT_FDCWD, "/in-jail", 0);
}

/* A script that is written once more in its place. */
void anew_names(void)
{
	static const char *const texts[] = { "#!/bin/names fexec\n",
					     "#!/data/program count\n" };

	for (int i = 0; i < 2; i++) {
		int fd = open("/data/script", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			      0755);
		pid_t pid;

		if (fd < 0 || write(fd, texts[i], strlen(texts[i])) < 0 || close(fd))
			err(1, "/data/script");
		pid = fork();
		if (pid == 0) {
			(void)execl("/data/script", "script", (char *)NULL);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			err(1, "fork");
	}
}

/* Its memory is nobody's to read who does not hold CAP_SYS_PTRACE (PR_SET_DUMPABLE). */
void hidden_names(void)
{
	struct stat st;

	if (prctl(PR_SET_DUMPABLE, 0) || stat("/data/only-stat", &st))
		err(1, "prctl");
}

/* A root that is changed by pivot_root(2), as bwrap does. */
void pivot_names(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("/data/jail", "/data/jail", NULL, MS_BIND, NULL) ||
	    chdir("/data/jail") || syscall(SYS_pivot_root, ".", "."))
		err(1, "pivot_root");
	if (umount2(".", MNT_DETACH) || chdir("/"))
		err(1, "umount");
	read_at(AT_FDCWD, "/in-jail", 0);
	read_at(AT_FDCWD, "/link-to-in-jail", 0);
}

/* Names that are odd, and names that are none. */
void strange_names(void)
{
	static char longest[2 * PATH_MAX];
	struct stat st;

	read_at(AT_FDCWD, "/data/new\nline\t\x1b[31m", 0);
	read_at(AT_FDCWD, "//data/./sub/..//by-dotdot", 0);
	read_at(AT_FDCWD, "/data/linked-folder/linked-folder/by-root", 0);
	if (!stat("/data/loop", &st) || !stat("/data/by-root/below", &st) ||
	    !stat("", &st) || !stat((const char *)1, &st) || !stat("/data/by-root/", &st))
		errx(1, "a name that leads nowhere");
	memset(longest, 'x', sizeof(longest) - 1);
	if (!stat(longest, &st))
		errx(1, "a name that is too long");
	for (size_t i = 0; i + 2 < PATH_MAX; i += 2)
		memcpy(longest + i, "./", 3);
	longest[0] = '/';
	longest[1] = '/';
	(void)stat(longest, &st);
	memset(longest, 'y', NAME_MAX + 1);
	longest[NAME_MAX + 1] = '\0';
	(void)stat(longest, &st);
	if (syscall(SYS_openat, -7, "relative", O_RDONLY) >= 0 ||
	    syscall(SYS_openat, 0, "relative", O_RDONLY) >= 0)
		errx(1, "a descriptor that is no folder");
}

static int open_how(int folder, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = resolve };
	int fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -errno : 0;
}

/* openat2(2): a folder that is the root of a name; names that may not leave it, or have no links. */
void how_names(void)
{
	int jail = open("/data/jail", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int data = open("/data", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (open_how(jail, "/in-jail", O_RDONLY, RESOLVE_IN_ROOT) ||
	    open_how(jail, "link-to-in-jail", O_RDONLY, RESOLVE_IN_ROOT) ||
	    open_how(jail, "../../../in-jail-too", O_RDONLY, RESOLVE_IN_ROOT) ||
	    open_how(data, "sub/by-dirfd", O_RDONLY, RESOLVE_BENEATH) ||
	    open_how(data, "sub/by-cwd", O_RDONLY, RESOLVE_NO_SYMLINKS))
		err(1, "openat2");
	if (open_how(jail, "/by-root", O_RDONLY, RESOLVE_IN_ROOT) != -ENOENT ||
	    open_how(data, "/data/by-dotdot", O_RDONLY, RESOLVE_BENEATH) != -EXDEV ||
	    open_how(data, "sub/../../data/by-root", O_RDONLY, RESOLVE_BENEATH) !=
		    -EXDEV ||
	    open_how(data, "jail/link-to-in-jail", O_RDONLY, RESOLVE_BENEATH) != -EXDEV ||
	    open_how(data, "a-link", O_RDONLY, RESOLVE_NO_SYMLINKS) != -ELOOP)
		errx(1, "openat2 lets through what it should not");
	/* The folder is another one by the same name. */
	for (int i = 0; i < 2; i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "/data/folder-made/%d", i);
		if (mkdir("/data/folder-made", 0755))
			err(1, "mkdir");
		write_all_of(path, O_WRONLY | O_CREAT);
		jail = open("/data/folder-made", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (open_how(jail, i ? "/1" : "/0", O_RDONLY, RESOLVE_IN_ROOT) ||
		    rename("/data/folder-made",
			   i ? "/data/folder-two" : "/data/folder-one"))
			err(1, "openat2");
	}
}

/* The same name from the root of one folder after the other. */
void roots_names(void)
{
	for (int i = 0; i < 100; i++) {
		char path[64];
		int folder;

		(void)snprintf(path, sizeof(path), "/data/roots/%d", i);
		folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (open_how(folder, "/f", O_RDONLY, RESOLVE_IN_ROOT))
			err(1, "%s", path);
		(void)close(folder);
	}
}

/* A name at the end of a page, with nothing behind it. */
void edge_names(void)
{
	static const char name[] = "/data/at-the-edge";
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at = pages + 4096 - sizeof(name);

	if (pages == MAP_FAILED || munmap(pages + 4096, 4096))
		err(1, "mmap");
	memcpy(at, name, sizeof(name));
	read_at(AT_FDCWD, at, 0);
}

static char two_hundred[201];

/* To a folder whose own name is almost as long as a name can be. */
static void go_down(void)
{
	memset(two_hundred, 'd', sizeof(two_hundred) - 1);
	if (mkdir("/data/top", 0755) || chdir("/data/top"))
		err(1, "/data/top");
	for (int i = 0; i < 20; i++)
		if (mkdir(two_hundred, 0755) || chdir(two_hundred))
			err(1, "folder %d", i);
}

/* A name that is too long only with its folder's. */
void long_names(void)
{
	go_down();
	(void)access(two_hundred, F_OK);
}

/* A name in a folder whose own is too long. */
void deep_names(void)
{
	char moved[256];

	go_down();
	(void)snprintf(moved, sizeof(moved), "/data/%s", two_hundred);
	if (rename("/data/top", moved))
		err(1, "%s", moved);
	(void)access("file", F_OK);
}

/* Folders that a name only passes through. */
void passed_names(void)
{
	read_at(AT_FDCWD, "/data/passed/inner/./../../by-passed", 0);
	if (!access("/data/by-passed/../not-passed", F_OK))
		errx(1, "a file that is passed through");
}
