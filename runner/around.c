/*
 * Looks at the machine's own processes twice, before the first job and after the last. One that
 * was in uninterruptible sleep (state D) both times, and has not run in between, hangs: waiting
 * for a disk that answers takes milliseconds. The audit's own are told by their jobs.
 */
#include "around.h"
#include "descriptors.h"
#include "helper.h"
#include "ledger.h"
#include "look.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONG_ENOUGH NSEC_PER_SEC /* between the two looks */
#define CANDIDATES 256           /* at the first look */
#define TOLD 16 /* with their stacks, in a pipe that nobody reads meanwhile */
#define ANCESTORS 64
/* As look.c's: other uids' files; wchan and hidepid; stacks. */
#define AROUND_CAPS                                                                      \
	(UINT64_C(1) << CAP_DAC_READ_SEARCH | UINT64_C(1) << CAP_SYS_PTRACE |            \
	 UINT64_C(1) << CAP_SYS_ADMIN)

struct candidate {
	pid_t pid;
	uint64_t starttime, switches;
};

static struct helper helper = { .pidfd = -1 };
static int trigger =
	-1; /* write end: a byte starts the second look, its end ends the child */
static nsec_t began;

/* The number behind `name` of a file whose lines are "NAME:\tNUMBER". */
static uint64_t number_after(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	uint64_t number = 0;

	for (at = at ? at + strlen(name) : ""; *at == '\t' || *at == ' '; at++)
		;
	for (; *at >= '0' && *at <= '9'; at++)
		number = 10 * number + (uint64_t)(*at - '0');
	return number;
}

/* proc(5), status: how often it gave up a processor, or was made to. Name: is escaped there. */
static uint64_t switches_of(pid_t pid)
{
	char text[LOOK_FILE];

	look_read(pid, "status", text);
	return number_after(text, "\nvoluntary_ctxt_switches:") +
	       number_after(text, "\nnonvoluntary_ctxt_switches:");
}

static bool hangs(pid_t pid, struct candidate *found)
{
	char text[LOOK_FILE];
	struct look_stat stat;

	look_read(pid, "stat", text);
	if (!look_stat(text, &stat) || stat.state != 'D' ||
	    parse_u64(stat.starttime, UINT64_MAX, &found->starttime))
		return false;
	found->pid = pid;
	found->switches = switches_of(pid);
	return true;
}

/* Whether one of the audit's jobs, or what an earlier audit left behind, is above it. */
static bool is_ours(pid_t pid, pid_t monitor)
{
	for (int i = 0; i < ANCESTORS && pid > 1; i++) {
		char text[LOOK_FILE];
		struct look_stat stat;
		uint64_t parent;

		if (pid == monitor || ledger_has(pid))
			return true;
		look_read(pid, "stat", text);
		if (!look_stat(text, &stat) || parse_u64(stat.parent, INT32_MAX, &parent))
			return false;
		pid = (pid_t)parent;
	}
	return false;
}

static size_t first_look(struct candidate *list)
{
	char entries[8192] __attribute__((aligned(8)));
	AUTO_CLOSE int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t count = 0;
	ssize_t len;

	while (fd >= 0 && (len = getdents64(fd, entries, sizeof(entries))) > 0) {
		for (ssize_t at = 0; at < len && count < CANDIDATES;) {
			const struct dirent64 *entry = (const void *)(entries + at);
			uint64_t pid;

			if (!parse_u64(entry->d_name, INT32_MAX, &pid) &&
			    hangs((pid_t)pid, &list[count]))
				count++;
			at += entry->d_reclen;
		}
	}
	return count;
}

static _Noreturn void around_child(int start, pid_t monitor)
{
	static struct candidate list[CANDIDATES];
	size_t count, told = 0;
	char go;

	if (descriptors_keep((int[]){ helper.answers, start }, 2))
		_exit(BEE_SOFTWARE);
	streams_null();
	look_confine(AROUND_CAPS);
	count = first_look(list);
	if (read(start, &go, 1) != 1)
		_exit(0);
	/* That there was a second look, whatever it finds. */
	if (write_all(helper.answers, "2", 2))
		_exit(BEE_SOFTWARE);
	for (size_t i = 0; i < count && told < TOLD; i++) {
		struct candidate now;

		if (!hangs(list[i].pid, &now) || now.starttime != list[i].starttime ||
		    now.switches != list[i].switches || is_ours(now.pid, monitor))
			continue;
		look_frame(helper.answers, now.pid);
		told++;
	}
	_exit(0);
}

void around_start(struct gatherer *gatherer)
{
	struct gather_msg msg = { .type = GATHER_AROUND };
	pid_t monitor = getpid();
	int ends[2], told;

	if (pipe2(ends, O_CLOEXEC))
		return;
	if (helper_start(&helper)) {
		helper = (struct helper){ .pidfd = -1 };
		close(ends[0]);
		close(ends[1]);
		return;
	}
	if (helper.pid == 0)
		around_child(ends[0], monitor);
	close(ends[0]);
	trigger = ends[1];
	began = clock_now();
	/* The gatherer gets a copy: ours is closed when the child is given up. */
	told = fcntl(helper.answers, F_DUPFD_CLOEXEC, 0);
	if (told >= 0)
		gatherer_send(gatherer, &msg, told, -1);
}

void around_end(nsec_t deadline)
{
	struct pollfd done = { helper.pidfd, POLLIN, 0 };

	if (helper.pidfd < 0)
		return;
	/* Whether that fails does not matter: the child may have ended, or hang. */
	if (clock_now() - began >= LONG_ENOUGH)
		(void)!write(trigger, "g", 1);
	close(trigger);
	(void)poll(&done, 1, clock_poll_ms(deadline));
	helper_end(&helper);
	helper.pidfd = -1;
}
