/* Which policies an audit is of. */
#include "choose.h"

#include "caller.h"
#include "replay_folder.h"

#include <err.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether a list of names, separated by commas, has this one; NULL has none. */
static bool names_have(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (!strncmp(at, name, len) && (!at[len] || at[len] == ','))
			return true;
	return false;
}

/* Somebody who captured with an opt-in collector wants its outputs back. */
static bool was_captured(const char *replay, const char *collector)
{
	AUTO_FREE char *folder = replay ? xasprintf("%s/%s", replay, collector) : NULL;

	return folder && !access(folder, X_OK);
}

/* The collectors asked for; an opt-in one only by its name. */
static bool wanted(const struct options *options, const char *name)
{
	const char *collector = policy_collector(name);
	bool named = names_have(options->only, collector),
	     with = names_have(options->with, collector);

	if (policy_is_optional(name) && !options->only)
		return with || was_captured(options->replay, collector);
	return named || with || !options->only;
}

static void names_check(const char *option, const char *list,
			const struct policy_file *files, int count)
{
	AUTO_FREE char *copy = list ? xstrdup(list) : NULL;
	char *save;

	if (!list)
		return;
	for (char *word = strtok_r(copy, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		bool known = false;

		for (int i = 0; i < count; i++)
			known |= !strcmp(policy_collector(files[i].name), word);
		if (!known)
			errx(BEE_DATAERR, "%s %s: there is no policy for it", option,
			     word);
	}
}

void choose_policies(struct monitor *monitor)
{
	const struct options *options = monitor->options;
	struct policy_file *files;
	int count = policy_list(options->policy_own, options->policy_dir, &files, stderr);
	bool bad = false;

	if (count < 0)
		errx(BEE_DATAERR, "nothing was started");
	if (count == 0)
		errx(BEE_DATAERR, "%s: there is no policy file", options->policy_dir);
	names_check("--only", options->only, files, count);
	names_check("--with", options->with, files, count);
	if (options->replay) {
		caller_doing(BEE_USAGE, "--replay %s: asking for the folder",
			     options->replay);
		replay_folder_check(options->replay, files, count);
		caller_doing(BEE_DATAERR, "reading the policies in %s",
			     options->policy_dir);
	}
	monitor->policies = xcalloc((size_t)count, sizeof(struct policy *));
	for (int i = 0; i < count; i++) {
		struct policy *policy;

		if (!wanted(options, files[i].name))
			continue;
		policy = policy_load(&files[i], stderr);
		bad |= !policy;
		if (policy)
			monitor->policies[monitor->policy_count++] = policy;
	}
	policy_files_free(files, count);
	if (bad)
		errx(BEE_DATAERR, "nothing was started");
	qsort(monitor->policies, monitor->policy_count, sizeof(struct policy *),
	      policy_by_order);
	if (monitor->policy_count == 0 && options->only)
		errx(BEE_USAGE, "--only %s: no collector is named", options->only);
	if (monitor->policy_count == 0)
		errx(BEE_USAGE, "%s: every policy is opt-in: --only or --with names one",
		     options->policy_dir);
	for (unsigned p = 0; p < monitor->policy_count; p++)
		for (unsigned s = 0; s < monitor->policies[p]->step_count; s++) {
			struct step *step = &monitor->policies[p]->steps[s];
			int error = filter_build(step);

			if (options->no_wake)
				policy_nowake(step);
			if (error)
				errx(BEE_DATAERR,
				     "%s:%u: the filter of step %s cannot be built: %s",
				     monitor->policies[p]->file, step->line, step->name,
				     strerrordesc_np(-error));
		}
}

void choose_explain(const struct monitor *monitor)
{
	for (unsigned p = 0; p < monitor->policy_count; p++) {
		const struct policy *policy = monitor->policies[p];

		for (unsigned s = 0; s < policy->step_count; s++) {
			const struct step *step = &policy->steps[s];
			glob_t found = { .gl_pathc = 0 };

			if (!step->each)
				policy_explain_step(policy, step, NULL, stdout);
			else if (glob(step->each, 0, NULL, &found) || found.gl_pathc == 0)
				printf("%s/%s: no job: nothing matches %s\n\n",
				       policy->collector, step->name, step->each);
			for (size_t i = 0; i < found.gl_pathc; i++)
				policy_explain_step(policy, step,
						    strrchr(found.gl_pathv[i], '/') + 1,
						    stdout);
			globfree(&found);
		}
	}
}
