/* What a reviewer wants changed in a policy: dangerous grants without a reason. */
#include "parser.h"

static unsigned complain(const struct policy *policy, unsigned line, const char *what,
			 FILE *out)
{
	(void)fprintf(
		out,
		"%s:%u:1: %s without a reason: write a comment on the line or above\n",
		policy->file, line, what);
	return 1;
}

static unsigned lint_step(const struct policy *policy, const struct step *step, FILE *out)
{
	static const char *const kinds[] = {
		[GRANT_DEVICE] = "a device",
		[GRANT_EXEC] = "exec",
	};
	unsigned found = 0, last = 0;

	if (step->uid0 && !step->uid0_reason)
		found += complain(policy, step->uid0_line, "uid 0", out);
	if (step->network_host && !step->network_reason)
		found += complain(policy, step->network_line, "the host's network", out);
	if (step->caps && !step->caps_reason)
		found += complain(policy, step->caps_line, "a capability", out);
	for (unsigned i = 0; i < step->grant_count; i++) {
		const struct grant *grant = &step->grants[i];

		if ((grant->kind != GRANT_DEVICE && grant->kind != GRANT_EXEC) ||
		    grant->reason || grant->line == last)
			continue;
		last = grant->line; /* one message for a line with several paths */
		found += complain(policy, grant->line, kinds[grant->kind], out);
	}
	for (unsigned i = 0; i < step->ioctl_count; i++) {
		const struct ioctl_rule *rule = &step->ioctls[i];

		if (rule->reason || rule->line == last)
			continue;
		last = rule->line;
		found += complain(policy, rule->line, "an ioctl", out);
	}
	for (unsigned i = 0; i < step->command_count; i++) {
		const struct command_grant *grant = &step->commands[i];

		if (grant->reason || grant->line == last)
			continue;
		last = grant->line;
		found += complain(policy, grant->line, "a device command", out);
	}
	if (step->calls_line && step->calls_line > step->line)
		found += complain(policy, step->calls_line,
				  "a system call beyond the sets", out);
	return found;
}

unsigned policy_lint(const struct policy *policy, FILE *out)
{
	unsigned found = 0, file_calls = 0;

	for (unsigned i = 0; i < policy->step_count; i++) {
		const struct step *step = &policy->steps[i];

		/* Inherited from the file's own lines: said once. */
		if (step->calls_line && step->calls_line < step->line && !file_calls) {
			file_calls = step->calls_line;
			found += complain(policy, file_calls,
					  "a system call beyond the sets", out);
		}
		found += lint_step(policy, step, out);
	}
	if (!policy->default_given) {
		(void)fprintf(
			out,
			"%s:1:1: no 'default' line: say what happens to calls that are "
			"not listed\n",
			policy->file);
		found++;
	}
	return found;
}
