/* Says in plain words what a policy lets its tools do. */
#include "policy_parser.h"

#include "record.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#define WIDTH 80
#define INDENT 15 /* columns before the text; the label stands in them */

/* Wraps words at WIDTH; continuation lines start below the first word. */
struct page {
	FILE *out;
	const char *instance; /* stands for {instance}; NULL: leave it */
	unsigned column;
};

static void label(struct page *page, const char *name)
{
	page->column = (unsigned)fprintf(page->out, "  %-*s", INDENT - 2, name);
}

static void put_word(struct page *page, const char *word, size_t len)
{
	if (page->column > INDENT && page->column + 1 + len > WIDTH)
		page->column = (unsigned)fprintf(page->out, "\n%*s", INDENT, "") - 1;
	else if (page->column > INDENT)
		page->column += (unsigned)fprintf(page->out, " ");
	page->column += (unsigned)fprintf(page->out, "%.*s", (int)len, word);
}

static void put_words(struct page *page, const char *text)
{
	while (*(text += strspn(text, " "))) {
		size_t len = strcspn(text, " ");

		put_word(page, text, len);
		text += len;
	}
}

PRINTF_LIKE(2, 3) static void say(struct page *page, const char *fmt, ...)
{
	va_list args;
	AUTO_FREE char *text = NULL, *full = NULL;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	if (!text)
		return;
	full = page->instance ? policy_expand(text, page->instance) : xstrdup(text);
	put_words(page, full);
}

static void end(struct page *page)
{
	(void)fputc('\n', page->out);
}

/* One grant with its reason, on a line of its own. */
PRINTF_LIKE(4, 5)
static void item(struct page *page, const char *name, const char *reason, const char *fmt,
		 ...)
{
	va_list args;
	AUTO_FREE char *text = NULL;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	label(page, name);
	say(page, "%s%s%s", text ? text : "", reason ? " -- " : "", reason ? reason : "");
	end(page);
}

/* What the grants of one line have in common. */
static void grant_end(struct page *page, const struct grant *grant)
{
	if (grant->kind == GRANT_DEVICE)
		say(page, "opened to %s", grant->write ? "read and write" : "read only");
	if (grant->optional)
		say(page, "(where it exists)");
	if (grant->reason)
		say(page, "-- %s", grant->reason);
	end(page);
}

/* All grants of a kind; those of one line, which share a reason, together. False: none.
 */
static bool explain_kind(struct page *page, const struct step *step, int kind,
			 const char *name)
{
	const struct grant *grant = NULL;

	for (unsigned i = 0; i < step->grant_count; i++) {
		const struct grant *next = &step->grants[i];

		if ((int)next->kind != kind)
			continue;
		if (grant && next->line == grant->line) {
			say(page, "%s", next->path);
			continue;
		}
		if (grant)
			grant_end(page, grant);
		label(page, grant ? "" : name);
		say(page, "%s", next->path);
		grant = next;
	}
	if (grant)
		grant_end(page, grant);
	return grant;
}

static void explain_command(struct page *page, const struct step *step)
{
	if (step->argv[0]) {
		label(page, "runs");
		for (unsigned i = 0; step->argv[i]; i++)
			say(page, "%s", step->argv[i]);
		end(page);
	} else {
		item(page, "runs", NULL,
		     "no tool: bee-read opens these files and nothing else");
		(void)explain_kind(page, step, GRANT_READ, "reads");
	}
	if (step->uid0)
		item(page, "as", step->uid0_reason, "root (uid 0)");
	else
		item(page, "as", NULL, "a user id of its own, without name or rights");
	if (step->network_listen)
		item(page, "network", step->network_reason,
		     "hears frames of type 0x%04x on the machine's own, cannot send",
		     step->network_listen);
	else if (step->network_host)
		item(page, "network", step->network_reason, "the machine's own");
	else
		item(page, "network", NULL, "none");
}

static bool starts_others(const struct step *step)
{
	for (unsigned i = 0; i < step->grant_count; i++)
		if (step->grants[i].kind == GRANT_EXEC)
			return true;
	return false;
}

static void explain_grants(struct page *page, const struct step *step)
{
	bool own = policy_own_program(step);
	const char *name = "sees";

	/* As sources_open() does. */
	if (!own || starts_others(step)) {
		item(page, name, NULL,
		     "%s/usr/lib, /usr/lib32, /usr/lib64 and /etc/ld.so.cache, "
		     "read-only",
		     own ? "" : "the program itself, ");
		name = "";
	}
	(void)explain_kind(page, step, GRANT_SEE, name);
	if (!explain_kind(page, step, GRANT_DEVICE, "devices"))
		item(page, "devices", NULL, "none");
	(void)explain_kind(page, step, GRANT_EXEC, "may start");
}

static void explain_rights(struct page *page, const struct step *step)
{
	const char *name = "ioctls";

	label(page, "capabilities");
	for (int i = 0; i < 64; i++)
		if (step->caps >> i & 1)
			say(page, "%s", capability_name(i));
	if (!step->caps)
		say(page, "none");
	else if (step->caps_reason)
		say(page, "-- %s", step->caps_reason);
	end(page);
	for (unsigned i = 0; i < step->ioctl_count; i++) {
		const struct ioctl_rule *rule = &step->ioctls[i];

		if (rule->mask == UINT32_MAX)
			item(page, name, rule->reason, "%s (0x%x)", rule->name,
			     rule->number);
		else
			item(page, name, rule->reason, "%s (0x%x in the bits 0x%x)",
			     rule->name, rule->number, rule->mask);
		name = "";
	}
	if (!step->ioctl_count)
		item(page, name, NULL, "none");
	item(page, "opens", NULL, "%s",
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

	label(page, "calls");
	for (int i = 0; i < POLICY_SYSCALL_MAX; i++)
		if (i != SYS_socket && call_has(step->syscalls, i) &&
		    syscall_name(i, names[count], CALL_NAME_SIZE))
			count++;
	qsort(names, count, CALL_NAME_SIZE, by_name);
	for (size_t i = 0; i < count; i++)
		say(page, "%s", names[i]);
	say(page, "%s",
	    step->argv[0] ? "mmap mprotect" : "mmap and mprotect without PROT_EXEC");
	if (step->limits.tasks > 1)
		say(page, "fork vfork, clone without new namespaces");
	say(page,
	    "and by their arguments: %s%s%s%sfcntl, prlimit64 of itself, prctl to name a "
	    "thread",
	    step->open == OPEN_NONE ? "" : "openat, ", step->ioctl_count ? "ioctl, " : "",
	    call_has(step->syscalls, SYS_socket) ? "socket for IPv4 datagrams, " : "",
	    step->network_listen ? "socket for frames of one type, setsockopt for groups "
				   "of addresses, "
				   "recvfrom, "
				 : "");
	end(page);
	if (step->answer_count) {
		label(page, "is told");
		for (unsigned i = 0; i < step->answer_count; i++) {
			const struct answer_rule *rule = &step->answers[i];

			if (syscall_name(rule->syscall, name, sizeof(name)))
				say(page, "%s: %s%s", name, errno_name(rule->error),
				    i + 1 < step->answer_count ? "," : "");
		}
		end(page);
	}
	if (step->default_kill)
		item(page, "all else", NULL, "kills the tool");
	else
		item(page, "all else", NULL,
		     "is refused with %s (ioctl: ENOTTY, opening: EACCES) and listed in "
		     "the document",
		     errno_name(step->default_error));
	item(page, "", NULL, "calls of another architecture kill the tool");
}

static void say_time(struct page *page, nsec_t time)
{
	if (time % NSEC_PER_SEC)
		say(page, "%lld ms", (long long)(time / NSEC_PER_MSEC));
	else
		say(page, "%lld s", (long long)(time / NSEC_PER_SEC));
}

static void say_size(struct page *page, uint64_t size)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB" };
	unsigned unit = 0;

	while (unit < 3 && size && size % 1024 == 0) {
		size /= 1024;
		unit++;
	}
	say(page, "%llu %s", (unsigned long long)size, units[unit]);
}

static void explain_limits(struct page *page, const struct step *step)
{
	const struct limits *limits = &step->limits;

	label(page, "time");
	say_time(page, limits->wall);
	say(page, "to run; then TERM,");
	say_time(page, limits->term);
	say(page, "later KILL,");
	say_time(page, limits->kill);
	say(page, "later it counts as stuck");
	end(page);
	label(page, "limits");
	say_size(page, limits->stdout_bytes);
	say(page, "of output,");
	say_size(page, limits->stderr_bytes);
	say(page, "of messages,");
	say_size(page, limits->memory_bytes);
	say(page, "of memory, %u task%s, %u files", limits->tasks,
	    limits->tasks == 1 ? "" : "s", limits->files);
	end(page);
}

static void explain_exits(struct page *page, const struct step *step)
{
	bool mask = false;

	label(page, "exit code");
	for (unsigned i = 0; i < step->exit_count; i++) {
		const struct exit_rule *rule = &step->exits[i];

		if (rule->is_mask)
			say(page, "with a bit of 0x%02x: %s,", rule->value,
			    job_status_names[rule->status]);
		else
			say(page, "%u: %s,", rule->value, job_status_names[rule->status]);
		mask |= rule->is_mask;
	}
	if (policy_exit_status(step, 0) == JOB_OK && !mask) {
		bool listed = false;

		for (unsigned i = 0; i < step->exit_count; i++)
			listed |= step->exits[i].value == 0;
		if (!listed)
			say(page, "0: ok,");
	}
	say(page, "others: %s", mask ? "ok" : "failed");
	end(page);
}

void policy_explain_step(const struct policy *policy, const struct step *step,
			 const char *instance, FILE *out)
{
	struct page page = { .out = out, .instance = instance };

	(void)fprintf(out, "%s/%s%s%s\n", policy->collector, step->name,
		      instance ? "@" : "", instance ? instance : "");
	if (step->about)
		item(&page, "about", NULL, "%s", step->about);
	if (step->each && !instance)
		item(&page, "each", NULL, "one job, in its own jail, for each %s",
		     step->each);
	explain_command(&page, step);
	explain_grants(&page, step);
	explain_rights(&page, step);
	explain_calls(&page, step);
	explain_limits(&page, step);
	if (step->argv[0])
		explain_exits(&page, step);
	if (step->group)
		item(&page, "group", NULL,
		     "%s: once one job of it is stuck, the others are skipped",
		     step->group);
	if (step->after)
		item(&page, "after", NULL, "step %s", step->after);
	if (step->lock)
		item(&page, "lock", NULL, "%s: never two jobs with it at once",
		     step->lock);
}

void policy_explain(const struct policy *policy, FILE *out)
{
	struct page page = { .out = out };

	(void)fprintf(out, "%s: what the %s collector may do, and nothing else\n",
		      policy->file, policy->collector);
	label(&page, "emits");
	for (int i = 0; record_types[i].name; i++)
		if (policy->emits >> i & 1)
			say(&page, "%s", record_types[i].name);
	end(&page);
	item(&page, "sha256", NULL, "%s", policy->sha256);
	for (unsigned i = 0; i < policy->step_count; i++) {
		(void)fputc('\n', out);
		policy_explain_step(policy, &policy->steps[i], NULL, out);
	}
}
