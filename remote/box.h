/*
 * A document that only the holder of a key can read: neither the server, nor the machine itself afterwards. A sealed box of
 * libsodium (crypto_box_seal(3)) to the key of TRUST's `seal-key`, an Ed25519 one that is turned into X25519.
 */
#ifndef BEE_REMOTE_BOX_H
#define BEE_REMOTE_BOX_H

#include "checks.h"
#include "minisig.h"

#define BOX_SEED_BYTES 32

/*
 * The document, compressed, in a box, behind lines that say for whom; owned. With the same seed, which nobody else may know,
 * the same document is the same bytes: it is sent again under one name.
 */
MUST_CHECK int box_seal(const struct minisig_key *key,
			const unsigned char seed[BOX_SEED_BYTES], struct bytes document,
			struct bytes *out, struct said *said);
/* What is in it; owned. At most `max` bytes. 0 or -1 with words. */
MUST_CHECK int box_open(const struct minisig_secret *secret, struct bytes sealed,
			size_t max, struct bytes *out, struct said *said);

#endif
