/* escape: the stub (pid 1), the collector, and whoever else might be seen. */
#include "escape.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>

#define PIDS 40 /* a new pid namespace starts with 1 */

static void try_proc(int pid)
{
	static const char *const names[] = {
		"mem",  "environ",      "maps",          "fd",     "root",
		"cwd",  "exe",          "ns/mnt",        "ns/pid", "stack",
		"task", "attr/current", "oom_score_adj", "fdinfo"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[64], text[64];

		(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, names[i]);
		escape_try(raw(SYS_openat, AT_FDCWD, path, O_RDONLY) >= 0, "opened %s",
			   path);
		escape_try(raw(SYS_openat, AT_FDCWD, path, O_RDWR) >= 0,
			   "opened %s to write", path);
		escape_try(raw(SYS_readlinkat, AT_FDCWD, path, text, sizeof(text)) > 0,
			   "read the link %s", path);
	}
}

static void try_memory(int pid)
{
	char text[16];
	struct iovec here = { text, sizeof(text) },
		     there = { (void *)0x10000, sizeof(text) };

	escape_try(raw(SYS_ptrace, PTRACE_ATTACH, pid, 0, 0) == 0, "ptrace of %d", pid);
	escape_try(raw(SYS_ptrace, PTRACE_SEIZE, pid, 0, 0) == 0, "seized %d", pid);
	escape_try(raw(SYS_process_vm_readv, pid, &here, 1, &there, 1, 0) >= 0,
		   "read the memory of %d", pid);
	escape_try(raw(SYS_process_vm_writev, pid, &here, 1, &there, 1, 0) >= 0,
		   "wrote the memory of %d", pid);
}

/* Limits of others: RLIMIT_CPU 0 kills, RLIMIT_NOFILE 0 blinds. */
static void try_limits(int pid)
{
	struct rlimit none = { 0, 0 };

	escape_try(raw(SYS_prlimit64, pid, RLIMIT_NOFILE, &none, NULL) == 0,
		   "took the descriptors from %d", pid);
	escape_try(raw(SYS_prlimit64, pid, RLIMIT_CPU, &none, NULL) == 0,
		   "took the time from %d", pid);
	escape_try(raw(SYS_setpriority, 0, pid, 19) == 0, "slowed %d down", pid);
	escape_try(raw(SYS_sched_setaffinity, pid, sizeof(none), &none) == 0, "moved %d",
		   pid);
}

/* Also one that pid 1 ignores takes room in root's queue of signals. */
static void try_signals(int pid)
{
	static const int signals[] = {
		SIGKILL, SIGSTOP, SIGTERM, SIGCHLD, SIGIO, SIGABRT
	};

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		long sent = raw(SYS_kill, pid, signals[i]);

		sent = raw(SYS_tgkill, pid, pid, signals[i]) == 0 ? 0 : sent;
		sent = raw(SYS_tkill, pid, signals[i]) == 0 ? 0 : sent;
		escape_try(sent == 0, "sent signal %d to %d", signals[i], pid);
	}
}

/* Input and output on a pipe raise a signal of our choice in a process of our choice. */
static void try_async(int pid)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	bool owner = raw(SYS_fcntl, STDERR_FILENO, F_SETOWN, pid) == 0;

	escape_try(owner, "fcntl would send signals to %d", pid);
	(void)raw(SYS_fcntl, STDERR_FILENO, 10 /* F_SETSIG */, SIGKILL);
	(void)raw(SYS_fcntl, STDERR_FILENO, F_SETFL, flags | O_ASYNC);
	(void)raw(SYS_write, STDERR_FILENO, "", 0);
	(void)raw(SYS_fcntl, STDERR_FILENO, F_SETFL, flags);
}

static void try_itself(void)
{
	static const int options[] = { PR_SET_DUMPABLE,   PR_SET_PTRACER,
				       PR_SET_SECUREBITS, PR_SET_KEEPCAPS,
				       PR_SET_SECCOMP,    PR_SET_MM,
				       PR_SET_PDEATHSIG,  PR_SET_CHILD_SUBREAPER,
				       PR_CAP_AMBIENT,    PR_CAPBSET_DROP,
				       PR_SET_TIMERSLACK };

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		escape_try(raw(SYS_prctl, options[i], 0, 0, 0, 0) == 0, "prctl %d",
			   options[i]);
	escape_try(raw(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0) == 0, "traced by its parent");
	escape_try(raw(SYS_setsid) >= 0, "a session of its own");
	escape_try(raw(SYS_fcntl, STDIN_FILENO, 1024 /* F_SETLEASE */, F_RDLCK) == 0,
		   "a lease that writers of the file wait for");
}

void escape_processes(void)
{
	int self = (int)getpid();

	for (int pid = 1; pid < PIDS; pid++) {
		if (pid == self)
			continue;
		try_proc(pid);
		try_memory(pid);
		try_limits(pid);
		try_async(pid);
	}
	try_itself();
	for (int pid = 1; pid < PIDS; pid++)
		if (pid != self)
			try_signals(pid);
	(void)raw(SYS_kill, -1, SIGKILL); /* 0 also when it was refused for each */
}
