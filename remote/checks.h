/* What must hold of a ticket, an order and a receipt before anything is done with them. */
#ifndef BEE_REMOTE_CHECKS_H
#define BEE_REMOTE_CHECKS_H

#include "config.h"
#include "node.h"
#include "order.h"
#include "ticket.h"

struct bytes {
	const char *at;
	size_t len;
};

/* The dates of the chain that it came through. */
struct check_dates {
	int64_t not_before, not_after;
};

/* `now` is this machine's clock, for what is judged by that alone: until when keys are believed. 0, or -1 with words. */
MUST_CHECK int check_ticket(const struct config *config, struct bytes text,
			    const unsigned char request[SHA256_BYTES], uint64_t attempt,
			    struct check_dates dates, int64_t now, struct ticket *out,
			    struct said *said);
/* Of a server without tickets: "SHA256\n" or "none\n", which nobody has signed. `time` is our own clock's. */
MUST_CHECK int check_pointer(const struct config *config, struct bytes text,
			     struct check_dates dates, int64_t time, struct ticket *out,
			     struct said *said);
MUST_CHECK int check_receipt(const struct config *config, struct bytes text,
			     const unsigned char document[SHA256_BYTES],
			     struct check_dates dates, struct said *said);

struct check_order {
	const struct config *config;
	const struct identity *identity;
	const unsigned char *
		sha256; /* as the ticket has it; NULL: no ticket, of `bee remote verify` */
	int64_t time;   /* the ticket's */
	uint64_t floor; /* what has been run since the boot: only higher ones do */
	struct bytes
		content; /* scheme gpg: what gpgv gave out of it; its status lines are the signatures then */
};
/* 0, or -1 with words; also where its signatures are good and it is not for here or now. */
MUST_CHECK int check_order(const struct check_order *check, struct bytes text,
			   struct bytes signatures, struct order *out, struct said *said);
/* A state object: the same, with its own sum; `floor` is the newest that has been used since the boot. */
MUST_CHECK int check_state(const struct check_order *check, struct bytes text,
			   struct bytes signatures, struct node_state *out,
			   struct said *said);

#endif
