/*
 * Every line of a ticket, an order, a state object, a key list and a receipt: left out, there twice, changed, another's,
 * older. Which lines there are is asked of the formats themselves, so that none is forgotten. Each text is signed by the
 * right keys but where it says so, so that it is its lines that are judged.
 */
#include "checks.h"
#include "identity.h"
#include "keylist.h"
#include "remote_signed.h"
#include "trust.h"

#include <sodium.h>
#include <stdlib.h>

static struct pair alice, bob, carol, ticket_key, receipt_key, other;
static struct config config;
static struct identity identity = { .id = "node", .serial = "SN-17" };
static unsigned char request[SHA256_BYTES]; /* the ticket's */

static void error(void *arg, unsigned line, const char *words)
{
	(void)arg;
	tap_fail(__FILE__, __LINE__, "%u: %s", line, words);
}

static void config_make(void)
{
	static const char policy[] = "allow see /var/log\nallow kexec\n";

	pair_make(&alice);
	pair_make(&bob);
	pair_make(&carol);
	pair_make(&ticket_key);
	pair_make(&receipt_key);
	pair_make(&other);
	config = (struct config){ .threshold = 2,
				  .order_key_count = 2,
				  .keys_version = 1,
				  .has_ticket_key = true,
				  .has_receipt_key = true,
				  .floor = 5 };
	config.order_keys[0] = alice.key;
	config.order_keys[1] = bob.key;
	config.ticket_key = ticket_key.key;
	config.receipt_key = receipt_key.key;
	CHECK(!grants_read(policy, strlen(policy), &config.grants, error, NULL));
	config.grants.proved = true;
}

static struct bytes bytes_of(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

static const struct check_dates dates = { NOW - 10, NOW + 10 };

static char *ticket_sign(const char *text)
{
	return SIGNED(text, &ticket_key);
}

static int ticket_judge(const char *text, const char *signatures, struct said *said)
{
	AUTO_FREE char *whole = xasprintf("%s%s", text, signatures);
	struct ticket ticket;

	return check_ticket(&config, bytes_of(whole), request, 3, dates, NOW, &ticket,
			    said);
}

static char *receipt_sign(const char *text)
{
	return SIGNED(text, &receipt_key);
}

static int receipt_judge(const char *text, const char *signatures, struct said *said)
{
	AUTO_FREE char *whole = xasprintf("%s%s", text, signatures);
	unsigned char document[SHA256_BYTES];

	CHECK(!take_sha256(SUM, document));
	return check_receipt(&config, bytes_of(whole), document, dates, said);
}

static char *order_sign(const char *text)
{
	return SIGNED(text, &alice, &bob);
}

static int order_judge(const char *text, const char *signatures, struct said *said)
{
	struct check_order check = { &config, &identity, NULL, NOW, 6, { 0 } };
	static struct order order;

	return check_order(&check, bytes_of(text), bytes_of(signatures), &order, said);
}

static int state_judge(const char *text, const char *signatures, struct said *said)
{
	struct check_order check = { &config, &identity, NULL, NOW, 6, { 0 } };
	struct node_state state;

	return check_state(&check, bytes_of(text), bytes_of(signatures), &state, said);
}

static char *keys_sign(const char *text)
{
	return SIGNED(text, &alice, &bob, &carol);
}

static int keys_judge(const char *text, const char *signatures, struct said *said)
{
	AUTO_FREE char *whole = xasprintf("%s%s", text, signatures);
	struct config with = config;

	if (keylist_apply(&with, bytes_of(whole), said) ||
	    keylist_now(&with, NOW, said) || keylist_ticket_now(&with, NOW, said))
		return -1;
	return 0;
}

static const char *ticket_word(size_t i)
{
	return ticket_words[i].word;
}

static const char *receipt_word(size_t i)
{
	return receipt_words[i].word;
}

static const char *node_word(size_t i)
{
	return node_words[i].word;
}

struct object {
	const char *name;
	char *(*sign)(const char *text);
	/* 0: it is taken as it is. */
	int (*judge)(const char *text, const char *signatures, struct said *said);
	const char *(*word)(size_t i); /* of its lines */
	const char *text;              /* with each of them */
	const char *missing[4];        /* may be left out */
	const char *twice[5]; /* may be there twice: what they say, they say twice */
	const char *free[5];  /* another value means another thing, which is signed */
	const char *never[6]; /* lines of the same words for others than this one */
	/* In the place of the line that begins so: what is another's, older, or over. */
	struct {
		const char *from, *to;
	} instead[13];
};

/* Of an array that may end before its end. */
#define LISTED(list, line) listed(list, ARRAY_LEN(list), line)
static bool listed(const char *const *list, size_t count, const char *line)
{
	for (size_t i = 0; i < count && list[i]; i++)
		if (!strncmp(list[i], line, strlen(list[i])))
			return true;
	return false;
}

/* Line `i` of `text`; NULL: there are fewer. */
static const char *line_at(const char *text, unsigned i, size_t *len)
{
	while (i-- && *text)
		text += strcspn(text, "\n") + 1;
	*len = strcspn(text, "\n") + 1;
	return *text ? text : NULL;
}

/* Signed by the right keys, and refused, in words of its own. */
static void refused(const struct object *object, const char *how, const char *line,
		    const char *text)
{
	AUTO_FREE char *signatures = object->sign(text);
	struct said said = { "" };

	if (!object->judge(text, signatures, &said))
		tap_fail(__FILE__, __LINE__, "%s, %s: taken: %.*s", object->name, how,
			 (int)strcspn(line, "\n"), line);
	/* What is behind the end is no line of it. */
	if (!*said.text ||
	    (strncmp(line, "end\n", 4) != 0 && strstr(said.text, "signature")))
		tap_fail(__FILE__, __LINE__, "%s, %s: %.*s: \"%s\"", object->name, how,
			 (int)strcspn(line, "\n"), line, said.text);
}

static void line_attack(const struct object *object, const char *line, size_t len)
{
	size_t before = (size_t)(line - object->text);
	AUTO_FREE char *without =
		xasprintf("%.*s%s", (int)before, object->text, line + len);
	AUTO_FREE char *doubled =
		xasprintf("%.*s%.*s%s", (int)before, object->text, (int)len, line, line);
	AUTO_FREE char *other_word = xstrdup(object->text);

	if (!LISTED(object->missing, line))
		refused(object, "missing", line, without);
	if (!LISTED(object->twice, line))
		refused(object, "doubled", line, doubled);
	other_word[before + (*line == '#' ? 5 : 0)] ^= 1;
	refused(object, "another word", line, other_word);
}

static bool is_end(const char *line)
{
	return !strncmp(line, "end\n", 4) || !strncmp(line, "#bee-end", 8);
}

/*
 * The same line as other systems' editors and careless hands write it: a carriage return, a byte order mark, bytes that are
 * no ASCII, a terminal's escape, a blank; before it, in its middle, behind it.
 */
static void form_attack(const struct object *object, const char *line, size_t len)
{
	static const char *const forms[] = {
		"\r", "\xef\xbb\xbf", "\xe9", "\xc3\xa9", "\x1b[2J",
		"\v", "\t",           " ",    "\n",       "\r\n"
	};
	const size_t places[] = { 0, strcspn(line, " \n"), len - 1 };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		for (size_t k = 0; k < ARRAY_LEN(places); k++) {
			int before = (int)((size_t)(line - object->text) + places[k]);
			AUTO_FREE char *text = xasprintf("%.*s%s%s", before, object->text,
							 forms[i], object->text + before);

			/*
			 * Behind a word is what it says, which another kernel is told as it is; behind
			 * the end, what is not a line of it.
			 */
			if (k > 0 &&
			    (forms[i][0] == '\n' ? is_end(line)
						 : LISTED(object->free, line) &&
							   strchr("\t ", forms[i][0])))
				continue;
			refused(object, "another form", line, text);
		}
}

/* What nobody has signed so: no byte of it can be another. */
static void bytes_attack(const struct object *object)
{
	AUTO_FREE char *signatures = object->sign(object->text);
	AUTO_FREE char *text = xstrdup(object->text);

	for (size_t i = 0; text[i]; i++) {
		struct said said = { "" };

		text[i] ^= (char)(1 << i % 7);
		if (!object->judge(text, signatures, &said))
			tap_fail(__FILE__, __LINE__, "%s: another byte %zu: taken",
				 object->name, i);
		text[i] = object->text[i];
	}
}

/* Its sample and the rows above have each word of the format. */
static void words_covered(const struct object *object)
{
	size_t len;

	for (size_t i = 0; object->word(i); i++) {
		const char *mark = *object->text == '#' ? "#bee-" : "";
		AUTO_FREE char *begin = xasprintf("%s%s ", mark, object->word(i));
		bool in_text = false, there = LISTED(object->free, begin);
		const char *line;

		for (size_t k = 0; object->never[k]; k++)
			there = in_text |=
				!strncmp(object->never[k], begin, strlen(begin));
		for (unsigned k = 0; (line = line_at(object->text, k, &len)); k++)
			in_text |= !strncmp(line, begin, strlen(begin));
		for (size_t k = 0; object->instead[k].from; k++)
			there |= !strncmp(object->instead[k].from, begin,
					  strlen(object->instead[k].from));
		if (!in_text || !there)
			tap_fail(__FILE__, __LINE__, "%s: '%s' is not attacked",
				 object->name, begin);
	}
}

static void attack(const struct object *object)
{
	AUTO_FREE char *signatures = object->sign(object->text);
	struct said said = { "" };
	const char *line;
	size_t len;

	if (object->judge(object->text, signatures, &said))
		tap_fail(__FILE__, __LINE__, "%s: %s", object->name, said.text);
	words_covered(object);
	for (unsigned i = 0; (line = line_at(object->text, i, &len)); i++) {
		line_attack(object, line, len);
		form_attack(object, line, len);
		if (is_end(line))
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
	}
	for (unsigned i = 0; object->never[i]; i++) {
		const char *end = strstr(object->text, "\nend\n") + 1;
		AUTO_FREE char *text = xasprintf("%.*s%s\n%s", (int)(end - object->text),
						 object->text, object->never[i], end);

		refused(object, "not its own", object->never[i], text);
	}
	refused(object, "empty", "", "");
	AUTO_FREE char *cut =
		xasprintf("%.*s", (int)strlen(object->text) / 2, object->text);
	refused(object, "a half", "", cut);
	bytes_attack(object);
}

#define REQUEST(nonce, attempt)                                                          \
	request_make(&config, &identity, (const unsigned char[NONCE_BYTES]){ nonce },    \
		     attempt, 6)

static void tickets(void)
{
	char hex[SHA256_HEX + 1];

	config_make();
	AUTO_FREE char *asked = REQUEST(1, 3);

	request_sha256(asked, request);
	AUTO_FREE char *text =
		xasprintf("bee-ticket 1\nrequest %s\norder " SUM "\nstate " SUM
			  "\nkeys 1\nattempt 3\ntime 2026-11-29T07:00:00Z\nend\n",
			  sha256_text(request, hex));
	const struct object object = { "ticket",
				       ticket_sign,
				       ticket_judge,
				       ticket_word,
				       text,
				       .free = { "order", "state" },
				       .instead = {
					       { "request", "request " SUM },
					       { "order", "order none" },
					       { "keys", "keys 2" },
					       { "keys", "keys 0" },
					       { "attempt", "attempt 2" },
					       { "attempt", "attempt 4" },
					       { "time", "time 2026-11-29T06:59:49Z" },
					       { "time", "time 2026-11-29T07:00:11Z" },
					       { "bee-ticket", "bee-receipt 1" },
					       { "bee-ticket", "bee-ticket 2" } } };
	AUTO_FREE char *signatures = ticket_sign(text);
	struct said said;

	attack(&object);
	config.ticket_until = NOW - 1;
	CHECK(ticket_judge(text, signatures, &said));
	config.ticket_until = NOW;
	CHECK(!ticket_judge(text, signatures, &said));
	config.keys_not_after = NOW - 1;
	CHECK(ticket_judge(text, signatures, &said));
}

/* Another one than `asked`. */
static void other_request(const char *asked, const char *than)
{
	unsigned char is[SHA256_BYTES], wanted[SHA256_BYTES];

	request_sha256(asked, wanted);
	request_sha256(than, is);
	if (!memcmp(is, wanted, SHA256_BYTES))
		tap_fail(__FILE__, __LINE__, "the same: %s", than);
}

/* What answers one request answers no other, whatever field of it is changed, left out or there twice. */
static void requests(void)
{
	unsigned fields = 0;

	config_make();
	identity.mac_count = 1;
	memcpy(identity.macs[0], "52:54:00:12:34:56", 18);
	AUTO_FREE char *text = REQUEST(1, 3);

	for (const char *field = strchr(text, '?') + 1; *field; fields++) {
		size_t len = strcspn(field, "&");
		AUTO_FREE char *without =
			xasprintf("%.*s%s", (int)(field - text), text, field + len);
		AUTO_FREE char *doubled = xasprintf(
			"%.*s&%s", (int)(field - text + (ptrdiff_t)len), text, field);
		AUTO_FREE char *changed = xstrdup(text);

		changed[field - text + (ptrdiff_t)len - 1] ^= 1;
		other_request(text, without);
		other_request(text, doubled);
		other_request(text, changed);
		field += len + (field[len] == '&');
	}
	CHECK(fields >= 13);
	/* Another attempt, an older nonce, another machine. */
	AUTO_FREE char *attempt = REQUEST(1, 4), *nonce = REQUEST(2, 3);

	other_request(text, attempt);
	other_request(text, nonce);
	char *names[] = { identity.id, identity.uuid, identity.serial, identity.macs[0] };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_FREE char *before = xstrdup(names[i]);

		strcpy(names[i], "x");
		AUTO_FREE char *theirs = REQUEST(1, 3);

		strcpy(names[i], before);
		other_request(text, theirs);
	}
}

static void receipts(void)
{
	config_make();
	const struct object object = {
		"receipt",
		receipt_sign,
		receipt_judge,
		receipt_word,
		"bee-receipt 1\ndocument " SUM "\ntime 2026-11-29T07:00:00Z\nend\n",
		.instead = { { "document", "document 00b0c44298fc1c149afbf4c8996fb924"
					   "27ae41e4649b934ca495991b7852b855" },
			     { "time", "time 2026-11-29T06:00:00Z" },
			     { "bee-receipt", "bee-ticket 1" } }
	};

	attack(&object);
}

static void orders(void)
{
	config_make();
	const struct object object = {
		"order",
		order_sign,
		order_judge,
		order_word,
		"#!/bin/sh\n#bee-order 1\n#bee-sequence 7\n#bee-target serial=SN-17\n"
		"#bee-not-after 2026-11-29T07:00:00Z\n#bee-time-limit 60\n"
		"#bee-need see /var/log/apt\n#bee-file kernel " SUM
		"\n#bee-cmdline quiet\n#bee-do kexec kernel\n#bee-run "
		"once\n#bee-end\necho\n",
		.missing = { "#bee-need", "#bee-cmdline", "#bee-run" },
		.twice = { "#bee-target", "#bee-need", "#bee-cmdline", "#bee-end" },
		.free = { "#bee-cmdline" },
		.instead = { { "#bee-sequence", "#bee-sequence 6" },
			     { "#bee-sequence", "#bee-sequence 4" },
			     { "#bee-target", "#bee-target serial=SN-18" },
			     { "#bee-target", "#bee-target any" },
			     { "#bee-not-after", "#bee-not-after 2026-11-29T06:59:59Z" },
			     { "#bee-time-limit", "#bee-time-limit 3601" },
			     { "#bee-need", "#bee-need see /var/lib" },
			     { "#bee-file", "#bee-file initrd " SUM },
			     { "#bee-do", "#bee-do reboot" },
			     { "#bee-run", "#bee-run twice" },
			     { "#bee-order", "#bee-order 2" },
			     { "#!/bin/sh", "#!/bin/bash" } }
	};

	attack(&object);
}

static void states(void)
{
	config_make();
	const struct object object = {
		"state",
		order_sign,
		state_judge,
		node_word,
		"bee-state 1\nsequence 6\ntarget serial=SN-17\nnot-after "
		"2026-11-29T07:00:00Z\nend\nx\n",
		.twice = { "end" },
		.instead = { { "sequence", "sequence 5" },
			     { "target", "target serial=SN-18" },
			     { "target", "target serial=To be filled by O.E.M." },
			     { "target", "target mac=00:00:00:00:00:00" },
			     { "not-after", "not-after 2026-11-29T06:59:59Z" },
			     { "bee-state", "bee-order 1" } }
	};

	attack(&object);
}

/* TRUST's words, and one that an image has no use for. */
static const char *keys_word(size_t i)
{
	size_t count = 0;

	while (trust_word(count))
		count++;
	return i < count ? trust_word(i) : i == count ? "not-after" : NULL;
}

static void lists(void)
{
	config_make();
	AUTO_FREE char *text = xasprintf(
		"bee-keys 1\nversion 2\nnot-after 2026-11-29T07:00:00Z\nthreshold 2\n"
		"order-key %s\norder-key %s\nticket-key %s\n"
		"ticket-until 2026-11-29T07:00:00Z\nreceipt-key %s\nfloor 6\nend\n",
		alice.text, carol.text, ticket_key.text, receipt_key.text);
	AUTO_FREE char *roles = xasprintf("ticket-key %s", alice.text);
	AUTO_FREE char *receipts_too = xasprintf("receipt-key %s", ticket_key.text);
	AUTO_FREE char *twice = xasprintf("order-key %s", carol.text);
	AUTO_FREE char *seals = xasprintf("seal-key %s", bob.text);
	const struct object object = {
		"key list",
		keys_sign,
		keys_judge,
		keys_word,
		text,
		.missing = { "receipt-key", "floor" },
		.twice = { "end" },
		.never = { "scheme minisign", "freshness static", "cmdline full",
			   "spread 600", seals },
		.instead = { { "version", "version 1" },
			     { "version", "version 3" },
			     { "not-after", "not-after 2026-11-29T06:59:59Z" },
			     { "ticket-until", "ticket-until 2026-11-29T06:59:59Z" },
			     { "threshold", "threshold 3" },
			     { "threshold", "threshold 0" },
			     { "order-key", twice },
			     { "ticket-key", roles },
			     { "receipt-key", receipts_too },
			     { "floor", "floor 0" },
			     { "bee-keys", "bee-keys 2" } }
	};
	struct config with = config;
	struct said said;
	AUTO_FREE char *signatures = keys_sign(text);
	AUTO_FREE char *whole = xasprintf("%s%s", text, signatures);

	attack(&object);
	/* A floor goes up and never down. */
	with.floor = 9;
	CHECK(!keylist_apply(&with, bytes_of(whole), &said));
	CHECK_INT(with.floor, 9);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a ticket's lines are all of them needed, once, and ours", tickets,
		  60 },
		{ "a ticket is of one request, to its last byte", requests, 0 },
		{ "so are a receipt's lines", receipts, 60 },
		{ "an order's", orders, 60 },
		{ "a state object's", states, 60 },
		{ "a key list's", lists, 60 },
		{ NULL, NULL, 0 },
	};

	if (sodium_init() < 0)
		return 1;
	return tap_main(tests);
}
