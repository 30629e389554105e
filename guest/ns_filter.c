/* The system calls that nobody in a guest makes: those that are of the machine alone. */
#include "ns_filter.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Most need a capability that nobody in a user namespace has. They are listed for the day
 * on which the kernel asks for less, and because the code behind them has had holes.
 */
static const char *const refused[] = {
	"acct",
	"add_key",
	"bpf",
	"clock_adjtime",
	"clock_settime",
	"create_module",
	"delete_module",
	"finit_module",
	"get_kernel_syms",
	"init_module",
	"io_uring_enter",
	"io_uring_register",
	"io_uring_setup",
	"ioperm",
	"iopl",
	"kcmp",
	"kexec_file_load",
	"kexec_load",
	"keyctl",
	"lookup_dcookie",
	"nfsservctl",
	"open_by_handle_at",
	"perf_event_open",
	"query_module",
	"quotactl",
	"quotactl_fd",
	"request_key",
	"settimeofday",
	"stime",
	"swapoff",
	"swapon",
	"syslog",
	"sysfs",
	"_sysctl",
	"userfaultfd",
	"uselib",
	"ustat",
	"vhangup",
};

/*
 * Commands of ioctl(2) that ask only for a descriptor: the number without its last `bits`. The disk of
 * a guest is a loop device, and whoever may write to it could point it elsewhere (linux/loop.h). A
 * terminal that is not the guest's could be typed into.
 */
static const struct {
	uint32_t number, mask;
} refused_ioctls[] = {
	{ 0x4c00, 0xfffffff0 }, /* LOOP_SET_FD to LOOP_CONFIGURE */
	{ 0x4c80, 0xfffffff0 }, /* LOOP_CTL_ADD to LOOP_CTL_GET_FREE */
	{ TIOCSTI, 0xffffffff },
};

static int ioctls_add(scmp_filter_ctx filter)
{
	int result = 0;

	for (size_t i = 0; i < ARRAY_LEN(refused_ioctls) && !result; i++)
		result = seccomp_rule_add(
			filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, refused_ioctls[i].mask,
				refused_ioctls[i].number));
	/* It is of no network namespace: it reaches the machine that this one runs on. */
	if (!result)
		result = seccomp_rule_add(
			filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, AF_VSOCK));
	return result;
}

/* EPERM, as the kernel answers who lacks the capability; where programs fall back on an
 * older call they look for ENOSYS. */
static int rules_add(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		int call = seccomp_syscall_resolve_name(refused[i]);
		int result;

		if (call == __NR_SCMP_ERROR)
			continue;
		result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
		if (result && result != -EDOM)
			return result;
	}
	return 0;
}

static int program_read(scmp_filter_ctx filter, struct sock_fprog *out)
{
	AUTO_CLOSE int fd = memfd_create("filter", MFD_CLOEXEC);
	struct sock_filter *program;
	struct stat st;
	int result;

	if (fd < 0)
		return -errno;
	result = seccomp_export_bpf(filter, fd);
	if (result)
		return result;
	if (fstat(fd, &st) || lseek(fd, 0, SEEK_SET))
		return -errno;
	program = xcalloc(1, (size_t)st.st_size);
	if (read_full(fd, program, (size_t)st.st_size) != st.st_size) {
		free(program);
		return -EIO;
	}
	*out = (struct sock_fprog){
		.len = (unsigned short)((size_t)st.st_size / sizeof(*program)),
		.filter = program,
	};
	return 0;
}

int filter_make(struct sock_fprog *out)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int result;

	if (!filter)
		return -ENOMEM;
		/* Programs for 32 bits are programs too; x32 has calls by other numbers. */
#if defined(__x86_64__)
	result = seccomp_arch_add(filter, SCMP_ARCH_X86);
#elif defined(__aarch64__)
	result = seccomp_arch_add(filter, SCMP_ARCH_ARM);
#else
	result = 0;
#endif
	/* As a tree: the kernel runs it for every number there is when it is loaded. */
	if (!result)
		result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!result)
		result = rules_add(filter);
	if (!result)
		result = ioctls_add(filter);
	if (!result)
		result = program_read(filter, out);
	seccomp_release(filter);
	return result;
}
