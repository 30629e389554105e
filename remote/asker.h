/*
 * The supervisor: what is asked next, and what is done with the answer. It moves descriptors and
 * structs of fixed size; no byte of the network is read in it.
 */
#ifndef BEE_REMOTE_ASKER_H
#define BEE_REMOTE_ASKER_H

#include "answer.h"
#include "checks.h"
#include "fetch.h"
#include "identity.h"
#include "state.h"

struct asker {
	const char *dir; /* the configuration's */
	struct config config;
	struct identity identity;
	struct state state;
	const char *document;    /* the audit's */
	int stop;                /* readable: it is to end */
	unsigned connect, total; /* seconds for a connection, for an answer */
	int keys; /* the chain of key lists above TRUST, sealed; -1: there are none */
	uint64_t keys_version; /* of the last of them */
	bool has_receipt_key;  /* they have one: what is sent home gets a receipt */
	uint64_t attempt;
	char request[SHA256_HEX + 1]; /* of the last one */
	bool proved;                  /* which the machine has signed */
	unsigned tpm_failed;          /* times */
	char order[SHA256_HEX + 1];   /* of the one that was run; "" */
	uint64_t sequence;            /* its own, 0: none */
	int status;                   /* how it ended */
	struct said why;              /* what was to be said of that */
	enum after after;             /* what it wants then */
	bool watchdog;                /* it counts, and nobody stops it */
	nsec_t until;    /* no question takes longer, whatever its own limit is */
	bool result_due; /* that has not yet become a file */
	char answered[ADDRESS_MAX]; /* who gave the last ticket, or "" */
	int64_t time;               /* what the last ticket said, 0: there was none; */
	nsec_t time_at;             /* and when, by a clock that nobody sets */
	struct fetch_report report;
	char asked[FETCH_ADDRESSES_MAX][ADDRESS_MAX]; /* for a ticket, in this round */
	unsigned asked_count;
};

enum outcome {
	ASK_AGAIN,   /* the server did not answer, or with nothing that may be run */
	ASK_NOTHING, /* it has no order, or one that has been run */
	ASK_RAN,
	ASK_STOPPED,
};

/* Asks every address until one's answer holds, and does what it says. Why not is in *said. */
enum outcome ask(struct asker *asker, struct said *said);

/*
 * ask_one.c: one question. A sealed memfd, or -1 with words. `put`: what is sent, or -1. `others`: not of who was asked
 * in this round.
 */
int ask_fetch(struct asker *asker, const char *target, size_t max, int put, bool others,
	      struct said *said);
/* Whether somebody else can be asked in this round; who was asked now is so. */
MUST_CHECK bool ask_others_left(struct asker *asker);
/* What the last ticket said, and what has passed since. */
int64_t ask_time(const struct asker *asker);
/* Of ask_proof.c: the request, which it takes over, with its proof where the machine has a key; owned. NULL with words. */
char *ask_prove(struct asker *asker, char *request, struct said *said);
/* "signed" or "unsigned", for who judges an answer: what the machine has asked. */
char *ask_proved(const struct asker *asker);
/* The descriptor, at its start; or -1. */
int ask_rewind(int fd);
/* Takes over the server's key lists, up to its last. How many there were; -1 with words: one did not hold. */
int ask_keys(struct asker *asker, struct said *said);
/* One step of bee-order: `words` ends with NULL, fds[1] is the answer's. 0, or -1 with words. */
MUST_CHECK int ask_step(struct asker *asker, char **words, const int *fds,
			unsigned fd_count, nsec_t time, struct answer *answer,
			struct said *said);

/*
 * Sends the audit, where there is one, and the log of an order that has run, until the server's receipts
 * for them verify. 0: they have; 1: there is nothing; -1: not yet, with words.
 */
MUST_CHECK int send_home(struct asker *asker, struct said *said);

#endif
