/* Step headers, and what only a whole step or a whole policy file can tell. */
#include "device_commands.h"
#include "parser.h"

#include <stdlib.h>
#include <string.h>

/* The line a word stands on, 0: it is not there. */
static unsigned line_of(const struct places *places, const char *word)
{
	for (unsigned i = 0; policy_words[i].name; i++)
		if (!strcmp(policy_words[i].name, word))
			return places->once[i];
	return 0;
}

/* "[name]": checks it and puts the bare name into `name`. */
static bool header_name(struct parser *p, char name[POLICY_NAME_MAX + 1])
{
	const struct word *word = &p->words[0];
	size_t len = strlen(word->text);
	AUTO_FREE char *bare = NULL;
	unsigned before;

	if (len < 3 || word->text[len - 1] != ']') {
		parse_error(p, word, "a step's header is [name]");
		return false;
	}
	bare = xstrdup(word->text + 1);
	bare[len - 2] = '\0';
	if (!word_is_name(p, word, bare, 1, "step name"))
		return false;
	(void)snprintf(name, POLICY_NAME_MAX + 1, "%s", bare);
	before = policy_step(p->policy, name);
	if (before < p->policy->step_count) {
		parse_error(p, word, "step [%s] is there twice, first on line %u", name,
			    p->policy->steps[before].line);
		return false;
	}
	if (p->policy->step_count == POLICY_STEPS_MAX) {
		parse_error(p, word, "more than %d steps", POLICY_STEPS_MAX);
		return false;
	}
	return true;
}

static bool each_good(struct parser *p, const struct word *word)
{
	const char *star = strchr(word->text, '*'), *last = strrchr(word->text, '/');
	size_t len = strlen(word->text);
	struct word plain = *word;
	char text[PATH_BYTES_MAX + 2];

	if (!star || star[1] || !last || star < last) {
		parse_error(p, word,
			    "'each' needs an absolute path with one '*', at its end");
		return false;
	}
	if (len > PATH_BYTES_MAX) {
		parse_error(p, word, "path is longer than %d bytes", PATH_BYTES_MAX);
		return false;
	}
	/* Without its star it is a path like any other; "x" stands for what the star
	 * matches. */
	(void)snprintf(text, sizeof(text), "%.*sx", (int)(len - 1), word->text);
	plain.text = text;
	if (strpbrk(text, "{}")) {
		parse_error(p, word, "braces in 'each'");
		return false;
	}
	return word_is_path(p, &plain, false);
}

static bool group_good(struct parser *p, const struct word *word)
{
	static const char mark[] = "{instance}";
	const char *at = strstr(word->text, mark);
	AUTO_FREE char *plain = NULL;

	if (!at)
		return word_is_name(p, word, word->text, 0, "group");
	if (!word_has_good_braces(p, word))
		return false;
	/* "i" stands for the instance. */
	plain = policy_expand(word->text, "i");
	return word_is_name(p, word, plain, 0, "group");
}

void step_header(struct parser *p)
{
	char name[POLICY_NAME_MAX + 1];
	struct step *step;

	step_check(p);
	p->places = p->base_places;
	memset(p->places.once, 0, sizeof(p->places.once));
	memset(p->places.limit, 0, sizeof(p->places.limit));
	if (header_name(p, name)) {
		step = &p->policy->steps[p->policy->step_count++];
		*step = p->base;
		step->name = xstrdup(name);
	} else {
		step = &p->spare;
		step_done(step);
		*step = p->base;
	}
	step->line = p->line;
	step->about = reason_copy(p);
	p->step = step;
	for (unsigned i = 1; i < p->word_count; i += 2) {
		const struct word *word = &p->words[i], *value = word + 1;
		bool each = !strcmp(word->text, "each");

		if (!each && strcmp(word->text, "group") != 0) {
			parse_error(p, word, "unknown word '%.64s' in a step's header",
				    word->text);
			return;
		}
		if (i + 1 == p->word_count) {
			parse_error(p, word, "'%s' needs %s", word->text,
				    each ? "a path with '*'" : "a name");
			return;
		}
		if (each ? step->each : step->group) {
			parse_error(p, word, "'%s' is there twice", word->text);
			return;
		}
		if (each ? each_good(p, value) : group_good(p, value))
			*(each ? &step->each : &step->group) = xstrdup(value->text);
	}
}

static const struct grant *grant_find(const struct step *step, int kind)
{
	for (unsigned i = 0; i < step->grant_count; i++)
		if ((int)step->grants[i].kind == kind)
			return &step->grants[i];
	return NULL;
}

/* A read step is bee-read's: nothing but what its own calls need. */
static void read_step(struct parser *p, struct step *step, const struct grant *read)
{
	static const char *const not_there[] = { "see",     "see?",     "device",
						 "device?", "exec",     "caps",
						 "ioctl",   "exit",     "exitmask",
						 "open",    "syscalls", "answer" };

	for (size_t i = 0; i < ARRAY_LEN(not_there); i++) {
		unsigned line = line_of(&p->places, not_there[i]);

		if (line)
			parse_error_at(
				p, line, 1,
				"'%s' in a step that reads files itself ('read' on line "
				"%u)",
				not_there[i], read->line);
	}
	memset(step->syscalls, 0, sizeof(step->syscalls));
	step->answer_count = 0;
	step->open = OPEN_READ_ONLY;
	(void)set_add("@read", step->syscalls);
}

/* Who may start processes may wait for them. */
static void waiting_calls(const struct parser *p, struct step *step)
{
	static const char *const calls[] = { "wait4", "waitid" };

	for (size_t i = 0; step->limits.tasks > 1 && i < ARRAY_LEN(calls); i++) {
		int number = syscall_number(calls[i]);

		if (number >= 0 && !p->places.answer[number])
			call_add(step->syscalls, number);
	}
}

/* The socket of a step that listens has no address: these would give it one, or take one. */
static void listen_check(struct parser *p, const struct step *step)
{
	static const char *const calls[] = { "socket",  "bind",     "connect",   "sendto",
					     "sendmsg", "sendmmsg", "setsockopt" };

	for (size_t i = 0; step->network_listen && i < ARRAY_LEN(calls); i++) {
		int number = syscall_number(calls[i]);

		if (number >= 0 && call_has(step->syscalls, number))
			parse_error_at(
				p, p->places.syscall[number], 1,
				"%s in a step that only listens ('network listen' on "
				"line %u)",
				calls[i], step->network_line);
	}
}

/* So that the words can be put into the command line later. */
static void nowake_check(struct parser *p, const struct step *step)
{
	unsigned words = 0;

	while (step->nowake[words])
		words++;
	for (unsigned i = 0; step->argv[i]; i++)
		words++;
	if (!step->nowake[0])
		return;
	if (!step->argv[0] || step->argv[0][0] == '@')
		parse_error_at(p, line_of(&p->places, "nowake"), 1,
			       "'nowake' has options of a tool that is run: this step "
			       "has none");
	else if (words > POLICY_ARGS_MAX)
		parse_error_at(p, line_of(&p->places, "nowake"), 1,
			       "more than %d arguments with those of 'run'",
			       POLICY_ARGS_MAX);
}

/* Calls by which a process reaches another of its uid, beside those that no policy can grant: who
 * copies its commands is one. */
static const char *const reaching[] = {
	"kill",
	"tkill",
	"pidfd_open",
	"setpriority",
	"ioprio_set",
	"sched_setaffinity",
	"sched_setattr",
	"sched_setparam",
	"sched_setscheduler",
	"process_mrelease",
	"migrate_pages",
	"move_pages",
	"setpgid",
};

/* Commands of one transport are for one device; of MFI's one frame carries those of SCSI and ATA. */
static void transports_check(struct parser *p, const struct step *step)
{
	const struct command_table *door = command_door(step);
	const struct command_grant *carries = NULL, *carried = NULL;

	for (unsigned i = 0; i < step->command_count; i++) {
		const struct command_grant *grant = &step->commands[i];

		if (!strcmp(grant->name->name, COMMAND_CARRIES))
			carries = grant;
		else if (grant->table->transport == COMMAND_SCSI)
			carried = grant;
		if (grant->table->transport == door->transport ||
		    (door->transport == COMMAND_MFI &&
		     grant->table->transport == COMMAND_SCSI))
			continue;
		parse_error_at(p, grant->line, 1,
			       "%s commands and %s commands are not for one device",
			       door->about, grant->table->about);
	}
	if (door->transport == COMMAND_MFI && !carries != !carried)
		parse_error_at(
			p, carries ? carries->line : carried->line, 1,
			"disks behind a controller are asked by 'mfi " COMMAND_CARRIES
			"', what is said by 'scsi' and 'ata' lines: one is there "
			"without the other");
}

/* A step whose tool has no device: all that it could do to one goes through the commands. */
static void commands_check(struct parser *p, const struct step *step)
{
	unsigned devices = 0, count, line = step->commands[0].line;
	const struct command_table *door = command_door(step);
	bool socket = door->transport == COMMAND_ETHTOOL;
	const uint32_t *requests = policy_requests(step, &count);

	for (unsigned i = 0; i < step->grant_count; i++) {
		if (step->grants[i].kind != GRANT_DEVICE)
			continue;
		devices += !step->grants[i].optional;
		if (step->grants[i].optional)
			parse_error_at(p, step->grants[i].line, 1,
				       "with device commands a step has one device");
	}
	if (!socket && devices != 1)
		parse_error_at(p, line, 1,
			       "device commands need one 'device', which they go to");
	if (socket && (devices || !step->network_host || !step->each ||
		       strcmp(step->each, "/sys/class/net/*") != 0))
		parse_error_at(
			p, line, 1,
			"ethtool commands go to the interface of a step with "
			"'each /sys/class/net/*' and 'network host', and no 'device'");
	if (step->caps)
		parse_error_at(p, step->caps_line, 1,
			       "with device commands the tool needs no capability");
	if (step->uid0)
		parse_error_at(p, step->uid0_line, 1,
			       "with device commands the tool needs no uid 0");
	transports_check(p, step);
	for (unsigned i = 0; i < step->ioctl_count; i++)
		for (unsigned k = 0; k < count; k++)
			if ((requests[k] & step->ioctls[i].mask) ==
			    step->ioctls[i].number)
				parse_error_at(p, step->ioctls[i].line, 1,
					       "%s is decided by '%s' lines",
					       step->ioctls[i].name, door->word);
	for (size_t i = 0; i < ARRAY_LEN(reaching); i++) {
		int call = syscall_number(reaching[i]);

		if (call >= 0 && call_has(step->syscalls, call))
			parse_error_at(p, p->places.syscall[call], 1,
				       "with device commands a step cannot have %s: who "
				       "copies them has its uid",
				       reaching[i]);
	}
}

/* Checks the step that ends here, if one does. */
void step_check(struct parser *p)
{
	struct step *step = p->step;
	const struct grant *read = grant_find(step, GRANT_READ);

	if (step == &p->base || step == &p->spare)
		return;
	if (step->argv[0] && read)
		parse_error_at(p, read->line, 1, "step [%s] has both 'run' and 'read'",
			       step->name);
	else if (!line_of(&p->places, "run") && !line_of(&p->places, "read"))
		parse_error_at(p, step->line, 1, "step [%s] has neither 'run' nor 'read'",
			       step->name);
	else if (read)
		read_step(p, step, read);
	else
		waiting_calls(p, step);
	if (step->command_count)
		commands_check(p, step);
	listen_check(p, step);
	nowake_check(p, step);
	for (unsigned i = 0; i < step->grant_count; i++)
		if (step->grants[i].write && step->open != OPEN_READ_WRITE)
			parse_error_at(p, step->grants[i].line, 1,
				       "device %s is readwrite but the step is not 'open "
				       "read-write'",
				       step->grants[i].path);
	for (unsigned i = 0; i < step->answer_count; i++) {
		int call = step->answers[i].syscall;
		char name[64];

		if (call_has(step->syscalls, call))
			parse_error_at(p, p->places.answer[call], 1,
				       "%s is answered here and allowed on line %u",
				       syscall_name(call, name, sizeof(name)),
				       p->places.syscall[call]);
	}
	if (step->limits.term + step->limits.kill >= 20 * NSEC_PER_SEC)
		parse_error_at(p, step->line, 1, "step [%s]: term and kill are too long",
			       step->name);
}

static struct step *step_find(struct policy *policy, const char *name)
{
	unsigned i = policy_step(policy, name);

	return i < policy->step_count ? &policy->steps[i] : NULL;
}

static void after_check(struct parser *p, struct step *step)
{
	struct step *at = step;

	if (step->after && !step_find(p->policy, step->after)) {
		parse_error_at(p, step->line, 1,
			       "step [%s] is after [%s], which is not there", step->name,
			       step->after);
		return;
	}
	/* Steps that only lead into a circle are not named, those in it are. */
	for (unsigned hops = 0; at && at->after && hops < p->policy->step_count; hops++) {
		at = step_find(p->policy, at->after);
		if (at == step) {
			parse_error_at(p, step->line, 1, "step [%s] comes after itself%s",
				       step->name, hops ? ", over other steps" : "");
			return;
		}
	}
}

void policy_check(struct parser *p)
{
	struct policy *policy = p->policy;
	unsigned last = p->line ? p->line : 1;

	if (!p->started)
		parse_error_at(p, last, 1, "the first line must be 'policy %d'",
			       POLICY_VERSION);
	if (!line_of(&p->base_places, "collector"))
		parse_error_at(p, last, 1, "no 'collector' line");
	if (!line_of(&p->base_places, "emits"))
		parse_error_at(p, last, 1, "no 'emits' line");
	policy->default_given = line_of(&p->base_places, "default") != 0;
	if (policy->step_count == 0 && p->step == &p->base)
		parse_error_at(p, last, 1, "no [step]");
	for (unsigned i = 0; i < policy->step_count; i++)
		after_check(p, &policy->steps[i]);
}
