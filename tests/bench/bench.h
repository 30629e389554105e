/* What the parts of the bench share: timed commands, series of ratios, one table. */
#ifndef BEE_TESTS_BENCH_H
#define BEE_TESTS_BENCH_H

#include "util.h"

#include <sys/types.h>

#define ROUNDS_MAX 15
#define ARGS_MAX 96

/* Where things are, and how often each measurement is repeated. */
struct bench {
	char *folder; /* owned: a temporary folder */
	char *bee;    /* owned: the program under test */
	char *self;   /* owned: this program, which is also a tool that hangs */
	unsigned rounds;
};

struct cost {
	double wall, cpu; /* seconds; cpu is user and system time, of descendants too */
	int status;       /* wait status */
};

/* Values of one measurement, one per round. */
struct series {
	double value[ROUNDS_MAX];
	unsigned count;
};

/* An argv that grows; words are copied. */
struct command {
	char *argv[ARGS_MAX + 1];
	unsigned count;
};
void command_add(struct command *command, const char *words); /* split at blanks */
void command_word(struct command *command, const char *word); /* as it is */
void command_free(struct command *command);

/* Starts the command with its output thrown away. Ends the bench when it cannot. */
pid_t command_start(const struct command *command);
struct cost command_wait(pid_t pid, double started);
struct cost command_run(const struct command *command);
/* A moment for orphans to end. */
void orphans_end(void);
/* CPU seconds of all that has ended below us so far, orphans too. */
double cpu_used(void);
double now(void); /* seconds */

void series_add(struct series *series, double value);
double series_median(const struct series *series);

/* One line of the table. target 0: for information. */
void table_head(const char *text);
void table_row(const char *what, const struct series *series, const char *unit,
	       double target);
PRINTF_LIKE(1, 2) void table_note(const char *fmt, ...);

/* `folder` below the bench's own with `count` empty files d1, d2, ... Owned path. */
char *folder_with(const struct bench *bench, unsigned count);
/* A folder with one policy: collector pcie, step lspci over each of `each`, running
 * `run`. `more` is further lines of the step. Owned path. */
char *policy_new(const struct bench *bench, const char *name, const char *each,
		 const char *run, const char *more);
/* "bee audit" with these policies (NULL: its own) and options, the document to *output.
 */
void audit_command(const struct bench *bench, struct command *command,
		   const char *policies, const char *options, const char *output);
/* bwrap with a job's namespaces and root, up to the program's argv. */
void bwrap_command(struct command *command, const char *program);
bool installed(const char *program);

void bench_jail(const struct bench *bench);
void bench_whole(const struct bench *bench);
void bench_growth(const struct bench *bench);
void bench_hang(const struct bench *bench);
void bench_trace(const struct bench *bench);
void bench_image(const struct bench *bench);
void bench_views(const struct bench *bench);
void bench_broker(const struct bench *bench);
void bench_guest(const struct bench *bench);
/* What its jobs run: so many device commands, one after another. An exit status. */
int broker_commands(const char *device, const char *number);

#endif
