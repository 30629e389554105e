/* Commands that are timed, and what is said about the times. */
#include "bench.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

double now(void)
{
	return (double)clock_now() / (double)NSEC_PER_SEC;
}

void command_word(struct command *command, const char *word)
{
	if (command->count == ARGS_MAX)
		errx(BEE_SOFTWARE, "too many arguments");
	command->argv[command->count++] = xstrdup(word);
	command->argv[command->count] = NULL;
}

void command_add(struct command *command, const char *words)
{
	AUTO_FREE char *copy = xstrdup(words);
	char *save;

	for (char *word = strtok_r(copy, " ", &save); word;
	     word = strtok_r(NULL, " ", &save))
		command_word(command, word);
}

void command_free(struct command *command)
{
	for (unsigned i = 0; i < command->count; i++)
		free(command->argv[i]);
	*command = (struct command){ .count = 0 };
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/*
 * Of everything that has ended below us: bwrap leaves its child to whoever adopts
 * orphans, and that is this process (PR_SET_CHILD_SUBREAPER, main.c).
 */
double cpu_used(void)
{
	struct rusage used;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (getrusage(RUSAGE_CHILDREN, &used))
		err(BEE_SOFTWARE, "getrusage");
	return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void orphans_end(void)
{
	(void)poll(NULL, 0, 10);
}

static double cpu_before;

pid_t command_start(const struct command *command)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int error;

	cpu_before = cpu_used();
	if (posix_spawn_file_actions_init(&actions) ||
	    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) ||
	    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) ||
	    posix_spawn_file_actions_adddup2(&actions, 1, 2))
		errx(BEE_SOFTWARE, "posix_spawn");
	error = posix_spawnp(&pid, command->argv[0], &actions, NULL, command->argv,
			     environ);
	if (error)
		errx(BEE_SOFTWARE, "%s: %s", command->argv[0], strerror(error));
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

struct cost command_wait(pid_t pid, double started)
{
	struct cost cost = { .cpu = -cpu_before };

	while (waitpid(pid, &cost.status, 0) != pid)
		if (errno != EINTR)
			err(BEE_SOFTWARE, "waitpid");
	cost.wall = now() - started;
	cost.cpu += cpu_used();
	return cost;
}

struct cost command_run(const struct command *command)
{
	double started = now();

	return command_wait(command_start(command), started);
}

void series_add(struct series *series, double value)
{
	if (series->count < ROUNDS_MAX)
		series->value[series->count++] = value;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct series sorted(const struct series *series)
{
	struct series copy = *series;

	qsort(copy.value, copy.count, sizeof(copy.value[0]), by_value);
	return copy;
}

double series_median(const struct series *series)
{
	struct series copy = sorted(series);
	unsigned half = copy.count / 2;

	if (copy.count == 0)
		return 0;
	return copy.count % 2 ? copy.value[half]
			      : (copy.value[half - 1] + copy.value[half]) / 2;
}

void table_head(const char *text)
{
	printf("\n%s\n", text);
	(void)fflush(stdout);
}

void table_row(const char *what, const struct series *series, const char *unit,
	       double target)
{
	struct series copy = sorted(series);
	double median = series_median(series);

	if (copy.count == 0) {
		printf("  %-46s not measured\n", what);
		return;
	}
	printf("  %-46s %8.3f%-3s (%.3f..%.3f)", what, median, unit, copy.value[0],
	       copy.value[copy.count - 1]);
	if (target > 0)
		printf("  at most %.2f%s: %s", target, unit,
		       median <= target ? "met" : "missed");
	printf("\n");
	(void)fflush(stdout);
}

void table_note(const char *fmt, ...)
{
	va_list args;

	printf("  ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	(void)fflush(stdout);
}
