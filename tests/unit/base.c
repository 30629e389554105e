/* The empty mount namespace that jails are made from (jail/root.c), and what holds it up. */
#include "root.h"
#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void needs_root(void)
{
	if (geteuid() != 0)
		tap_skip("only root makes mount namespaces");
}

/* Entries of a folder, with "." and ".."; `wanted`, if there is one, is what a link there leads to. */
static size_t entries(const char *folder, const char *wanted, bool *found)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	CHECK(dir);
	for (const struct dirent *entry; (entry = readdir(dir)); count++) {
		char to[PATH_MAX];
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, to, sizeof(to) - 1);

		if (wanted && n > 0) {
			to[n] = '\0';
			*found |= !strcmp(to, wanted);
		}
	}
	(void)closedir(dir);
	return count;
}

/* From here on pivot_root(2) of this process and its children hangs until they are killed. The listener. */
static int pivot_hang(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pivot_root, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	};
	struct sock_fprog filter = { ARRAY_LEN(code), code };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
}

static void empty(void)
{
	int base, top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int home = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	struct stat own, made;
	char chroot_at[] = "/tmp/bee-base-XXXXXX";

	needs_root();
	CHECK(!stat("/proc/self/ns/mnt", &own));
	base = root_base(clock_now() + 8 * NSEC_PER_SEC, -1);
	CHECK(base >= 0 && !fstat(base, &made) && made.st_ino != own.st_ino);
	CHECK(fcntl(base, F_GETFD) & FD_CLOEXEC);
	close(base);
	/* From a folder that is no mount, and has nothing in it. */
	CHECK(mkdtemp(chroot_at));
	CHECK(!chroot(chroot_at) && !chdir("/"));
	CHECK(!unlinkat(top, chroot_at + 1, AT_REMOVEDIR));
	base = root_base(clock_now() + 8 * NSEC_PER_SEC, -1);
	CHECK(base >= 0 && !setns(base, CLONE_NEWNS));
	CHECK_INT(entries("/", NULL, NULL), 2);
	CHECK(mkdir("/x", 0700) && errno == EROFS);
	/* Who looks for leaks at the end reads /proc. */
	CHECK(!setns(home, CLONE_NEWNS));
}

/* Whoever hangs is killed at the deadline; nothing of it is left in the caller. */
static void given_up(void)
{
	nsec_t began = clock_now();
	int listener, status;
	size_t before;

	needs_root();
	listener = pivot_hang();
	CHECK(listener >= 0);
	before = entries("/proc/self/fd", NULL, NULL);
	CHECK_INT(root_base(began + 300 * NSEC_PER_MSEC, -1), -ETIMEDOUT);
	CHECK(clock_now() - began >= 300 * NSEC_PER_MSEC);
	CHECK(waitpid(-1, &status, 0) > 0 && WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), SIGKILL);
	CHECK_INT(entries("/proc/self/fd", NULL, NULL), before);
}

static void interrupted(void)
{
	int ends[2], status;

	needs_root();
	CHECK(pivot_hang() >= 0 && !pipe2(ends, O_CLOEXEC));
	/* Nothing yet: it is the deadline that ends it. */
	CHECK_INT(root_base(clock_now() + 100 * NSEC_PER_MSEC, ends[0]), -ETIMEDOUT);
	CHECK(write(ends[1], "", 1) == 1);
	CHECK_INT(root_base(clock_now() + 3600 * NSEC_PER_SEC, ends[0]), -ECANCELED);
	for (int i = 0; i < 2; i++)
		CHECK(waitpid(-1, &status, 0) > 0 && WIFSIGNALED(status));
}

/* A monitor that has a pipe and a lock, as the one of an audit, and hangs in root_base(). */
static _Noreturn void monitor(int *listener, int file, int pipe_end)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(file, F_SETLK, &lock) || pipe_end < 0)
		_exit(1);
	*listener = pivot_hang();
	(void)root_base(clock_now() + 3600 * NSEC_PER_SEC, -1);
	_exit(2);
}

static void killed(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct seccomp_notif asked = { .id = 0 };
	volatile int *listener = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char name[] = "/tmp/bee-base-XXXXXX", path[64], wanted[64];
	int file = mkstemp(name), ends[2], pidfd;
	bool found = false;
	ssize_t n;
	pid_t pid;

	needs_root();
	CHECK(listener != MAP_FAILED && file >= 0 && !unlink(name) &&
	      !pipe2(ends, O_CLOEXEC));
	*listener = -1;
	/* With our descriptors, so that its listener is ours. */
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	CHECK(pid >= 0);
	if (pid == 0)
		monitor((int *)(uintptr_t)listener, file, ends[1]);
	while (*listener < 0)
		usleep(1000);
	CHECK(!ioctl(*listener, SECCOMP_IOCTL_NOTIF_RECV, &asked));
	CHECK(asked.data.nr == SYS_pivot_root && (pid_t)asked.pid != pid);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	n = readlink(path, wanted, sizeof(wanted) - 1);
	CHECK(n > 0);
	wanted[n] = '\0';
	(void)snprintf(path, sizeof(path), "/proc/%u/fd", asked.pid);
	CHECK(entries(path, wanted, &found) > 2);
	CHECK(!found);
	pidfd = (int)syscall(SYS_pidfd_open, (pid_t)asked.pid, 0);
	CHECK(pidfd >= 0);
	CHECK(!kill(pid, SIGKILL) && waitpid(pid, NULL, 0) == pid);
	/* The alarm of the test is the time that it has. */
	CHECK_INT(poll(&(struct pollfd){ pidfd, POLLIN, 0 }, 1, -1), 1);
	CHECK(!fcntl(file, F_SETLK, &lock));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "it is empty, and another namespace; from a chroot, too", empty, 0 },
		{ "who hangs in making it is killed at the deadline, and leaves nothing",
		  given_up, 0 },
		{ "a signal that ends the audit is not waited for until then",
		  interrupted, 0 },
		{ "who hangs in it has no pipe of the monitor, and ends with it", killed,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
