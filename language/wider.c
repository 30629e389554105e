/* What a step grants that one run of its program did not need: beside what bee-learn(1) has written of it. */
#include "wider.h"
#include "device_commands.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct widened {
	const struct policy *policy;
	const struct step *step, *run;
	FILE *out;
	unsigned found;
};

__attribute__((format(printf, 3, 4))) static void say(struct widened *w, unsigned line,
						      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fprintf(w->out, "%s:%u:1: %s: that run did not need ", w->policy->file,
		      line ? line : w->step->line, w->step->name);
	(void)vfprintf(w->out, format, args);
	(void)fputc('\n', w->out);
	va_end(args);
	w->found++;
}

/* Whether the run used the path, or something below it, whichever the instance was. */
static bool path_used(const struct widened *w, const struct grant *grant)
{
	AUTO_FREE char *pattern = policy_expand(grant->path, "*");

	for (unsigned i = 0; i < w->run->grant_count; i++)
		if ((grant->kind == GRANT_SEE || w->run->grants[i].kind == grant->kind) &&
		    !fnmatch(pattern, w->run->grants[i].path, FNM_LEADING_DIR))
			return true;
	return false;
}

static void wider_paths(struct widened *w)
{
	static const char *const words[] = {
		[GRANT_SEE] = "see",
		[GRANT_DEVICE] = "device",
		[GRANT_EXEC] = "exec",
		[GRANT_READ] = "read",
	};

	for (unsigned i = 0; i < w->step->grant_count; i++) {
		const struct grant *grant = &w->step->grants[i];

		if (!path_used(w, grant))
			say(w, grant->line, "%s %s", words[grant->kind], grant->path);
	}
}

static void wider_ioctls(struct widened *w)
{
	for (unsigned i = 0; i < w->step->ioctl_count; i++) {
		const struct ioctl_rule *rule = &w->step->ioctls[i];
		bool used = false;

		for (unsigned k = 0; k < w->run->ioctl_count; k++)
			used |= (w->run->ioctls[k].number & rule->mask) == rule->number;
		if (!used)
			say(w, rule->line, "ioctl %s=0x%x", rule->name, rule->number);
	}
}

static const struct command_grant *command_sent(const struct step *run,
						const struct command_name *name)
{
	for (unsigned i = 0; i < run->command_count; i++)
		if (run->commands[i].name == name)
			return &run->commands[i];
	return NULL;
}

static void wider_commands(struct widened *w)
{
	for (unsigned i = 0; i < w->step->command_count; i++) {
		const struct command_grant *grant = &w->step->commands[i];
		const struct command_grant *sent = command_sent(w->run, grant->name);

		if (!sent)
			say(w, grant->line, "%s %s", grant->table->word,
			    grant->name->name);
		for (unsigned k = 0; sent && k < grant->choice_count; k++)
			if (!memchr(sent->choices, grant->choices[k], sent->choice_count))
				say(w, grant->line, "%s %s:%02xh", grant->table->word,
				    grant->name->name, grant->choices[k]);
	}
}

/* Sets hold what nearly every tool calls: all that is left over is said at once. */
static void wider_calls(struct widened *w)
{
	char *text = NULL, name[64];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	for (int i = 0; i < POLICY_SYSCALL_MAX; i++)
		if (call_has(w->step->syscalls, i) && !call_has(w->run->syscalls, i) &&
		    syscall_name(i, name, sizeof(name)))
			(void)fprintf(out, " %s", name);
	(void)fclose(out);
	if (size)
		say(w, w->step->calls_line, "the calls%s", text);
	free(text);
}

static void wider_rights(struct widened *w)
{
	const struct step *step = w->step, *run = w->run;

	if (step->network_host && !run->network_host)
		say(w, step->network_line, "network host");
	if (step->uid0 && !run->uid0)
		say(w, step->uid0_line, "uid 0");
	for (int i = 0; i < 64; i++)
		if ((step->caps & ~run->caps) >> i & 1)
			say(w, step->caps_line, "%s", capability_name(i));
	if (step->open > run->open)
		say(w, 0, "open %s",
		    step->open == OPEN_READ_WRITE ? "read-write" : "read-only");
	if (step->limits.tasks > run->limits.tasks)
		say(w, 0, "tasks %u, but %u", step->limits.tasks, run->limits.tasks);
}

unsigned policy_wider(const struct policy *policy, const struct step *step,
		      const struct step *run, FILE *out)
{
	struct widened w = { .policy = policy, .step = step, .run = run, .out = out };

	wider_rights(&w);
	wider_paths(&w);
	wider_ioctls(&w);
	wider_commands(&w);
	wider_calls(&w);
	return w.found;
}

bool policy_same_program(const struct step *a, const struct step *b)
{
	return a->argv[0] && b->argv[0] &&
	       !strcmp(basename(a->argv[0]), basename(b->argv[0]));
}
