/* What the thousandth job costs beside the tenth, and what the audit's own processes
 * hold. */
#include "bench.h"

#include <err.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define POINTS 4
#define SAMPLE_MS 2

static const unsigned points[POINTS] = { 10, 100, 500, 1000 };

/* "Name:" or "VmHWM:" of /proc/PID/status; false when the process has gone. */
static bool status_line(pid_t pid, const char *key, char *out, size_t size)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/status", pid);
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		size_t len = strlen(key);

		if (strncmp(line, key, len))
			continue;
		len += strspn(line + len, " \t");
		(void)snprintf(out, size, "%s", line + len);
		out[strcspn(out, " \n")] = '\0';
		return true;
	}
	return false;
}

static void peak_take(pid_t pid, double *peak)
{
	char text[32];
	uint64_t kib;

	if (status_line(pid, "VmHWM:", text, sizeof(text)) &&
	    !parse_u64(text, 1u << 30, &kib) && (double)kib / 1024 > *peak)
		*peak = (double)kib / 1024;
}

/*
 * The gatherer and its parent, the monitor, somewhere below `pid`: who is waited for opens nothing
 * and is neither. False while there is no gatherer.
 */
static bool family_find(pid_t parent, pid_t *monitor, pid_t *gatherer)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/task/%d/children", parent, parent);
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	char line[65536], name[32], *save;
	uint64_t pid;

	if (!file || !fgets(line, sizeof(line), file))
		return false;
	for (char *word = strtok_r(line, " \n", &save); word;
	     word = strtok_r(NULL, " \n", &save)) {
		if (parse_u64(word, INT32_MAX, &pid) ||
		    !status_line((pid_t)pid, "Name:", name, sizeof(name)))
			continue;
		if (!strcmp(name, "bee-gather")) {
			*monitor = parent;
			*gatherer = (pid_t)pid;
			return true;
		}
		if (family_find((pid_t)pid, monitor, gatherer))
			return true;
	}
	return false;
}

static void peaks_watch(const struct command *audit, struct series *monitor,
			struct series *gatherer)
{
	double monitor_peak = 0, gatherer_peak = 0;
	pid_t pid = command_start(audit), parent, child = 0;
	struct pollfd done = { (int)syscall(SYS_pidfd_open, pid, 0), POLLIN, 0 };

	while (poll(&done, 1, SAMPLE_MS) == 0) {
		if (child == 0 && !family_find(pid, &parent, &child))
			continue;
		peak_take(parent, &monitor_peak);
		peak_take(child, &gatherer_peak);
	}
	close(done.fd);
	if (child == 0)
		errx(BEE_SOFTWARE, "no bee-gather was seen below the audit");
	(void)command_wait(pid, 0);
	series_add(monitor, monitor_peak);
	series_add(gatherer, gatherer_peak);
}

static double per_job(const double *time, unsigned from, unsigned to)
{
	return (time[to] - time[from]) / (points[to] - points[from]);
}

void bench_growth(const struct bench *bench)
{
	AUTO_FREE char *output = xasprintf("%s/growth.json", bench->folder);
	struct series wall = { .count = 0 }, cpu = wall, monitor = wall, gatherer = wall;
	struct series sum = wall, job = wall;
	struct command audits[POINTS];
	unsigned rounds = bench->rounds < 3 ? bench->rounds : 3;

	table_head("(c) growth: jobs of a trivial step, --jobs 64");
	for (unsigned p = 0; p < POINTS; p++) {
		AUTO_FREE char *folder = folder_with(bench, points[p]);
		AUTO_FREE char *name = xasprintf("growth-%u", points[p]);
		AUTO_FREE char *policy = policy_new(bench, name, folder, "true", "");

		audits[p] = (struct command){ .count = 0 };
		audit_command(bench, &audits[p], policy, "--jobs 64 --timeout 120",
			      output);
	}
	for (unsigned i = 0; i < rounds; i++) {
		double walls[POINTS], cpus[POINTS];

		for (unsigned p = 0; p < POINTS; p++) {
			struct cost cost = command_run(&audits[p]);

			walls[p] = cost.wall;
			cpus[p] = cost.cpu;
		}
		series_add(&wall, per_job(walls, 2, 3) / per_job(walls, 0, 1));
		series_add(&cpu, per_job(cpus, 2, 3) / per_job(cpus, 0, 1));
		series_add(&job, 1000 * per_job(walls, 2, 3));
	}
	for (unsigned i = 0; i < rounds; i++) {
		peaks_watch(&audits[POINTS - 1], &monitor, &gatherer);
		series_add(&sum, monitor.value[i] + gatherer.value[i]);
	}
	table_row("slope of 500 to 1000 / slope of 10 to 100, wall", &wall, "", 1.3);
	table_row("the same, CPU time", &cpu, "", 0);
	table_row("slope of 500 to 1000", &job, " ms", 0);
	table_row("monitor + gatherer at 1000, peak", &sum, " MiB", 32);
	table_row("monitor", &monitor, " MiB", 0);
	table_row("gatherer", &gatherer, " MiB", 0);
	for (unsigned p = 0; p < POINTS; p++)
		command_free(&audits[p]);
}
