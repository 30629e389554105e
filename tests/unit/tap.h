/*
 * A small test harness: every test runs in a forked child with an alarm, because what is
 * tested here kills itself, drops rights and hangs. Output is TAP, for prove(1).
 */
#ifndef BEE_TESTS_TAP_H
#define BEE_TESTS_TAP_H

#include "util.h"

struct tap_test {
	const char *name; /* a sentence that is true when the test passes */
	void (*run)(void);
	unsigned seconds; /* until the alarm; 0 means 10 */
};

/* Runs the table, ended by a NULL name; returns main's exit status: 0 or 1. */
int tap_main(const struct tap_test *tests);

/* Inside a test: prints "# file:line: ..." and ends the child as failed, or as skipped.
 */
PRINTF_LIKE(3, 4)
__attribute__((noreturn)) void tap_fail(const char *file, int line, const char *fmt, ...);
PRINTF_LIKE(1, 2) __attribute__((noreturn)) void tap_skip(const char *fmt, ...);

#define CHECK(condition)                                                                 \
	do {                                                                             \
		if (!(condition))                                                        \
			tap_fail(__FILE__, __LINE__, "not true: %s", #condition);        \
	} while (0)

#define CHECK_INT(got, wanted)                                                           \
	do {                                                                             \
		long long tap_got = (long long)(got);                                    \
		long long tap_wanted = (long long)(wanted);                              \
		if (tap_got != tap_wanted)                                               \
			tap_fail(__FILE__, __LINE__, "%s is %lld, not %lld", #got,       \
				 tap_got, tap_wanted);                                   \
	} while (0)

/* Either may be NULL. */
#define CHECK_STR(got, wanted) tap_check_str(__FILE__, __LINE__, #got, got, wanted)
void tap_check_str(const char *file, int line, const char *what, const char *got,
		   const char *wanted);

#endif
