/* Tickets and receipts: verified, then read. */
#include "ticket.h"

#include <string.h>

#define END "\nend\n"

/* Splits `text` behind its line "end" and verifies the first part by the second. */
static int signed_part(const char *what, const struct minisig_key *key, const char *text,
		       size_t len, struct take *out, struct said *said)
{
	struct said why = { "" };
	const char *end;

	if (len > TICKET_MAX)
		return say(said, "%s: more than %d bytes", what, TICKET_MAX);
	end = memmem(text, len, END, sizeof(END) - 1);
	if (!end)
		return say(said, "%s: it has no line \"end\"%s", what,
			   take_trouble(text, len));
	end += sizeof(END) - 1;
	if (minisig_verify(key, 1, 1, text, (size_t)(end - text), end,
			   len - (size_t)(end - text), &why))
		return say(said, "%s: %s", what, why.text);
	*out = take_begin(text, (size_t)(end - text));
	return 0;
}

/* "none", or a sum. 0 or -1. */
static int object_of(const char *value, uint32_t *has, unsigned char sha256[SHA256_BYTES])
{
	*has = strcmp(value, "none") != 0;
	return *has ? take_sha256(value, sha256) : 0;
}

static int request_of(const char *value, void *out)
{
	return take_sha256(value, ((struct ticket *)out)->request);
}

static int order_of(const char *value, void *out)
{
	struct ticket *ticket = out;

	return object_of(value, &ticket->has_order, ticket->order);
}

static int state_of(const char *value, void *out)
{
	struct ticket *ticket = out;

	if (object_of(value, &ticket->has_state, ticket->state))
		return -1;
	return ticket->has_state && !ticket->has_order ? -1 : 0;
}

static int keys_of(const char *value, void *out)
{
	return take_number(value, 1, INT64_MAX, &((struct ticket *)out)->keys);
}

static int attempt_of(const char *value, void *out)
{
	return take_number(value, 1, UINT32_MAX, &((struct ticket *)out)->attempt);
}

static int time_of(const char *value, void *out)
{
	return take_time(value, &((struct ticket *)out)->time);
}

const struct line_word ticket_words[] = {
	{ "request", "SHA256", request_of },
	{ "order", "SHA256, or none", order_of },
	{ "state", "SHA256, which goes with an order, or none", state_of },
	{ "keys", "NUMBER", keys_of },
	{ "attempt", "NUMBER", attempt_of },
	{ "time", "TIME", time_of },
	{ NULL, NULL, NULL },
};

static int document_of(const char *value, void *out)
{
	return take_sha256(value, ((struct receipt *)out)->document);
}

static int received_of(const char *value, void *out)
{
	return take_time(value, &((struct receipt *)out)->time);
}

const struct line_word receipt_words[] = {
	{ "document", "SHA256", document_of },
	{ "time", "TIME", received_of },
	{ NULL, NULL, NULL },
};

int ticket_read(const struct minisig_key *key, const char *text, size_t len,
		struct ticket *out, struct said *said)
{
	struct ticket ticket = { .attempt = 0 };
	struct take take;

	if (signed_part("ticket", key, text, len, &take, said) ||
	    words_take("ticket", "bee-ticket 1", ticket_words, &take, &ticket, said))
		return -1;
	*out = ticket;
	return 0;
}

int receipt_read(const struct minisig_key *key, const char *text, size_t len,
		 struct receipt *out, struct said *said)
{
	struct receipt receipt;
	struct take take;

	if (signed_part("receipt", key, text, len, &take, said) ||
	    words_take("receipt", "bee-receipt 1", receipt_words, &take, &receipt, said))
		return -1;
	*out = receipt;
	return 0;
}
