/* Builds the seccomp program of a step from its policy. */
#include "parser.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <asm/prctl.h>
#endif

/* The kernel takes these arguments as int: the upper half is ignored, so we must as well.
 */
#define LOW UINT64_C(0xffffffff)

/* O_TMPFILE without the O_DIRECTORY in it, which is harmless alone. */
#define TMPFILE_BIT (O_TMPFILE & ~O_DIRECTORY)

#define SOCKET_FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)

/* Below it memory is CAP_SYS_RAWIO's, by default: what the kernel finds there when it follows a
 * null pointer (vm.mmap_min_addr, proc_sys_vm(5)). */
#define LOWEST_ADDRESS 0x10000

#define NEW_NAMESPACES                                                                   \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |   \
	 CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME)

/* What a tool may ask of prctl(2): names of things, and questions. */
static const unsigned prctl_options[] = {
	PR_SET_NAME,     PR_GET_NAME, PR_CAPBSET_READ, /* libcap's constructor, in nvme */
	PR_GET_DUMPABLE,
#ifdef PR_SET_VMA
	PR_SET_VMA, /* newer glibc names its heaps */
#endif
};

/*
 * What a tool may do with fcntl(2): not send signals (F_SETOWN with F_SETSIG lets a tool
 * of uid 0 kill its collector, without any capability), not hold up writers (F_SETLEASE).
 */
static const unsigned fcntl_commands[] = {
	F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_GETLK, F_SETLK,
};

/*
 * What F_SETFL may not set: the flags hold for everybody who has the same open file. With
 * O_APPEND no splice(2) into it works, with O_ASYNC signals are sent, O_NOATIME is a right.
 */
#define SHARED_FLAGS (O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME)

/* Calls of the sets with an argument that a capability, or a uid, would give another meaning.
 * One fitting line is enough. doc/calls.md goes through all calls and capabilities. */
static const struct {
	int call;
	unsigned arg;
	uint64_t mask, value;
} arguments[] = {
	/*
	 * Not MADV_HWPOISON and MADV_SOFT_OFFLINE, which take memory from the machine for
	 * CAP_SYS_ADMIN, nor MADV_PAGEOUT, which takes its owner's files out of it. From
	 * NORMAL to DONTNEED; FREE, REMOVE, DONTFORK, DOFORK; HUGEPAGE and not; DONTDUMP to
	 * KEEPONFORK; GUARD_INSTALL and GUARD_REMOVE of Linux 6.13.
	 */
	{ SYS_madvise, 2, LOW & ~UINT64_C(7), MADV_NORMAL },
	{ SYS_madvise, 2, LOW & ~UINT64_C(3), MADV_FREE },
	{ SYS_madvise, 2, LOW & ~UINT64_C(1), MADV_HUGEPAGE },
	{ SYS_madvise, 2, LOW & ~UINT64_C(3), MADV_DONTDUMP },
	{ SYS_madvise, 2, LOW & ~UINT64_C(1), 102 },
	/* Not to an address of the tool's choice: it may be below LOWEST_ADDRESS. */
	{ SYS_mremap, 3, ~(uint64_t)MREMAP_MAYMOVE, 0 },
	/* abort(3). Others queue up without end at the stub, whose uid a tool may have. */
	{ SYS_tgkill, 2, LOW, SIGABRT },
	/* Not by a clock that wakes a suspended machine for CAP_WAKE_ALARM. */
	{ SYS_clock_nanosleep, 0, LOW & ~UINT64_C(1), CLOCK_REALTIME }, /* MONOTONIC */
	{ SYS_clock_nanosleep, 0, LOW, CLOCK_BOOTTIME },
};

struct builder {
	scmp_filter_ctx ctx;
	const struct step *step;
	int error; /* the first one, or 0 */
};

static void rule(struct builder *b, uint32_t action, const char *name, unsigned count,
		 const struct scmp_arg_cmp *args)
{
	int number = syscall_number(name);

	if (b->error || number < 0) /* a call this architecture does not have */
		return;
	b->error = seccomp_rule_add_array(b->ctx, action, number, count, args);
}

/* Allows a call whose argument `arg`, as far as `mask` goes, is `value`. */
static void allow_if(struct builder *b, const char *name, unsigned arg, uint64_t mask,
		     uint64_t value)
{
	struct scmp_arg_cmp cmp = SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, value);

	rule(b, SCMP_ACT_ALLOW, name, 1, &cmp);
}

static bool is_read_step(const struct step *step)
{
	return !step->argv[0];
}

/*
 * Without O_CREAT, O_EXCL claims a disk for the tool alone (blkdev_open) and shuts others out of
 * /dev/sg*. The access mode 3, "ioctl only", is none that Landlock looks at.
 */
static void rules_open(struct builder *b)
{
	uint64_t mask = O_CREAT | O_TRUNC | O_EXCL | TMPFILE_BIT | O_ACCMODE;
	static const uint64_t modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	size_t count = b->step->open == OPEN_NONE        ? 0
		       : b->step->open == OPEN_READ_ONLY ? 1
							 : ARRAY_LEN(modes);

	for (size_t i = 0; i < count; i++) {
		allow_if(b, "openat", 2, mask, modes[i]);
		allow_if(b, "open", 1, mask, modes[i]);
	}
}

static void rules_tasks(struct builder *b)
{
	/* Its flags are in memory, where no filter sees them; glibc falls back to clone.
	 */
	rule(b, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL);
	if (b->step->limits.tasks == 1)
		return;
	allow_if(b, "clone", 0, NEW_NAMESPACES, 0);
	rule(b, SCMP_ACT_ALLOW, "fork", 0, NULL);
	rule(b, SCMP_ACT_ALLOW, "vfork", 0, NULL);
}

/*
 * The supervisor lets the job's own first execve through and refuses later ones. With
 * exec lines it is Landlock that says which files.
 */
static void rules_exec(struct builder *b)
{
	bool exec = false;

	for (unsigned i = 0; i < b->step->grant_count; i++)
		exec |= b->step->grants[i].kind == GRANT_EXEC;
	if (exec) {
		rule(b, SCMP_ACT_ALLOW, "execve", 0, NULL);
		rule(b, SCMP_ACT_ALLOW, "execveat", 0, NULL);
	} else if (b->step->default_kill) {
		rule(b, SCMP_ACT_NOTIFY, "execve", 0, NULL);
		rule(b, SCMP_ACT_NOTIFY, "execveat", 0, NULL);
	}
}

static void rules_memory(struct builder *b)
{
	/* ld.so maps code; a static program has all of its own before the filter starts. */
	uint64_t refused = is_read_step(b->step) ? PROT_EXEC : 0;
	const struct scmp_arg_cmp protection =
		SCMP_CMP(2, SCMP_CMP_MASKED_EQ, refused, 0);
	/* The kernel rounds up an address that is not meant to be taken by the word. Huge pages are a
	 * store that somebody has filled for himself: who maps some takes them out of it, without a right. */
	struct scmp_arg_cmp anywhere[] = {
		SCMP_CMP(3, SCMP_CMP_MASKED_EQ,
			 MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_HUGETLB, 0),
		protection,
	};
	struct scmp_arg_cmp above[] = {
		SCMP_CMP(3, SCMP_CMP_MASKED_EQ, MAP_HUGETLB, 0),
		SCMP_CMP(0, SCMP_CMP_GE, LOWEST_ADDRESS, 0),
		protection,
	};
	unsigned checked = refused ? 1 : 0;

	rule(b, SCMP_ACT_ALLOW, "mmap", 1 + checked, anywhere);
	rule(b, SCMP_ACT_ALLOW, "mmap", 2 + checked, above);
	rule(b, SCMP_ACT_ALLOW, "mprotect", checked, &protection);
}

static void rules_prctl(struct builder *b)
{
	for (size_t i = 0; i < ARRAY_LEN(prctl_options); i++)
		allow_if(b, "prctl", 0, LOW, prctl_options[i]);
	/* What a tool starts has to say itself that its commands may be copied: Yama. */
	if (b->step->command_count && b->step->limits.tasks > 1)
		allow_if(b, "prctl", 0, LOW, PR_SET_PTRACER);
#if defined(__x86_64__)
	allow_if(b, "arch_prctl", 0, LOW, ARCH_SET_FS); /* thread-local storage */
#endif
}

static void rules_self(struct builder *b)
{
	/* Its own limits, to be read: who may raise or lower RLIMIT_CORE, for one, has a say in
	 * what the kernel does with a crash. */
	struct scmp_arg_cmp limits[] = {
		SCMP_CMP(0, SCMP_CMP_MASKED_EQ, LOW, 0),
		SCMP_CMP(2, SCMP_CMP_EQ, 0, 0),
	};
	struct scmp_arg_cmp flags[] = {
		SCMP_CMP(1, SCMP_CMP_MASKED_EQ, LOW, F_SETFL),
		SCMP_CMP(2, SCMP_CMP_MASKED_EQ, SHARED_FLAGS, 0),
	};

	rule(b, SCMP_ACT_ALLOW, "prlimit64", ARRAY_LEN(limits), limits);
	rule(b, SCMP_ACT_ALLOW, "fcntl", ARRAY_LEN(flags), flags);
	for (size_t i = 0; i < ARRAY_LEN(fcntl_commands); i++)
		allow_if(b, "fcntl", 1, LOW, fcntl_commands[i]);
}

/*
 * A handle to ask a driver through (netdevice(7)), and no other: what is written to a
 * netlink socket is a command to the kernel, without any connect(2) or sendto(2).
 */
static void rule_socket(struct builder *b)
{
	struct scmp_arg_cmp args[] = {
		SCMP_CMP(0, SCMP_CMP_MASKED_EQ, LOW, AF_INET),
		SCMP_CMP(1, SCMP_CMP_MASKED_EQ, LOW & ~(uint64_t)SOCKET_FLAGS,
			 SOCK_DGRAM),
		SCMP_CMP(2, SCMP_CMP_MASKED_EQ, LOW, 0),
	};

	rule(b, SCMP_ACT_ALLOW, "socket", ARRAY_LEN(args), args);
}

/*
 * A packet socket that hears frames of one protocol: the number is in socket(2), where it is
 * seen. Without bind(2) and an address to send to it belongs to no interface, so that the kernel
 * has none to send a write(2) through (ENXIO).
 */
static void rules_listen(struct builder *b)
{
	uint16_t protocol = htons(b->step->network_listen);
	static const int options[] = { PACKET_ADD_MEMBERSHIP, PACKET_ORIGDEV };
	struct scmp_arg_cmp args[] = {
		SCMP_CMP(0, SCMP_CMP_MASKED_EQ, LOW, AF_PACKET),
		SCMP_CMP(1, SCMP_CMP_MASKED_EQ, LOW & ~(uint64_t)SOCKET_FLAGS, SOCK_RAW),
		SCMP_CMP(2, SCMP_CMP_MASKED_EQ, LOW, protocol),
	};

	if (!protocol)
		return;
	rule(b, SCMP_ACT_ALLOW, "socket", ARRAY_LEN(args), args);
	rule(b, SCMP_ACT_ALLOW, "recvfrom", 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		struct scmp_arg_cmp option[] = {
			SCMP_CMP(1, SCMP_CMP_MASKED_EQ, LOW, SOL_PACKET),
			SCMP_CMP(2, SCMP_CMP_MASKED_EQ, LOW, (uint64_t)options[i]),
		};

		rule(b, SCMP_ACT_ALLOW, "setsockopt", ARRAY_LEN(option), option);
	}
}

/* To any process but 1, the stub, whose uid a tool may have: a bit other than the lowest. */
static void rules_signal(struct builder *b, const char *name)
{
	allow_if(b, name, 0, LOW, 0); /* its own group; no thread is 0 */
	for (unsigned bit = 1; bit < 32; bit++)
		allow_if(b, name, 0, UINT64_C(1) << bit, UINT64_C(1) << bit);
}

static void rule_listed(struct builder *b, int call)
{
	bool checked = false;

	for (size_t i = 0; i < ARRAY_LEN(arguments); i++) {
		struct scmp_arg_cmp cmp = SCMP_CMP(arguments[i].arg, SCMP_CMP_MASKED_EQ,
						   arguments[i].mask, arguments[i].value);

		if (arguments[i].call != call)
			continue;
		checked = true;
		if (!b->error)
			b->error = seccomp_rule_add_array(b->ctx, SCMP_ACT_ALLOW, call, 1,
							  &cmp);
	}
	if (!checked && !b->error)
		b->error = seccomp_rule_add_array(b->ctx, SCMP_ACT_ALLOW, call, 0, NULL);
}

/* Device commands are stopped and copied. So is all that is not listed, unless that kills. */
static void rules_commands(struct builder *b)
{
	unsigned count;
	const uint32_t *requests = policy_requests(b->step, &count);

	for (unsigned i = 0; b->step->default_kill && i < count; i++) {
		struct scmp_arg_cmp cmp =
			SCMP_CMP(1, SCMP_CMP_MASKED_EQ, LOW, requests[i]);

		rule(b, SCMP_ACT_NOTIFY, "ioctl", 1, &cmp);
	}
}

static void rules_listed(struct builder *b)
{
	const struct step *step = b->step;
	char name[64];

	for (unsigned i = 0; i < step->ioctl_count; i++)
		allow_if(b, "ioctl", 1, step->ioctls[i].mask, step->ioctls[i].number);
	rules_commands(b);
	for (int i = 0; i < POLICY_SYSCALL_MAX && !b->error; i++)
		if (!call_has(step->syscalls, i))
			continue;
		else if (i == SYS_socket)
			rule_socket(b);
		else if (i == SYS_tgkill && step->command_count)
			continue; /* who copies its commands has its uid */
		else if (i == SYS_kill || i == SYS_tkill)
			rules_signal(b, i == SYS_kill ? "kill" : "tkill");
		else
			rule_listed(b, i);
	for (unsigned i = 0; i < step->answer_count; i++)
		if (syscall_name(step->answers[i].syscall, name, sizeof(name)))
			rule(b, SCMP_ACT_ERRNO((uint16_t)step->answers[i].error), name, 0,
			     NULL);
}

/*
 * A binary tree: when a filter is loaded, the kernel runs it for every call number to
 * learn what is always allowed (seccomp_cache_prepare). Loading took 132 us with a list
 * and 56 with a tree [measured], once per job; building takes 20% longer, once per step.
 */
static int attributes(scmp_filter_ctx ctx)
{
	static const struct {
		enum scmp_filter_attr attr;
		uint32_t value;
	} list[] = {
		/* x32 is a foreign architecture to a filter that has x86-64 alone. */
		{ SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS },
		{ SCMP_FLTATR_CTL_NNP, 0 }, /* the jail's own step, before this one */
		{ SCMP_FLTATR_CTL_OPTIMIZE, 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		int error = seccomp_attr_set(ctx, list[i].attr, list[i].value);

		if (error)
			return error;
	}
	return 0;
}

/* libseccomp 2.5 writes the program to a descriptor only. */
static int read_back(scmp_filter_ctx ctx, struct sock_fprog *out)
{
	AUTO_CLOSE int fd = memfd_create("filter", MFD_CLOEXEC);
	struct sock_filter *code;
	struct stat st;
	ptrdiff_t have;
	int error;

	if (fd < 0)
		return -errno;
	errno = 0;
	error = seccomp_export_bpf(ctx, fd);
	if (error) /* ECANCELED: "a system failure", of which errno has the reason */
		return error == -ECANCELED && errno ? -errno : error;
	if (fstat(fd, &st) || lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	if (st.st_size <= 0 || st.st_size % (off_t)sizeof(*code) ||
	    st.st_size / (off_t)sizeof(*code) > BPF_MAXINSNS)
		return -E2BIG;
	code = xcalloc(1, (size_t)st.st_size);
	have = read_full(fd, code, (size_t)st.st_size);
	if (have != st.st_size) {
		free(code);
		return have < 0 ? (int)have : -EIO;
	}
	out->len = (unsigned short)((size_t)st.st_size / sizeof(*code));
	out->filter = code;
	return 0;
}

int filter_build(struct step *step)
{
	struct builder b = { .step = step };
	struct sock_fprog program = { 0 };

	b.ctx = seccomp_init(step->default_kill ? SCMP_ACT_KILL_PROCESS
						: SCMP_ACT_NOTIFY);
	if (!b.ctx)
		return -EINVAL;
	b.error = attributes(b.ctx);
	rules_open(&b);
	rules_tasks(&b);
	rules_exec(&b);
	rules_memory(&b);
	rules_prctl(&b);
	rules_self(&b);
	rules_listed(&b);
	rules_listen(&b);
	if (!b.error)
		b.error = read_back(b.ctx, &program);
	seccomp_release(b.ctx);
	if (b.error)
		return b.error;
	free(step->filter.filter);
	step->filter = program;
	return 0;
}
