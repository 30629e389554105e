/* What bee-order tells bee-remote: one answer of fixed size, on its standard output. */
#ifndef BEE_REMOTE_ANSWER_H
#define BEE_REMOTE_ANSWER_H

#include "minisig.h"
#include "order.h"

struct answer {
	uint32_t good;
	uint32_t has_order;
	uint32_t has_state;
	uint32_t has_receipt_key; /* of the keys in use: what comes home gets a receipt */
	uint32_t remembered, once; /* of an order: over the boot; it is to run one time */
	uint64_t sequence, state_sequence;
	uint32_t file_count;
	struct order_file files[ORDER_FILES_MAX];
	unsigned char sha256[SHA256_BYTES], state[SHA256_BYTES];
	int64_t time;
	/* Of a restore: how many chunks are there as they should be, of how many; the next, `sha256`, is to be fetched. */
	uint32_t chunk, chunk_count, chunk_bytes, chunk_wanted;
	uint32_t last; /* there is no such restore: those before it were all */
	uint32_t
		again; /* who has sent the chunk is at fault, and not the order or the disk */
	uint32_t after; /* enum after: what is to be done once all has been sent home */
	uint32_t watchdog; /* it counts on, for the end of the boot */
	int32_t status; /* of what ran: its exit code, 128 + N by signal N, or enum run_status */
	char proof[MINISIG_PROOF]; /* of a request: what is to be behind it */
	struct said said;
};

enum after { AFTER_NOTHING, AFTER_REBOOT, AFTER_KEXEC, AFTER_COUNT };

enum run_status {
	RUN_NOT_BUILT =
		-1, /* its jail could not be made, or something it needs is not there */
	RUN_TIME_OVER = -2,
	RUN_STUCK = -3,
	RUN_NOT_DONE = -4, /* its script went well, and what was to come then did not */
	RUN_CUT_OFF =
		-5, /* what ran it has ended before it, and nobody knows how far it came */
};

/* Descriptors of bee-order, beside its standard ones. */
enum {
	ORDER_SIGNATURES = 3,
	ORDER_PACKED = 3,
	ORDER_LOG = 4,
	ORDER_CHUNK = 4,
	ORDER_SEED = 4,
	ORDER_KEYS = 5,  /* key lists; it may be missing */
	ORDER_STATE = 6, /* a state object and its signatures; the same */
	ORDER_STATE_SIGNATURES = 7,
	ORDER_FILES = 8, /* and those after it */
};

#endif
