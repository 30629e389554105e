/* A guest started, and woken where it had hibernated. */
#include "bench.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * All on one processor, on which the mounts are made too: a mount namespace can be pinned only in an
 * older one, and Linux 6.18 numbers them by processor. Before all other work.
 */
#define FIRST "chrt --rr 1 taskset -c 0 "
#define HANG_TIME 20000 /* milliseconds */

/* Mounts, records and links of its own. */
static void alone(void)
{
	static const char *const own[] = { "/run/bee", "/var/lib/bee", "/run/netns" };
	const struct sched_param above = { .sched_priority = 2 };
	cpu_set_t first;

	/* What is timed has 1, and is interrupted where it executes something. */
	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &above))
		err(BEE_SOFTWARE, "before all other work");
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first) ||
	    unshare(CLONE_NEWNS | CLONE_NEWNET))
		err(BEE_SOFTWARE, "namespaces for guests");
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if ((mkdir(own[i], 0755) && errno != EEXIST) ||
		    mount("bench", own[i], "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755"))
			err(BEE_SOFTWARE, "%s", own[i]);
}

static pid_t words_start(const char *words)
{
	struct command command = { .count = 0 };
	pid_t pid;

	command_add(&command, FIRST "sh -ec");
	command_word(&command, words);
	pid = command_start(&command);
	command_free(&command);
	return pid;
}

/* A descriptor that tells when bee-guest, or the first process of a guest without one, is executed. */
static int watch(const struct bench *bench)
{
	static const char *const names[] = { "bee-guest", "bee-guest-init" };
	const char *slash = strrchr(bench->bee, '/');
	int fd = fanotify_init(FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_FREE char *path =
			xasprintf("%.*s%s", slash ? (int)(slash + 1 - bench->bee) : 0,
				  bench->bee, names[i]);

		if (fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN_EXEC, AT_FDCWD, path))
			err(BEE_SOFTWARE, "%s: fanotify", path);
	}
	return fd;
}

/* When the next one is. */
static double executed(int watched)
{
	struct pollfd in = { .fd = watched, .events = POLLIN };
	struct fanotify_event_metadata event;
	double at;

	if (poll(&in, 1, HANG_TIME) != 1)
		errx(BEE_SOFTWARE, "what is timed is not executed");
	at = now();
	if (read(watched, &event, sizeof(event)) == sizeof(event))
		close(event.fd);
	return at;
}

/* Seconds from where bee-guest is executed to where the first process is, and to its own end. */
struct times {
	double first, end;
};

/* Ends the bench where it does not succeed. */
static struct times guest(const struct bench *bench, int watched, bool starts,
			  const char *words)
{
	AUTO_FREE char *line = xasprintf("exec %s guest %s", bench->bee, words);
	pid_t pid = words_start(line);
	double began = executed(watched);
	struct times times = { .first = starts ? executed(watched) - began : 0 };
	struct cost cost = command_wait(pid, began);

	if (!WIFEXITED(cost.status) || WEXITSTATUS(cost.status))
		errx(BEE_SOFTWARE, "%s: wait status 0x%x", line, (unsigned)cost.status);
	times.end = cost.wall;
	return times;
}

/* A disk with a busybox, and three cables. */
static bool disk_make(const char *folder)
{
	AUTO_FREE char *words = xasprintf(
		"mkdir -p %s/tree/bin && cd %s && truncate -s 16M disk.raw\n"
		"for file in /bin/busybox $(ldd /bin/busybox | grep -o '/[^ ]*'); do\n"
		"	mkdir -p tree/${file%%/*} && cp $file tree/$file\n"
		"done\n"
		"mkfs.ext4 -q -F -d tree disk.raw\n"
		"echo 'DISKS=( vda::disk.raw )' >config\n"
		"echo 'BRIDGES=( : : : )' >>config\n",
		folder, folder);

	return command_wait(words_start(words), now()).status == 0;
}

static void rounds(const struct bench *bench, const char *folder)
{
	AUTO_FREE char *start = xasprintf("start bench --config %s/config --quiet "
					  "--init '/bin/busybox sleep 1000'",
					  folder);
	struct series whole = { .count = 0 }, apart = whole, program = whole,
		      cold_ms = whole;
	struct times cold[ROUNDS_MAX], wake[ROUNDS_MAX];
	AUTO_CLOSE int watched = watch(bench);
	double own;

	for (unsigned i = 0; i <= bench->rounds; i++) {
		struct times started = guest(bench, watched, true, start), woken;

		(void)guest(bench, watched, false, "stop --keep bench");
		woken = guest(bench, watched, true, start);
		(void)guest(bench, watched, false, "stop bench");
		/* The first is for the caches. */
		if (i == 0)
			continue;
		series_add(&program, guest(bench, watched, false, "list").end);
		series_add(&whole, woken.end / started.end);
		series_add(&cold_ms, 1000 * started.first);
		cold[i - 1] = started;
		wake[i - 1] = woken;
	}
	(void)guest(bench, watched, false, "rm bench");
	own = series_median(&program);
	for (unsigned i = 0; i < bench->rounds; i++)
		series_add(&apart, (wake[i].first - own) / (cold[i].first - own));
	table_row("woken to started, the start of a program apart", &apart, "x", 0.3);
	table_row("woken to started, as commands", &whole, "x", 0);
	table_row("started", &cold_ms, " ms", 0);
}

/* In a process of its own, whose namespaces end with it. */
void bench_guest(const struct bench *bench)
{
	AUTO_FREE char *folder = xasprintf("%s/guest", bench->folder);
	int status;
	pid_t pid;

	table_head("(h) a guest with a disk and three cables, hibernated and woken");
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alone();
		if (disk_make(folder))
			rounds(bench, folder);
		else
			table_note("busybox or mkfs.ext4 is not installed");
		(void)fflush(stdout);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		table_note("no guest runs here");
}
