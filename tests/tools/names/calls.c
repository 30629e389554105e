/* Names in calls that are seldom made, and in those that start programs. */
#include "names.h"

#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A program whose loader is itself; the kernel asks no loader for a loader. */
void loader_names(void)
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

void uring_names(void)
{
	char parameters[256] = { 0 };

	if (syscall(SYS_io_uring_setup, 4, parameters) >= 0 || errno != ENOSYS)
		errx(1, "io_uring is there");
	if (!geteuid() && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0))
		errx(1, "no program may change its user");
}

/* Many short lives, each of which names a file of its own. */
void fork_names(void)
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

/* Several at once, until they are ended: somebody always waits for an answer. */
void endless_names(void)
{
	struct stat st;

	(void)alarm(20);
	for (int i = 0; i < 15; i++)
		if (fork() == 0) {
			(void)alarm(20);
			break;
		}
	for (;;)
		(void)lstat("/data/only-stat", &st);
}

/* One name after the other, for a second. */
void slow_names(void)
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
void rare_names(void)
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

void message_names(void)
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
void old_names(void)
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

void socket_names(void)
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

void fexec_names(void)
{
	char *argv[] = { (char[]){ "names" }, (char[]){ "stat" }, NULL },
	     *env[] = { NULL };
	int fd = open("/data/program", O_RDONLY | O_CLOEXEC);

	fexecve(fd, argv, env);
	err(1, "fexecve");
}

/* A script in memory, by the name that its descriptor has in /proc. */
void memory_names(void)
{
	static const char script[] = "#!/data/program stat\n";
	char *argv[] = { (char[]){ "script" }, NULL }, *env[] = { NULL };
	int fd = memfd_create("script", 0);
	char name[64];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (write(fd, script, sizeof(script) - 1) != sizeof(script) - 1)
		err(1, "memfd");
	read_at(AT_FDCWD, name, 0);
	(void)execve(name, argv, env);
	err(1, "%s", name);
}
