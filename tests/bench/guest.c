/* A guest started, and woken where it had hibernated. */
#include "bench.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * All on one processor, on which the mounts are made too: a mount namespace can be pinned only in an
 * older one, and Linux 6.18 numbers them by processor. Before all other work.
 */
#define FIRST "chrt --rr 1 taskset -c 0 "

/* Mounts, records and links of its own. */
static void alone(void)
{
	static const char *const own[] = { "/run/bee", "/var/lib/bee", "/run/netns" };
	cpu_set_t first;

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

static struct cost words_run(const char *words)
{
	struct command command = { .count = 0 };
	struct cost cost;

	command_add(&command, FIRST "sh -ec");
	command_word(&command, words);
	cost = command_run(&command);
	command_free(&command);
	return cost;
}

/* Ends the bench where it does not succeed. Its seconds. */
static double guest(const struct bench *bench, const char *words)
{
	AUTO_FREE char *line = xasprintf("exec %s guest %s", bench->bee, words);
	struct cost cost = words_run(line);

	if (!WIFEXITED(cost.status) || WEXITSTATUS(cost.status))
		errx(BEE_SOFTWARE, "%s: wait status 0x%x", line, (unsigned)cost.status);
	return cost.wall;
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

	return words_run(words).status == 0;
}

static void rounds(const struct bench *bench, const char *folder)
{
	AUTO_FREE char *start = xasprintf("start bench --config %s/config --quiet "
					  "--init '/bin/busybox sleep 1000'",
					  folder);
	struct series whole = { .count = 0 }, apart = whole, program = whole,
		      cold_ms = whole;
	double cold[ROUNDS_MAX], wake[ROUNDS_MAX];

	for (unsigned i = 0; i <= bench->rounds; i++) {
		double started = guest(bench, start), woken;

		(void)guest(bench, "stop --keep bench");
		woken = guest(bench, start);
		(void)guest(bench, "stop bench");
		/* The first is for the caches. */
		if (i == 0)
			continue;
		series_add(&program, guest(bench, "list"));
		series_add(&whole, woken / started);
		series_add(&cold_ms, 1000 * started);
		cold[i - 1] = started;
		wake[i - 1] = woken;
	}
	(void)guest(bench, "rm bench");
	for (unsigned i = 0; i < bench->rounds; i++)
		series_add(&apart, (wake[i] - series_median(&program)) /
					   (cold[i] - series_median(&program)));
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
