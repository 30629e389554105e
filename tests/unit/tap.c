/* The test harness: forks each test, waits for it, prints one TAP line. */
#include "tap.h"

#include <err.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TAP_FAILED = 1, TAP_SKIPPED = 77 };

void tap_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	printf("# %s:%d: ", file, line);
	va_start(args, fmt);
	(void)vprintf(fmt, args);
	va_end(args);
	printf("\n");
	(void)fflush(stdout);
	_exit(TAP_FAILED);
}

void tap_skip(const char *fmt, ...)
{
	va_list args;

	printf("# skipped: ");
	va_start(args, fmt);
	(void)vprintf(fmt, args);
	va_end(args);
	printf("\n");
	(void)fflush(stdout);
	_exit(TAP_SKIPPED);
}

void tap_check_str(const char *file, int line, const char *what, const char *got,
		   const char *wanted)
{
	if (got == wanted || (got && wanted && !strcmp(got, wanted)))
		return;
	tap_fail(file, line, "%s is \"%s\", not \"%s\"", what, got ? got : "(null)",
		 wanted ? wanted : "(null)");
}

/* exit(3), not _exit: a leak checker runs at exit. */
static int run_child(const struct tap_test *test)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		/* BEE_TEST_SLOW: of a machine that is emulated. */
		alarm((test->seconds ? test->seconds : 10) *
		      (getenv("BEE_TEST_SLOW") ? 10 : 1));
		test->run();
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	return status;
}

/*
 * What a test leaves behind is ours, as tap_main() made this process its reaper; it would hold
 * stdout, and whoever reads that would wait for ever.
 */
static void leftovers_end(void)
{
	char path[64], text[4096], *save;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	for (int round = 0; round < 500; round++) {
		FILE *file = fopen(path, "re");
		size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

		if (file)
			(void)fclose(file);
		text[len] = '\0';
		for (char *word = strtok_r(text, " ", &save); word;
		     word = strtok_r(NULL, " ", &save)) {
			uint64_t pid;

			if (!parse_u64(word, INT32_MAX, &pid))
				(void)kill((pid_t)pid, SIGKILL);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (len == 0)
			return;
		(void)usleep(2000);
	}
}

int tap_main(const struct tap_test *tests)
{
	unsigned count = 0, failed = 0;

	while (tests[count].name)
		count++;
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	printf("1..%u\n", count);
	for (unsigned i = 0; i < count; i++) {
		int status;

		(void)fflush(stdout);
		status = run_child(&tests[i]);
		leftovers_end();
		if (WIFSIGNALED(status))
			printf("# ended by signal %d%s\n", WTERMSIG(status),
			       WTERMSIG(status) == SIGALRM ? " (it took too long)" : "");
		if (WIFEXITED(status) && WEXITSTATUS(status) == TAP_SKIPPED) {
			printf("ok %u - %s # SKIP see above\n", i + 1, tests[i].name);
		} else if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
			printf("ok %u - %s\n", i + 1, tests[i].name);
		} else {
			printf("not ok %u - %s\n", i + 1, tests[i].name);
			failed++;
		}
	}
	return failed ? 1 : 0;
}
