/*
 * What the conformance tests of The Update Framework try on its clients, tried on this one: theupdateframework/tuf-conformance
 * of 2026-08, whose tests the rows are named by. Its root is our key list, its timestamp our ticket, its snapshot and targets
 * are order and state, which the ticket names by their sums. An attack is never run, and is told why.
 */
#include "checks.h"
#include "identity.h"
#include "keylist.h"
#include "remote_signed.h"
#include "take.h"

#include <sodium.h>
#include <stdlib.h>

#define UNTIL "2026-11-29T07:00:00Z"
#define OVER "2026-11-29T06:59:59Z"

/* What the server has; 0 and NULL are usual. Keys are letters: a and b are the image's, t its ticket key. */
struct served {
	const char *list_keys; /* of a key list; NULL: there is none */
	const char *list_by, *list_until, *ticket_until, *list_line;
	unsigned list_threshold, list_version;
	char list_ticket;
	const char *ticket; /* in its place */
	char ticket_by;
	unsigned attempt, keys;
	bool other_request;
	const char *time;
	const char *order_by, *order, *order_target, *order_until, *order_line;
	unsigned sequence;
	bool other_order; /* than the ticket names */
	const char *state_by, *state, *state_target, *state_until;
	unsigned state_sequence;
	bool other_state;
};

static struct pair pairs[26];
static struct identity identity = { .id = "node", .serial = "SN-17" };
static const char request[] = "/cgi-bin/bootme?id=node&nonce=" SUM "&attempt=3";

static void config_make(struct config *config)
{
	*config = (struct config){ .threshold = 2,
				   .order_key_count = 2,
				   .keys_version = 1,
				   .has_ticket_key = true,
				   .floor = 5 };
	config->order_keys[0] = pairs['a' - 'a'].key;
	config->order_keys[1] = pairs['b' - 'a'].key;
	config->ticket_key = pairs['t' - 'a'].key;
	grants_none(&config->grants);
}

static char *signed_with(const char *letters, const char *text)
{
	const struct pair *by[16] = { NULL };

	for (size_t i = 0; letters[i]; i++)
		by[i] = &pairs[letters[i] - 'a'];
	return signed_by(by, text);
}

static char *list_make(const struct served *served)
{
	char *text = NULL, ticket = served->list_ticket ?: 't';
	size_t len;
	FILE *out = open_memstream(&text, &len);

	CHECK(out);
	(void)fprintf(out, "bee-keys 1\nversion %u\nnot-after %s\nthreshold %u\n",
		      served->list_version ?: 2, served->list_until ?: UNTIL,
		      served->list_threshold ?: 2);
	for (const char *key = served->list_keys; *key; key++)
		(void)fprintf(out, "order-key %s\n", pairs[*key - 'a'].text);
	(void)fprintf(out, "ticket-key %s\nticket-until %s\n%send\n",
		      pairs[ticket - 'a'].text, served->ticket_until ?: UNTIL,
		      served->list_line ?: "");
	(void)fclose(out);
	AUTO_FREE char *body = text;
	AUTO_FREE char *by = signed_with(served->list_by ?: "ab", body);

	return xasprintf("%s%s", body, by);
}

static char *order_make(const struct served *served)
{
	return xasprintf("#!/bin/sh\n#bee-order 1\n#bee-sequence %u\n#bee-target %s\n"
			 "#bee-not-after %s\n#bee-time-limit 60\n%s#bee-end\necho\n",
			 served->sequence ?: 7, served->order_target ?: "serial=SN-17",
			 served->order_until ?: UNTIL, served->order_line ?: "");
}

static char *state_make(const struct served *served)
{
	return xasprintf("bee-state 1\nsequence %u\ntarget %s\nnot-after %s\nend\nx\n",
			 served->state_sequence ?: 6,
			 served->state_target ?: "serial=SN-17",
			 served->state_until ?: UNTIL);
}

static const char *sum_of(const char *text, char out[SHA256_HEX + 1])
{
	unsigned char is[SHA256_BYTES];

	crypto_hash_sha256(is, (const unsigned char *)text, strlen(text));
	return sha256_text(is, out);
}

static char *ticket_make(const struct served *served, const char *order,
			 const char *state)
{
	char asked[SHA256_HEX + 1], sums[2][SHA256_HEX + 1],
		by[] = { served->ticket_by ?: 't', '\0' };

	if (served->ticket)
		return xstrdup(served->ticket);
	AUTO_FREE char *text = xasprintf(
		"bee-ticket 1\nrequest %s\norder %s\nstate %s\nkeys %u\nattempt %u\n"
		"time %s\nend\n",
		sum_of(served->other_request ? "" : request, asked),
		sum_of(served->other_order ? "" : order, sums[0]),
		sum_of(served->other_state ? "" : state, sums[1]),
		served->keys
			?: served->list_keys ? 2
					     : 1,
		served->attempt ?: 3, served->time ?: UNTIL);
	AUTO_FREE char *signature = signed_with(*by == '-' ? "" : by, text);

	return xasprintf("%s%s", text, signature);
}

static struct bytes bytes_of(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

/* 0: the order would run, with that state. */
static int machine(const struct served *served, struct said *said)
{
	AUTO_FREE char *order =
		served->order ? xstrdup(served->order) : order_make(served);
	AUTO_FREE char *state =
		served->state ? xstrdup(served->state) : state_make(served);
	AUTO_FREE char *order_by = signed_with(served->order_by ?: "ab", order);
	AUTO_FREE char *state_by = signed_with(served->state_by ?: "ab", state);
	AUTO_FREE char *bytes = ticket_make(served, order, state);
	AUTO_FREE char *list = served->list_keys ? list_make(served) : NULL;
	unsigned char asked[SHA256_BYTES];
	static struct config config;
	static struct order read;
	struct ticket ticket;
	struct node_state node;

	config_make(&config);
	request_sha256(request, asked);
	if ((list && keylist_apply(&config, bytes_of(list), said)) ||
	    check_ticket(&config, bytes_of(bytes), asked, 3,
			 (struct check_dates){ NOW - 10, NOW + 10 }, NOW, &ticket, said))
		return -1;
	struct check_order check = { &config, &identity, ticket.order, NOW, 6, { 0 } };

	if (!ticket.has_order || !ticket.has_state)
		return say(said, "nothing to do");
	if (check_order(&check, bytes_of(order), bytes_of(order_by), &read, said))
		return -1;
	check.sha256 = ticket.state;
	check.floor = 5;
	return check_state(&check, bytes_of(state), bytes_of(state_by), &node, said);
}

static const struct {
	const char *name, *words; /* NULL: it is no attack */
	struct served served;
} rows[] = {
	{ "basic_refresh_requests", NULL, { 0 } },
	{ "basic_metadata_hash_support", NULL, { .list_keys = "ab" } },
	{ "unsigned_metadata[root]",
	  "keys: the old keys: signature: by 0",
	  { .list_keys = "ab", .list_by = "" } },
	{ "unsigned_metadata[root], one signature less",
	  "keys: the old keys: signature: by 1",
	  { .list_keys = "ab", .list_by = "a" } },
	{ "unsigned_metadata[timestamp]",
	  "ticket: signature: by 0",
	  { .ticket_by = '-' } },
	{ "unsigned_metadata[timestamp], by an order key",
	  "ticket: signature: by 0",
	  { .ticket_by = 'a' } },
	{ "unsigned_metadata[snapshot]", "state: signature: by 0", { .state_by = "" } },
	{ "unsigned_metadata[targets]", "order: signature: by 0", { .order_by = "" } },
	{ "unsigned_metadata[targets], by the ticket key",
	  "order: signature: by 1",
	  { .order_by = "at" } },
	{ "url_and_metadata_version_mismatch[root]",
	  "keys:2: a version is left out",
	  { .list_keys = "ab", .list_version = 3 } },
	{ "url_and_metadata_version_mismatch[timestamp]",
	  "another attempt",
	  { .attempt = 2 } },
	{ "url_and_metadata_version_mismatch[snapshot]",
	  "state: it is not the one",
	  { .other_state = true } },
	{ "url_and_metadata_version_mismatch[targets]",
	  "order: it is not the one",
	  { .other_order = true } },
	{ "timestamp_content_changes",
	  "order: sequence 6, and 6 has been run",
	  { .sequence = 6 } },
	{ "snapshot_404", "state: its first line", { .state = "" } },
	{ "targets_404", "order: its first line", { .order = "" } },
	{ "timestamp_404", "ticket: it has no line", { .ticket = "" } },
	{ "incorrect_metadata_type[targets]",
	  "order: its first line",
	  { .order =
		    "bee-state 1\nsequence 7\ntarget any\nnot-after " UNTIL "\nend\n" } },
	{ "incorrect_metadata_type[snapshot]",
	  "state: its first line",
	  { .state = "#!/bin/sh\n#bee-order 1\n#bee-sequence 7\n#bee-target any\n"
		     "#bee-not-after " UNTIL "\n#bee-time-limit 60\n#bee-end\n" } },
	{ "custom_fields[root]",
	  "keys:9: not scheme",
	  { .list_keys = "ab", .list_line = "expires 2030\n" } },
	{ "custom_fields[targets]",
	  "order:7: no such word",
	  { .order_line = "#bee-custom x\n" } },
	{ "root_expired",
	  "keys: list 2 held until",
	  { .list_keys = "ab", .list_until = OVER } },
	{ "timestamp_expired",
	  "ticket: its key was lent until",
	  { .list_keys = "ab", .ticket_until = OVER } },
	{ "snapshot_expired", "state: its time was over", { .state_until = OVER } },
	{ "targets_expired", "order: its time was over", { .order_until = OVER } },
	{ "faketime", "the server's certificate", { .time = "2026-11-29T08:00:00Z" } },
	{ "download_with_unknown_hash_algorithm",
	  "64 lower-case hexadecimal digits",
	  { .order_line = "#bee-file x sha999:" SUM "\n" } },
	{ "repository_substitutes_target_file",
	  "two files of one name",
	  { .order_line = "#bee-file x " SUM "\n#bee-file x " SUM "\n" } },
	{ "snapshot_does_not_meet_threshold",
	  "state: signature: by 1",
	  { .state_by = "a" } },
	{ "snapshot_has_too_few_keys",
	  "keys: fewer order keys than its threshold",
	  { .list_keys = "abc", .list_by = "abc", .list_threshold = 4 } },
	{ "duplicate_keys", "each has one role", { .list_keys = "aab" } },
	{ "duplicate_sig_keyids", "order: signature: by 1", { .order_by = "aaaa" } },
	{ "duplicate_sig_keyids[root]",
	  "keys: the old keys: signature: by 1",
	  { .list_keys = "ab", .list_by = "bbb" } },
	{ "new_timestamp_version_rollback",
	  "it answers another request",
	  { .other_request = true } },
	{ "new_timestamp_version_rollback, of the list before",
	  "of key list 1, and 2",
	  { .list_keys = "ab", .keys = 1 } },
	{ "new_timestamp_version_rollback, of a list that is kept back",
	  "of key list 3, and 2",
	  { .list_keys = "ab", .keys = 3 } },
	{ "snapshot_rollback",
	  "state: sequence 4, and 5 has been used",
	  { .state_sequence = 4 } },
	{ "targets_rollback", "order: its sequence 4 is below", { .sequence = 4 } },
	{ "targets_rollback, below a list's floor",
	  "order: its sequence 7 is below",
	  { .list_keys = "ab", .list_line = "floor 8\n" } },
	{ "targets_fast_forward_recovery",
	  NULL,
	  { .list_keys = "cd", .list_by = "abcd", .order_by = "cd", .state_by = "cd" } },
	{ "new_timestamp_fast_forward_recovery",
	  NULL,
	  { .list_keys = "ab", .list_ticket = 'u', .ticket_by = 'u' } },
	{ "cached_role_is_verified_against_current_delegator",
	  "ticket: signature: by 0",
	  { .list_keys = "ab", .list_ticket = 'u' } },
	{ "delegation_not_in_snapshot", "ticket: signature: by 0", { .ticket_by = 'u' } },
	{ "targets_role_removal",
	  "order: signature: by 0",
	  { .list_keys = "cd", .list_by = "abcd" } },
	{ "graph_traversal, to another's node",
	  "state: it is not of this machine",
	  { .state_target = "id=node2" } },
	{ "targetfile_search, of another's",
	  "order: it is not for this machine",
	  { .order_target = "serial=SN-18" } },
	{ "unusual_role_name[?]",
	  "a file's name",
	  { .order_line = "#bee-file ? " SUM "\n" } },
	{ "unusual_role_name[#]",
	  "a file's name",
	  { .order_line = "#bee-file # " SUM "\n" } },
	{ "unusual_role_name[/delegatedrole]",
	  "a file's name",
	  { .order_line = "#bee-file /delegatedrole " SUM "\n" } },
	{ "unusual_role_name[../delegatedrole]",
	  "a file's name",
	  { .order_line = "#bee-file ../delegatedrole " SUM "\n" } },
};

static void keys_make(void)
{
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		pair_make(&pairs[i]);
}

static void repositories(void)
{
	unsigned run = 0, refused = 0;

	keys_make();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct said said = { "" };
		bool runs = !machine(&rows[i].served, &said);

		run += runs;
		refused += !runs;
		if (runs == !rows[i].words && (runs || strstr(said.text, rows[i].words)))
			continue;
		tap_fail(__FILE__, __LINE__, "%s: %s", rows[i].name,
			 runs ? "it runs" : said.text);
	}
	printf("# %u attacks, none was run; %u others were\n", refused, run);
}

/* Key lists, one upon the other: who is on it, how many must sign, and who has. */
struct step {
	const char *keys;
	unsigned threshold;
	const char *by;
};

static const struct {
	const char *name, *words; /* of the last list; NULL: it holds */
	struct step steps[5];     /* the first is the image's */
} rotations[] = {
	{ "1-of-1", NULL, { { "b", 1, "" }, { "b", 1, "b" } } },
	{ "1-of-1, unused signatures", NULL, { { "b", 1, "" }, { "b", 1, "dbe" } } },
	{ "1-of-1, another key",
	  NULL,
	  { { "b", 1, "" }, { "c", 1, "bc" }, { "c", 1, "c" } } },
	{ "3-of-5",
	  NULL,
	  { { "abcde", 3, "" },
	    { "abcde", 3, "ace" },
	    { "abcde", 3, "aeb" },
	    { "abcde", 3, "abd" } } },
	{ "3-of-5, one key is another",
	  NULL,
	  { { "abcde", 3, "" }, { "abdef", 3, "aeb" } } },
	{ "3-of-5, one key is another, in two steps",
	  NULL,
	  { { "abcde", 3, "" }, { "abdef", 3, "acef" }, { "abdef", 3, "aef" } } },
	{ "3-of-5, all keys are others",
	  NULL,
	  { { "abcde", 3, "" }, { "fghij", 3, "acefgh" }, { "fghij", 3, "fgh" } } },
	{ "1-of-3 to 2-of-3", NULL, { { "bcd", 1, "" }, { "bcd", 2, "bc" } } },
	{ "2-of-3 to 1-of-3",
	  NULL,
	  { { "bcd", 2, "" }, { "bcd", 1, "bc" }, { "bcd", 1, "b" } } },
	{ "1-of-1 to 2-of-2", NULL, { { "b", 1, "" }, { "bc", 2, "bc" } } },
	{ "1-of-1, not by the old key",
	  "the old keys: signature: by 0",
	  { { "b", 1, "" }, { "c", 1, "cde" } } },
	{ "1-of-1, not by the new key",
	  "its own keys: signature: by 0",
	  { { "b", 1, "" }, { "c", 1, "bde" } } },
	{ "3-of-5, not by 3 of the new keys",
	  "its own keys: signature: by 2",
	  { { "abcde", 3, "" }, { "abdef", 3, "ace" } } },
	{ "3-of-5, not by 3 of the old keys",
	  "the old keys: signature: by 2",
	  { { "abcde", 3, "" }, { "abdef", 3, "aef" } } },
	{ "1-of-3 to 2-of-3, by one",
	  "its own keys: signature: by 1",
	  { { "bcd", 1, "" }, { "bcd", 2, "c" } } },
	{ "2-of-3 to 1-of-3, by one",
	  "the old keys: signature: by 1",
	  { { "bcd", 2, "" }, { "bcd", 1, "b" } } },
};

static void rotate(const char *name, const char *wanted, const struct step *steps)
{
	struct config config;
	struct said said = { "" };

	config_make(&config);
	config.threshold = steps[0].threshold;
	config.order_key_count = 0;
	for (const char *key = steps[0].keys; *key; key++)
		config.order_keys[config.order_key_count++] = pairs[*key - 'a'].key;
	for (unsigned version = 2; steps[version - 1].keys; version++) {
		const struct step *step = &steps[version - 1];
		struct served served = { .list_keys = step->keys,
					 .list_by = step->by,
					 .list_threshold = step->threshold,
					 .list_version = version };
		AUTO_FREE char *list = list_make(&served);
		const char *words = steps[version].keys ? NULL : wanted;
		bool holds = !keylist_apply(&config, bytes_of(list), &said);

		if (holds == !words && (holds || strstr(said.text, words)))
			continue;
		tap_fail(__FILE__, __LINE__, "%s, list %u: %s", name, version,
			 holds ? "taken" : said.text);
	}
}

static void key_rotations(void)
{
	keys_make();
	for (size_t i = 0; i < ARRAY_LEN(rotations); i++)
		rotate(rotations[i].name, rotations[i].words, rotations[i].steps);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what attacks a repository's client is not run, and told why",
		  repositories, 60 },
		{ "key lists are by k old and k new keys", key_rotations, 60 },
		{ NULL, NULL, 0 },
	};

	if (sodium_init() < 0)
		return 1;
	return tap_main(tests);
}
