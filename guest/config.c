/* The config file of a guest: assignments, and nothing that a shell would run. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 64
#define WORDS_MAX 256

void words_add(struct words *words, const char *text, size_t len)
{
	char *copy = strndup(text, len);

	if (!copy)
		abort();
	words->at = xrealloc_array(words->at, words->count + 1, sizeof(char *));
	words->at[words->count++] = copy;
}

void words_split(struct words *words, const char *text)
{
	for (;;) {
		size_t len;

		text += strspn(text, " \t\n");
		len = strcspn(text, " \t\n");
		if (len == 0)
			return;
		words_add(words, text, len);
		text += len;
	}
}

void words_clear(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->at[i]);
	free(words->at);
	*words = (struct words){ NULL, 0 };
}

struct reader {
	struct config *config;
	const char *at, *end;
	unsigned line;
};

PRINTF_LIKE(2, 3) static int refuse(struct reader *r, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(r->config->error, sizeof(r->config->error), fmt, args);
	va_end(args);
	r->config->line = r->line;
	return -EINVAL;
}

static int strange(struct reader *r)
{
	unsigned char c = (unsigned char)*r->at;

	if (c < ' ' || c >= 0x7f)
		return refuse(r, "byte 0x%02x has no place here", c);
	return refuse(r,
		      "'%c' is for a shell, which does not read this: only NAME=word and "
		      "NAME=( word ... ) are understood",
		      c);
}

static bool is_bare(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_./:=,@%+-", c));
}

static void blanks_skip(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
		r->at++;
}

static void comment_skip(struct reader *r)
{
	if (r->at < r->end && *r->at == '#')
		while (r->at < r->end && *r->at != '\n')
			r->at++;
}

/* A part in quotes: in double ones what a shell would expand is refused. */
static int quoted_read(struct reader *r, char *word, size_t *len, size_t size)
{
	char quote = *r->at++;

	for (; r->at < r->end && *r->at != quote; r->at++) {
		if (*r->at == '\n' || !*r->at)
			break;
		if (quote == '"' && strchr("$`\\", *r->at))
			return strange(r);
		if ((unsigned char)*r->at < ' ' && *r->at != '\t')
			return strange(r);
		if (*len + 1 >= size)
			return refuse(r, "a word over %zu bytes", size - 1);
		word[(*len)++] = *r->at;
	}
	if (r->at >= r->end || *r->at != quote)
		return refuse(r, "a quote that does not end in its line");
	r->at++;
	return 0;
}

static int word_read(struct reader *r, struct words *words)
{
	char word[4096];
	size_t len = 0;

	while (r->at < r->end) {
		if (*r->at == '"' || *r->at == '\'') {
			int result = quoted_read(r, word, &len, sizeof(word));

			if (result)
				return result;
			continue;
		}
		if (!is_bare(*r->at))
			break;
		if (len + 1 >= sizeof(word))
			return refuse(r, "a word over %zu bytes", sizeof(word) - 1);
		word[len++] = *r->at++;
	}
	if (words->count >= WORDS_MAX)
		return refuse(r, "more than %d words", WORDS_MAX);
	words_add(words, word, len);
	return 0;
}

/* After the "(": up to and with the ")". */
static int list_read(struct reader *r, struct config_value *value)
{
	value->list = true;
	for (;;) {
		int result;

		blanks_skip(r);
		comment_skip(r);
		if (r->at >= r->end)
			return refuse(r, "%s=( of line %u has no end", value->name,
				      value->line);
		if (*r->at == '\n') {
			r->line++;
			r->at++;
			continue;
		}
		if (*r->at == ')') {
			r->at++;
			return 0;
		}
		if (!is_bare(*r->at) && *r->at != '"' && *r->at != '\'')
			return strange(r);
		result = word_read(r, &value->words);
		if (result)
			return result;
	}
}

/* A value without words yet; NULL: refused. */
static struct config_value *name_read(struct reader *r)
{
	struct config *config = r->config;
	const char *from = r->at;
	struct config_value *value;
	size_t len;

	while (r->at < r->end && (isupper((unsigned char)*r->at) || *r->at == '_'))
		r->at++;
	len = (size_t)(r->at - from);
	if (len == 0 || r->at >= r->end || *r->at != '=') {
		if (r->at < r->end && !isalnum((unsigned char)*r->at) && *r->at != '\n')
			(void)strange(r);
		else
			(void)refuse(r, "this is no assignment: only NAME=word and "
					"NAME=( word ... ) are understood");
		return NULL;
	}
	r->at++;
	for (size_t i = 0; i < config->count; i++)
		if (strlen(config->values[i].name) == len &&
		    !memcmp(config->values[i].name, from, len)) {
			(void)refuse(r, "%s is set in line %u already",
				     config->values[i].name, config->values[i].line);
			return NULL;
		}
	if (config->count >= VALUES_MAX) {
		(void)refuse(r, "more than %d assignments", VALUES_MAX);
		return NULL;
	}
	config->values = xrealloc_array(config->values, config->count + 1,
					sizeof(*config->values));
	value = &config->values[config->count++];
	*value = (struct config_value){ .line = r->line };
	value->name = xasprintf("%.*s", (int)len, from);
	return value;
}

static int line_read(struct reader *r)
{
	struct config_value *value;
	int result;

	blanks_skip(r);
	comment_skip(r);
	if (r->at >= r->end || *r->at == '\n')
		return 0;
	value = name_read(r);
	if (!value)
		return -EINVAL;
	if (r->at < r->end && *r->at == '(') {
		r->at++;
		result = list_read(r, value);
	} else {
		result = word_read(r, &value->words);
	}
	if (result)
		return result;
	if (r->at < r->end && *r->at != '\n' && *r->at != ' ' && *r->at != '\t')
		return strange(r);
	blanks_skip(r);
	comment_skip(r);
	if (r->at < r->end && *r->at != '\n')
		return strange(r);
	return 0;
}

int config_parse(struct config *config, const char *text, size_t len)
{
	struct reader r = { config, text, text + len, 1 };

	*config = (struct config){ .values = NULL };
	for (;;) {
		int result = line_read(&r);

		if (result)
			return result;
		if (r.at >= r.end)
			return 0;
		r.at++;
		r.line++;
	}
}

void guest_config_done(struct config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		free(config->values[i].name);
		words_clear(&config->values[i].words);
	}
	free(config->values);
	*config = (struct config){ .values = NULL };
}
