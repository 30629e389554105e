/* Policy lines about the kernel: syscalls, answer, default, ioctl, caps. */
#include "parser.h"

#include <stdlib.h>
#include <string.h>

static struct places *places_now(struct parser *p)
{
	return p->step == &p->base ? &p->base_places : &p->places;
}

static const char *call_name_at(size_t i)
{
	static char name[64];

	if (i >= POLICY_SYSCALL_MAX)
		return NULL;
	return syscall_name((int)i, name, sizeof(name)) ? name : "";
}

static const char *error_name_at(size_t i)
{
	const char *name = i < POLICY_ERRNO_MAX ? errno_name((int)i + 1) : NULL;

	return name || i >= POLICY_ERRNO_MAX ? name : "";
}

static const char *capability_name_at(size_t i)
{
	const char *name = i < 64 ? capability_name((int)i) : NULL;

	return name || i >= 64 ? name : "";
}

/* Number of a call that a line may name, or -1: its error is reported, or this machine has no such
 * call. */
static int call_to_name(struct parser *p, const struct word *word, const char *name)
{
	int number = syscall_number(name);
	const char *why = syscall_never(name), *where = syscall_elsewhere(name);

	if (why)
		parse_error(p, word, "no policy can grant %s: %s", name, why);
	else if (where)
		parse_error(p, word, "%s is decided by %s", name, where);
	else if (number < 0 && !syscall_foreign(name))
		parse_unknown(p, &(struct word){ name, word->column }, "system call",
			      call_name_at);
	return why || where ? -1 : number;
}

/* Between the filter and the exec; without them a tool hangs until its last deadline. */
static const char *const needed_before_exec[] = { "read", "write", "close_range",
						  "exit_group" };

static void drop_call(struct parser *p, const struct word *word)
{
	const char *name = word->text + 1;
	int number = syscall_number(name);

	if (number < 0 || syscall_elsewhere(name)) {
		(void)call_to_name(p, word, name);
		return;
	}
	if (!call_has(p->step->syscalls, number)) {
		parse_error(p, word,
			    "%s is not allowed before this, nothing to take away", name);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(needed_before_exec); i++)
		if (!strcmp(name, needed_before_exec[i])) {
			parse_error(p, word, "%s is needed to start a tool: it stays",
				    name);
			return;
		}
	call_drop(p->step->syscalls, number);
	places_now(p)->syscall[number] = 0;
}

static void add_set(struct parser *p, const struct word *word)
{
	uint64_t calls[POLICY_SYSCALL_MAX / 64] = { 0 };
	struct places *places = places_now(p);

	if (!strcmp(word->text, "@read")) {
		parse_error(p, word,
			    "@read is what steps with 'read' lines get by themselves");
		return;
	}
	if (!set_add(word->text, calls)) {
		parse_unknown(p, word, "set", set_name);
		return;
	}
	for (int i = 0; i < POLICY_SYSCALL_MAX; i++) {
		if (!call_has(calls, i))
			continue;
		call_add(p->step->syscalls, i);
		if (!places->syscall[i])
			places->syscall[i] = p->line;
	}
}

void word_syscalls(struct parser *p)
{
	struct places *places = places_now(p);
	bool named = false;

	for (unsigned i = 1; i < p->word_count; i++) {
		const struct word *word = &p->words[i];
		int number;

		if (word->text[0] == '@') {
			add_set(p, word);
			continue;
		}
		if (word->text[0] == '-') {
			drop_call(p, word);
			continue;
		}
		number = call_to_name(p, word, word->text);
		if (number < 0)
			continue;
		if (call_has(p->step->syscalls, number)) {
			parse_error(p, word, "%s is allowed twice, first on line %u",
				    word->text, places->syscall[number]);
			continue;
		}
		call_add(p->step->syscalls, number);
		places->syscall[number] = p->line;
		named = true;
	}
	if (named && !p->reason && !p->step->calls_line)
		p->step->calls_line = p->line;
}

/* Positive errno of a word, or -1 with its error reported. */
static int error_word(struct parser *p, const struct word *word)
{
	int error = errno_number(word->text);

	if (error < 0)
		parse_unknown(p, word, "error name", error_name_at);
	return error;
}

void word_answer(struct parser *p)
{
	struct step *step = p->step;
	struct places *places = places_now(p);

	for (unsigned i = 1; i < p->word_count; i += 2) {
		const struct word *word = &p->words[i];
		int number, error;

		if (i + 1 == p->word_count) {
			parse_error(p, word, "'%.64s' needs an error name", word->text);
			return;
		}
		number = syscall_number(word->text);
		/* Calls that are never granted may well be answered. */
		if (syscall_elsewhere(word->text) ||
		    (number < 0 && !syscall_foreign(word->text))) {
			(void)call_to_name(p, word, word->text);
			continue;
		}
		error = error_word(p, word + 1);
		if (error < 0 || number < 0)
			continue;
		if (places->answer[number]) {
			parse_error(p, word, "%s is answered twice, first on line %u",
				    word->text, places->answer[number]);
			continue;
		}
		if (step->answer_count == ARRAY_LEN(step->answers)) {
			parse_error(p, word, "more than %zu answers",
				    ARRAY_LEN(step->answers));
			return;
		}
		places->answer[number] = p->line;
		step->answers[step->answer_count++] =
			(struct answer_rule){ .syscall = number, .error = error };
	}
}

void word_default(struct parser *p)
{
	const struct word *first = &p->words[1];
	bool kill = !strcmp(first->text, "kill");
	int error;

	if (!kill && strcmp(first->text, "report") != 0) {
		parse_error(p, first, "'%.64s' is not kill or report", first->text);
		return;
	}
	if (p->word_count != (kill ? 2 : 3)) {
		parse_error(p, first,
			    kill ? "nothing may follow 'kill'"
				 : "'report' needs one error name");
		return;
	}
	p->step->default_kill = kill;
	if (kill)
		return;
	error = error_word(p, &p->words[2]);
	if (error > 0)
		p->step->default_error = error;
}

/* "NAME=NUMBER" or "NAME=NUMBER/MASK", both hexadecimal. */
static bool ioctl_split(struct parser *p, const struct word *word,
			struct ioctl_rule *rule)
{
	const char *equals = strchr(word->text, '=');
	size_t len = equals ? (size_t)(equals - word->text) : 0;
	AUTO_FREE char *name = NULL, *digits = NULL;
	uint64_t number, mask = UINT32_MAX;
	char *slash;

	if (!len || strspn(word->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != len ||
	    len > 63) {
		parse_error(p, word, "'%.64s' is not NAME=NUMBER", word->text);
		return false;
	}
	name = xstrdup(word->text);
	name[len] = '\0';
	digits = xstrdup(equals + 1);
	slash = strchr(digits, '/');
	if (slash)
		*slash++ = '\0';
	if (strncmp(digits, "0x", 2) != 0 || parse_hex(digits, UINT32_MAX, &number) ||
	    (slash &&
	     (strncmp(slash, "0x", 2) != 0 || parse_hex(slash, UINT32_MAX, &mask)))) {
		struct word here = { equals + 1, word->column + (unsigned)len + 1 };

		parse_error(p, &here, "'%.64s' is not a 32-bit number like 0x2285",
			    here.text);
		return false;
	}
	/* The kernel's type and number bytes tell one command from another. */
	if ((mask & 0xffff) != 0xffff || number & ~mask) {
		parse_error(p, word,
			    "the mask must cover the lower 16 bits and all bits of the "
			    "number");
		return false;
	}
	rule->number = (uint32_t)number;
	rule->mask = (uint32_t)mask;
	rule->name = name;
	name = NULL;
	return true;
}

static bool ioctl_good(struct parser *p, const struct word *word,
		       const struct ioctl_rule *rule)
{
	const char *why = ioctl_never(rule->name, rule->number, rule->mask);
	uint32_t known;

	if (why) {
		parse_error(p, word, "no policy can grant %s: %s", rule->name, why);
		return false;
	}
	if (ioctl_known(rule->name, &known) && (known & rule->mask) != rule->number) {
		parse_error(p, word, "%s is 0x%x, not 0x%x", rule->name, known,
			    rule->number);
		return false;
	}
	for (unsigned i = 0; i < p->step->ioctl_count; i++) {
		const struct ioctl_rule *other = &p->step->ioctls[i];

		if (other->number == rule->number || !strcmp(other->name, rule->name)) {
			parse_error(p, word, "%s is there twice, first on line %u as %s",
				    rule->name, other->line, other->name);
			return false;
		}
	}
	if (p->step->ioctl_count == ARRAY_LEN(p->step->ioctls)) {
		parse_error(p, word, "more than %zu ioctls in a step",
			    ARRAY_LEN(p->step->ioctls));
		return false;
	}
	return true;
}

void word_ioctl(struct parser *p)
{
	for (unsigned i = 1; i < p->word_count; i++) {
		struct ioctl_rule rule = { .line = p->line };

		if (!ioctl_split(p, &p->words[i], &rule))
			continue;
		if (!ioctl_good(p, &p->words[i], &rule)) {
			free(rule.name);
			continue;
		}
		rule.reason = reason_copy(p);
		p->step->ioctls[p->step->ioctl_count++] = rule;
	}
}

void word_caps(struct parser *p)
{
	struct step *step = p->step;
	bool first = step->caps_line == 0;

	for (unsigned i = 1; i < p->word_count; i++) {
		const struct word *word = &p->words[i];
		int number = capability_number(word->text);

		if (number < 0)
			parse_unknown(p, word, "capability", capability_name_at);
		else if (step->caps >> number & 1)
			parse_error(p, word, "%s is there twice", word->text);
		else
			step->caps |= UINT64_C(1) << number;
	}
	if (first) {
		step->caps_line = p->line;
		step->caps_reason = reason_copy(p);
	} else if (!p->reason && step->caps_reason) {
		free(step->caps_reason);
		step->caps_reason = NULL;
		step->caps_line = p->line;
	}
}
