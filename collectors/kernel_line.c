/* One line of the kernel's log, as /dev/kmsg, dmesg or a journal writes it. */
#include "kernel.h"

#include <string.h>

/* "5,2226,7918336291,-;text" (Documentation/ABI/testing/dev-kmsg); more fields may come
 * before the semicolon. */
static bool take_record(struct span *text, struct kernel_line *line, bool *is_kernels)
{
	struct span rest = *text, fields;
	uint64_t priority;

	if (!text_take_u64(&rest, &priority) || !text_skip(&rest, ",") ||
	    !text_take_u64(&rest, &line->sequence) || !text_skip(&rest, ",") ||
	    !text_take_u64(&rest, &line->us) || !text_skip(&rest, ",") ||
	    !text_cut(&rest, ';', &fields) || fields.at + fields.len == rest.at)
		return false;
	line->has_sequence = line->has_time = line->has_level = true;
	line->level = priority & 7;
	*is_kernels = priority < 8;
	*text = rest;
	return true;
}

/* "<6>" of dmesg -r and of pstore. */
static bool take_priority(struct span *text, struct kernel_line *line, bool *is_kernels)
{
	struct span rest = *text;
	uint64_t priority;

	if (!text_skip(&rest, "<") || !text_take_u64(&rest, &priority) ||
	    !text_skip(&rest, ">"))
		return false;
	line->has_level = true;
	line->level = priority & 7;
	*is_kernels = priority < 8;
	*text = rest;
	return true;
}

/* "kern  :err   : " of dmesg -x. */
static bool take_words(struct span *text, struct kernel_line *line, bool *is_kernels)
{
	static const char *const levels[] = { "emerg", "alert",  "crit", "err",
					      "warn",  "notice", "info", "debug" };
	struct span rest = *text, facility, level;

	if (!text_cut(&rest, ':', &facility) || !text_cut(&rest, ':', &level))
		return false;
	facility = text_trim(facility);
	level = text_trim(level);
	for (unsigned i = 0; i < ARRAY_LEN(levels); i++) {
		if (!text_is(level, levels[i]) || facility.len > 8)
			continue;
		line->has_level = true;
		line->level = i;
		*is_kernels = text_is(facility, "kern");
		(void)text_skip(&rest, " ");
		*text = rest;
		return true;
	}
	return false;
}

/* "Sat Mar  2 18:07:17 2024", "Feb22 04:01", "  +0.000001", "+10,204216" where decimals have a
 * comma: of dmesg -T and -H. */
static bool is_date(struct span text)
{
	size_t digits = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		digits += c >= '0' && c <= '9';
		if ((c < '0' || c > ':') && (c < 'A' || c > 'Z') &&
		    (c < 'a' || c > 'z') && c != ' ' && c != '+' && c != '.' && c != ',')
			return false;
	}
	return text.len >= 9 && text.len <= 32 && digits >= 4 &&
	       (memchr(text.at, ':', text.len) || memchr(text.at, '+', text.len));
}

/* "[   12.345678] ", or a date, and "[    T0] " after either. */
static bool take_bracket(struct span *text, struct kernel_line *line)
{
	struct span rest = *text, inside, seconds;
	uint64_t whole, part;

	if (!text_skip(&rest, "[") || !text_cut(&rest, ']', &inside) || !rest.len)
		return false;
	seconds = text_trim(inside);
	if (text_take_u64(&seconds, &whole) && text_skip(&seconds, ".") &&
	    seconds.len == 6 && text_take_u64(&seconds, &part) &&
	    whole < UINT64_MAX / 1000000 - 1) {
		line->has_time = true;
		line->us = whole * 1000000 + part;
	} else if (!is_date(inside)) {
		return false;
	}
	(void)text_skip(&rest, " ");
	*text = rest;
	return true;
}

/* printk.caller=1: the thread or processor that wrote the line. */
static void skip_caller(struct span *text)
{
	struct span rest = *text, inside;
	uint64_t number;

	if (!text_skip(&rest, "[") || !text_cut(&rest, ']', &inside) || !rest.len)
		return;
	inside = text_trim(inside);
	if ((!text_skip(&inside, "T") && !text_skip(&inside, "C")) ||
	    !text_take_u64(&inside, &number) || inside.len)
		return;
	(void)text_skip(&rest, " ");
	*text = rest;
}

/* "Mar 05 23:33:35 host kernel: text": of a journal or of syslog. */
static bool take_syslog(struct span *text)
{
	static const char mark[] = " kernel: ";
	const char *found = memmem(text->at, text->len < 128 ? text->len : 128, mark,
				   sizeof(mark) - 1);
	size_t skip;

	if (text_skip(text, "kernel: "))
		return true;
	if (!found || memchr(text->at, '[', (size_t)(found - text->at)))
		return false;
	skip = (size_t)(found - text->at) + sizeof(mark) - 1;
	*text = (struct span){ text->at + skip, text->len - skip };
	return true;
}

/* Lines that belong to the record before: /dev/kmsg's dictionary, dmesg's second lines. */
static void take_more(struct span *rest, struct kernel_line *line)
{
	struct span next, more, ahead = *rest;
	size_t have = line->message.len;

	if (have > sizeof(line->joined))
		have = sizeof(line->joined);
	while (text_line(&ahead, &next) && next.len > 0 && next.at[0] == ' ') {
		*rest = ahead;
		if (line->has_sequence)
			continue;
		more = text_trim(next);
		if (line->message.at != line->joined)
			memcpy(line->joined, line->message.at, have);
		if (more.len + 4 > sizeof(line->joined) - have)
			continue;
		/* As /dev/kmsg writes it. */
		memcpy(line->joined + have, "\\x0a", 4);
		memcpy(line->joined + have + 4, more.at, more.len);
		have += 4 + more.len;
		line->message = (struct span){ line->joined, have };
	}
}

/* bee-kmsg's own lines, probes/kmsg.c. */
static bool is_about(struct span text)
{
	static const char *const names[] = { "clock", "first", "others", "lost", "end" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_starts(text, names[i]) && text.len > strlen(names[i]) &&
		    text.at[strlen(names[i])] == '\t')
			return true;
	return false;
}

enum kernel_text kernel_line_next(struct span *rest, struct kernel_line *line)
{
	bool is_kernels = true, is_log;
	struct span text;

	line->has_sequence = line->has_time = line->has_level = false;
	do
		if (!text_line(rest, &text))
			return KERNEL_END;
	while (!text.len);
	if (take_record(&text, line, &is_kernels)) {
		is_log = true;
	} else {
		is_log = take_priority(&text, line, &is_kernels) ||
			 take_words(&text, line, &is_kernels) || take_syslog(&text);
		is_log = take_bracket(&text, line) || is_log;
		(void)text_skip(&text, "kernel: ");
		if (is_log)
			skip_caller(&text);
	}
	if (text.len > KERNEL_MESSAGE_MAX)
		text.len = KERNEL_MESSAGE_MAX;
	line->message = text;
	if (!is_log)
		return is_about(text) ? KERNEL_ABOUT : KERNEL_OTHER;
	take_more(rest, line);
	return is_kernels ? KERNEL_LINE : KERNEL_OTHER;
}
