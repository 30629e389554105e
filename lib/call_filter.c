/* A seccomp filter, instruction by instruction. */
#include "call_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <sys/prctl.h>

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#else
#error "call_filter: name this architecture's AUDIT_ARCH"
#endif

#define ADD(filter, ...) call_filter_add(filter, (struct sock_filter)__VA_ARGS__)

void call_filter_add(struct call_filter *filter, struct sock_filter instruction)
{
	if (filter->len < ARRAY_LEN(filter->code))
		filter->code[filter->len] = instruction;
	filter->len++;
}

void call_filter_load(struct call_filter *filter, size_t offset)
{
	ADD(filter, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

void call_filter_when(struct call_filter *filter, uint32_t value, uint32_t action)
{
	ADD(filter, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
	ADD(filter, BPF_STMT(BPF_RET | BPF_K, action));
}

void call_filter_allow(struct call_filter *filter, const unsigned *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		call_filter_when(filter, calls[i], SECCOMP_RET_ALLOW);
}

void call_filter_begin(struct call_filter *filter)
{
	filter->len = 0;
	call_filter_load(filter, offsetof(struct seccomp_data, arch));
	ADD(filter, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0));
	ADD(filter, BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	call_filter_load(filter, offsetof(struct seccomp_data, nr));
}

int call_filter_enter(struct call_filter *filter)
{
	struct sock_fprog program = { .filter = filter->code };

	ADD(filter, BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	program.len = filter->len;
	if (filter->len > ARRAY_LEN(filter->code))
		return -E2BIG;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
#ifndef BEE_SANITIZED
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0))
		return -errno;
#endif
	return 0;
}
