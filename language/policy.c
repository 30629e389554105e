/* A policy in memory: its life, and what follows from its lines. */
#include "parser.h"

#include <stdlib.h>
#include <string.h>

void step_done(struct step *step)
{
	free(step->name);
	free(step->each);
	free(step->group);
	free(step->lock);
	free(step->after);
	free(step->replay);
	free(step->about);
	free(step->uid0_reason);
	free(step->network_reason);
	free(step->caps_reason);
	free(step->filter.filter);
	for (unsigned i = 0; step->argv[i]; i++)
		free(step->argv[i]);
	for (unsigned i = 0; step->nowake[i]; i++)
		free(step->nowake[i]);
	for (unsigned i = 0; i < step->grant_count; i++) {
		free(step->grants[i].path);
		free(step->grants[i].major);
		free(step->grants[i].reason);
	}
	for (unsigned i = 0; i < step->command_count; i++)
		free(step->commands[i].reason);
	free(step->rules);
	for (unsigned i = 0; i < step->ioctl_count; i++) {
		free(step->ioctls[i].name);
		free(step->ioctls[i].reason);
	}
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (unsigned i = 0; i < policy->step_count; i++)
		step_done(&policy->steps[i]);
	free(policy->file);
	free(policy->collector);
	free(policy->about);
	free(policy);
}

void policy_step_drop(struct policy *policy, unsigned number)
{
	struct step *steps = policy->steps;

	step_done(&steps[number]);
	policy->step_count--;
	memmove(steps + number, steps + number + 1,
		(policy->step_count - number) * sizeof(*steps));
	memset(steps + policy->step_count, 0, sizeof(*steps));
}

int policy_by_order(const void *a, const void *b)
{
	const struct policy *left = *(const struct policy *const *)a,
			    *right = *(const struct policy *const *)b;

	if (left->order != right->order)
		return left->order < right->order ? -1 : 1;
	return strcmp(left->collector, right->collector);
}

unsigned policy_step(const struct policy *policy, const char *name)
{
	unsigned i = 0;

	while (i < policy->step_count && strcmp(policy->steps[i].name, name) != 0)
		i++;
	return i;
}

void policy_nowake(struct step *step)
{
	unsigned more = 0, args = 0;

	while (step->nowake[more])
		more++;
	while (step->argv[args])
		args++;
	if (more == 0 || args == 0 || args + more > POLICY_ARGS_MAX)
		return;
	memmove(step->argv + 1 + more, step->argv + 1, (args - 1) * sizeof(*step->argv));
	memcpy(step->argv + 1, step->nowake, more * sizeof(*step->argv));
	memset(step->nowake, 0, sizeof(step->nowake));
}

const char *policy_own_program(const struct step *step)
{
	static char name[POLICY_NAME_MAX + 8];

	if (step->argv[0] && step->argv[0][0] != '@')
		return NULL;
	(void)snprintf(name, sizeof(name), "bee-%s",
		       step->argv[0] ? step->argv[0] + 1 : "read");
	return name;
}

char *policy_expand(const char *text, const char *instance)
{
	static const char mark[] = "{instance}";
	size_t room = strlen(text) + 1, len = strlen(instance);
	char *out, *to;

	for (const char *at = text; (at = strstr(at, mark)); at += sizeof(mark) - 1)
		room += len;
	out = to = xcalloc(1, room);
	while (*text) {
		if (!strncmp(text, mark, sizeof(mark) - 1)) {
			to = mempcpy(to, instance, len);
			text += sizeof(mark) - 1;
		} else {
			*to++ = *text++;
		}
	}
	return out;
}

bool policy_instance_good(const char *name)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789._:-");

	return len > 0 && !name[len] && len <= POLICY_INSTANCE_MAX && name[0] != '.';
}

enum job_status policy_exit_status(const struct step *step, unsigned code)
{
	bool masks = false;

	for (unsigned i = 0; i < step->exit_count; i++)
		if (!step->exits[i].is_mask && step->exits[i].value == code)
			return step->exits[i].status;
	for (unsigned i = 0; i < step->exit_count; i++) {
		if (!step->exits[i].is_mask)
			continue;
		masks = true;
		if (step->exits[i].value & code)
			return step->exits[i].status;
	}
	return masks || code == 0 ? JOB_OK : JOB_FAILED;
}
