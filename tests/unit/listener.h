/* A child under a filter that reports all but what a child needs, as a tool of a jail is. */
#ifndef BEE_TESTS_LISTENER_H
#define BEE_TESTS_LISTENER_H

#include "tap.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Makes `calls` and exits with 0, where they do not end it. Returns the listener. */
static int listener_new(pid_t *pid, void (*calls)(void))
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	};
	struct sock_fprog filter = { ARRAY_LEN(code), code };
	int *shared = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(shared != MAP_FAILED);
	*shared = -1;
	/* With our table, so that its listener is ours. */
	*pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	CHECK(*pid >= 0);
	if (*pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			_exit(90);
		*shared = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				       SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
		calls();
		_exit(0);
	}
	for (int i = 0; i < 5000 && *(volatile int *)shared < 0; i++)
		usleep(1000);
	CHECK(*shared >= 0);
	return *shared;
}

#endif
