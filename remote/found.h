/* What a ticket has led to: an order that has been verified, with all that belongs to it. */
#ifndef BEE_REMOTE_FOUND_H
#define BEE_REMOTE_FOUND_H

#include "asker.h"

struct found {
	int order, signatures, files[ORDER_FILES_MAX];
	unsigned file_count;
	int state, state_signatures; /* -1: there is none */
	char sha256[SHA256_HEX + 1], state_sha256[SHA256_HEX + 1];
	char time[24], floor[24], state_floor[24];
	uint64_t sequence, state_sequence;
	bool remembered, once; /* by the TPM, and as done */
};

/*
 * Descriptors for a step of bee-order, ORDER_FILES and as many as it has files, each at its start; `log` as it is.
 * 0 or -1.
 */
MUST_CHECK int found_place(const struct found *found, int log, int *fds);
/* A static file of the server, by its sha256: "file" or "sig". A sealed memfd, or -1 with words. */
int ask_object(struct asker *asker, const char *kind, const char *sha256, size_t max,
	       struct said *said);
/*
 * Images that the order has restored, before its script: chunk by chunk, of which each step of bee-order says whether it is
 * needed; how many were is a line of `log`. 0: they are there; 1: this order cannot do it, with words; -1: not yet, with
 * words: what is there already is not asked for again.
 */
MUST_CHECK int ask_restore(struct asker *asker, const struct found *found, int log,
			   struct said *said);

/*
 * Of ask_proof.c: the TPM, where there is one, remembers the order from now on, or ("end") that it has run. 0, or -1 with
 * words: an older one, one that it has run, or a TPM that does not do it.
 */
int ask_floor(struct asker *asker, const struct found *found, const char *word,
	      struct said *said);

#endif
