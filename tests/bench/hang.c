/* When the document is there and the audit over, with jobs that all hang. */
#include "bench.h"

#include <err.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT 5.0     /* seconds; T */
#define MOUNT_TRIES 200 /* of 10 ms */

static const unsigned counts[] = { 1, 16, 256 };

/* Waits for the next file renamed into the watched folder. */
static bool moved(int watch)
{
	char events[4096] __attribute__((aligned(8)));

	return read(watch, events, sizeof(events)) > 0;
}

static void measure(const struct command *audit, const char *folder,
		    struct series *placed, struct series *ended)
{
	AUTO_CLOSE int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	double started = now(), there = 0;
	struct pollfd polls[2] = { { watch, POLLIN, 0 }, { -1, POLLIN, 0 } };
	pid_t pid;

	if (watch < 0 || inotify_add_watch(watch, folder, IN_MOVED_TO) < 0)
		err(BEE_SOFTWARE, "inotify");
	pid = command_start(audit);
	polls[1].fd = (int)syscall(SYS_pidfd_open, pid, 0);
	do {
		if (poll(polls, 2, -1) < 0)
			err(BEE_SOFTWARE, "poll");
		if (polls[0].revents && !there && moved(watch))
			there = now();
	} while (!polls[1].revents);
	close(polls[1].fd);
	series_add(ended, command_wait(pid, started).wall - TIMEOUT);
	if (there > 0)
		series_add(placed, there - started - TIMEOUT);
}

static void hang_with(const struct bench *bench, unsigned count, const char *run,
		      const char *more, const char *what)
{
	AUTO_FREE char *output_folder = folder_with(bench, 0);
	AUTO_FREE char *output = xasprintf("%s/audit.json", output_folder);
	AUTO_FREE char *first =
		xasprintf("%u %s: document in place, after T", count, what);
	AUTO_FREE char *second = xasprintf("%u %s: exit, after T", count, what);
	struct series placed = { .count = 0 }, ended = placed;

	for (unsigned i = 0; i < bench->rounds && i < 3; i++) {
		AUTO_FREE char *folder = folder_with(bench, count);
		AUTO_FREE char *policy = policy_new(bench, "hang", folder, run, more);
		struct command audit = { .count = 0 };

		audit_command(bench, &audit, policy, "--jobs 256 --timeout 5", output);
		measure(&audit, output_folder, &placed, &ended);
		command_free(&audit);
	}
	table_row(first, &placed, " s", 0.3);
	table_row(second, &ended, " s", 1.0);
}

/*
 * Who looks at a name there hangs and no signal ends it, until the server goes: by itself
 * after two minutes, so there is one per count. Its pid, or -1.
 */
static pid_t fusehang_start(const struct bench *bench, const char *folder)
{
	AUTO_FREE char *build = xstrdup(bench->self);
	AUTO_FREE char *server = xasprintf("%s/tests/tools/fusehang", dirname(build));
	struct command command = { .count = 0 };
	struct stat before, after;
	pid_t pid;

	if (access(server, X_OK) || access("/dev/fuse", R_OK | W_OK) ||
	    stat(folder, &before))
		return -1;
	command_word(&command, server);
	command_word(&command, folder);
	pid = command_start(&command);
	command_free(&command);
	for (int i = 0; i < MOUNT_TRIES; i++) {
		if (!stat(folder, &after) && after.st_dev != before.st_dev)
			return pid;
		(void)poll(NULL, 0, 10);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	return -1;
}

static void unkillable(const struct bench *bench, unsigned count)
{
	AUTO_FREE char *folder = folder_with(bench, 0);
	AUTO_FREE char *asks = xasprintf("stat %s/x", folder);
	AUTO_FREE char *see = xasprintf("see %s\n", folder);
	pid_t server = fusehang_start(bench, folder);

	if (server < 0) {
		table_note("not measured: %u that no signal ends (no /dev/fuse, or no "
			   "fusehang)",
			   count);
		return;
	}
	hang_with(bench, count, asks, see, "unkillable");
	(void)kill(server, SIGKILL); /* with its descriptor every request ends */
	(void)waitpid(server, NULL, 0);
	(void)umount2(folder, MNT_DETACH);
}

void bench_hang(const struct bench *bench)
{
	AUTO_FREE char *deaf = xasprintf("%s --hang", bench->self);

	table_head("(d) jobs that all hang: --timeout 5 --jobs 256, seconds after T");
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		hang_with(bench, counts[i], deaf, "", "deaf to TERM");
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		unkillable(bench, counts[i]);
}
