/* TRUST: whose signatures an image believes, and how many of them. */
#include "trust.h"

#include <string.h>

#define LINE_BYTES 256

struct words {
	bool scheme, threshold, floor, cmdline, freshness;
};

static bool key_same(const struct minisig_key *a, const struct minisig_key *b)
{
	return !memcmp(a->id, b->id, sizeof(a->id)) ||
	       !memcmp(a->key, b->key, sizeof(a->key));
}

/* A key has one role, and is there once: k signatures are of k people. */
static const char *key_new(const struct config *config, const struct minisig_key *key)
{
	bool twice = (config->has_ticket_key && key_same(&config->ticket_key, key)) ||
		     (config->has_receipt_key && key_same(&config->receipt_key, key));

	for (unsigned i = 0; i < config->order_key_count; i++)
		twice |= key_same(&config->order_keys[i], key);
	return twice ? "this key is there already: each has one role" : NULL;
}

static const char *key_take(struct config *config, const char *role, const char *text)
{
	struct minisig_key key;
	const char *why;

	if (minisig_key_read(text, &key))
		return "not the second line of a minisign .pub file";
	why = key_new(config, &key);
	if (why)
		return why;
	if (*role == 'o') {
		if (config->order_key_count == MINISIG_KEYS_MAX)
			return "more than 16 order keys";
		config->order_keys[config->order_key_count++] = key;
	} else if (*role == 't') {
		if (config->has_ticket_key)
			return "a second ticket key";
		config->ticket_key = key;
		config->has_ticket_key = true;
	} else {
		if (config->has_receipt_key)
			return "a second receipt key";
		config->receipt_key = key;
		config->has_receipt_key = true;
	}
	return NULL;
}

static const char *number_take(const char *text, bool *seen, uint64_t max, uint64_t *out)
{
	if (*seen)
		return "it is there a second time";
	*seen = true;
	return take_number(text, 1, max, out) ? "not a number that it can have" : NULL;
}

static const char *word_take(struct config *config, struct words *words, const char *line)
{
	static const char *const roles[] = { "order-key", "ticket-key", "receipt-key" };
	const char *value = take_value(line, "threshold"), *why;
	uint64_t threshold;

	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (take_value(line, roles[i]))
			return key_take(config, roles[i], take_value(line, roles[i]));
	if (value) {
		why = number_take(value, &words->threshold, MINISIG_KEYS_MAX, &threshold);
		config->threshold = why ? 0 : (unsigned)threshold;
		return why;
	}
	value = take_value(line, "floor");
	if (value)
		return number_take(value, &words->floor, INT64_MAX, &config->floor);
	if (!strcmp(line, "scheme minisign") && !words->scheme) {
		words->scheme = true;
		return NULL;
	}
	if (!strcmp(line, "cmdline full") && !words->cmdline) {
		words->cmdline = true;
		config->cmdline_full = true;
		return NULL;
	}
	if (!strcmp(line, "freshness static") && !words->freshness) {
		words->freshness = true;
		config->is_static = true;
		return NULL;
	}
	return "not scheme minisign, threshold K, order-key, ticket-key, receipt-key, "
	       "floor N, freshness static or cmdline full, once";
}

int trust_read(const char *text, size_t len, struct config *out, trust_error *error,
	       void *arg)
{
	struct take take = { text, text + len, 0 };
	struct words words = { false };
	char line[LINE_BYTES];
	unsigned wrong = 0;

	while (take.at < take.end) {
		const char *why;

		if (take_line(&take, line, sizeof(line))) {
			error(arg, take.line + 1, "not a line of text");
			return -1;
		}
		if (!*line || *line == '#')
			continue;
		why = word_take(out, &words, line);
		if (why)
			error(arg, take.line, why);
		wrong += why != NULL;
	}
	if (!words.scheme || !words.threshold || !out->order_key_count) {
		error(arg, 0, "it needs scheme, threshold and an order-key");
		return -1;
	}
	if (out->has_ticket_key == out->is_static) {
		error(arg, 0, "it needs a ticket-key or freshness static, and not both");
		return -1;
	}
	if (out->threshold > out->order_key_count) {
		error(arg, 0, "fewer order keys than its threshold");
		return -1;
	}
	return wrong ? -1 : 0;
}
