/* Parses a policy's text: the loop over its lines. */
#include "parser.h"

#include <errno.h>
#include <sodium/crypto_hash_sha256.h>
#include <stdlib.h>
#include <string.h>

static void hash_text(struct policy *policy, const char *text, size_t len)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	(void)crypto_hash_sha256(hash, (const unsigned char *)text, len);
	for (size_t i = 0; i < sizeof(hash); i++)
		(void)snprintf(policy->sha256 + 2 * i, 3, "%02x", hash[i]);
}

static const struct policy_word *find_word(const char *name)
{
	for (const struct policy_word *w = policy_words; w->name; w++)
		if (!strcmp(w->name, name))
			return w;
	return NULL;
}

static const char *word_name_at(size_t i)
{
	return policy_words[i].name;
}

static void parse_words(struct parser *p)
{
	const struct word *first = &p->words[0];
	const struct policy_word *word;
	unsigned *once;

	if (!p->started && strcmp(first->text, "policy") != 0)
		parse_error(p, first, "the first line must be 'policy %d'",
			    POLICY_VERSION);
	p->started = true;
	if (first->text[0] == '[') {
		step_header(p);
		return;
	}
	word = find_word(first->text);
	if (!word) {
		parse_unknown(p, first, "word", word_name_at);
		return;
	}
	if (!(word->where & (p->step == &p->base ? IN_FILE : IN_STEP))) {
		parse_error(p, first,
			    p->step == &p->base ? "'%s' belongs in a step, below a [name]"
						: "'%s' belongs above the first [step]",
			    word->name);
		return;
	}
	once = &(p->step == &p->base ? &p->base_places : &p->places)
			->once[word - policy_words];
	if (word->once && *once) {
		parse_error(p, first, "'%s' is there twice, first on line %u", word->name,
			    *once);
		return;
	}
	*once = p->line;
	if (p->word_count - 1 < word->min_args) {
		parse_error(p, first, "'%s' needs %s", word->name, word->usage);
		return;
	}
	word->handle(p);
}

/* Keeps a comment above the first line with words, line by line. */
static void about_add(struct policy *policy, const char *text, size_t len)
{
	char *before = policy->about;
	size_t skip = len > 1 && text[1] == ' ' ? 2 : 1;

	if (len == 0 || text[0] != '#')
		return;
	policy->about = xasprintf("%s%s%.*s", before ? before : "", before ? "\n" : "",
				  (int)(len - skip), text + skip);
	free(before);
}

struct policy *parse_text(const char *file, const char *expected, const char *text,
			  size_t len, FILE *errors)
{
	struct parser *p = xcalloc(1, sizeof(*p));
	struct policy *policy = xcalloc(1, sizeof(*policy));
	const char *end = text + len;

	p->file = file;
	p->expected = expected;
	p->errors = errors;
	p->policy = policy;
	p->step = &p->base;
	p->base.limits = limits_default;
	p->base.open = OPEN_READ_ONLY;
	p->base.default_error = ENOSYS;
	p->base.own_fd = -1;
	policy->file = xstrdup(file);
	policy->order = POLICY_ORDER_LAST;
	hash_text(policy, text, len);
	if (len > POLICY_FILE_MAX)
		parse_error_at(p, 1, 1, "file is longer than %d bytes", POLICY_FILE_MAX);
	else
		for (const char *at = text; at < end && p->error_count < ERRORS_MAX;) {
			const char *newline = memchr(at, '\n', (size_t)(end - at));
			size_t bytes = (size_t)((newline ? newline : end) - at);

			p->line++;
			if (lex_line(p, at, bytes))
				parse_words(p);
			else if (!p->started)
				about_add(policy, at, bytes);
			at += bytes + 1;
		}
	if (len <= POLICY_FILE_MAX) {
		step_check(p);
		policy_check(p);
	}
	if (p->error_count) {
		policy_free(policy);
		policy = NULL;
	}
	step_done(&p->spare);
	free(p);
	return policy;
}

struct policy *policy_parse(const char *file, const char *text, size_t len, FILE *errors)
{
	return parse_text(file, NULL, text, len, errors);
}
