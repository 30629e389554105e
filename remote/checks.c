/* What must hold of a ticket, an order and a receipt before anything is done with them. */
#include "checks.h"
#include "gpg.h"
#include "keylist.h"

#include <sodium.h>
#include <string.h>

static bool is_sha256_of(const unsigned char sha256[SHA256_BYTES], struct bytes text)
{
	unsigned char is[SHA256_BYTES];

	crypto_hash_sha256(is, (const unsigned char *)text.at, text.len);
	return !memcmp(is, sha256, SHA256_BYTES);
}

/* What the TLS library did not compare, as there was no clock to believe. */
static int dates_hold(const char *what, struct check_dates dates, int64_t time,
		      struct said *said)
{
	char now[TIME_TEXT], from[TIME_TEXT], to[TIME_TEXT];

	if (time >= dates.not_before && time <= dates.not_after)
		return 0;
	return say(said, "%s: at %s the server's certificate, %s to %s, does not hold",
		   what, time_text(time, now), time_text(dates.not_before, from),
		   time_text(dates.not_after, to));
}

int check_ticket(const struct config *config, struct bytes text,
		 const unsigned char request[SHA256_BYTES], uint64_t attempt,
		 struct check_dates dates, int64_t now, struct ticket *out,
		 struct said *said)
{
	struct ticket ticket;

	if (ticket_read(&config->ticket_key, text.at, text.len, &ticket, said) ||
	    keylist_now(config, now, said) || keylist_ticket_now(config, now, said))
		return -1;
	if (ticket.keys != config->keys_version)
		return say(said, "ticket: it is of key list %llu, and %llu is in use",
			   (unsigned long long)ticket.keys,
			   (unsigned long long)config->keys_version);
	if (memcmp(ticket.request, request, SHA256_BYTES) != 0)
		return say(said, "ticket: it answers another request");
	if (ticket.attempt != attempt)
		return say(said, "ticket: it answers another attempt");
	if (dates_hold("ticket", dates, ticket.time, said))
		return -1;
	*out = ticket;
	return 0;
}

int check_pointer(const struct config *config, struct bytes text,
		  struct check_dates dates, int64_t time, struct ticket *out,
		  struct said *said)
{
	struct ticket ticket = { .has_order = true, .time = time };
	struct take take = take_begin(text.at, text.len);
	char line[SHA256_HEX + 1];

	if (take_line(&take, line, sizeof(line)) || take.at != take.end)
		return say(said, "answer: not one line with a sha256, or none");
	if (!strcmp(line, "none"))
		ticket.has_order = false;
	else if (take_sha256(line, ticket.order))
		return say(said, "answer: not one line with a sha256, or none");
	if (dates_hold("answer", dates, time, said) || keylist_now(config, time, said))
		return -1;
	*out = ticket;
	return 0;
}

int check_receipt(const struct config *config, struct bytes text,
		  const unsigned char document[SHA256_BYTES], struct check_dates dates,
		  struct said *said)
{
	struct receipt receipt;

	if (!config->has_receipt_key)
		return say(said, "receipt: TRUST has no receipt-key");
	if (receipt_read(&config->receipt_key, text.at, text.len, &receipt, said))
		return -1;
	if (memcmp(receipt.document, document, SHA256_BYTES) != 0)
		return say(said, "receipt: it is of another document");
	return dates_hold("receipt", dates, receipt.time, said);
}

/* By whom it is, and that it is what the ticket means. */
static int authentic(const char *what, const struct check_order *check, struct bytes text,
		     struct bytes signatures, struct said *said)
{
	const struct config *config = check->config;
	struct said why = { "" };

	if (text.len > ORDER_MAX)
		return say(said, "%s: more than %u bytes", what, ORDER_MAX);
	if (config->is_gpg
		    ? gpg_judge(text, signatures, config->threshold, check->time, &why)
		    : minisig_verify(config->order_keys, config->order_key_count,
				     config->threshold, text.at, text.len, signatures.at,
				     signatures.len, &why))
		return say(said, "%s: %s", what, why.text);
	if (check->sha256 && !is_sha256_of(check->sha256, text))
		return say(said, "%s: it is not the one that the ticket names", what);
	return 0;
}

/*
 * RFC 4880, 7.1: the signature of a clear text does not tell one end of a line from another; gpgv
 * gives out the one that was there, and a shell tells them apart. (Blanks before it, of which the
 * signature does not speak either, are not given out.)
 */
static int line_ends_hold(struct bytes text, struct said *said)
{
	if (text.len && memchr(text.at, '\r', text.len))
		return say(said,
			   "order: a carriage return, of which a signature in clear "
			   "text does not speak");
	return 0;
}

int check_order(const struct check_order *check, struct bytes text,
		struct bytes signatures, struct order *out, struct said *said)
{
	const struct config *config = check->config;
	struct order order;
	struct said why = { "" };

	if (authentic("order", check, text, signatures, said))
		return -1;
	if (config->is_gpg)
		text = check->content;
	if (config->is_gpg && text.at && line_ends_hold(text, said))
		return -1;
	if (!text.at || order_read(text.at, text.len, &order, said))
		return -1;
	if (!order_is_for(&order, check->identity))
		return say(said, "order: it is not for this machine");
	if (check->time > order.not_after)
		return say(said, "order: its time was over before %s",
			   time_text(check->time, (char[TIME_TEXT]){ 0 }));
	if (order.sequence < config->floor)
		return say(said,
			   "order: its sequence %llu is below this image's floor, %llu",
			   (unsigned long long)order.sequence,
			   (unsigned long long)config->floor);
	if (order.sequence <= check->floor)
		return say(said,
			   "order: sequence %llu, and %llu has been run since the boot",
			   (unsigned long long)order.sequence,
			   (unsigned long long)check->floor);
	if (grants_check_order(&config->grants, &order, &why))
		return say(said, "order: %s", why.text);
	*out = order;
	return 0;
}

int check_state(const struct check_order *check, struct bytes text,
		struct bytes signatures, struct node_state *out, struct said *said)
{
	struct node_state state;

	if (check->config->is_gpg)
		return say(said, "state: there is none with scheme gpg");
	if (authentic("state", check, text, signatures, said) ||
	    node_read(text.at, text.len, &state, said))
		return -1;
	if (!node_is_of(&state, check->identity))
		return say(said, "state: it is not of this machine");
	if (check->time > state.not_after)
		return say(said, "state: its time was over before %s",
			   time_text(check->time, (char[TIME_TEXT]){ 0 }));
	if (state.sequence < check->floor)
		return say(said,
			   "state: sequence %llu, and %llu has been used since the boot",
			   (unsigned long long)state.sequence,
			   (unsigned long long)check->floor);
	*out = state;
	return 0;
}
