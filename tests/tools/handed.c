/*
 * handed WHAT COMMAND...: runs it with what goes on through exec(2) and is rarely looked at.
 *   slack     timers that may be 20 s late (prctl(2), PR_SET_TIMERSLACK)
 *   linux32   uname(2) of a 32-bit machine, and a kernel 2.6
 *   root      a sandbox that plays root: calls that change uids and capabilities work, and do nothing
 */
#include <err.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void slack(void)
{
	if (prctl(PR_SET_TIMERSLACK, 20000000000UL))
		err(1, "PR_SET_TIMERSLACK");
}

static void linux32(void)
{
	if (personality(PER_LINUX32 | UNAME26) < 0)
		err(1, "personality");
}

static void root(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setgroups, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setresgid, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setresuid, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_capset, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		err(1, "seccomp");
}

static const struct {
	const char *what;
	void (*hand)(void);
} all[] = { { "slack", slack }, { "linux32", linux32 }, { "root", root } };

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 2 && i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(all[i].what, argv[1])) {
			all[i].hand();
			execvp(argv[2], argv + 2);
			err(1, "%s", argv[2]);
		}
	errx(64, "usage: handed slack|linux32|root COMMAND...");
}
