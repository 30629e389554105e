/* How copier and performer begin: their rules, and a filter of just the calls that they make. */
#include "start.h"
#include "broker.h"
#include "call_filter.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>

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

int start_filter(const unsigned *calls, size_t call_count, const unsigned *requests,
		 size_t request_count)
{
	struct call_filter filter;

	call_filter_begin(&filter);
	call_filter_allow(&filter, calls, call_count);
	/* Any other call ends it here, so that what is loaded next is ioctl(2)'s. */
	call_filter_add(&filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							      SYS_ioctl, 1, 0));
	call_filter_add(&filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							      SECCOMP_RET_KILL_PROCESS));
	call_filter_load(&filter, offsetof(struct seccomp_data, args[1]));
	call_filter_allow(&filter, requests, request_count);
	return call_filter_enter(&filter);
}
