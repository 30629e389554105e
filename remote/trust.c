/* TRUST: whose signatures an image believes, and how many of them. */
#include "trust.h"

#include <string.h>

#define LINE_BYTES 256

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

void trust_keys_none(struct config *config)
{
	config->order_key_count = config->threshold = 0;
	config->has_ticket_key = config->has_receipt_key = false;
	config->ticket_until = 0;
}

static const char *until_take(const char *text, struct trust_seen *seen, int64_t *out)
{
	if (seen->until)
		return "it is there a second time";
	seen->until = true;
	return take_time(text, out) || !*out ? "not a time 2027-01-31T00:00:00Z" : NULL;
}

const char *trust_line(struct config *config, struct trust_seen *words, const char *line)
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
	value = take_value(line, "version");
	if (value)
		return number_take(value, &words->version, INT64_MAX,
				   &config->keys_version);
	value = take_value(line, "ticket-until");
	if (value)
		return until_take(value, words, &config->ticket_until);
	if (!strcmp(line, "scheme minisign") && !words->scheme) {
		words->scheme = true;
		return NULL;
	}
	if (!strcmp(line, "scheme gpg") && !words->scheme) {
		words->scheme = true;
		config->is_gpg = true;
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
	return "not scheme minisign or gpg, version N, threshold K, order-key, "
	       "ticket-key, "
	       "ticket-until TIME, receipt-key, floor N, freshness static or cmdline "
	       "full, once";
}

void trust_whole(const struct config *config, const struct trust_seen *seen,
		 trust_error *error, void *arg)
{
	if (config->is_gpg && config->order_key_count)
		error(arg, 0, "scheme gpg has its order keys in pubring.gpg");
	else if (!seen->scheme || !seen->threshold ||
		 (!config->order_key_count && !config->is_gpg))
		error(arg, 0, "it needs scheme, threshold and an order-key");
	else if (config->has_ticket_key == config->is_static)
		error(arg, 0, "it needs a ticket-key or freshness static, and not both");
	else if (config->ticket_until && !config->has_ticket_key)
		error(arg, 0, "a ticket-until, and no ticket-key");
	else if (config->threshold > config->order_key_count && !config->is_gpg)
		error(arg, 0, "fewer order keys than its threshold");
}

struct counting {
	trust_error *error;
	void *arg;
	unsigned wrong;
};

static void count(void *arg, unsigned line, const char *words)
{
	struct counting *counting = arg;

	counting->wrong++;
	counting->error(counting->arg, line, words);
}

int trust_read(const char *text, size_t len, struct config *out, trust_error *error,
	       void *arg)
{
	struct counting errors = { error, arg, 0 };
	struct take take = { text, text + len, 0 };
	struct trust_seen seen = { false };
	char line[LINE_BYTES];

	out->keys_version = 1;
	while (take.at < take.end) {
		const char *why;

		if (take_line(&take, line, sizeof(line))) {
			count(&errors, take.line + 1, "not a line of text");
			return -1;
		}
		if (!*line || *line == '#')
			continue;
		why = trust_line(out, &seen, line);
		if (why)
			count(&errors, take.line, why);
	}
	trust_whole(out, &seen, count, &errors);
	return errors.wrong ? -1 : 0;
}
