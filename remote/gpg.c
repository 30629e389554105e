/* gpgv run in a jail. */
#include "gpg.h"
#include "jail_run.h"
#include "memfile.h"
#include "order_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define GPG_TIME (20 * NSEC_PER_SEC)
#define STATUS_BYTES (64u << 10)

/* What it says to people goes nowhere: the status lines are the only ones on their descriptor. */
static char sh[] = "sh", dash_c[] = "-c";
static char start[] =
	"exec gpgv --quiet --ignore-time-conflict --logger-fd 3 --status-fd 2 --keyring "
	"\"$1\" --output - 3>/dev/null";

int gpg_run(const char *keyring, int message, struct gpg *out, struct said *said)
{
	static const struct jail_node null = { "/dev/null", true, false, NULL };
	static const struct jail_limits limits = { .wall = GPG_TIME,
						   .stdout_bytes = ORDER_MAX + 1,
						   .stderr_bytes = STATUS_BYTES };
	struct jail_run run = { .gone = false };
	const struct jail_tree trees[] = { { "/usr/bin", JAIL_START, JAIL_NEEDED },
					   { keyring, JAIL_DATA, JAIL_NEEDED } };
	char *argv[] = { sh, dash_c, start, sh, (char *)(uintptr_t)keyring, NULL };
	struct said why = { "" };
	int status = -1;

	*out = (struct gpg){ memory_file("content"), memory_file("status") };
	jail_run_fill(&run, argv, &limits);
	run.jail.trees = trees;
	run.jail.tree_count = ARRAY_LEN(trees);
	run.jail.nodes = &null;
	run.jail.node_count = 1;
	/* 0 to 2 are the jail's own. */
	run.jail.input = fcntl(message, F_DUPFD_CLOEXEC, 3);
	run.jail.out = out->content;
	run.jail.errors = out->status;
	if (run.jail.input < 0 || out->content < 0 || out->status < 0)
		say(&why, "%s", strerrordesc_np(errno) ?: "?");
	else if (order_filter(false, false, &run.jail.filter))
		say(&why, "the filter of its jail cannot be built");
	else if (!jail_run(&run, &why))
		status = jail_run_status(&run, &why);
	free(run.jail.filter.filter);
	if (status >= 0 && (memory_seal(out->content) || memory_seal(out->status)))
		say(&why, "what it said cannot be sealed");
	else if (status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 127)
		say(&why, "it is not installed");
	/* Another exit status says nothing that its lines do not. */
	return *why.text ? say(said, "gpgv: %s", why.text) : 0;
}
