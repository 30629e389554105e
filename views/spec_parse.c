/* A spec's text into lines that can be checked. */
#include "spec.h"

#include "json.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 4096 /* of a line: a rack of serial numbers */

static const char *const severities[] = { "OK", "Warning", "Critical" };

int severity_number(const char *word)
{
	for (int i = 0; i < (int)ARRAY_LEN(severities); i++)
		if (!strcasecmp(severities[i], word))
			return i;
	return -1;
}

/* The words of one line, and what is wrong with it. */
struct line {
	unsigned number;
	char *words[WORDS_MAX]; /* owned */
	size_t count, at;
	char *error; /* owned; NULL: nothing */
};

PRINTF_LIKE(2, 3) static void wrong(struct line *line, const char *fmt, ...)
{
	AUTO_FREE char *words = NULL;
	va_list args;

	if (line->error)
		return;
	va_start(args, fmt);
	if (vasprintf(&words, fmt, args) < 0)
		words = NULL;
	va_end(args);
	line->error = xasprintf("%u: %s", line->number, words ?: "out of memory");
}

/* A word in quotes, in which a backslash stands before one or itself; its end. */
static const char *take_quoted(struct line *line, const char *at, char *word)
{
	for (at++; *at && *at != '\n' && *at != '"'; at++) {
		if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
		*word++ = *at;
	}
	*word = '\0';
	if (*at != '"')
		wrong(line, "a quote is not closed");
	else
		at++;
	return at;
}

/* >= <= = are words wherever they stand. */
static size_t operator_length(const char *at)
{
	if (!strncmp(at, ">=", 2) || !strncmp(at, "<=", 2))
		return 2;
	return *at == '=';
}

/* What is no text is written as in a document that has been read; takes `word`. */
static char *as_loaded(char *word)
{
	AUTO_JSON json_t *text = NULL;
	char *loaded;

	if (json_text_is_clean(word, strlen(word)))
		return word;
	text = json_text(word, strlen(word), NULL);
	loaded = xstrdup(json_string_value(text));
	free(word);
	return loaded;
}

static const char *take_word(struct line *line, const char *at)
{
	size_t len = strcspn(at, " \t\r\n,\"#<>=");
	char *word;

	if (operator_length(at))
		len = operator_length(at);
	else if (*at == '<' || *at == '>')
		len = 1;
	word = xcalloc(strcspn(at, "\n") + 1, 1);
	if (*at == '"') {
		at = take_quoted(line, at, word);
	} else {
		memcpy(word, at, len);
		at += len;
	}
	word = as_loaded(word);
	if (line->count == WORDS_MAX) {
		wrong(line, "over %d words in one line", WORDS_MAX);
		free(word);
	} else {
		line->words[line->count++] = word;
	}
	return at;
}

/* Up to the line's end, which it returns. */
static const char *take_line(struct line *line, const char *at)
{
	while (*at && *at != '\n') {
		if (*at == '#')
			at += strcspn(at, "\n");
		else if (strchr(" \t\r,", *at))
			at++;
		else
			at = take_word(line, at);
	}
	return at;
}

static const char *word_next(struct line *line)
{
	return line->at < line->count ? line->words[line->at++] : NULL;
}

static bool word_is(struct line *line, const char *word)
{
	if (line->at >= line->count || strcasecmp(line->words[line->at], word) != 0)
		return false;
	line->at++;
	return true;
}

static enum spec_op take_operator(struct line *line)
{
	if (word_is(line, ">="))
		return OP_LEAST;
	if (word_is(line, "<="))
		return OP_MOST;
	(void)word_is(line, "=");
	return OP_IS;
}

static char *properties_of(const struct spec_kind *kind)
{
	char *names = xstrdup("");

	for (size_t i = 0; i < SPEC_PROPERTIES && kind->properties[i].word; i++) {
		char *longer = xasprintf("%s%s%s", names, i ? " " : "",
					 kind->properties[i].word);

		free(names);
		names = longer;
	}
	return names;
}

static void take_condition(struct line *line, struct wish *wish, const char *word)
{
	const struct spec_property *property = spec_property_find(wish->kind, word);
	struct condition *condition = &wish->conditions[wish->condition_count];
	const char *value;

	if (!property) {
		AUTO_FREE char *names = properties_of(wish->kind);

		wrong(line, "%s have no \"%s\": %s", wish->kind->word, word, names);
		return;
	}
	if (wish->condition_count == SPEC_CONDITIONS) {
		wrong(line, "over %d conditions", SPEC_CONDITIONS);
		return;
	}
	condition->property = property;
	condition->op = take_operator(line);
	value = word_next(line);
	if (!value) {
		wrong(line, "\"%s\" of what?", word);
		return;
	}
	condition->value = xstrdup(value);
	wish->condition_count++;
}

/* "8 x MODEL", "8", ">= 8" in front of the conditions. */
static void take_count(struct line *line, struct wish *wish)
{
	size_t before = line->at;
	const char *word;

	wish->count_op = take_operator(line);
	word = word_next(line);
	if (!word || parse_u64(word, 1000000, &wish->count)) {
		line->at = before;
		wish->count_op = OP_IS;
		return;
	}
	wish->counted = true;
	if (!word_is(line, "x"))
		return;
	word = word_next(line);
	if (word)
		wish->model = xstrdup(word);
	else
		wrong(line, "%llu of what?", (unsigned long long)wish->count);
}

/* "at 0000:07:00.0": the part itself, by its key. */
static void take_place(struct line *line, struct wish *wish)
{
	const char *word = word_next(line);

	if (!word || wish->at)
		wrong(line, "\"at\" what?");
	else
		wish->at = xstrdup(word);
}

static void take_serials(struct line *line, struct wish *wish)
{
	const char *word;

	wish->sort = WISH_SERIALS;
	wish->serials = json_array();
	while ((word = word_next(line)))
		json_push(wish->serials, json_string(word));
}

static void take_parts(struct line *line, struct spec *spec, const struct spec_kind *kind)
{
	struct wish *wish;
	const char *word;

	spec->wishes = xrealloc_array(spec->wishes, spec->count + 1, sizeof(*wish));
	wish = &spec->wishes[spec->count++];
	*wish = (struct wish){ .kind = kind, .line = line->number };
	if (line->at == line->count)
		wrong(line, "how many %s?", kind->word);
	if (!kind->alone && word_is(line, "serials")) {
		take_serials(line, wish);
		return;
	}
	if (!kind->alone && spec_property_find(kind, "size") && word_is(line, "total")) {
		wish->sort = WISH_TOTAL;
		take_condition(line, wish, "size");
	} else if (!kind->alone) {
		take_count(line, wish);
	}
	while (!line->error && (word = word_next(line))) {
		if (wish->sort == WISH_TOTAL)
			wrong(line, "\"%s\" behind a total", word);
		else if (!kind->alone && !strcasecmp(word, "at"))
			take_place(line, wish);
		else
			take_condition(line, wish, word);
	}
}

static void take_finding(struct line *line, struct spec *spec)
{
	const char *word = NULL;

	if ((word_is(line, "finding") || word_is(line, "findings")) &&
	    word_is(line, "above"))
		word = word_next(line);
	if (!word || severity_number(word) < 0 || line->at < line->count) {
		wrong(line, "\"no finding above OK\", or Warning, or Critical");
		return;
	}
	spec->worst = severity_number(word);
	spec->worst_line = line->number;
}

static void take(struct line *line, struct spec *spec)
{
	const struct spec_kind *kind;
	const char *word;

	if (line->count == 0 || line->error)
		return;
	if (word_is(line, "no")) {
		take_finding(line, spec);
	} else if (word_is(line, "allow")) {
		while ((word = word_next(line)))
			json_put(spec->allowed, word, json_true());
	} else if (word_is(line, "others")) {
		if (!word_is(line, "allowed") || line->at < line->count)
			wrong(line, "\"others allowed\" is all there is of them");
		spec->open = true;
	} else if (word_is(line, "audit")) {
		if (!word_is(line, "complete") || line->at < line->count)
			wrong(line, "\"audit complete\" is all there is of it");
		spec->complete_line = line->number;
	} else {
		word = word_next(line);
		kind = spec_kind_find(word);
		if (kind)
			take_parts(line, spec, kind);
		else
			wrong(line, "nobody can order \"%s\": bee verify --help", word);
	}
}

static bool parse(struct spec *spec, const char *text, char **error)
{
	struct line *line = xcalloc(1, sizeof(*line));
	bool good;

	while (*text && !line->error) {
		line->number++;
		line->count = line->at = 0;
		text = take_line(line, text);
		take(line, spec);
		for (size_t i = 0; i < line->count; i++)
			free(line->words[i]);
		text += *text == '\n';
	}
	*error = line->error;
	good = !line->error;
	free(line);
	return good;
}

bool spec_parse(struct spec *spec, const char *text, char **error)
{
	AUTO_FREE char *ours = NULL;

	*spec = (struct spec){ .worst = 2,
			       .allowed = json_object(),
			       .unchecked = json_array() };
	*error = NULL;
	ours = spec_foreign(text, spec->unchecked, error);
	return !*error && parse(spec, ours ?: text, error);
}

void spec_done(struct spec *spec)
{
	for (size_t i = 0; i < spec->count; i++) {
		struct wish *wish = &spec->wishes[i];

		free(wish->model);
		free(wish->at);
		json_decref(wish->serials);
		for (size_t c = 0; c < wish->condition_count; c++)
			free(wish->conditions[c].value);
	}
	free(spec->wishes);
	json_decref(spec->allowed);
	json_decref(spec->unchecked);
}

char *spec_quoted(const char *text)
{
	bool plain = *text && !text[strcspn(text, " \t\r\n,\"#<>=\\")] &&
		     !strstr(text, "||"); /* two bars are a line of NHC's: is_nhc */
	char *out, *to;

	/* A word that a count's "x" or an operator could be is quoted too. */
	if (plain && strcasecmp(text, "x") != 0)
		return xstrdup(text);
	out = to = xcalloc(2 * strlen(text) + 3, 1);
	*to++ = '"';
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*to++ = '\\';
		*to++ = *text == '\n' || *text == '\r' ? ' ' : *text;
	}
	*to = '"';
	return out;
}
