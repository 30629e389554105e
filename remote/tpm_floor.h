/*
 * What a machine's TPM remembers over its boots: the last order that could destroy, or was to run once. It is an ordinary index
 * of the TPM's memory (TPM 2.0 Library, part 3: TPM2_NV_DefineSpace, _Write, _Read), which who owns the TPM can write: root
 * on the machine, and nobody on the network.
 */
#ifndef BEE_REMOTE_TPM_FLOOR_H
#define BEE_REMOTE_TPM_FLOOR_H

#include "tpm.h"

#define TPM_FLOOR_INDEX                                                                  \
	0x018bee04u /* of those that are the owner's: 0x01800000 to 0x01bfffff */

struct tpm_floor {
	uint64_t sequence; /* 0: there was none */
	bool done;         /* it has run, and was to do so once */
	unsigned char order[SHA256_BYTES];
};

/* 0, or -1 with words. */
MUST_CHECK int tpm_floor_read(int fd, struct tpm_floor *out, struct said *said);
MUST_CHECK int tpm_floor_write(int fd, const struct tpm_floor *floor, struct said *said);
/* Whether an order may run above that floor. 0, or -1 with words. */
MUST_CHECK int tpm_floor_check(const struct tpm_floor *floor,
			       const struct tpm_floor *order, struct said *said);
/* What of a reply is believed; for tests and fuzzing. 0 or -1. */
MUST_CHECK int tpm_floor_reply(const unsigned char *reply, size_t len,
			       struct tpm_floor *out);

#endif
