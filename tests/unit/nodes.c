/* Device nodes of a jail: from the machine's own, or from a driver that makes none. */
#include "sources.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define NOWHERE "/dev/bee-no-such-node"

static struct jail_failure failure;
static struct sources sources;

/* What sources_open() says of one node; it has no program to find and no tree to open. */
static enum jail_msg_type look_at(struct jail_node node)
{
	static struct jail_node nodes[1];
	static char *argv[] = { NULL };
	static struct jail jail = { .nodes = nodes, .node_count = 1 };
	struct jail_program program;

	free(sources.trees);
	free(sources.nodes);
	nodes[0] = node;
	jail.tool.argv = argv;
	failure = (struct jail_failure){ .error = 0 };
	sources = (struct sources){ .jail = &jail, .failure = &failure };
	return sources_open(&sources, &program);
}

static void test_own(void)
{
	CHECK_INT(look_at((struct jail_node){ .path = "/dev/null" }), JAIL_MSG_STARTED);
	CHECK_INT(sources.nodes[0].mode, S_IFCHR | 0400);
	CHECK_INT(sources.nodes[0].number, makedev(1, 3));
	CHECK_INT(look_at((struct jail_node){ .path = "/dev/null", .write = true }),
		  JAIL_MSG_STARTED);
	CHECK_INT(sources.nodes[0].mode, S_IFCHR | 0600);
	CHECK_INT(look_at((struct jail_node){ .path = "/etc/passwd" }), JAIL_MSG_SETUP);
	CHECK_INT(failure.error, ENODEV);
	CHECK_INT(look_at((struct jail_node){ .path = NOWHERE }), JAIL_MSG_ABSENT);
	CHECK_STR(failure.path, NOWHERE);
	CHECK_INT(failure.error, ENOENT);
	CHECK_INT(look_at((struct jail_node){ .path = NOWHERE, .optional = true }),
		  JAIL_MSG_STARTED);
	CHECK_INT(sources.nodes[0].mode, 0);
}

static void test_driver(void)
{
	/* Its own node comes first. */
	CHECK_INT(look_at((struct jail_node){ .path = "/dev/null", .major = "misc" }),
		  JAIL_MSG_STARTED);
	CHECK_INT(sources.nodes[0].number, makedev(1, 3));
	CHECK_INT(look_at((struct jail_node){ .path = NOWHERE, .major = "misc" }),
		  JAIL_MSG_STARTED);
	CHECK_INT(sources.nodes[0].mode, S_IFCHR | 0400);
	CHECK_INT(sources.nodes[0].number, makedev(10, 0));
	/* A part of a name is another driver's; so is one among the block devices. */
	CHECK_INT(look_at((struct jail_node){ .path = NOWHERE, .major = "mis" }),
		  JAIL_MSG_ABSENT);
	CHECK_INT(look_at((struct jail_node){ .path = NOWHERE, .major = "isc" }),
		  JAIL_MSG_ABSENT);
	CHECK_INT(failure.error, ENOENT);
	CHECK_INT(look_at((struct jail_node){ .path = NOWHERE, .major = "blkext" }),
		  JAIL_MSG_ABSENT);
	CHECK_INT(look_at((struct jail_node){
			  .path = NOWHERE, .major = "isc", .optional = true }),
		  JAIL_MSG_STARTED);
	CHECK_INT(sources.nodes[0].mode, 0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a node is the machine's, with just the right it is given for",
		  test_own, 0 },
		{ "where there is none, its number is a driver's", test_driver, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
