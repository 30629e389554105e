/* What an audit would do, in words: nothing is run. */
#include "dry_run.h"

#include "lister.h"
#include "replay.h"

#include <dirent.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define INSTANCES_MAX 4096

static void say_replay(const char *folder, const struct policy *policy,
		       const struct step *step, const char *instance)
{
	struct job job = { .policy = policy, .step = step };
	const struct job_context ctx = { .job = &job, .replay = folder };
	AUTO_FREE char *name = job_path(policy, step, instance), *source = NULL;

	(void)snprintf(job.instance, sizeof(job.instance), "%s", instance);
	source = replay_source(&ctx);
	if (source)
		printf("%s  %s\n", name, source);
	else
		printf("%s  skipped: not captured\n", name);
}

/* The instances of a step in a captured folder; true: there were some. */
static bool say_instances(const char *replay, const struct policy *policy,
			  const struct step *step)
{
	AUTO_FREE char *pattern = NULL, *folder = NULL;
	char *names[INSTANCES_MAX];
	const struct dirent *entry;
	size_t count = 0, skip;
	DIR *dir;

	folder = lister_folder(replay, policy, step, &pattern, &skip);
	dir = opendir(folder);
	while (dir && count < INSTANCES_MAX && (entry = readdir(dir)))
		if (!fnmatch(pattern, entry->d_name, FNM_PERIOD) &&
		    policy_instance_good(entry->d_name + skip))
			names[count++] = xstrdup(entry->d_name + skip);
	if (dir)
		closedir(dir);
	qsort(names, count, sizeof(*names), lister_natural);
	for (size_t i = 0; i < count; i++) {
		say_replay(replay, policy, step, names[i]);
		free(names[i]);
	}
	return count > 0;
}

static void say_live(const struct policy *policy, const struct step *step)
{
	glob_t found = { .gl_pathc = 0 };

	if (!step->each)
		policy_explain_step(policy, step, NULL, stdout);
	else if (glob(step->each, 0, NULL, &found) || found.gl_pathc == 0)
		printf("%s/%s: no job: nothing matches %s\n\n", policy->collector,
		       step->name, step->each);
	for (size_t i = 0; i < found.gl_pathc; i++)
		policy_explain_step(policy, step, strrchr(found.gl_pathv[i], '/') + 1,
				    stdout);
	globfree(&found);
}

void dry_run(const struct monitor *monitor)
{
	const char *replay = monitor->options->replay;

	for (unsigned p = 0; p < monitor->policy_count; p++) {
		const struct policy *policy = monitor->policies[p];

		for (unsigned s = 0; s < policy->step_count; s++) {
			const struct step *step = &policy->steps[s];

			if (!replay)
				say_live(policy, step);
			else if (!step->each || !say_instances(replay, policy, step))
				say_replay(replay, policy, step, "");
		}
	}
}
