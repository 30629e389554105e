/* Policy lines with numbers: limits, exit codes and exit masks. */
#include "parser.h"

#include <string.h>

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)

const struct jail_limits limits_default = {
	.wall = 20 * NSEC_PER_SEC,
	.term = 300 * NSEC_PER_MSEC,
	.kill = 200 * NSEC_PER_MSEC,
	.stdout_bytes = 4 * MIB,
	.stderr_bytes = 64 * KIB,
	.memory_bytes = 256 * MIB,
	.tasks = 1,
	.files = 64,
};

enum unit { UNIT_TIME, UNIT_BYTES, UNIT_COUNT };

/* What is less would stop every tool, what is more is no limit. */
static const struct {
	const char *name;
	enum unit unit;
	uint64_t min, max; /* nanoseconds, bytes or a count */
	const char *range;
} keys[LIMIT_KEYS] = {
	[LIMIT_WALL] = { "wall", UNIT_TIME, 10 * NSEC_PER_MSEC, 600 * NSEC_PER_SEC,
			 "10ms to 600s" },
	[LIMIT_TERM] = { "term", UNIT_TIME, NSEC_PER_MSEC, 10 * NSEC_PER_SEC,
			 "1ms to 10s" },
	[LIMIT_KILL] = { "kill", UNIT_TIME, NSEC_PER_MSEC, 10 * NSEC_PER_SEC,
			 "1ms to 10s" },
	[LIMIT_STDOUT] = { "stdout", UNIT_BYTES, 1, 64 * MIB, "1 to 64M" },
	[LIMIT_STDERR] = { "stderr", UNIT_BYTES, 1, 1 * MIB, "1 to 1M" },
	[LIMIT_MEMORY] = { "memory", UNIT_BYTES, 4 * MIB, 64 * GIB, "4M to 64G" },
	[LIMIT_TASKS] = { "tasks", UNIT_COUNT, 1, 1024, "1 to 1024" },
	[LIMIT_FILES] = { "files", UNIT_COUNT, 16, 4096, "16 to 4096" },
};

/* A number with a unit: 20s 300ms, 64K 4M 1G or bytes, or a bare count. */
static bool quantity(const char *text, enum unit unit, uint64_t *out)
{
	static const struct {
		const char *suffix;
		enum unit unit;
		uint64_t factor;
	} suffixes[] = {
		{ "ms", UNIT_TIME, NSEC_PER_MSEC }, /* before "s" */
		{ "s", UNIT_TIME, NSEC_PER_SEC },
		{ "K", UNIT_BYTES, KIB },
		{ "M", UNIT_BYTES, MIB },
		{ "G", UNIT_BYTES, GIB },
		{ "", UNIT_BYTES, 1 },
		{ "", UNIT_COUNT, 1 },
	};
	size_t digits = strspn(text, "0123456789");
	char number[24];
	uint64_t value;

	if (digits == 0 || digits >= sizeof(number))
		return false;
	memcpy(number, text, digits);
	number[digits] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
		if (suffixes[i].unit == unit &&
		    !strcmp(suffixes[i].suffix, text + digits))
			/* No larger than what cannot overflow: the ranges are far below.
			 */
			return !parse_u64(number, UINT64_MAX / suffixes[i].factor,
					  &value) &&
			       (*out = value * suffixes[i].factor, true);
	return false;
}

static void set_limit(struct jail_limits *limits, enum limit_key key, uint64_t value)
{
	switch (key) {
	case LIMIT_WALL:
		limits->wall = (nsec_t)value;
		break;
	case LIMIT_TERM:
		limits->term = (nsec_t)value;
		break;
	case LIMIT_KILL:
		limits->kill = (nsec_t)value;
		break;
	case LIMIT_STDOUT:
		limits->stdout_bytes = value;
		break;
	case LIMIT_STDERR:
		limits->stderr_bytes = value;
		break;
	case LIMIT_MEMORY:
		limits->memory_bytes = value;
		break;
	case LIMIT_TASKS:
		limits->tasks = (unsigned)value;
		break;
	case LIMIT_FILES:
		limits->files = (unsigned)value;
		break;
	case LIMIT_KEYS:
		break;
	}
}

static const char *limit_name_at(size_t i)
{
	return i < LIMIT_KEYS ? keys[i].name : NULL;
}

void word_limits(struct parser *p)
{
	struct places *places = p->step == &p->base ? &p->base_places : &p->places;

	for (unsigned i = 1; i < p->word_count; i += 2) {
		const struct word *word = &p->words[i], *given = word + 1;
		static const char *const examples[] = { "a time like 20s or 300ms",
							"a size like 64K or 4M",
							"a number" };
		unsigned key = 0;
		uint64_t value;

		while (key < LIMIT_KEYS && strcmp(keys[key].name, word->text) != 0)
			key++;
		if (key == LIMIT_KEYS) {
			parse_unknown(p, word, "limit", limit_name_at);
			continue;
		}
		if (i + 1 == p->word_count) {
			parse_error(p, word, "'%s' needs %s", word->text,
				    examples[keys[key].unit]);
			return;
		}
		if (places->limit[key]) {
			parse_error(p, word,
				    "limit '%s' is there twice, first on line %u",
				    word->text, places->limit[key]);
			continue;
		}
		places->limit[key] = p->line;
		if (!quantity(given->text, keys[key].unit, &value))
			parse_error(p, given, "'%.64s' is not %s", given->text,
				    examples[keys[key].unit]);
		else if (value < keys[key].min || value > keys[key].max)
			parse_error(p, given, "%s %s is out of range: %s", word->text,
				    given->text, keys[key].range);
		else
			set_limit(&p->step->limits, (enum limit_key)key, value);
	}
}

static const char *status_name_at(size_t i)
{
	return i < JOB_STATUS_COUNT ? job_status_names[i] : NULL;
}

/* What a tool's exit code can mean; the other statuses are the supervisor's to give. */
static bool status_good(struct parser *p, const struct word *word, enum job_status *out)
{
	static const enum job_status allowed[] = { JOB_OK,     JOB_PARTIAL,
						   JOB_ABSENT, JOB_UNAVAILABLE,
						   JOB_DENIED, JOB_FAILED };
	int status = status_number(word->text);

	for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
		if (status == (int)allowed[i]) {
			*out = allowed[i];
			return true;
		}
	if (status < 0)
		parse_unknown(p, word, "status", status_name_at);
	else
		parse_error(p, word, "no exit code means '%.64s': bee itself finds that",
			    word->text);
	return false;
}

static void exit_rules(struct parser *p, bool is_mask)
{
	struct step *step = p->step;

	for (unsigned i = 1; i < p->word_count; i += 2) {
		const struct word *word = &p->words[i];
		bool hex = !strncmp(word->text, "0x", 2);
		enum job_status status;
		uint64_t value;

		if (hex ? parse_hex(word->text, 255, &value)
			: parse_u64(word->text, 255, &value)) {
			parse_error(p, word, "'%.64s' is not a number up to 255",
				    word->text);
			return;
		}
		if (is_mask && value == 0) {
			parse_error(p, word, "a mask without a bit matches nothing");
			return;
		}
		if (i + 1 == p->word_count) {
			parse_error(p, word, "'%s' needs a status", word->text);
			return;
		}
		if (!status_good(p, word + 1, &status))
			continue;
		for (unsigned k = 0; k < step->exit_count; k++)
			if (step->exits[k].is_mask == is_mask &&
			    (is_mask ? step->exits[k].value & value
				     : step->exits[k].value == value)) {
				parse_error(p, word, "'%s' is there twice", word->text);
				return;
			}
		if (step->exit_count == ARRAY_LEN(step->exits)) {
			parse_error(p, word,
				    "more than %zu exit codes and masks in a step",
				    ARRAY_LEN(step->exits));
			return;
		}
		step->exits[step->exit_count++] = (struct exit_rule){
			.value = (unsigned)value,
			.is_mask = is_mask,
			.status = status,
		};
	}
}

void word_exit(struct parser *p)
{
	exit_rules(p, false);
}

void word_exitmask(struct parser *p)
{
	exit_rules(p, true);
}
