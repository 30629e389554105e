/* A verified order, run in a jail: no network, no devices, no file that can be written. */
#include "order_jail.h"
#include "disk.h"
#include "jail_run.h"
#include "order_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_BYTES (UINT64_C(1) << 20)

/*
 * The script is standard input, a sealed memfd. It is read there and not opened by a name: Landlock
 * knows no memfd (EACCES on Linux 6.18). Its commands do not get it: they would read its lines.
 * Both outputs are one pipe, so that the log has them in the order that they were written in.
 */
static char sh[] = "sh", dash_c[] = "-c", name[] = "order";
static char start[] = "script=$(cat) && exec </dev/null 2>&1 && eval \"$script\"";

static const struct jail_tree programs[] = {
	{ "/usr/bin", JAIL_START, JAIL_NEEDED },
	{ "/usr/sbin", JAIL_START, JAIL_NEEDED },
};

struct running {
	struct jail_run run;
	struct jail_tree
		trees[ARRAY_LEN(programs) + ORDER_NEEDS_MAX + 1 + ORDER_ACTIONS_MAX];
	struct disk disks[ORDER_NEEDS_MAX];
	struct jail_node nodes[1 + ORDER_NEEDS_MAX * DISK_NODES_MAX];
	unsigned tree_count, node_count, disk_count;
	bool net;
	char *argv[6 + ORDER_NEEDS_MAX + ORDER_ACTIONS_MAX];
};

/* Of one disk, by whichever need, there is one node. */
static int disk_add(struct running *run, const struct need *need, struct said *said)
{
	struct disk *disk = &run->disks[run->disk_count];
	bool write = need->kind == NEED_WRITE;

	if (disk_find(need->value, write, disk, said))
		return -1;
	for (unsigned i = 0; i < run->disk_count; i++)
		if (!strcmp(run->disks[i].nodes[0], disk->nodes[0]))
			return say(said, "order: it needs one disk twice");
	run->disk_count++;
	for (unsigned i = 0; i < disk->node_count; i++)
		run->nodes[run->node_count++] =
			(struct jail_node){ disk->nodes[i], write, false, NULL };
	return 0;
}

/* It has been asked when the order was checked; here it is what is acted on. */
static int needs_add(struct running *run, const struct order *order,
		     const struct grants *grants, struct said *said)
{
	if (grants_check_order(grants, order, said))
		return -1;
	for (unsigned i = 0; i < order->need_count; i++) {
		struct need need = { NEED_NET, "" };

		if (grants_check(grants, order->needs[i], &need, said))
			return -1;
		if (need.kind == NEED_NET)
			run->net = true;
		else if (need.kind == NEED_SEE)
			run->trees[run->tree_count++] =
				(struct jail_tree){ need.value, JAIL_DATA, JAIL_NEEDED };
		else if (need.kind != NEED_KEY && disk_add(run, &need, said))
			return -1;
	}
	return 0;
}

static int jail_make(struct running *run, const struct order *order,
		     const struct grants *grants, const char *files, char *const *mounts,
		     unsigned mount_count, struct said *said)
{
	const struct jail_limits limits = { .wall = (nsec_t)order->time_limit *
						    NSEC_PER_SEC,
					    .term = 2 * NSEC_PER_SEC,
					    .stdout_bytes = LOG_BYTES,
					    .stderr_bytes = LOG_BYTES,
					    .memory_bytes = UINT64_C(1) << 30,
					    .tasks = 64,
					    .files = 256 };

	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		run->trees[run->tree_count++] = programs[i];
	run->nodes[run->node_count++] =
		(struct jail_node){ "/dev/null", true, false, NULL };
	if (needs_add(run, order, grants, said))
		return -1;
	if (files)
		run->trees[run->tree_count++] =
			(struct jail_tree){ files, JAIL_DATA, JAIL_NEEDED };
	run->argv[0] = sh;
	run->argv[1] = dash_c;
	run->argv[2] = start;
	run->argv[3] = name;
	run->argv[4] = (char *)(uintptr_t)files;
	for (unsigned i = 0; i < run->disk_count; i++)
		run->argv[5 + i] = run->disks[i].nodes[0];
	for (unsigned i = 0; i < mount_count; i++) {
		run->trees[run->tree_count++] =
			(struct jail_tree){ mounts[i], JAIL_DATA, JAIL_NEEDED };
		run->argv[5 + run->disk_count + i] = mounts[i];
	}
	jail_run_fill(&run->run, run->argv, &limits);
	run->run.jail.trees = run->trees;
	run->run.jail.tree_count = run->tree_count;
	run->run.jail.nodes = run->nodes;
	run->run.jail.node_count = run->node_count;
	run->run.jail.network_host = run->net;
	if (order_filter(run->net, run->disk_count > 0, &run->run.jail.filter))
		return say(said, "the filter of its jail cannot be built");
	return 0;
}

static void verdict(const struct jail_run *run, struct answer *answer)
{
	int status = run->result.tool_status;
	const char *stage = run->failure.stage < STAGE_COUNT
				    ? jail_stage_names[run->failure.stage]
				    : "?";
	struct said why = { "" };

	answer->status = RUN_NOT_BUILT;
	if (run->child.state == CHILD_STUCK) {
		answer->status = RUN_STUCK;
		say(&answer->said, "order: it was not reaped after KILL");
	} else if (run->kind == JAIL_MSG_ABSENT)
		say(&answer->said, "order: there is no %.128s", run->failure.path);
	else if (run->failure.error)
		say(&answer->said, "order: its jail: %s (%.128s): %s", stage,
		    run->failure.path, strerrordesc_np(run->failure.error) ?: "?");
	else if (run->child.term_sent) {
		answer->status = RUN_TIME_OVER;
		say(&answer->said, "order: its time was over");
	} else if (!run->result_seen) {
		say(&answer->said, "order: its jail's pid 1 ended unexpectedly");
	} else if (run->ending && jail_run_cut(run, &why)) {
		answer->status = RUN_TIME_OVER;
		say(&answer->said, "order: %s", why.text);
	} else
		answer->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
						     : WEXITSTATUS(status);
}

void order_jail_run(const struct order *order, const struct grants *grants, int script,
		    const char *files, char *const *mounts, unsigned mount_count, int log,
		    struct answer *answer)
{
	static struct running run;

	answer->status = RUN_NOT_BUILT;
	if (jail_make(&run, order, grants, files, mounts, mount_count, &answer->said))
		return;
	/* 0 to 2 are the jail's own. */
	run.run.jail.input = fcntl(script, F_DUPFD_CLOEXEC, 3);
	run.run.jail.out = run.run.jail.errors = log;
	if (run.run.jail.input < 0)
		say(&answer->said, "order: %s", strerrordesc_np(errno) ?: "?");
	else if (!jail_run(&run.run, &answer->said))
		verdict(&run.run, answer);
	free(run.run.jail.filter.filter);
}
