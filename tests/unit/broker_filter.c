/*
 * What copier and performer can still do once they are ready: their filters are taken out of the
 * running processes, and asked about every call. And nobody of their uid looks into them.
 */
#include "broker_start.h"
#include "command.h"
#include "mfi.h"
#include "tap.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <scsi/sg.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#endif

#define CALLS 1024 /* more than there are numbers */
#define NOBODY 65534

static struct sock_filter code[BPF_MAXINSNS];
static long code_len;

static bool jumps(const struct sock_filter *at, uint32_t loaded)
{
	switch (BPF_OP(at->code)) {
	case BPF_JEQ:
		return loaded == at->k;
	case BPF_JGE:
		return loaded >= at->k;
	case BPF_JSET:
		return loaded & at->k;
	default:
		tap_fail(__FILE__, __LINE__, "jump 0x%x", at->code);
	}
}

/* What the filter says of it: bpf(2)'s old language, as far as these filters use it. */
static uint32_t asked(const struct seccomp_data *data)
{
	uint32_t loaded = 0;

	for (long i = 0; i < code_len; i++) {
		const struct sock_filter *at = &code[i];

		if (at->code == (BPF_LD | BPF_W | BPF_ABS))
			memcpy(&loaded, (const char *)data + at->k, sizeof(loaded));
		else if (at->code == (BPF_RET | BPF_K))
			return at->k;
		else if (BPF_CLASS(at->code) == BPF_JMP)
			i += jumps(at, loaded) ? at->jt : at->jf;
		else
			tap_fail(__FILE__, __LINE__, "instruction 0x%x", at->code);
	}
	tap_fail(__FILE__, __LINE__, "the filter has no end");
}

/* Waits until it sleeps in a call with its filter on, and takes that out (ptrace(2)). */
static void filter_take(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/status", (int)pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[4096] = "";
	int status;

	CHECK(fd >= 0 && read_full(fd, text, sizeof(text) - 1) > 0);
	CHECK(strstr(text, "\nSeccomp:\t2\n"));

	CHECK(!ptrace(PTRACE_SEIZE, pid, NULL, NULL));
	CHECK(!ptrace(PTRACE_INTERRUPT, pid, NULL, NULL));
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFSTOPPED(status));
	code_len = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 0, code);
	if (code_len < 0)
		tap_skip("this kernel hands no filter out: %s", strerror(errno));
	CHECK(!ptrace(PTRACE_CONT, pid, NULL, NULL));
}

/* The calls that are let through are these, ended by -1, and ioctl(2) with these, ended by 0. */
static void check_calls(const int *calls, const uint32_t *requests)
{
	for (int nr = 0; nr < CALLS; nr++) {
		struct seccomp_data data = { .nr = nr, .arch = THIS_ARCH };
		uint32_t wanted = SECCOMP_RET_KILL_PROCESS;

		for (const int *call = calls; *call >= 0; call++)
			if (*call == nr)
				wanted = SECCOMP_RET_ALLOW;
		if (asked(&data) != wanted)
			printf("# call %d\n", nr);
		CHECK_INT(asked(&data), wanted);
		data.arch = AUDIT_ARCH_I386;
		CHECK_INT(asked(&data), SECCOMP_RET_KILL_PROCESS);
		data = (struct seccomp_data){ .nr = nr | 0x40000000, .arch = THIS_ARCH };
		CHECK_INT(asked(&data), SECCOMP_RET_KILL_PROCESS);
	}
	for (uint32_t number = 0; number < 1u << 16; number++) {
		static const uint32_t kinds[] = { 0, 0xc0480000, 0xc0300000, 0x80280000,
						  0x40000000 };

		for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
			uint32_t request = number | kinds[k],
				 wanted = SECCOMP_RET_KILL_PROCESS;
			struct seccomp_data data = { .nr = SYS_ioctl,
						     .arch = THIS_ARCH,
						     .args[1] = request };

			for (const uint32_t *r = requests; *r; r++)
				if (*r == request)
					wanted = SECCOMP_RET_ALLOW;
			CHECK_INT(asked(&data), wanted);
		}
	}
	for (const uint32_t *r = requests; *r; r++) {
		struct seccomp_data data = { .nr = SYS_ioctl,
					     .arch = THIS_ARCH,
					     .args[1] = *r };

		CHECK_INT(asked(&data), SECCOMP_RET_ALLOW);
	}
}

/* Its files in /proc are root's, whoever it is (proc(5)): not dumpable, so not traced either. */
static void check_hidden(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/status", (int)pid);
	struct stat st;

	CHECK(!stat(path, &st));
	CHECK_INT(st.st_uid, 0);
}

static void need_root(void)
{
#ifdef BEE_SANITIZED
	tap_skip("filters are off there");
#endif
	if (geteuid() != 0)
		tap_skip("filters are taken out by root alone");
}

static void test_copier(void)
{
	static const struct command_rule rule = { .transport = COMMAND_SCSI };
	static const int calls[] = { SYS_recvfrom,         SYS_sendto,
				     SYS_recvmsg,          SYS_sendmsg,
				     SYS_process_vm_readv, SYS_process_vm_writev,
				     SYS_exit_group,       -1 };
	struct broker_report ready;
	int up[2], across[2];
	pid_t pid;

	need_root();
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, up));
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, across));
	pid = broker_start("bee-copier", &rule, 1, up[1], across[1], NOBODY);
	CHECK_INT(send(across[0], "", 1, MSG_NOSIGNAL), 1);
	CHECK_INT(recv(up[0], &ready, sizeof(ready), 0), sizeof(ready));
	check_hidden(pid);
	filter_take(pid);
	check_calls(calls, (uint32_t[]){ 0 });
	close(up[0]);
	CHECK_INT(broker_ended(pid), 0);
}

/* What it may do is what the transport that its rules name does. */
static void check_performer(uint8_t transport, const int *calls, const uint32_t *requests)
{
	struct command_rule rule = { .transport = transport };
	struct command any = { .transport = transport, .size = 1 };
	struct command_answer answer;
	int sockets[2];
	char hello[2];
	pid_t pid;

	need_root();
	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets));
	pid = broker_start("bee-performer", &rule, 1, sockets[1],
			   open("/dev/null", O_PATH | O_CLOEXEC), NOBODY);
	CHECK_INT(recv(sockets[0], hello, sizeof(hello), 0), 1);
	/* The filter comes after the hello, and is there once something is answered. */
	CHECK_INT(send(sockets[0], &any, sizeof(any), MSG_NOSIGNAL), sizeof(any));
	CHECK_INT(recv(sockets[0], &answer, sizeof(answer), 0), sizeof(answer));
	check_hidden(pid);
	filter_take(pid);
	check_calls(calls, requests);
	close(sockets[0]);
	CHECK_INT(broker_ended(pid), 0);
}

static void test_performer(void)
{
	static const int calls[] = { SYS_recvmsg, SYS_sendmsg, SYS_exit_group, -1 };
	static const int waits[] = {
		SYS_recvmsg, SYS_sendmsg, SYS_exit_group, SYS_restart_syscall, SYS_ppoll,
#ifdef SYS_poll
		SYS_poll,
#endif
		-1
	};

	check_performer(COMMAND_SCSI, calls, (uint32_t[]){ SG_IO, 0 });
	check_performer(COMMAND_NVME, calls, (uint32_t[]){ NVME_IOCTL_ADMIN_CMD, 0 });
	check_performer(COMMAND_MFI, calls, (uint32_t[]){ MEGASAS_IOC_FIRMWARE, 0 });
	check_performer(COMMAND_IPMI, waits,
			(uint32_t[]){ IPMICTL_SEND_COMMAND,
				      (uint32_t)IPMICTL_RECEIVE_MSG_TRUNC, 0 });
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "the copier exchanges messages and reads the tool's memory, no more",
		  test_copier, 60 },
		{ "the performer exchanges messages and asks by its transport, no more",
		  test_performer, 60 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
