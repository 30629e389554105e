/*
 * What a server signs online: a ticket answers one request, a receipt says that a document is kept.
 * Both are a few lines up to "end", then one signature of those by minisign.
 */
#ifndef BEE_REMOTE_TICKET_H
#define BEE_REMOTE_TICKET_H

#include "minisig.h"
#include "take.h"
#include "words.h"

#define TICKET_MAX 8192

struct ticket {
	unsigned char request[SHA256_BYTES]; /* of the request as it was sent */
	uint32_t has_order;                  /* else "none": there is nothing to do */
	unsigned char order[SHA256_BYTES];
	uint32_t has_state; /* an object for this machine, of which the order makes use */
	unsigned char state[SHA256_BYTES];
	uint64_t keys; /* the version of the newest key list that the server knows */
	uint64_t attempt;
	int64_t time; /* the server's */
};

struct receipt {
	unsigned char document[SHA256_BYTES];
	int64_t time;
};

/* Their lines, in this order; there are no others. */
extern const struct line_word ticket_words[], receipt_words[];

/* Verified by `key`, then read. 0, or -1 with words; nothing is read of what is not signed. */
MUST_CHECK int ticket_read(const struct minisig_key *key, const char *text, size_t len,
			   struct ticket *out, struct said *said);
MUST_CHECK int receipt_read(const struct minisig_key *key, const char *text, size_t len,
			    struct receipt *out, struct said *said);

#endif
