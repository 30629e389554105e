/* A seccomp filter, instruction by instruction: what is not let through ends the process. */
#ifndef BEE_LIB_CALL_FILTER_H
#define BEE_LIB_CALL_FILTER_H

#include "util.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#if defined(__x86_64__)
#define CALL_FILTER_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CALL_FILTER_ARCH AUDIT_ARCH_AARCH64
#else
#error "call_filter: name this architecture's AUDIT_ARCH"
#endif

struct call_filter {
	struct sock_filter code[128];
	unsigned short len; /* more than there is room for: it cannot be entered */
};

static inline void call_filter_add(struct call_filter *filter,
				   struct sock_filter instruction)
{
	if (filter->len < ARRAY_LEN(filter->code))
		filter->code[filter->len] = instruction;
	filter->len++;
}

/* Loads the word at `offset` of struct seccomp_data. */
static inline void call_filter_load(struct call_filter *filter, size_t offset)
{
	call_filter_add(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
							     (uint32_t)offset));
}

/* Where what is loaded is `value`: returns `action`. */
static inline void call_filter_when(struct call_filter *filter, uint32_t value,
				    uint32_t action)
{
	call_filter_add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							     value, 0, 1));
	call_filter_add(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static inline void call_filter_allow(struct call_filter *filter, const unsigned *calls,
				     size_t count)
{
	for (size_t i = 0; i < count; i++)
		call_filter_when(filter, calls[i], SECCOMP_RET_ALLOW);
}

/* Ends calls of another architecture; then the number is loaded, of which x32's are others. */
static inline void call_filter_begin(struct call_filter *filter)
{
	filter->len = 0;
	call_filter_load(filter, offsetof(struct seccomp_data, arch));
	call_filter_add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							     CALL_FILTER_ARCH, 1, 0));
	call_filter_add(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							     SECCOMP_RET_KILL_PROCESS));
	call_filter_load(filter, offsetof(struct seccomp_data, nr));
}

/* All else ends the process; from now on it is in force, and no exec gives new rights. 0 or -errno. */
MUST_CHECK static inline int call_filter_enter(struct call_filter *filter)
{
	struct sock_fprog program = { .filter = filter->code };

	call_filter_add(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							     SECCOMP_RET_KILL_PROCESS));
	program.len = filter->len;
	if (filter->len > ARRAY_LEN(filter->code))
		return -E2BIG;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
#ifdef BEE_SANITIZED
	(void)program;
#else
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0))
		return -errno;
#endif
	return 0;
}

#endif
