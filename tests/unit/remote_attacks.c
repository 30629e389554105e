/*
 * Every line of a ticket, an order, a state object, a key list and a receipt: left out, there twice, changed, another's,
 * older. Each is signed by the right keys but where it says so, so that it is its lines that are judged.
 */
#include "checks.h"
#include "identity.h"
#include "keylist.h"
#include "tap.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SUM "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define REQUEST                                                                          \
	"/cgi-bin/bootme?id=node&uptime=7&nonce=" SUM "&floor=6&uuid=&serial=x&attempt=" \
	"3"
#define NOW INT64_C(1795935600) /* 2026-11-29T07:00:00Z */

struct pair {
	struct minisig_secret secret;
	struct minisig_key key;
	char text[MINISIG_PUBLIC_TEXT];
};

static struct pair alice, bob, carol, ticket_key, other;
static struct config config;
static struct identity identity = { .id = "node", .serial = "SN-17" };

static void pair_make(struct pair *pair)
{
	char secret[MINISIG_SECRET_TEXT], id[MINISIG_ID_TEXT];
	struct said said;

	minisig_new(secret, pair->text, id);
	CHECK(!minisig_secret_read(secret, &pair->secret, &said));
	CHECK(!minisig_key_read(pair->text, &pair->key));
}

static void config_make(void)
{
	pair_make(&alice);
	pair_make(&bob);
	pair_make(&carol);
	pair_make(&ticket_key);
	pair_make(&other);
	config = (struct config){ .threshold = 2,
				  .order_key_count = 2,
				  .keys_version = 1,
				  .has_ticket_key = true,
				  .has_receipt_key = true,
				  .floor = 5 };
	config.order_keys[0] = alice.key;
	config.order_keys[1] = bob.key;
	config.ticket_key = config.receipt_key = ticket_key.key;
	grants_none(&config.grants);
}

/* The two signatures, one behind the other. */
static char *signed_by(const struct pair *a, const struct pair *b, const char *text)
{
	AUTO_FREE char *first = minisig_sign(&a->secret, text, strlen(text), "c");
	AUTO_FREE char *second = minisig_sign(&b->secret, text, strlen(text), "c");

	return xasprintf("%s%s", first, second);
}

/* 0: it is taken as it is. `text` is not signed yet. */
typedef int taker(const char *text);

static int ticket_take(const char *text)
{
	AUTO_FREE char *signature =
		minisig_sign(&ticket_key.secret, text, strlen(text), "c");
	AUTO_FREE char *whole = xasprintf("%s%s", text, signature);
	unsigned char request[SHA256_BYTES];
	struct ticket ticket;
	struct said said = { "" };

	crypto_hash_sha256(request, (const unsigned char *)REQUEST, strlen(REQUEST));
	return check_ticket(&config, (struct bytes){ whole, strlen(whole) }, request, 3,
			    (struct check_dates){ NOW - 10, NOW + 10 }, NOW, &ticket,
			    &said);
}

static int receipt_take(const char *text)
{
	AUTO_FREE char *signature =
		minisig_sign(&ticket_key.secret, text, strlen(text), "c");
	AUTO_FREE char *whole = xasprintf("%s%s", text, signature);
	unsigned char document[SHA256_BYTES];
	struct said said = { "" };

	CHECK(!take_sha256(SUM, document));
	return check_receipt(&config, (struct bytes){ whole, strlen(whole) }, document,
			     (struct check_dates){ NOW - 10, NOW + 10 }, &said);
}

static int order_take(const char *text)
{
	AUTO_FREE char *signatures = signed_by(&alice, &bob, text);
	struct check_order check = { &config, &identity, NULL, NOW, 6, { 0 } };
	struct said said = { "" };
	static struct order order;

	return check_order(&check, (struct bytes){ text, strlen(text) },
			   (struct bytes){ signatures, strlen(signatures) }, &order,
			   &said);
}

static int state_take(const char *text)
{
	AUTO_FREE char *signatures = signed_by(&alice, &bob, text);
	struct check_order check = { &config, &identity, NULL, NOW, 6, { 0 } };
	struct said said = { "" };
	struct node_state state;

	return check_state(&check, (struct bytes){ text, strlen(text) },
			   (struct bytes){ signatures, strlen(signatures) }, &state,
			   &said);
}

static int keys_take(const char *text)
{
	AUTO_FREE char *old = signed_by(&alice, &bob, text);
	AUTO_FREE char *new = minisig_sign(&carol.secret, text, strlen(text), "c");
	AUTO_FREE char *whole = xasprintf("%s%s%s", text, old, new);
	struct config with = config;
	struct said said = { "" };

	return keylist_apply(&with, (struct bytes){ whole, strlen(whole) }, &said) ||
			       keylist_now(&with, NOW, &said) ||
			       keylist_ticket_now(&with, NOW, &said)
		       ? -1
		       : 0;
}

struct object {
	const char *name;
	taker *take;
	const char *text;
	/* Lines that may be there twice: what they say, they say twice. */
	const char *twice[3];
	/* In the place of the line that begins so: what is another's, older, or over. */
	struct {
		const char *from, *to;
	} instead[10];
};

/* Line `i` of `text`; NULL: there are fewer. */
static const char *line_at(const char *text, unsigned i, size_t *len)
{
	while (i-- && *text)
		text += strcspn(text, "\n") + 1;
	*len = strcspn(text, "\n") + 1;
	return *text ? text : NULL;
}

static bool listed(const char *const *list, unsigned count, const char *line)
{
	for (unsigned i = 0; i < count && list[i]; i++)
		if (!strncmp(list[i], line, strlen(list[i])))
			return true;
	return false;
}

static void refused(const struct object *object, const char *how, const char *line,
		    const char *text)
{
	if (object->take(text))
		return;
	tap_fail(__FILE__, __LINE__, "%s, %s: taken: %.*s", object->name, how,
		 (int)strcspn(line, "\n"), line);
}

static unsigned lines_attack(const struct object *object)
{
	unsigned tried = 0;
	const char *line;
	size_t len;

	for (unsigned i = 0; (line = line_at(object->text, i, &len)); i++) {
		size_t before = (size_t)(line - object->text);
		AUTO_FREE char *without =
			xasprintf("%.*s%s", (int)before, object->text, line + len);
		AUTO_FREE char *doubled = xasprintf("%.*s%.*s%s", (int)before,
						    object->text, (int)len, line, line);
		AUTO_FREE char *other_case = xstrdup(object->text);

		refused(object, "missing", line, without);
		if (!listed(object->twice, 3, line))
			refused(object, "doubled", line, doubled);
		/* A word that is not known, in its place. */
		other_case[before + (*line == '#' ? 5 : 0)] ^= 1;
		refused(object, "another word", line, other_case);
		tried += 3;
		if (!strncmp(line, "end\n", 4) || !strncmp(line, "#bee-end", 8))
			break;
	}
	for (unsigned i = 0; object->instead[i].from; i++) {
		const char *from = object->instead[i].from;
		const char *at = strstr(object->text, from);
		AUTO_FREE char *text = NULL;

		CHECK(at);
		text = xasprintf("%.*s%s%s", (int)(at - object->text), object->text,
				 object->instead[i].to, at + strcspn(at, "\n"));
		refused(object, "another's, older or over", object->instead[i].to, text);
		tried++;
	}
	return tried;
}

static void attack(const struct object *object, unsigned at_least)
{
	CHECK(!object->take(object->text));
	CHECK(lines_attack(object) >= at_least);
}

static void tickets(void)
{
	unsigned char request[SHA256_BYTES];
	char hex[SHA256_HEX + 1];

	config_make();
	crypto_hash_sha256(request, (const unsigned char *)REQUEST, strlen(REQUEST));
	AUTO_FREE char *text =
		xasprintf("bee-ticket 1\nrequest %s\norder " SUM "\nstate " SUM
			  "\nkeys 1\nattempt 3\ntime 2026-11-29T07:00:00Z\nend\n",
			  sha256_text(request, hex));
	const struct object object = { "ticket",
				       ticket_take,
				       text,
				       { NULL },
				       { { "request", "request " SUM },
					 { "keys", "keys 2" },
					 { "keys", "keys 0" },
					 { "attempt", "attempt 2" },
					 { "attempt", "attempt 4" },
					 { "time", "time 2026-11-29T06:59:49Z" },
					 { "time", "time 2026-11-29T07:00:11Z" },
					 { "bee-ticket", "bee-receipt 1" },
					 { "bee-ticket", "bee-ticket 2" } } };

	attack(&object, 8 * 3 + 9);
	config.ticket_until = NOW - 1;
	CHECK(ticket_take(text));
	config.ticket_until = NOW;
	CHECK(!ticket_take(text));
	config.keys_not_after = NOW - 1;
	CHECK(ticket_take(text));
}

/* What answers one request answers no other, whatever field of it is changed, left out or there twice. */
static void requests(void)
{
	unsigned char is[SHA256_BYTES], wanted[SHA256_BYTES];
	const char *text = REQUEST;

	crypto_hash_sha256(wanted, (const unsigned char *)text, strlen(text));
	for (const char *field = strchr(text, '?') + 1; *field;) {
		size_t len = strcspn(field, "&");
		AUTO_FREE char *without =
			xasprintf("%.*s%s", (int)(field - text), text, field + len);
		AUTO_FREE char *doubled = xasprintf(
			"%.*s&%s", (int)(field - text + (ptrdiff_t)len), text, field);
		AUTO_FREE char *changed = xstrdup(text);
		char *all[] = { without, doubled, changed };

		changed[field - text + (ptrdiff_t)len - 1] ^= 1;
		for (size_t i = 0; i < ARRAY_LEN(all); i++) {
			request_sha256(all[i], is);
			CHECK(memcmp(is, wanted, SHA256_BYTES) != 0);
		}
		field += len + (field[len] == '&');
	}
}

static void receipts(void)
{
	config_make();
	const struct object object = {
		"receipt",
		receipt_take,
		"bee-receipt 1\ndocument " SUM "\ntime 2026-11-29T07:00:00Z\nend\n",
		{ NULL },
		{ { "document",
		    "document "
		    "00b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		  { "time", "time 2026-11-29T06:00:00Z" },
		  { "bee-receipt", "bee-ticket 1" } }
	};

	attack(&object, 4 * 3 + 3);
}

static void orders(void)
{
	config_make();
	const struct object object = {
		"order",
		order_take,
		"#!/bin/sh\n#bee-order 1\n#bee-sequence 7\n#bee-target serial=SN-17\n"
		"#bee-not-after 2026-11-29T07:00:00Z\n#bee-time-limit "
		"60\n#bee-end\necho\n",
		{ "#bee-target", "#bee-end" },
		{ { "#bee-sequence", "#bee-sequence 6" },
		  { "#bee-sequence", "#bee-sequence 4" },
		  { "#bee-target", "#bee-target serial=SN-18" },
		  { "#bee-target", "#bee-target id=node2" },
		  { "#bee-target",
		    "#bee-target uuid=00000000-0000-0000-0000-000000000000" },
		  { "#bee-not-after", "#bee-not-after 2026-11-29T06:59:59Z" },
		  { "#bee-time-limit", "#bee-time-limit 3601" },
		  { "#bee-order", "#bee-order 2" },
		  { "#!/bin/sh", "#!/bin/bash" } }
	};

	attack(&object, 7 * 3 + 9);
}

static void states(void)
{
	config_make();
	const struct object object = {
		"state",
		state_take,
		"bee-state 1\nsequence 6\ntarget serial=SN-17\nnot-after "
		"2026-11-29T07:00:00Z\nend\nx\n",
		{ "end" },
		{ { "sequence", "sequence 5" },
		  { "target", "target serial=SN-18" },
		  { "target", "target serial=To be filled by O.E.M." },
		  { "target", "target mac=00:00:00:00:00:00" },
		  { "not-after", "not-after 2026-11-29T06:59:59Z" },
		  { "bee-state", "bee-order 1" } }
	};

	attack(&object, 5 * 3 + 6);
}

static void lists(void)
{
	config_make();
	AUTO_FREE char *text = xasprintf(
		"bee-keys 1\nversion 2\nnot-after 2026-11-29T07:00:00Z\nthreshold 2\n"
		"order-key %s\norder-key %s\nticket-key %s\n"
		"ticket-until 2026-11-29T07:00:00Z\nend\n",
		alice.text, carol.text, ticket_key.text);
	AUTO_FREE char *stranger = xasprintf("order-key %s", other.text);
	AUTO_FREE char *roles = xasprintf("ticket-key %s", alice.text);
	const struct object object = {
		"key list",
		keys_take,
		text,
		{ "end" },
		{ { "version", "version 1" },
		  { "version", "version 3" },
		  { "not-after", "not-after 2026-11-29T06:59:59Z" },
		  { "ticket-until", "ticket-until 2026-11-29T06:59:59Z" },
		  { "threshold", "threshold 3" },
		  { "threshold", "threshold 0" },
		  { "order-key", stranger },
		  { "ticket-key", roles },
		  { "bee-keys", "bee-keys 2" } }
	};

	attack(&object, 9 * 3 + 9);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a ticket's lines are all of them needed, once, and ours", tickets, 0 },
		{ "a ticket is of one request, to its last byte", requests, 0 },
		{ "so are a receipt's lines", receipts, 0 },
		{ "an order's", orders, 0 },
		{ "a state object's", states, 0 },
		{ "a key list's", lists, 0 },
		{ NULL, NULL, 0 },
	};

	if (sodium_init() < 0)
		return 1;
	return tap_main(tests);
}
