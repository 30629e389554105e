/* Attempts to be and to have more: uids, capabilities, memory, processes, another program. */
#include "attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define raw(...) syscall(__VA_ARGS__)

static bool uid_root(void)
{
	return getuid() != 0 && raw(SYS_setresuid, 0, 0, 0) == 0;
}
static bool uid_other(void)
{
	return raw(SYS_setresuid, 4242, 4242, 4242) == 0;
}
static bool gid_root(void)
{
	return getgid() != 0 && raw(SYS_setgid, 0) == 0;
}

static bool caps_all(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct all[2] = { { ~0U, ~0U, 0 }, { 0x1ff, 0x1ff, 0 } };

	return raw(SYS_capset, &header, all) == 0;
}

/* As root, from its exec on. */
static bool caps_root(void)
{
	return getuid() == 0 && has_rights();
}

static bool exec_setuid(void)
{
	return again("/mnt/seen/setuid", "is-root");
}
static bool exec_filecaps(void)
{
	return again("/mnt/seen/filecaps", "has-rights");
}
static bool exec_again(void)
{
	return again("/proc/self/exe", "again");
}

/* libc is a program too, and says what it is. */
static bool exec_library(void)
{
	(void)again("/lib/x86_64-linux-gnu/libc.so.6", "again");
	return again("/lib/aarch64-linux-gnu/libc.so.6", "again");
}

static bool memory_more(void)
{
	return mmap(NULL, 1u << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}

static bool descriptors_more(void)
{
	int last = 0;

	for (int i = 0; i < 200 && last >= 0; i++)
		last = dup(0);
	for (int fd = 3; fd < 300; fd++)
		close(fd);
	return last >= 0;
}

static bool size_more(void)
{
	int fd = (int)raw(SYS_memfd_create, "x", 0);

	(void)signal(SIGXFSZ, SIG_IGN);
	return fd >= 0 && write(fd, "x", 1) == 1;
}

/* All at the same time; they end by themselves, as many policies grant no wait4(2). */
static bool tasks_more(void)
{
	static const struct timespec while_others = { 0, 300000000 };
	int count = 0;
	long pid = 0;

	while (count < 40 && (pid = raw(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL)) > 0)
		count++;
	if (count < 40 && pid == 0) {
		(void)nanosleep(&while_others, NULL);
		_exit(0);
	}
	return count == 40;
}

static bool queue_made(void)
{
	return raw(SYS_mq_open, "bee", O_CREAT | O_RDWR, 0600, NULL) >= 0;
}

static bool core_more(void)
{
	struct rlimit now;

	return getrlimit(RLIMIT_CORE, &now) == 0 && now.rlim_cur != 1;
}

/* By another table of calls, which end the process where they are refused: the last ones. */
#if defined(__x86_64__)
static bool foreign_int80(void)
{
	long pid = -1;

	__asm__ volatile("int $0x80" : "=a"(pid) : "a"(20L) : "memory");
	return pid == getpid();
}

static bool foreign_x32(void)
{
	return raw(0x40000000 + 39) == getpid();
}
#endif

const struct attempt attempts_rights[] = {
	{ "uid-root", uid_root },
	{ "uid-other", uid_other },
	{ "gid-root", gid_root },
	{ "caps-all", caps_all },
	{ "caps-root", caps_root },
	{ "memory-more", memory_more },
	{ "descriptors-more", descriptors_more },
	{ "size-more", size_more },
	{ "tasks-more", tasks_more },
	{ "queue-made", queue_made },
	{ "core-more", core_more },
	{ "exec-setuid", exec_setuid },
	{ "exec-filecaps", exec_filecaps },
	{ "exec-library", exec_library },
	{ "exec-again", exec_again },
#if defined(__x86_64__)
	{ "foreign-int80", foreign_int80 },
	{ "foreign-x32", foreign_x32 },
#endif
	{ NULL, NULL },
};
