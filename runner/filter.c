/* Builds the seccomp program of a step from its policy. */
#include "policy_parser.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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
	F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK,
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

static void rules_open(struct builder *b)
{
	uint64_t refused = O_CREAT | O_TRUNC | TMPFILE_BIT;

	if (b->step->open == OPEN_NONE)
		return;
	if (b->step->open == OPEN_READ_ONLY)
		refused |= O_ACCMODE;
	allow_if(b, "openat", 2, refused, 0);
	allow_if(b, "open", 1, refused, 0);
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
	/* ld.so maps code; a static program has all of its own before the filter starts.
	 */
	if (is_read_step(b->step)) {
		allow_if(b, "mmap", 2, PROT_EXEC, 0);
		allow_if(b, "mprotect", 2, PROT_EXEC, 0);
		return;
	}
	rule(b, SCMP_ACT_ALLOW, "mmap", 0, NULL);
	rule(b, SCMP_ACT_ALLOW, "mprotect", 0, NULL);
}

static void rules_prctl(struct builder *b)
{
	for (size_t i = 0; i < ARRAY_LEN(prctl_options); i++)
		allow_if(b, "prctl", 0, LOW, prctl_options[i]);
#if defined(__x86_64__)
	allow_if(b, "arch_prctl", 0, LOW, ARCH_SET_FS); /* thread-local storage */
#endif
}

static void rules_self(struct builder *b)
{
	/* Its own limits: a tool of uid 0 could take the stub's descriptors and time. */
	allow_if(b, "prlimit64", 0, LOW, 0);
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

static void rules_listed(struct builder *b)
{
	const struct step *step = b->step;
	char name[64];

	for (unsigned i = 0; i < step->ioctl_count; i++)
		allow_if(b, "ioctl", 1, step->ioctls[i].mask, step->ioctls[i].number);
	for (int i = 0; i < POLICY_SYSCALL_MAX && !b->error; i++)
		if (i == SYS_socket && call_has(step->syscalls, i))
			rule_socket(b);
		else if (call_has(step->syscalls, i))
			b->error = seccomp_rule_add_array(b->ctx, SCMP_ACT_ALLOW, i, 0,
							  NULL);
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
	error = seccomp_export_bpf(ctx, fd);
	if (error)
		return error;
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
