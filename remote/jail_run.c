/* A jail of bee-order's: what all of them are, and how one ended, in words. */
#include "jail_run.h"
#include "uids.h"

#include "confine.h"

#include <errno.h>
#include <string.h>

void jail_run_fill(struct jail_run *run, char **argv, const struct jail_limits *limits)
{
	struct jail_limits *own = &run->jail.limits;

	run->jail = (struct jail){
		.libraries = true,
		.tool = { .fd = -1, .argv = argv, .uid = UID_ORDER },
		.reader = { .fd = -1 },
		.stub_uid = UID_JAIL,
		.unlisted_error = EPERM,
		.limits = *limits,
		.landlock_abi = confine_landlock_abi(),
		.copy_out = -1,
		.copy_err = -1,
		.copy_status = -1,
	};
	own->term = own->term ?: NSEC_PER_SEC;
	own->kill = own->kill ?: NSEC_PER_SEC;
	own->memory_bytes = own->memory_bytes ?: UINT64_C(256) << 20;
	own->tasks = own->tasks ?: 4;
	own->files = own->files ?: 64;
}

int jail_run(struct jail_run *run, struct said *said)
{
	int error = jail_run_start(run, -1);

	if (error)
		return say(said, "its jail cannot be started: %s",
			   strerrordesc_np(-error) ?: "?");
	jail_run_wait(run, -1);
	return 0;
}

bool jail_run_cut(const struct jail_run *run, struct said *said)
{
	const struct jail_limits *limits = &run->jail.limits;

	if (run->result.truncated & 1)
		say(said, "it says more than %llu bytes: it was ended",
		    (unsigned long long)limits->stdout_bytes);
	else if (run->result.reader_first)
		say(said, "what it says could not be written: it was ended");
	else if (run->result.truncated)
		say(said, "its stderr has more than %llu bytes",
		    (unsigned long long)limits->stderr_bytes);
	else
		return false;
	return true;
}

int jail_run_status(const struct jail_run *run, struct said *said)
{
	if (run->child.state == CHILD_STUCK)
		return say(said, "its jail was not reaped after KILL");
	if (run->failure.error)
		return say(said, "its jail: %.128s: %s", run->failure.path,
			   strerrordesc_np(run->failure.error) ?: "?");
	if (run->kind != JAIL_MSG_STARTED && run->kind)
		return say(said, "its jail: %.128s: it is missing", run->failure.path);
	if (run->child.term_sent)
		return say(said, "its time was over");
	if (!run->result_seen)
		return say(said, "its jail ended unexpectedly");
	return jail_run_cut(run, said) ? -1 : run->result.tool_status;
}
