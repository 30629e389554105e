/*
 * What root in a guest may try (escapes.sh), in a tree as guest/ has it entered: none of it
 * works. Without its layers the same does, or the test would show nothing.
 */
#include "../../guest/ns_filter.h"
#include "../../guest/ns_plan.h"
#include "booted.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS(n) (clock_now() + (n)*NSEC_PER_SEC)

enum { USERS = 1, CAPS = 2, FILTER = 4 };

static char said[65536];

static void script_read(char text[65536])
{
	AUTO_CLOSE int fd = open("tests/unit/escapes.sh", O_RDONLY | O_CLOEXEC);

	memset(text, 0, 65536);
	CHECK(fd >= 0 && read_full(fd, text, 65535) > 0);
}

/* The attempts that work with these layers, a line each, in `said`. */
static void attempt(unsigned layers)
{
	static char shell[] = "sh", option[] = "-c", script[65536];
	char *argv[] = { shell, option, script, NULL };
	struct booted_failure failure;
	struct booted_child child;
	struct booted booted;
	int out[2], one = dup(1), result, status;

	if (geteuid() != 0)
		tap_skip("root only");
	script_read(script);
	booted_default(&booted);
	booted.root = "/";
	booted.changes = BOOTED_VOLATILE;
	if (layers & USERS) {
		booted.first_id = 0x7c000000;
		booted.id_count = GUEST_IDS;
	}
	if (layers & CAPS)
		booted.drop_caps = PLAN_DROPPED;
	if (layers & FILTER)
		CHECK_INT(filter_make(&booted.filter), 0);
	booted.argv = argv;
	CHECK_INT(pipe2(out, O_CLOEXEC), 0);
	CHECK(dup2(out[1], 1) == 1);
	close(out[1]);
	result = booted_start(&booted, SECONDS(5), &child, &failure);
	CHECK(dup2(one, 1) == 1);
	free(booted.filter.filter);
	if (result)
		tap_skip("%s %s: %s", failure.stage, failure.path,
			 strerror(failure.error));
	CHECK_INT(booted_go(&child, SECONDS(5), &failure), 0);
	said[read_full(out[0], said, sizeof(said) - 1)] = '\0';
	CHECK_INT(waitpid(child.pid, &status, 0), child.pid);
}

static unsigned lines(void)
{
	unsigned count = 0;

	for (const char *at = said; *at; at++)
		count += *at == '\n';
	return count;
}

static bool has(const char *name)
{
	AUTO_FREE char *line = xasprintf("%s\n", name);
	const char *at = strstr(said, line);

	return at && (at == said || at[-1] == '\n');
}

static void test_none(void)
{
	attempt(USERS | CAPS | FILTER);
	CHECK_STR(said, "");
}

static void test_all_off(void)
{
	static const char *const works[] = {
		"fresh proc: sys/kernel/core_pattern",
		"proc uncovered: core_pattern",
		"mknod: zero",
		"mount: devtmpfs",
		"nice",
	};

	attempt(0);
	printf("# without a layer %u attempts work\n", lines());
	for (size_t i = 0; i < ARRAY_LEN(works); i++)
		if (!has(works[i]))
			tap_fail(__FILE__, __LINE__, "\"%s\" does not work: %s", works[i],
				 said);
	CHECK(lines() >= 25);
}

/* What guest --host-users is: said to be no boundary. */
static void test_host_users(void)
{
	attempt(CAPS | FILTER);
	printf("# without a user namespace %u attempts work\n", lines());
	CHECK(has("fresh proc: sys/kernel/core_pattern"));
	CHECK(has("mount: devtmpfs"));
	CHECK(!has("mknod: zero"));
	CHECK(!has("clock"));
}

/* The kernel leaves these to everybody, or may. */
static void test_filter_off(void)
{
	attempt(USERS | CAPS);
	printf("# without the filter %u attempts work\n", lines());
	if (!lines())
		tap_skip("this kernel leaves nothing to the filter");
	CHECK(has("add_key") || has("keyctl") || has("io_uring_setup") ||
	      has("kernel log"));
	CHECK(!has("fresh proc: sys/kernel/core_pattern"));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "in a guest no attempt works", test_none, 60 },
		{ "without any layer they do", test_all_off, 60 },
		{ "the user namespace is the layer that counts", test_host_users, 60 },
		{ "the filter takes what the kernel leaves to everybody", test_filter_off,
		  60 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
