/* Which policies an audit is of. */
#include "choose.h"

#include "caller.h"
#include "replay_folder.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Of a list of names, separated by commas: how it names the step of a collector, or NULL for
 * `step` the collector itself, whole or by some of its steps.
 */
enum naming { NAMED_NOT, NAMED_STEP, NAMED_WHOLE };

static enum naming names_have(const char *list, const char *collector, const char *step)
{
	size_t len = strlen(collector);
	enum naming best = NAMED_NOT;

	for (const char *at = list; at;
	     at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		size_t word = strcspn(at, ",");

		if (word < len || strncmp(at, collector, len) != 0)
			continue;
		if (word == len)
			return NAMED_WHOLE;
		if (at[len] == '/' &&
		    (!step || (word - len - 1 == strlen(step) &&
			       !strncmp(at + len + 1, step, strlen(step)))))
			best = NAMED_STEP;
	}
	return best;
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
	bool named = names_have(options->only, collector, NULL) != NAMED_NOT,
	     with = names_have(options->with, collector, NULL) != NAMED_NOT;

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

		word[strcspn(word, "/")] = '\0';
		for (int i = 0; i < count; i++)
			known |= !strcmp(policy_collector(files[i].name), word);
		if (!known)
			errx(BEE_DATAERR, "%s %s: there is no policy for it", option,
			     word);
	}
}

static bool has_step(const struct policy *policy, const char *name)
{
	return policy_step(policy, name) < policy->step_count;
}

static char *steps_of(const struct policy *policy)
{
	char *names = xstrdup("");

	for (unsigned s = 0; s < policy->step_count; s++) {
		char *longer =
			xasprintf("%s%s%s", names, s ? " " : "", policy->steps[s].name);

		free(names);
		names = longer;
	}
	return names;
}

/* Ends the program where the list names a step that the policy does not have. */
static void steps_check(const char *option, const char *list, const struct policy *policy)
{
	AUTO_FREE char *copy = list ? xstrdup(list) : NULL, *steps = steps_of(policy);
	size_t len = strlen(policy->collector);
	char *save;

	if (!list)
		return;
	for (char *word = strtok_r(copy, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		const char *step = word + len + 1;

		if (strncmp(word, policy->collector, len) != 0 || word[len] != '/' ||
		    has_step(policy, step))
			continue;
		if (strchr(step, '@'))
			errx(BEE_DATAERR, "%s %s: a step is for all of its devices: %.*s",
			     option, word, (int)strcspn(word, "@"), word);
		errx(BEE_DATAERR, "%s %s: %s has no such step; it has %s", option, word,
		     policy->collector, steps);
	}
}

/* Leaves the steps that were asked for, where some of it were named and not all. */
static void steps_choose(const struct options *options, struct policy *policy, bool whole)
{
	steps_check("--only", options->only, policy);
	steps_check("--with", options->with, policy);
	if (whole || names_have(options->only, policy->collector, NULL) == NAMED_WHOLE ||
	    names_have(options->with, policy->collector, NULL) == NAMED_WHOLE)
		return;
	for (unsigned s = policy->step_count; s-- > 0;) {
		const char *name = policy->steps[s].name;

		if (!names_have(options->only, policy->collector, name) &&
		    !names_have(options->with, policy->collector, name))
			policy_step_drop(policy, s);
	}
}

/* One that nobody has named runs whole. */
static bool is_named(const struct options *options, const char *name)
{
	const char *collector = policy_collector(name);

	return options->only ||
	       (policy_is_optional(name) && names_have(options->with, collector, NULL));
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
		if (!policy)
			continue;
		steps_choose(options, policy, !is_named(options, files[i].name));
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
