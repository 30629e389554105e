/* Policy files that are wrong: the exact words, and the place, for every kind of mistake. */
#ifndef BEE_TESTS_POLICY_MISTAKES_H
#define BEE_TESTS_POLICY_MISTAKES_H

#include "policy.h"
#include "tap.h"

#include <string.h>

#define HEAD "policy 1\ncollector t\nemits system\n"
#define STEP HEAD "[s]\n" /* its lines start with line 5 */

static char said[16384]; /* what the last parse wrote */

static inline struct policy *parse_bytes(const char *text, size_t len)
{
	FILE *errors = fmemopen(said, sizeof(said), "w");
	struct policy *policy;

	CHECK(errors);
	memset(said, 0, sizeof(said));
	policy = policy_parse("t", text, len, errors);
	CHECK_INT(fclose(errors), 0);
	return policy;
}

static inline struct policy *parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

struct mistake {
	const char *text;
	const char *said; /* every line ends in a newline */
};

static inline void check_mistakes(const struct mistake *list)
{
	for (; list->text; list++) {
		CHECK(!parse(list->text));
		CHECK_STR(said, list->said);
	}
}

#endif
