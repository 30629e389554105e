/*
 * Orders that GnuPG has signed, xenoboot's way: an armoured message, checked by gpgv in a jail with the image's pubring.gpg. It
 * is judged by gpgv's status lines alone, as its exit status is 0 for a key that has expired; what is run is what it gives out.
 */
#ifndef BEE_REMOTE_GPG_H
#define BEE_REMOTE_GPG_H

#include "checks.h"

struct gpg {
	int content, status; /* memfds, sealed: what it gave out, and said */
};

/* With root's rights: nothing of the message is read here. Both are from their start. 0 or -1 with words. */
MUST_CHECK int gpg_run(const char *keyring, int message, struct gpg *out,
		       struct said *said);
/*
 * Whether each signature of the message is good, of now, by no key twice, and at least `threshold` of them; and that there is
 * nothing around it. `message` is as it came. 0 or -1 with words.
 */
MUST_CHECK int gpg_judge(struct bytes message, struct bytes status, unsigned threshold,
			 int64_t time, struct said *said);

#endif
