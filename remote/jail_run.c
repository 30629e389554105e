/* A jail of bee-order's: how it ended, in words. */
#include "jail_run.h"

#include <string.h>

int jail_run(struct jail_run *run, struct said *said)
{
	int error = jail_run_start(run);

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
