/* Says in plain words what a policy lets its tools do. */
#include "explain.h"
#include "compile.h"
#include "device_commands.h"
#include "parser.h"

#include "record.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/* A path of the jail, and the line of the policy that it comes from, if it is just one. */
struct place {
	const char *path;          /* borrowed */
	const struct grant *grant; /* or NULL */
	bool optional;
};

/* What the paths of one line have in common. */
static void places_end(struct page *page, const struct place *place)
{
	const struct grant *grant = place->grant;

	if (grant && grant->kind == GRANT_DEVICE)
		page_say(page, "opened to %s",
			 grant->write ? "read and write" : "read only");
	if (grant && grant->major)
		page_say(page, "(made anyway where /proc/devices has %s)", grant->major);
	if (place->optional)
		page_say(page, "(where it exists)");
	page_reason(page, grant ? grant->reason : NULL);
}

/* Those of one line, which share a reason, together. False: none. */
static bool explain_places(struct page *page, const struct place *places, unsigned count,
			   const char *name)
{
	for (unsigned i = 0; i < count; i++) {
		const struct grant *grant = places[i].grant,
				   *before = i ? places[i - 1].grant : NULL;

		if (i && (grant ? before && grant->line == before->line : !before)) {
			page_say(page, "%s", places[i].path);
			continue;
		}
		if (i)
			places_end(page, &places[i - 1]);
		page_label(page, i ? "" : name);
		page_say(page, "%s", places[i].path);
	}
	if (count)
		places_end(page, &places[count - 1]);
	return count;
}

static const struct grant *grant_of(const struct page *page, const struct step *step,
				    const char *path)
{
	for (unsigned i = 0; i < step->grant_count; i++) {
		AUTO_FREE char *own = policy_expand(step->grants[i].path, page->instance);

		if (step->grants[i].kind != GRANT_READ && !strcmp(own, path))
			return &step->grants[i];
	}
	return NULL;
}

/* The trees of a jail that may be started, or all others; `places` has room for all. */
static unsigned places_of(const struct page *page, const struct step *step,
			  const struct jail *jail, bool start, struct place *places)
{
	unsigned count = 0;

	for (unsigned i = 0; i < jail->tree_count; i++) {
		const struct jail_tree *tree = &jail->trees[i];

		if ((tree->use == JAIL_START) == start)
			places[count++] =
				(struct place){ tree->path,
						grant_of(page, step, tree->path),
						tree->need != JAIL_NEEDED };
	}
	return count;
}

static void explain_patterns(struct page *page, const struct step *step)
{
	const struct grant *grant = NULL;

	for (unsigned i = 0; i < step->grant_count; i++) {
		bool same = grant && grant->line == step->grants[i].line;

		if (grant && !same)
			page_reason(page, grant->reason);
		if (!same)
			page_label(page, grant ? "" : "reads");
		grant = &step->grants[i];
		page_say(page, "%s", grant->path);
	}
	if (grant)
		page_reason(page, grant->reason);
}

static void explain_command(struct page *page, const struct step *step)
{
	if (step->argv[0]) {
		page_label(page, "runs");
		for (unsigned i = 0; step->argv[i]; i++)
			page_say(page, "%s", step->argv[i]);
		if (step->nowake[0])
			page_label(page, "nowake");
		for (unsigned i = 0; step->nowake[i]; i++)
			page_say(page, "%s", step->nowake[i]);
		if (step->nowake[0])
			page_say(page,
				 "before these arguments, with bee audit --no-wake");
	} else {
		page_item(page, "runs", NULL,
			  "no tool: bee-read opens these files and nothing else");
		explain_patterns(page, step);
	}
	if (step->uid0)
		page_item(page, "as", step->uid0_reason, "root (uid 0)");
	else
		page_item(page, "as", NULL,
			  "a user id of its own, without name or rights");
	page_item(page, "processes", NULL,
		  "none but those of its jail, which /proc shows");
	if (step->network_listen)
		page_item(page, "network", step->network_reason,
			  "hears frames of type 0x%04x on the machine's own, cannot send",
			  step->network_listen);
	else if (step->network_host)
		page_item(page, "network", step->network_reason, "the machine's own");
	else
		page_item(page, "network", NULL, "none");
}

/* All that the jail is told to show: from what the sandbox itself gets. */
static void explain_grants(struct page *page, const struct step *step)
{
	AUTO_FREE struct place *places = xcalloc(POLICY_GRANTS_MAX + 1, sizeof(*places));
	const char *name = "sees";
	struct jail jail;
	unsigned count;

	policy_jail(step, page->instance, &jail);
	if (jail.libraries) {
		page_item(page, name, NULL,
			  "%s/usr/lib, /usr/lib32, /usr/lib64 and /etc/ld.so.cache, "
			  "read-only",
			  policy_own_program(step) ? "" : "the program itself, ");
		name = "";
	}
	count = places_of(page, step, &jail, false, places);
	if (!explain_places(page, places, count, name) && *name)
		page_item(page, name, NULL, "no file of the machine's");
	if (!step->argv[0])
		page_item(
			page, "", NULL,
			"folders that the patterns begin in and links of sysfs lead to, "
			"read-only; it opens what the patterns say");
	for (count = 0; count < jail.node_count; count++)
		places[count] = (struct place){
			jail.nodes[count].path,
			grant_of(page, step, jail.nodes[count].path),
			jail.nodes[count].optional,
		};
	if (!explain_places(page, places, count, "devices"))
		page_item(page, "devices", NULL, "none");
	count = places_of(page, step, &jail, true, places);
	(void)explain_places(page, places, count, "may start");
	policy_jail_done(&jail);
}

/* Who has the device in the tool's place, and what of the tool's commands it performs. */
static void explain_commands(struct page *page, const struct step *step)
{
	const struct command_grant *before = NULL;
	uint64_t caps = policy_performer_caps(step);

	if (!step->command_count)
		return;
	page_label(page, "commands");
	page_say(page, step->commands[0].table->transport == COMMAND_ETHTOOL
			       ? "the tool has no right to ask; another process asks, of "
				 "this interface alone,"
			       : "the tool has the null device under that name; another "
				 "process has the device,");
	for (int i = 0; i < 64; i++)
		if (caps >> i & 1)
			page_say(page, "with %s,", capability_name(i));
	page_say(page, "and performs for it only:");
	for (unsigned i = 0; i < step->command_count; i++) {
		const struct command_grant *grant = &step->commands[i];

		if (!before || before->line != grant->line) {
			if (before)
				page_reason(page, before->reason);
			page_label(page, "");
			page_say(page, "%s:", grant->table->about);
		}
		page_say(page, "%s", grant->name->name);
		for (unsigned k = 0; k < grant->choice_count; k++)
			page_say(page, "%s%02xh%s", k ? "" : "(", grant->choices[k],
				 k + 1 < grant->choice_count ? "," : ")");
		before = grant;
	}
	if (before)
		page_reason(page, before->reason);
}

static void explain_rights(struct page *page, const struct step *step)
{
	const char *name = "ioctls";

	page_label(page, "capabilities");
	for (int i = 0; i < 64; i++)
		if (step->caps >> i & 1)
			page_say(page, "%s", capability_name(i));
	if (!step->caps)
		page_say(page, "none");
	page_reason(page, step->caps ? step->caps_reason : NULL);
	if (step->caps)
		page_list(page);
	for (unsigned i = 0; i < step->ioctl_count; i++) {
		const struct ioctl_rule *rule = &step->ioctls[i];

		if (rule->mask == UINT32_MAX)
			page_item(page, name, rule->reason, "%s (0x%x)", rule->name,
				  rule->number);
		else
			page_item(page, name, rule->reason, "%s (0x%x in the bits 0x%x)",
				  rule->name, rule->number, rule->mask);
		name = "";
	}
	if (!step->ioctl_count)
		page_item(page, name, NULL,
			  step->command_count ? "none but those commands" : "none");
	page_item(page, "opens", NULL, "%s",
		  step->open == OPEN_NONE ? "nothing"
		  : step->open == OPEN_READ_ONLY
			  ? "for reading only"
			  : "for reading and writing what is there; creates and "
			    "truncates nothing");
}

#define CALL_NAME_SIZE 40

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void explain_calls(struct page *page, const struct step *step)
{
	char names[POLICY_SYSCALL_MAX][CALL_NAME_SIZE], name[CALL_NAME_SIZE];
	size_t count = 0;

	page_label(page, "calls");
	for (int i = 0; i < POLICY_SYSCALL_MAX; i++)
		if (i != SYS_socket && !(i == SYS_tgkill && step->command_count) &&
		    call_has(step->syscalls, i) &&
		    syscall_name(i, names[count], CALL_NAME_SIZE))
			count++;
	qsort(names, count, CALL_NAME_SIZE, by_name);
	for (size_t i = 0; i < count; i++)
		page_say(page, "%s", names[i]);
	if (step->argv[0])
		page_say(page, "mmap mprotect");
	if (step->limits.tasks > 1)
		page_say(page, "fork vfork");
	page_list(page);
	page_item(page, "", NULL,
		  "by their arguments: %s%s%s%s%s%sfcntl, prlimit64 to read its limits, "
		  "prctl to name a thread%s",
		  step->argv[0] ? "" : "mmap and mprotect without PROT_EXEC, ",
		  step->limits.tasks > 1 ? "clone without new namespaces, " : "",
		  step->open == OPEN_NONE ? "" : "openat, ",
		  step->ioctl_count ? "ioctl, " : "",
		  call_has(step->syscalls, SYS_socket) ? "socket for IPv4 datagrams, "
						       : "",
		  step->network_listen
			  ? "socket for frames of one type, setsockopt for groups "
			    "of addresses, "
			    "recvfrom, "
			  : "",
		  step->command_count && step->limits.tasks > 1
			  ? " and to say who may read it"
			  : "");
	if (step->answer_count) {
		page_label(page, "is told");
		for (unsigned i = 0; i < step->answer_count; i++) {
			const struct answer_rule *rule = &step->answers[i];

			if (syscall_name(rule->syscall, name, sizeof(name)))
				page_say(page, "%s: %s%s", name, errno_name(rule->error),
					 i + 1 < step->answer_count ? "," : "");
		}
	}
	if (step->default_kill)
		page_item(page, "all else", NULL, "kills the tool");
	else
		page_item(page, "all else", NULL,
			  "is refused with %s (ioctl: ENOTTY, opening: EACCES) and "
			  "listed in "
			  "the document",
			  errno_name(step->default_error));
	page_item(page, "", NULL, "calls of another architecture kill the tool");
}

static void say_time(struct page *page, nsec_t time)
{
	if (time % NSEC_PER_SEC)
		page_say(page, "%lld ms", (long long)(time / NSEC_PER_MSEC));
	else
		page_say(page, "%lld s", (long long)(time / NSEC_PER_SEC));
}

static void say_size(struct page *page, uint64_t size)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB" };
	unsigned unit = 0;

	while (unit < 3 && size && size % 1024 == 0) {
		size /= 1024;
		unit++;
	}
	page_say(page, "%llu %s", (unsigned long long)size, units[unit]);
}

static void explain_limits(struct page *page, const struct step *step)
{
	const struct jail_limits *limits = &step->limits;

	page_label(page, "time");
	say_time(page, limits->wall);
	page_say(page, "to run; then TERM,");
	say_time(page, limits->term);
	page_say(page, "later KILL,");
	say_time(page, limits->kill);
	page_say(page, "later it counts as stuck");
	page_label(page, "limits");
	say_size(page, limits->stdout_bytes);
	page_say(page, "of output,");
	say_size(page, limits->stderr_bytes);
	page_say(page, "of messages,");
	say_size(page, limits->memory_bytes);
	page_say(page, "of memory, %u task%s, %u files", limits->tasks,
		 limits->tasks == 1 ? "" : "s", limits->files);
}

static void explain_exits(struct page *page, const struct step *step)
{
	bool mask = false;

	page_label(page, "exit code");
	for (unsigned i = 0; i < step->exit_count; i++) {
		const struct exit_rule *rule = &step->exits[i];

		if (rule->is_mask)
			page_say(page, "with a bit of 0x%02x: %s,", rule->value,
				 job_status_names[rule->status]);
		else
			page_say(page, "%u: %s,", rule->value,
				 job_status_names[rule->status]);
		mask |= rule->is_mask;
	}
	if (policy_exit_status(step, 0) == JOB_OK && !mask) {
		bool listed = false;

		for (unsigned i = 0; i < step->exit_count; i++)
			listed |= step->exits[i].value == 0;
		if (!listed)
			page_say(page, "0: ok,");
	}
	page_say(page, "others: %s", mask ? "ok" : "failed");
}

void policy_explain_page(const struct step *step, const char *instance, struct page *page)
{
	page->instance = instance ? instance : "{instance}";
	if (step->about)
		page_item(page, "about", NULL, "%s", step->about);
	if (step->each && !instance)
		page_item(page, "each", NULL, "one job, in its own jail, for each %s",
			  step->each);
	explain_command(page, step);
	explain_grants(page, step);
	explain_commands(page, step);
	explain_rights(page, step);
	explain_calls(page, step);
	explain_limits(page, step);
	if (step->argv[0])
		explain_exits(page, step);
	if (step->group)
		page_item(page, "group", NULL,
			  "%s: once one job of it is stuck, the others are skipped",
			  step->group);
	if (step->after)
		page_item(page, "after", NULL, "step %s", step->after);
	if (step->replay)
		page_item(page, "replay", NULL,
			  "%s of a captured folder, where it has no output",
			  step->replay);
	if (step->lock)
		page_item(page, "lock", NULL, "%s: never two jobs with it at once",
			  step->lock);
}

void policy_explain_step(const struct policy *policy, const struct step *step,
			 const char *instance, FILE *out)
{
	struct page page = { .count = 0 };

	policy_explain_page(step, instance, &page);
	(void)fprintf(out, "%s/%s%s%s\n", policy->collector, step->name,
		      instance ? "@" : "", instance ? instance : "");
	page_print(&page, out);
	page_done(&page);
}

/* The comment at the file's head; lines without words part its paragraphs. */
static void explain_about(struct page *page, const char *about)
{
	bool open = false;

	for (const char *line = about; line && *line; line += *line == '\n') {
		size_t len = strcspn(line, "\n");
		AUTO_FREE char *text = xasprintf("%.*s", (int)len, line);
		bool words = text[strspn(text, " \t#")];

		if (words && !open)
			page_label(page, page->count ? "" : "about");
		if (words)
			page_text(page, text);
		open = words;
		line += len;
	}
}

void policy_explain_file(const struct policy *policy, struct page *page)
{
	page->instance = "{instance}";
	explain_about(page, policy->about);
	page_label(page, "emits");
	for (int i = 0; record_types[i].name; i++)
		if (policy->emits >> i & 1)
			page_say(page, "%s", record_types[i].name);
	page_list(page);
	page_item(page, "sha256", NULL, "%s", policy->sha256);
}

/* Whether what `page` says under the label of its item `first` is said of every step. */
static bool in_all(const struct page *pages, unsigned count, const struct page *page,
		   size_t first)
{
	for (unsigned i = 0; i < count; i++)
		if (&pages[i] != page && !page_has_block(page, &pages[i], first))
			return false;
	return count > 1;
}

void policy_explain(const struct policy *policy, FILE *out)
{
	struct page file = { .instance = NULL },
		    pages[POLICY_STEPS_MAX] = { { .instance = NULL } };
	struct page *first = &pages[0];
	bool any = false;

	for (unsigned i = 0; i < policy->step_count; i++)
		policy_explain_page(&policy->steps[i], NULL, &pages[i]);
	policy_explain_file(policy, &file);
	(void)fprintf(out, "%s: what the %s collector may do, and nothing else\n",
		      policy->file, policy->collector);
	page_print(&file, out);
	for (size_t at = 0; at < first->count; at += page_block(first, at))
		if (in_all(pages, policy->step_count, first, at)) {
			if (!any)
				(void)fputs("\nevery step\n", out);
			any = true;
			page_print_block(first, at, out);
		}
	for (unsigned i = 0; i < policy->step_count; i++) {
		const struct page *page = &pages[i];

		(void)fprintf(out, "\n%s/%s\n", policy->collector, policy->steps[i].name);
		for (size_t at = 0; at < page->count; at += page_block(page, at))
			if (!in_all(pages, policy->step_count, page, at))
				page_print_block(page, at, out);
	}
	for (unsigned i = 0; i < policy->step_count; i++)
		page_done(&pages[i]);
	page_done(&file);
}
