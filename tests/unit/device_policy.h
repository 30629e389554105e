/* Policies with device commands, for the tests of what those become. */
#ifndef BEE_TESTS_DEVICE_POLICY_H
#define BEE_TESTS_DEVICE_POLICY_H

#include "device_commands.h"
#include "parser.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#define HEAD                                                                             \
	"policy 1\ncollector t\nemits system\nopen read-only\n[s] each /sys/block/sd*\n" \
	"run x\n" /* lines 1 to 6 */
#define NET                                                                              \
	"policy 1\ncollector t\nemits system\nopen read-only\n[s] each "                 \
	"/sys/class/net/*\nrun x\nnetwork host\n" /* lines 1 to 7 */
#define DEVICE "device /dev/{instance} read\n"

static char said[16384];

static inline struct policy *parse(const char *text)
{
	FILE *errors = fmemopen(said, sizeof(said), "w");
	struct policy *policy;

	CHECK(errors);
	memset(said, 0, sizeof(said));
	policy = policy_parse("t", text, strlen(text), errors);
	CHECK_INT(fclose(errors), 0);
	return policy;
}

/* All that the word of a transport can name. */
static inline struct policy *every_word(const char *word)
{
	const struct command_table *t = command_tables;
	char text[4096];
	size_t len;

	while (strcmp(t->word, word) != 0)
		t++;
	len = (size_t)snprintf(text, sizeof(text), "%s%s%s", HEAD, DEVICE, word);
	for (const struct command_name *n = t->names; n->name; n++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %s%s", n->name,
					n->choice ? ":02h,05h" : "");
	(void)snprintf(text + len, sizeof(text) - len, "\n");
	return parse(text);
}

#endif
