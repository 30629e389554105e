/*
 * answer PROGRAM [ARGUMENT]...: each newfstatat(2) of the program is told to this process, which lets
 * it go on and does nothing else: what being told costs, for the bench.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* Linux 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* The program's own descriptor of the listener, told through `to`. */
static _Noreturn void run(char **argv, int to, int go)
{
	struct sock_filter lines[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_newfstatat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(lines) / sizeof(lines[0]), lines };
	char byte;
	int fd;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err(1, "prctl");
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			  SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (fd < 0 || write(to, &fd, sizeof(fd)) != sizeof(fd) || read(go, &byte, 1) != 1)
		err(1, "seccomp");
	(void)close(fd);
	(void)execv(argv[0], argv);
	err(1, "%s", argv[0]);
}

static void answer(int listener)
{
	for (;;) {
		struct seccomp_notif request = { .id = 0 };
		struct seccomp_notif_resp response = { .id = 0 };

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request)) {
			if (errno == EINTR)
				continue;
			return; /* ENOENT: all have ended (Linux 6.11) */
		}
		response.id = request.id;
		response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
	}
}

int main(int argc, char **argv)
{
	int told[2], go[2], theirs, listener, status, pidfd;
	pid_t pid;

	if (argc < 2 || pipe2(told, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		errx(64, "which program?");
	pid = fork();
	if (pid == 0)
		run(argv + 1, told[1], go[0]);
	if (pid < 0 || read(told[0], &theirs, sizeof(theirs)) != sizeof(theirs))
		err(1, "fork");
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	listener = (int)syscall(SYS_pidfd_getfd, pidfd, theirs, 0);
	if (listener < 0)
		err(1, "the listener");
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	if (write(go[1], "", 1) != 1)
		err(1, "a pipe");
	answer(listener);
	return waitpid(pid, &status, 0) != pid || status != 0;
}
