/* One job: its names, and why it failed in words. */
#include "job.h"

#include <string.h>

char *job_path(const struct policy *policy, const struct step *step, const char *instance)
{
	return xasprintf("%s/%s%s%s", policy->collector, step->name,
			 instance[0] ? "@" : "", instance);
}

char **job_collector_argv(const struct job *job)
{
	char **argv = xcalloc(5, sizeof(*argv));

	argv[0] = xstrdup("bee-collect");
	argv[1] = xstrdup(job->policy->collector);
	argv[2] = xstrdup(job->step->name);
	argv[3] = xstrdup(job->instance);
	return argv;
}

void job_failure_text(const struct jail_failure *failure, char *out, size_t size)
{
	const char *path = failure->path;

	(void)snprintf(out, size, "%s%s%.150s%s: %s",
		       failure->stage < STAGE_COUNT ? jail_stage_names[failure->stage]
						    : "unknown stage",
		       *path ? " (" : "", path, *path ? ")" : "",
		       strerrordesc_np(failure->error) ?: "unknown error");
}
