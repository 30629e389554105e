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
		return say(said, "%s: it has no line \"end\"", what);
	end += sizeof(END) - 1;
	if (minisig_verify(key, 1, 1, text, (size_t)(end - text), end,
			   len - (size_t)(end - text), &why))
		return say(said, "%s: %s", what, why.text);
	*out = (struct take){ text, end, 0 };
	return 0;
}

/* The next line's value, which has to be of `name`. */
static const char *line_of(struct take *take, const char *name, char *line, size_t size)
{
	return take_line(take, line, size) ? NULL : take_value(line, name);
}

/* After the first line "end" there is nothing: that is where the signed part ends. */
static bool ends(struct take *take, char *line, size_t size)
{
	return !take_line(take, line, size) && !strcmp(line, "end");
}

/* "none", or a sum. 0 or -1. */
static int object_of(const char *value, uint32_t *has, unsigned char sha256[SHA256_BYTES])
{
	*has = value && strcmp(value, "none") != 0;
	return !value || (*has && take_sha256(value, sha256)) ? -1 : 0;
}

int ticket_read(const struct minisig_key *key, const char *text, size_t len,
		struct ticket *out, struct said *said)
{
	struct ticket ticket = { .attempt = 0 };
	struct take take;
	char line[128];
	const char *value;

	if (signed_part("ticket", key, text, len, &take, said))
		return -1;
	if (take_line(&take, line, sizeof(line)) || strcmp(line, "bee-ticket 1") != 0)
		return say(said, "ticket: its first line is not bee-ticket 1");
	value = line_of(&take, "request", line, sizeof(line));
	if (!value || take_sha256(value, ticket.request))
		return say(said, "ticket: its second line is not request SHA256");
	value = line_of(&take, "order", line, sizeof(line));
	if (object_of(value, &ticket.has_order, ticket.order))
		return say(said, "ticket: its third line is not order SHA256");
	value = line_of(&take, "state", line, sizeof(line));
	if (object_of(value, &ticket.has_state, ticket.state) ||
	    (ticket.has_state && !ticket.has_order))
		return say(said, "ticket: its fourth line is not state SHA256, which "
				 "goes with an order");
	value = line_of(&take, "keys", line, sizeof(line));
	if (!value || take_number(value, 1, INT64_MAX, &ticket.keys))
		return say(said, "ticket: its fifth line is not keys NUMBER");
	value = line_of(&take, "attempt", line, sizeof(line));
	if (!value || take_number(value, 1, UINT32_MAX, &ticket.attempt))
		return say(said, "ticket: its sixth line is not attempt NUMBER");
	value = line_of(&take, "time", line, sizeof(line));
	if (!value || take_time(value, &ticket.time))
		return say(said, "ticket: its seventh line is not time TIME");
	if (!ends(&take, line, sizeof(line)))
		return say(said, "ticket: its eighth line is not end");
	*out = ticket;
	return 0;
}

int receipt_read(const struct minisig_key *key, const char *text, size_t len,
		 struct receipt *out, struct said *said)
{
	struct receipt receipt;
	struct take take;
	char line[128];
	const char *value;

	if (signed_part("receipt", key, text, len, &take, said))
		return -1;
	if (take_line(&take, line, sizeof(line)) || strcmp(line, "bee-receipt 1") != 0)
		return say(said, "receipt: its first line is not bee-receipt 1");
	value = line_of(&take, "document", line, sizeof(line));
	if (!value || take_sha256(value, receipt.document))
		return say(said, "receipt: its second line is not document SHA256");
	value = line_of(&take, "time", line, sizeof(line));
	if (!value || take_time(value, &receipt.time))
		return say(said, "receipt: its third line is not time TIME");
	if (!ends(&take, line, sizeof(line)))
		return say(said, "receipt: its fourth line is not end");
	*out = receipt;
	return 0;
}
