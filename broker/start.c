/* How copier and performer begin: their rules, and a filter of just the calls that they make. */
#include "start.h"
#include "broker.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#else
#error "broker: name this architecture's AUDIT_ARCH"
#endif

#define X32_BIT 0x40000000u
#define MAX_INSTRUCTIONS 64

static const unsigned both_need[] = {
	SYS_read,       SYS_write,        SYS_recvfrom,        SYS_sendto,
	SYS_sendmsg,    SYS_recvmsg,      SYS_clock_gettime,   SYS_clock_nanosleep,
	SYS_exit_group, SYS_rt_sigreturn, SYS_restart_syscall,
};

int start_rules(struct command_rules *rules)
{
	ptrdiff_t n = read_full(BROKER_FD_RULES, rules->rules, sizeof(rules->rules));

	if (n < 0)
		return (int)n;
	if ((size_t)n % sizeof(rules->rules[0]))
		return -EBADMSG;
	rules->count = (unsigned)((size_t)n / sizeof(rules->rules[0]));
	return 0;
}

/* Of one byte, which no command and no answer is. */
int start_hello(void)
{
	return send(BROKER_FD_ASKER, "", 1, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

int start_wait(void)
{
	char hello[2];

	return recv(BROKER_FD_OTHER, hello, sizeof(hello), 0) == 1 ? 0 : -EPROTO;
}

struct program {
	struct sock_filter code[MAX_INSTRUCTIONS];
	unsigned short len;
};

static void emit(struct program *p, struct sock_filter instruction)
{
	if (p->len < MAX_INSTRUCTIONS)
		p->code[p->len] = instruction;
	p->len++;
}

static void load(struct program *p, size_t offset)
{
	emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* Where what was loaded is `value`: that. */
static void when(struct program *p, uint32_t value, uint32_t then)
{
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
	emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, then));
}

int start_filter(const unsigned *calls, size_t call_count, const unsigned *requests,
		 size_t request_count)
{
	struct program p = { .len = 0 };
	struct sock_fprog fprog;

	load(&p, offsetof(struct seccomp_data, arch));
	emit(&p,
	     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0));
	emit(&p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	load(&p, offsetof(struct seccomp_data, nr));
	emit(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1));
	emit(&p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	for (size_t i = 0; i < ARRAY_LEN(both_need); i++)
		when(&p, both_need[i], SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < call_count; i++)
		when(&p, calls[i], SECCOMP_RET_ALLOW);
	emit(&p,
	     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 1, 0));
	emit(&p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	load(&p, offsetof(struct seccomp_data, args[1]));
	for (size_t i = 0; i < request_count; i++)
		when(&p, requests[i], SECCOMP_RET_ALLOW);
	emit(&p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	if (p.len > MAX_INSTRUCTIONS)
		return -E2BIG;
	fprog = (struct sock_fprog){ .len = p.len, .filter = p.code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
#ifdef BEE_SANITIZED
	(void)fprog;
#else
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog, 0, 0))
		return -errno;
#endif
	return 0;
}
