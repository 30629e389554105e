/* What a tool said of its own trouble on stderr, where no collector reads. */
#include "said.h"

#include "status.h"

#include <string.h>

#define SAID_LINE_MAX 200 /* bytes of a line that are kept */

struct line {
	const char *at;
	size_t len;
};

static bool has(const struct line *line, const char *words)
{
	return memmem(line->at, line->len, words, strlen(words)) != NULL;
}

/* Takes the next line that is not empty off `rest`, without the blanks around it. */
static bool next_line(struct line *rest, struct line *line)
{
	while (rest->len > 0) {
		const char *end = memchr(rest->at, '\n', rest->len);
		size_t len = end ? (size_t)(end - rest->at) : rest->len;

		*line = (struct line){ rest->at, len };
		len += end ? 1 : 0;
		rest->at += len;
		rest->len -= len;
		while (line->len > 0 && strchr(" \t\r", line->at[line->len - 1]))
			line->len--;
		if (line->len > 0)
			return true;
	}
	return false;
}

/* The number before `words`, below 10^9; 0: there is none. */
static unsigned number_before(const struct line *line, const char *words)
{
	const char *end = memmem(line->at, line->len, words, strlen(words));
	unsigned number = 0, scale = 1;

	while (end && end > line->at && end[-1] >= '0' && end[-1] <= '9' &&
	       scale < 1000000000) {
		number += scale * (unsigned)(*--end - '0');
		scale *= 10;
	}
	return number;
}

/*
 * dmi_table_decode in dmidecode.c. A count that is one too high, and a length that is not that of
 * the structures, are common and cost nothing.
 */
static bool dmidecode_lost(const struct line *line)
{
	unsigned announced = number_before(line, " announced, only ");

	return has(line, "DMI table is broken! Stop.") ||
	       has(line, "Failed to read table") || has(line, "Table is unreachable") ||
	       (has(line, "Wrong DMI structures length: ") &&
		has(line, " bytes available.")) ||
	       (has(line, "Wrong DMI structures count: ") &&
		announced > number_before(line, " decoded.") + 1);
}

static const struct {
	const char *tool;
	bool (*lost)(const struct line *line);
} tools[] = {
	{ "dmidecode", dmidecode_lost },
};

static void tell(struct gathered *job, const struct line *line)
{
	size_t len = line->len < SAID_LINE_MAX ? line->len : SAID_LINE_MAX;
	AUTO_FREE char *reason =
		xasprintf("%s says: %.*s", job->argv, (int)len, line->at);

	gather_problem(job, "stderr", reason);
}

static void look_for_loss(struct gathered *job, bool (*lost)(const struct line *))
{
	struct line rest = { job->error_text.bytes, job->error_text.len }, line;

	while (next_line(&rest, &line)) {
		if (!lost(&line))
			continue;
		job->lost = true;
		tell(job, &line);
	}
}

/* 9 and the like: absent, by the policy; what is said then is that nothing is there. */
static bool tool_failed(const struct gather_end *end)
{
	return (end->status == JOB_FAILED || end->status == JOB_PARTIAL) &&
	       end->exit_code > 0;
}

static void look(struct gathered *job)
{
	struct line rest = { job->error_text.bytes, job->error_text.len }, line;

	if (job->argv_len == 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		if (!strcmp(job->argv, tools[i].tool))
			look_for_loss(job, tools[i].lost);
	if (!job->lost && job->end && tool_failed(job->end) && next_line(&rest, &line))
		tell(job, &line);
}

void said_look(struct gather *gather)
{
	for (unsigned i = 0; i < gather->job_count; i++)
		look(&gather->jobs[i]);
}
