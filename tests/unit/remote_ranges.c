/* What another process has read of an order, and might have been taken over by: counted and ended as it must be, or refused. */
#include "order.h"
#include "tap.h"

#include <err.h>
#include <string.h>

static const char text[] =
	"#!/bin/sh\n#bee-order 1\n#bee-sequence 7\n#bee-target id=node\n"
	"#bee-not-after 2027-01-01T00:00:00Z\n#bee-time-limit 60\n"
	"#bee-file f e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 "
	"S1 1 ext4 /f\n"
	"#bee-need net\n#bee-do reboot\n#bee-end\necho\n";

static struct order good;

static void whole(void)
{
	struct order order = good;

	CHECK(order_in_range(&order));
	CHECK(!memcmp(&order, &good, sizeof(good)));
}

static void counts(void)
{
	static const struct {
		unsigned needs, files, actions, time;
	} bad[] = {
		{ ORDER_NEEDS_MAX + 1, 1, 1, 60 },
		{ 1, ORDER_FILES_MAX + 1, 1, 60 },
		{ 1, 1, ORDER_ACTIONS_MAX + 1, 60 },
		{ 1, 1, 1, 0 },
		{ 1, 1, 1, 86401 },
		{ 1, 2, 1, 60 }, /* the second has no name */
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct order order = good;

		order.need_count = bad[i].needs;
		order.file_count = bad[i].files;
		order.action_count = bad[i].actions;
		order.time_limit = bad[i].time;
		if (order_in_range(&order))
			tap_fail(__FILE__, __LINE__, "taken: row %zu", i);
	}
}

/* Of a file of a disk: it is made by that name, and mounted by that type. */
static void files(void)
{
	static const struct {
		const char *name, *type, *path;
	} bad[] = {
		{ "../f", "ext4", "/f" },
		{ "", "ext4", "/f" },
		{ "f", "proc", "/f" },
		{ "f", "ext4", "/a/../f" },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct order order = good;

		strcpy(order.files[0].name, bad[i].name);
		strcpy(order.files[0].type, bad[i].type);
		strcpy(order.files[0].path, bad[i].path);
		if (order_in_range(&order))
			tap_fail(__FILE__, __LINE__, "taken: row %zu", i);
	}
}

static void ends(void)
{
	struct order order = good;

	memset(order.needs, 'n', sizeof(order.needs));
	memset(order.actions, 'a', sizeof(order.actions));
	memset(order.cmdline, 'c', sizeof(order.cmdline));
	memset(order.files, 'f', sizeof(order.files));
	memset(order.files[0].serial, '\0', sizeof(order.files[0].serial));
	CHECK(order_in_range(&order));
	CHECK_INT(strlen(order.needs[0]), ORDER_NEED_MAX);
	CHECK_INT(strlen(order.actions[0]), ORDER_NEED_MAX);
	CHECK_INT(strlen(order.cmdline), ORDER_CMDLINE_MAX);
	CHECK_INT(strlen(order.files[0].name), ORDER_NAME_MAX);
	CHECK_INT(strlen(order.files[0].type), ORDER_TYPE_MAX);
	CHECK_INT(strlen(order.files[0].path), ORDER_NEED_MAX);
	memset(order.files[0].serial, 'f', sizeof(order.files[0].serial));
	strcpy(order.files[0].type, "ext4");
	strcpy(order.files[0].path, "/f");
	CHECK(order_in_range(&order));
	CHECK_INT(strlen(order.files[0].serial), ORDER_NAME_MAX);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "one that is as it was read stays so", whole, 0 },
		{ "one with more than there is room for is none", counts, 0 },
		{ "nor is one whose files have names that lead elsewhere", files, 0 },
		{ "texts without an end are ended, each in its own place", ends, 0 },
		{ NULL, NULL, 0 },
	};
	struct said said = { "" };

	if (order_read(text, sizeof(text) - 1, &good, &said))
		errx(BEE_SOFTWARE, "%s", said.text);
	return tap_main(tests);
}
