/* Whole lines out of a pipe whose writer may be hostile: every length has a cap. */
#include "lines.h"

#include <string.h>

static void keep(struct lines *lines, const char *bytes, size_t len)
{
	if (len > LINES_LINE_MAX - lines->partial.len) {
		lines->skipping = true;
		buffer_drop(&lines->partial);
	}
	if (!lines->skipping)
		buffer_add(&lines->partial, LINES_LINE_MAX, bytes, len);
}

/* One line is complete: `bytes` ends it, after what `partial` holds. */
static void complete(struct lines *lines, const char *bytes, size_t len, lines_fn *fn,
		     void *arg)
{
	if (lines->count >= LINES_COUNT_MAX) {
		lines->trouble |= LINES_MANY;
		buffer_drop(&lines->partial);
		return;
	}
	lines->count++;
	if (lines->partial.len > 0 || lines->skipping || len > LINES_LINE_MAX) {
		keep(lines, bytes, len);
		if (lines->skipping)
			lines->trouble |= LINES_LONG;
		else
			fn(arg, lines->partial.bytes, lines->partial.len);
		lines->skipping = false;
		buffer_drop(&lines->partial);
	} else {
		fn(arg, bytes, len);
	}
}

void lines_feed(struct lines *lines, const char *bytes, size_t len, lines_fn *fn,
		void *arg)
{
	if (lines->total + len > LINES_TOTAL_MAX) {
		len = (size_t)(LINES_TOTAL_MAX - lines->total);
		lines->trouble |= LINES_FULL;
	}
	lines->total += len;
	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t part = newline ? (size_t)(newline - bytes) : len;

		if (!newline) {
			/* Past the count nothing can come of it: hold no memory for it.
			 */
			if (lines->count >= LINES_COUNT_MAX)
				lines->trouble |= LINES_MANY;
			else
				keep(lines, bytes, part);
			return;
		}
		complete(lines, bytes, part, fn, arg);
		bytes += part + 1;
		len -= part + 1;
	}
}

void lines_end(struct lines *lines)
{
	if (lines->skipping)
		lines->trouble |= LINES_LONG;
	/* A line cut by the cap is told as the cap, not as the writer's fault. */
	else if (lines->partial.len > 0 && !(lines->trouble & LINES_FULL))
		lines->trouble |= LINES_UNFINISHED;
	lines->skipping = false;
	buffer_drop(&lines->partial);
}

const char *lines_trouble_text(unsigned bit)
{
	switch (bit) {
	case LINES_LONG:
		return "a line of more than 1 MiB was left out";
	case LINES_FULL:
		return "records beyond 16 MiB were left out";
	case LINES_MANY:
		return "records beyond 20000 were left out";
	case LINES_UNFINISHED:
		return "the last line had no end and was left out";
	default:
		return "unknown trouble";
	}
}
