/*
 * names WHAT: names files in one way, for tests of who follows names. Paths are fixed; the test
 * makes them. names COUNT FOLDER: looks at so many files of a folder, each once.
 */
#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void read_at(int folder, const char *path, int flags)
{
	int fd = openat(folder, path, flags | O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	close(fd);
}

static void dirfd_names(void)
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

static void thread_names(void)
{
	pthread_t thread;

	if (chdir("/data/sub") || pthread_create(&thread, NULL, thread_main, NULL) ||
	    pthread_join(thread, NULL))
		err(1, "thread");
	read_at(AT_FDCWD, "by-main", 0);
}

static void chroot_names(void)
{
	if (chroot("/data/jail") || chdir("/"))
		err(1, "chroot");
	read_at(AT_FDCWD, "/in-jail", 0);
	read_at(AT_FDCWD, "/link-to-in-jail", 0);
	read_at(AT_FDCWD, "../../in-jail-too", 0);
}

static void stat_names(void)
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

static void write_all_of(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, "x", 1) != 1)
		err(1, "%s", path);
	close(fd);
}

static void write_names(void)
{
	write_all_of("/data/made", O_WRONLY | O_CREAT | O_EXCL);
	write_all_of("/data/changed", O_WRONLY);
	write_all_of("/data/truncated", O_WRONLY | O_TRUNC);
	if (unlink("/data/removed") || rename("/data/moved", "/data/moved-to") ||
	    mkdir("/data/folder-made", 0755) || symlink("made", "/data/link-made") ||
	    chmod("/data/mode-changed", 0600))
		err(1, "a change");
	read_at(AT_FDCWD, "/data/link-made", 0);
	read_at(AT_FDCWD, "/data/moved-to", 0);
	write_all_of("/data/folder-made/file", O_WRONLY | O_CREAT);
	if (rename("/data/folder-made", "/data/folder-moved"))
		err(1, "rename");
	read_at(AT_FDCWD, "/data/folder-moved/file", 0);
}

/* What was a link to one file becomes a link to another. */
static void relink_names(void)
{
	read_at(AT_FDCWD, "/data/turn", 0);
	if (unlink("/data/turn") || symlink("second", "/data/turn"))
		err(1, "symlink");
	read_at(AT_FDCWD, "/data/turn", 0);
}

/* Files that were read are moved or removed, each by another name of it, and are links then. */
static void remake_names(void)
{
	static const char *const paths[] = { "/data/remade/here", "/data/remade/by-link",
					     "/data/remade/in-root" };
	int turn[2];
	char byte;
	pid_t pid;

	if (pipe2(turn, O_CLOEXEC) || (pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0) {
		if (chroot("/data/remade") || read(turn[0], &byte, 1) != 1 ||
		    unlink("/in-root") || symlink("2", "/in-root"))
			err(1, "chroot");
		_exit(0);
	}
	/* What it changes by chroot(2) has happened. */
	(void)usleep(200000);
	for (int i = 0; i < 3; i++)
		read_at(AT_FDCWD, paths[i], 0);
	read_at(AT_FDCWD, "/data/linked-folder/remade/by-link", 0);
	if (rename(paths[0], "/data/remade/moved") || symlink("0", paths[0]) ||
	    unlink("/data/linked-folder/remade/by-link") || symlink("1", paths[1]) ||
	    write(turn[1], "x", 1) != 1 || waitpid(pid, NULL, 0) != pid)
		err(1, "symlink");
	for (int i = 0; i < 3; i++)
		read_at(AT_FDCWD, paths[i], 0);
	read_at(AT_FDCWD, "/data/linked-folder/remade/by-link", 0);
}

/*
 * Two of them: one looks at a name without end, the other makes a link of it, from one file to the
 * next. Each of these is looked at at least once, after it was made.
 */
static void race_names(void)
{
	char path[64];
	struct stat st;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			(void)stat("/data/raced", &st);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(path, sizeof(path), "/data/many/%d", i);
		if (i % 2 ? symlink(path, "/data/raced") : rename(path, "/data/raced"))
			err(1, "%s", path);
		read_at(AT_FDCWD, "/data/raced", 0);
		if (unlink("/data/raced"))
			err(1, "unlink");
	}
	if (pid < 0 || kill(pid, SIGKILL) || waitpid(pid, NULL, 0) != pid)
		err(1, "fork");
}

static void bind_names(void)
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

static void self_names(void)
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
static void outside_names(void)
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
static void anew_names(void)
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
static void hidden_names(void)
{
	struct stat st;

	if (prctl(PR_SET_DUMPABLE, 0) || stat("/data/only-stat", &st))
		err(1, "prctl");
}

/* A program whose loader is itself; the kernel asks no loader for a loader. */
static void loader_names(void)
{
	static const char path[] = "/data/own-loader";
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segments[1];
		char name[32];
	} file = {
		.header = { .e_type = ET_DYN,
			    .e_machine = EM_X86_64,
			    .e_version = EV_CURRENT,
			    .e_phoff = sizeof(Elf64_Ehdr),
			    .e_ehsize = sizeof(Elf64_Ehdr),
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 1 },
		.segments = { { .p_type = PT_INTERP,
				.p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
				.p_filesz = sizeof(path),
				.p_memsz = sizeof(path) } },
	};
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	pid_t pid;

	memcpy(file.header.e_ident, ELFMAG, SELFMAG);
	file.header.e_ident[EI_CLASS] = ELFCLASS64;
	file.header.e_ident[EI_DATA] = ELFDATA2LSB;
	file.header.e_ident[EI_VERSION] = EV_CURRENT;
	memcpy(file.name, path, sizeof(path));
	if (fd < 0 || write(fd, &file, sizeof(file)) != sizeof(file) || close(fd))
		err(1, "%s", path);
	pid = fork();
	if (pid == 0) {
		(void)execl(path, path, (char *)NULL);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		err(1, "fork");
}

static void uring_names(void)
{
	char parameters[256] = { 0 };

	if (syscall(SYS_io_uring_setup, 4, parameters) >= 0 || errno != ENOSYS)
		errx(1, "io_uring is there");
	if (!geteuid() && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0))
		errx(1, "no program may change its user");
}

/* Many short lives, each of which names a file of its own. */
static void fork_names(void)
{
	for (int i = 0; i < 500; i++) {
		char path[64];
		struct stat st;
		pid_t pid = fork();

		if (pid == 0) {
			(void)snprintf(path, sizeof(path), "/data/many/%d", i);
			_exit(stat(path, &st) != 0);
		}
		if (pid < 0)
			err(1, "fork");
		if (i % 16 == 15)
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
	}
	while (wait(NULL) > 0)
		;
}

/* One name after the other, for a second. */
static void slow_names(void)
{
	for (int i = 0; i < 100; i++) {
		char path[64];
		struct stat st;

		(void)snprintf(path, sizeof(path), "/data/many/%d", i);
		if (stat(path, &st))
			err(1, "%s", path);
		(void)usleep(10000);
	}
}

/* Calls with the name of a file that most programs never make. Most of them fail: what is named is no
 * swap space, and no list of accounts. The newest have no name in Debian 12's headers. */
static void rare_names(void)
{
	enum { FCHMODAT2 = 452, SETXATTRAT = 463 };
	static const struct {
		long number;
		const char *path;
	} at[] = { { SETXATTRAT + 1, "rare/getxattrat" },
		   { SETXATTRAT + 2, "rare/listxattrat" },
		   { SETXATTRAT, "rare/setxattrat" },
		   { SETXATTRAT + 3, "rare/removexattrat" },
		   { SETXATTRAT + 5, "rare/file_getattr" },
		   { SETXATTRAT + 6, "rare/file_setattr" },
		   { SYS_mount_setattr, "rare/mount_setattr" },
		   { SYS_fspick, "rare/fspick" },
		   { SYS_open_tree, "rare/open_tree" } };
	int data = open("/data", O_PATH | O_DIRECTORY | O_CLOEXEC), number;
	int watch = (int)syscall(SYS_fanotify_init, 0, 0);
	struct file_handle handle = { .handle_bytes = 0 };

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		(void)syscall(at[i].number, data, at[i].path, 0, NULL, 0, 0);
	(void)syscall(FCHMODAT2, data, "rare/fchmodat2", 0600, 0);
	(void)syscall(SYS_fanotify_mark, watch, FAN_MARK_ADD, (uint64_t)FAN_OPEN, data,
		      "rare/fanotify_mark");
	(void)syscall(SYS_swapon, "/data/rare/swapon", 0);
	(void)syscall(SYS_swapoff, "/data/rare/swapoff");
	(void)syscall(SYS_acct, "/data/rare/acct");
	(void)syscall(SYS_quotactl, 0, "/data/rare/quotactl", 0, NULL);
	(void)umount2("/data/rare/umount2", UMOUNT_NOFOLLOW);
	(void)umount2("/data/rare/umount.link", UMOUNT_NOFOLLOW);
	(void)syscall(SYS_pivot_root, "/data/rare/pivot_root",
		      "/data/rare/pivot_root.old");
	(void)syscall(SYS_move_mount, data, "rare/move_mount", data, "rare/move_mount.to",
		      0);
	(void)name_to_handle_at(data, "rare/link", &handle, &number, AT_SYMLINK_FOLLOW);
}

static void message_names(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "/data/sendto" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), pair[2];
	struct iovec bytes = { (char[]){ "x" }, 1 };
	struct msghdr message = { .msg_name = &to,
				  .msg_namelen = sizeof(to),
				  .msg_iov = &bytes,
				  .msg_iovlen = 1 };

	if (sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) >= 0)
		errx(1, "sendto");
	(void)snprintf(to.sun_path, sizeof(to.sun_path), "/data/sendmsg");
	if (sendmsg(fd, &message, 0) >= 0)
		errx(1, "sendmsg");
	message.msg_name = NULL;
	message.msg_namelen = 0;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) ||
	    sendmsg(pair[0], &message, 0) != 1 || send(pair[0], "x", 1, 0) != 1)
		err(1, "a message without an address");
}

#if defined(__x86_64__)
/* A call of a 32-bit program (arch/x86/entry/syscalls/syscall_32.tbl). */
static long call_386(long number, uint64_t a, uint64_t b, uint64_t c)
{
	long result = -ENOSYS;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}
#endif

/* By the calls of 32-bit programs, with all that they name below 4 GiB. */
static void old_names(void)
{
#if defined(__x86_64__)
	struct low {
		char name[64];
		struct sockaddr_un direct, socketcall, message;
		uint32_t arguments[3], header[7], send[3];
	} *low = mmap(NULL, (size_t)2 * 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t last[6];
	char *edge;

	if (low == MAP_FAILED || munmap((char *)low + 4096, 4096))
		err(2, "mmap");
	(void)snprintf(low->name, sizeof(low->name), "/data/by-32-bit");
	if (call_386(5, (uintptr_t)low->name, 0, 0) < 0) /* open */
		errx(2, "no 32-bit calls here");
	low->direct = low->socketcall = low->message =
		(struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(low->direct.sun_path, 64, "/data/direct.socket");
	(void)snprintf(low->socketcall.sun_path, 64, "/data/common.socket");
	(void)snprintf(low->message.sun_path, 64, "/data/message.socket");
	(void)call_386(362, (uint64_t)fd, (uintptr_t)&low->direct, sizeof(low->direct));
	low->arguments[0] = (uint32_t)fd;
	low->arguments[1] = (uint32_t)(uintptr_t)&low->socketcall;
	low->arguments[2] = sizeof(low->socketcall);
	(void)call_386(102, 3, (uintptr_t)low->arguments, 0); /* connect */
	/* The six of sendto(2), with nothing behind them. */
	(void)snprintf(low->socketcall.sun_path, 64, "/data/edge.socket");
	last[0] = (uint32_t)fd;
	last[1] = (uint32_t)(uintptr_t)low->name;
	last[2] = 1;
	last[3] = 0;
	last[4] = (uint32_t)(uintptr_t)&low->socketcall;
	last[5] = sizeof(low->socketcall);
	edge = (char *)low + 4096 - sizeof(last);
	memcpy(edge, last, sizeof(last));
	(void)call_386(102, 11, (uintptr_t)edge, 0);
	low->header[0] = (uint32_t)(uintptr_t)&low->message;
	low->header[1] = sizeof(low->message);
	low->send[0] = (uint32_t)fd;
	low->send[1] = (uint32_t)(uintptr_t)low->header;
	(void)call_386(102, 16, (uintptr_t)low->send, 0); /* sendmsg */
#else
	errx(2, "no 32-bit calls here");
#endif
}

/* A root that is changed by pivot_root(2), as bwrap does. */
static void pivot_names(void)
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

static void socket_names(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX,
				  .sun_path = "/data/linked-folder/made.socket" };
	struct sockaddr_storage most;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "bind");
	close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)connect(fd, (struct sockaddr *)&to, sizeof(to));
	(void)snprintf(to.sun_path, sizeof(to.sun_path), "/data/none.socket");
	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)))
		errx(1, "connect");
	memcpy(to.sun_path, "\0abstract", 9);
	(void)connect(fd, (struct sockaddr *)&to, sizeof(to));
	/* More than such an address has room for: EINVAL. */
	memset(&most, 0xff, sizeof(most));
	(void)snprintf(to.sun_path, sizeof(to.sun_path), "/data/most.socket");
	memcpy(&most, &to, sizeof(to));
	if (!connect(fd, (struct sockaddr *)&most, sizeof(most)))
		errx(1, "connect");
}

/* Names that are odd, and names that are none. */
static void strange_names(void)
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
static void how_names(void)
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
static void roots_names(void)
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

static void fexec_names(void)
{
	char *argv[] = { (char[]){ "names" }, (char[]){ "stat" }, NULL },
	     *env[] = { NULL };
	int fd = open("/data/program", O_RDONLY | O_CLOEXEC);

	fexecve(fd, argv, env);
	err(1, "fexecve");
}

/* A name at the end of a page, with nothing behind it. */
static void edge_names(void)
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

static void *late_main(void *name)
{
	read_at(AT_FDCWD, name, 0);
	return NULL;
}

/* A child hangs in a file system, its parent goes on. */
static void hang_names(void)
{
	struct stat st;
	pid_t pid = fork();

	if (pid == 0)
		_exit(stat("/data/hang/file", &st) != 0);
	(void)usleep(200000);
	read_at(AT_FDCWD, "/data/after-hang", 0);
}

/* A name whose memory is not there until its owner brings it, which takes a second. */
static void late_names(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_copy copy = { .len = 4096 };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	static char bytes[4096] = "/data/late-name";
	pthread_t thread;

	area.range.start = (uintptr_t)page;
	area.range.len = 4096;
	if (fd < 0 || page == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &area))
		err(2, "userfaultfd");
	if (pthread_create(&thread, NULL, late_main, page))
		err(1, "thread");
	(void)usleep(1000000);
	copy.dst = (uintptr_t)page;
	copy.src = (uintptr_t)bytes;
	if (ioctl(fd, UFFDIO_COPY, &copy) || pthread_join(thread, NULL))
		err(1, "userfaultfd");
}

static void count_names(int count, const char *folder)
{
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		struct stat st;

		(void)snprintf(path, sizeof(path), "%s/%d", folder, i);
		(void)lstat(path, &st);
	}
}

/* As pid 1: says that it is ready, unless /data/never-ready is there, and waits to be told to end. */
static void init_main(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *name = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), got;
	sigset_t off;

	(void)sigemptyset(&off);
	(void)sigaddset(&off, SIGRTMIN + 4);
	(void)sigprocmask(SIG_BLOCK, &off, NULL);
	read_at(AT_FDCWD, "/data/by-init", 0);
	write_all_of("/data/by-boot", O_WRONLY | O_CREAT);
	puts("init is here");
	(void)fflush(stdout);
	if (!access("/data/ends-early", F_OK))
		return;
	if (access("/data/never-ready", F_OK)) {
		(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", name ? name : "");
		if (sendto(fd, "READY=1", 7, 0, (struct sockaddr *)&to, sizeof(to)) != 7)
			err(1, "%s", to.sun_path);
	}
	(void)sigwait(&off, &got);
	read_at(AT_FDCWD, "/data/at-the-end", 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} ways[] = {
		{ "dirfd", dirfd_names },     { "thread", thread_names },
		{ "chroot", chroot_names },   { "stat", stat_names },
		{ "write", write_names },     { "relink", relink_names },
		{ "bind", bind_names },       { "self", self_names },
		{ "uring", uring_names },     { "fork", fork_names },
		{ "fexec", fexec_names },     { "edge", edge_names },
		{ "hang", hang_names },       { "late", late_names },
		{ "socket", socket_names },   { "pivot", pivot_names },
		{ "strange", strange_names }, { "slow", slow_names },
		{ "old", old_names },         { "how", how_names },
		{ "outside", outside_names }, { "roots", roots_names },
		{ "anew", anew_names },       { "loader", loader_names },
		{ "hidden", hidden_names },   { "rare", rare_names },
		{ "message", message_names }, { "remake", remake_names },
		{ "race", race_names },
	};

	if (getpid() == 1) {
		init_main();
		return 0;
	}
	if (argc == 3) {
		count_names(atoi(argv[1]), argv[2]);
		return 0;
	}
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(argv[1], ways[i].name)) {
			ways[i].run();
			return 0;
		}
	errx(64, "which way?");
}
