/* The policy parser's lines and words: splitting, comments, and checks of single words.
 */
#include "parser.h"

#include <stdarg.h>
#include <string.h>

void parse_error_at(struct parser *p, unsigned line, unsigned column, const char *fmt,
		    ...)
{
	va_list args;

	if (++p->error_count > ERRORS_MAX)
		return;
	(void)fprintf(p->errors, "%s:%u:%u: ", p->file, line, column);
	va_start(args, fmt);
	(void)vfprintf(p->errors, fmt, args);
	va_end(args);
	(void)fputc('\n', p->errors);
	if (p->error_count == ERRORS_MAX)
		(void)fprintf(p->errors, "%s:%u:1: too many errors, stopped here\n",
			      p->file, line);
}

void parse_error(struct parser *p, const struct word *word, const char *fmt, ...)
{
	char text[600];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	parse_error_at(p, p->line, word ? word->column : 1, "%s", text);
}

char *reason_copy(const struct parser *p)
{
	return p->reason ? xstrdup(p->reason) : NULL;
}

/* Joins comment-only lines, so that a reason may be longer than a line. */
static void reason_append(char *reason, const char *comment)
{
	size_t have = strlen(reason);

	if (have && have < REASON_BYTES_MAX)
		reason[have++] = ' ';
	(void)snprintf(reason + have, REASON_BYTES_MAX + 1 - have, "%s", comment);
}

static bool bytes_good(struct parser *p, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];
		unsigned column = (unsigned)i + 1;

		if (byte == '\t' || (byte >= ' ' && byte < 0x7f))
			continue;
		if (byte == '\r' && i + 1 == len)
			parse_error_at(p, p->line, column,
				       "carriage return: save the file "
				       "with Unix line ends");
		else if (byte >= 0x80)
			parse_error_at(p, p->line, column, "byte 0x%02x is not ASCII",
				       byte);
		else
			parse_error_at(p, p->line, column, "control byte 0x%02x", byte);
		return false;
	}
	return true;
}

/* Cuts the comment off the buffer and returns it, without blanks around; NULL: none. */
static char *cut_comment(char *line)
{
	char *mark = line, *end;

	while ((mark = strchr(mark, '#')) && mark != line && mark[-1] != ' ' &&
	       mark[-1] != '\t')
		mark++;
	if (!mark)
		return NULL;
	*mark++ = '\0';
	mark += strspn(mark, " \t#");
	for (end = mark + strlen(mark);
	     end > mark && (end[-1] == ' ' || end[-1] == '\t');)
		*--end = '\0';
	return mark;
}

static bool split_words(struct parser *p)
{
	char *at = p->buffer;

	p->word_count = 0;
	for (;;) {
		at += strspn(at, " \t");
		if (!*at)
			return true;
		if (p->word_count == LINE_WORDS_MAX) {
			parse_error_at(p, p->line, (unsigned)(at - p->buffer) + 1,
				       "more than %d words on a line", LINE_WORDS_MAX);
			return false;
		}
		p->words[p->word_count].text = at;
		p->words[p->word_count++].column = (unsigned)(at - p->buffer) + 1;
		at += strcspn(at, " \t");
		if (*at)
			*at++ = '\0';
	}
}

bool lex_line(struct parser *p, const char *text, size_t len)
{
	char *comment;

	p->reason = NULL;
	p->word_count = 0;
	if (len > LINE_BYTES_MAX) {
		parse_error_at(p, p->line, LINE_BYTES_MAX + 1,
			       "line is longer than %d bytes", LINE_BYTES_MAX);
		p->above[0] = '\0';
		return false;
	}
	if (!bytes_good(p, text, len)) {
		p->above[0] = '\0';
		return false;
	}
	memcpy(p->buffer, text, len);
	p->buffer[len] = '\0';
	comment = cut_comment(p->buffer);
	if (!split_words(p))
		return false;
	if (p->word_count == 0) {
		if (comment && *comment)
			reason_append(p->above, comment);
		else
			p->above[0] = '\0';
		return false;
	}
	p->own[0] = '\0';
	if (comment && *comment)
		reason_append(p->own, comment);
	else
		memcpy(p->own, p->above, sizeof(p->own));
	p->above[0] = '\0';
	p->reason = p->own[0] ? p->own : NULL;
	return true;
}

bool word_is_name(struct parser *p, const struct word *word, const char *text,
		  unsigned offset, const char *what)
{
	struct word at = { text, word->column + offset };
	size_t len = strlen(text);

	if (len == 0 || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != len ||
	    text[0] == '-') {
		parse_error(p, &at, "bad %s '%.64s': use a-z, 0-9 and '-'", what, text);
		return false;
	}
	if (len > POLICY_NAME_MAX) {
		parse_error(p, &at, "%s '%.64s' is longer than %d bytes", what, text,
			    POLICY_NAME_MAX);
		return false;
	}
	return true;
}

bool word_has_good_braces(struct parser *p, const struct word *word)
{
	static const char instance[] = "{instance}";
	const char *at = word->text;

	while ((at = strpbrk(at, "{}"))) {
		struct word here = { at, word->column + (unsigned)(at - word->text) };

		if (strncmp(at, instance, sizeof(instance) - 1) != 0) {
			parse_error(p, &here, "'%c' stands only in {instance}", *at);
			return false;
		}
		if (!p->step->each) {
			parse_error(p, &here, "{instance} in a step without 'each'");
			return false;
		}
		at += sizeof(instance) - 1;
	}
	return true;
}

/* At least two, none of them empty. */
static bool alternatives_good(const char *text, size_t len)
{
	size_t commas = 0, run = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] != ',') {
			run++;
			continue;
		}
		if (run == 0)
			return false;
		commas++;
		run = 0;
	}
	return commas > 0 && run > 0;
}

/* Braces in a pattern: {instance}, or {a,b,c} within one component and not nested. */
static bool pattern_braces_good(struct parser *p, const struct word *word)
{
	static const char instance[] = "{instance}";
	const char *at = word->text;

	while ((at = strpbrk(at, "{}"))) {
		struct word here = { at, word->column + (unsigned)(at - word->text) };
		size_t inside = strcspn(at + 1, "{}/");

		if (!strncmp(at, instance, sizeof(instance) - 1)) {
			if (!p->step->each) {
				parse_error(p, &here,
					    "{instance} in a step without 'each'");
				return false;
			}
		} else if (*at == '}' || at[1 + inside] != '}') {
			parse_error(p, &here,
				    "braces do not pair up within one component");
			return false;
		} else if (!alternatives_good(at + 1, inside)) {
			parse_error(p, &here, "write alternatives as {a,b}");
			return false;
		}
		at += inside + 2;
	}
	return true;
}

bool word_is_path(struct parser *p, const struct word *word, bool pattern)
{
	const char *at = word->text;

	if (*at != '/') {
		parse_error(p, word, "'%.64s' is not an absolute path", word->text);
		return false;
	}
	if (strlen(at) > (pattern ? LINE_BYTES_MAX : PATH_BYTES_MAX)) {
		parse_error(p, word, "path is longer than %d bytes", PATH_BYTES_MAX);
		return false;
	}
	if (!at[1]) {
		parse_error(p, word, "the whole root cannot be granted");
		return false;
	}
	while (*at == '/') {
		size_t len = strcspn(++at, "/");
		struct word here = { at, word->column + (unsigned)(at - word->text) };

		if (len == 0) {
			parse_error(p, &here, "empty component in path '%.64s'",
				    word->text);
			return false;
		}
		if ((len == 1 && at[0] == '.') ||
		    (len == 2 && at[0] == '.' && at[1] == '.')) {
			parse_error(p, &here, "'%.*s' in a path", (int)len, at);
			return false;
		}
		at += len;
	}
	at = word->text + strcspn(word->text, pattern ? "\"'\\?[]" : "\"'\\?[]*");
	if (*at) {
		struct word here = { at, word->column + (unsigned)(at - word->text) };

		parse_error(p, &here, "'%c' in a path", *at);
		return false;
	}
	return pattern ? pattern_braces_good(p, word) : word_has_good_braces(p, word);
}
