/* refuse CALL COMMAND...: runs it as where a filter refuses that system call with EPERM. */
#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	unsigned number;
} calls[] = {
	{ "unshare", SYS_unshare },     { "mount", SYS_mount },
	{ "fsopen", SYS_fsopen },       { "open_tree", SYS_open_tree },
	{ "mknodat", SYS_mknodat },     { "seccomp", SYS_seccomp },
	{ "setresuid", SYS_setresuid }, { "clone3", SYS_clone3 },
	{ "ptrace", SYS_ptrace },       { "setns", SYS_setns },
	{ "umount2", SYS_umount2 },
};

int main(int argc, char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	for (size_t i = 0; argc > 2 && i < sizeof(calls) / sizeof(*calls); i++)
		if (!strcmp(calls[i].name, argv[1]))
			code[1].k = calls[i].number;
	if (!code[1].k)
		errx(64, "usage: refuse CALL COMMAND...");
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		err(1, "seccomp");
	execvp(argv[2], argv + 2);
	err(1, "%s", argv[2]);
}
