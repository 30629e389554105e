/* TRUST: whose signatures an image believes, and how many of them. */
#include "trust.h"

#include <sodium.h>
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
		     (config->has_receipt_key && key_same(&config->receipt_key, key)) ||
		     (config->has_seal_key && key_same(&config->seal_key, key));

	for (unsigned i = 0; i < config->order_key_count; i++)
		twice |= key_same(&config->order_keys[i], key);
	return twice ? "this key is there already: each has one role" : NULL;
}

static const char *key_take(const struct config *config, const char *text,
			    struct minisig_key *out)
{
	struct minisig_key key;
	const char *why;

	if (minisig_key_read(text, &key))
		return "not the second line of a minisign .pub file";
	why = key_new(config, &key);
	if (!why)
		*out = key;
	return why;
}

static const char *const known =
	"not scheme minisign or gpg, version N, threshold K, order-key, ticket-key, "
	"ticket-until TIME, receipt-key, seal-key, floor N, freshness static, "
	"cmdline full or spread SECONDS, once";
static const char *const twice = "it is there a second time";

static const char *order_key_take(struct config *config, struct trust_seen *seen,
				  const char *value)
{
	struct minisig_key *key = &config->order_keys[config->order_key_count];
	const char *why;

	(void)seen;
	if (config->order_key_count == MINISIG_KEYS_MAX)
		return "more than 16 order keys";
	why = key_take(config, value, key);
	config->order_key_count += !why;
	return why;
}

static const char *ticket_key_take(struct config *config, struct trust_seen *seen,
				   const char *value)
{
	const char *why;

	(void)seen;
	if (config->has_ticket_key)
		return "a second ticket key";
	why = key_take(config, value, &config->ticket_key);
	config->has_ticket_key = !why;
	return why;
}

static const char *receipt_key_take(struct config *config, struct trust_seen *seen,
				    const char *value)
{
	const char *why;

	(void)seen;
	if (config->has_receipt_key)
		return "a second receipt key";
	why = key_take(config, value, &config->receipt_key);
	config->has_receipt_key = !why;
	return why;
}

static const char *seal_key_take(struct config *config, struct trust_seen *seen,
				 const char *value)
{
	unsigned char box[crypto_box_PUBLICKEYBYTES];
	const char *why;

	if (seen->seal)
		return "a second seal key";
	seen->seal = true;
	why = key_take(config, value, &config->seal_key);
	if (!why && crypto_sign_ed25519_pk_to_curve25519(box, config->seal_key.key))
		why = "a key that nothing can be sealed to";
	config->has_seal_key = !why;
	return why;
}

static const char *number_take(const char *text, bool *seen, uint64_t max, uint64_t *out)
{
	if (*seen)
		return twice;
	*seen = true;
	return take_number(text, 1, max, out) ? "not a number that it can have" : NULL;
}

static const char *threshold_take(struct config *config, struct trust_seen *seen,
				  const char *value)
{
	uint64_t threshold;
	const char *why =
		number_take(value, &seen->threshold, MINISIG_KEYS_MAX, &threshold);

	config->threshold = why ? 0 : (unsigned)threshold;
	return why;
}

static const char *floor_take(struct config *config, struct trust_seen *seen,
			      const char *value)
{
	return number_take(value, &seen->floor, INT64_MAX, &config->floor);
}

static const char *version_take(struct config *config, struct trust_seen *seen,
				const char *value)
{
	return number_take(value, &seen->version, INT64_MAX, &config->keys_version);
}

static const char *until_take(struct config *config, struct trust_seen *seen,
			      const char *value)
{
	if (seen->until)
		return twice;
	seen->until = true;
	return take_time(value, &config->ticket_until) || !config->ticket_until
		       ? "not a time 2027-01-31T00:00:00Z"
		       : NULL;
}

/* One of two words at most, once. */
static const char *choice_take(const char *value, bool *seen, const char *first,
			       const char *second, bool *is_second)
{
	if (*seen)
		return twice;
	*seen = true;
	*is_second = !strcmp(value, second);
	return *is_second || !strcmp(value, first) ? NULL : known;
}

static const char *scheme_take(struct config *config, struct trust_seen *seen,
			       const char *value)
{
	return choice_take(value, &seen->scheme, "minisign", "gpg", &config->is_gpg);
}

static const char *cmdline_take(struct config *config, struct trust_seen *seen,
				const char *value)
{
	return choice_take(value, &seen->cmdline, "full", "full", &config->cmdline_full);
}

static const char *spread_take(struct config *config, struct trust_seen *seen,
			       const char *value)
{
	return number_take(value, &seen->spread, SPREAD_MAX, &config->spread);
}

static const char *freshness_take(struct config *config, struct trust_seen *seen,
				  const char *value)
{
	return choice_take(value, &seen->freshness, "static", "static",
			   &config->is_static);
}

static const struct {
	const char *word;
	const char *(*take)(struct config *config, struct trust_seen *seen,
			    const char *value);
} table[] = {
	{ "scheme", scheme_take },           { "version", version_take },
	{ "threshold", threshold_take },     { "order-key", order_key_take },
	{ "ticket-key", ticket_key_take },   { "ticket-until", until_take },
	{ "receipt-key", receipt_key_take }, { "floor", floor_take },
	{ "freshness", freshness_take },     { "cmdline", cmdline_take },
	{ "seal-key", seal_key_take },       { "spread", spread_take },
};

const char *trust_word(size_t i)
{
	return i < ARRAY_LEN(table) ? table[i].word : NULL;
}

void trust_keys_none(struct config *config)
{
	config->order_key_count = config->threshold = 0;
	config->has_ticket_key = config->has_receipt_key = false;
	config->ticket_until = 0;
}

const char *trust_line(struct config *config, struct trust_seen *seen, const char *line)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		const char *value = take_value(line, table[i].word);

		if (value)
			return table[i].take(config, seen, value);
	}
	return known;
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
	struct take take = take_begin(text, len);
	struct trust_seen seen = { false };
	char line[LINE_BYTES];

	out->keys_version = 1;
	while (take.at < take.end) {
		const char *why, *at;

		if (take_line(&take, line, sizeof(line))) {
			struct said said;

			say(&said, "not a line of text%s", take_why(&take));
			count(&errors, take.line + 1, said.text);
			return -1;
		}
		at = line + strspn(line, " \t");
		if (!*at || *at == '#')
			continue;
		why = trust_line(out, &seen, at);
		if (why)
			count(&errors, take.line, why);
	}
	trust_whole(out, &seen, count, &errors);
	return errors.wrong ? -1 : 0;
}
