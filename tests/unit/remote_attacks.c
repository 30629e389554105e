/*
 * Every line of a ticket, an order, a state object, a key list and a receipt: left out, there twice, changed, another's,
 * older. Which lines there are is asked of the formats themselves, so that none is forgotten. Each text is signed by the
 * right keys but where it says so, so that it is its lines that are judged.
 */
#include "identity.h"
#include "remote_attack.h"

#include <sodium.h>

static unsigned char request[SHA256_BYTES]; /* the ticket's */

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

static const char *ticket_word(size_t i)
{
	return ticket_words[i].word;
}

static const char *receipt_word(size_t i)
{
	return receipt_words[i].word;
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

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a ticket's lines are all of them needed, once, and ours", tickets,
		  60 },
		{ "a ticket is of one request, to its last byte", requests, 0 },
		{ "so are a receipt's lines", receipts, 60 },
		{ NULL, NULL, 0 },
	};

	if (sodium_init() < 0)
		return 1;
	return tap_main(tests);
}
