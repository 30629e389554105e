/* Keys, and texts that they have signed, for what is judged by its signatures. */
#ifndef BEE_TEST_REMOTE_SIGNED_H
#define BEE_TEST_REMOTE_SIGNED_H

#include "minisig.h"
#include "tap.h"

#include <string.h>

#define SUM "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define NOW INT64_C(1795935600) /* 2026-11-29T07:00:00Z */

struct pair {
	struct minisig_secret secret;
	struct minisig_key key;
	char text[MINISIG_PUBLIC_TEXT];
};

static inline void pair_make(struct pair *pair)
{
	char secret[MINISIG_SECRET_TEXT], id[MINISIG_ID_TEXT];
	struct said said;

	minisig_new(secret, pair->text, id);
	CHECK(!minisig_secret_read(secret, &pair->secret, &said));
	CHECK(!minisig_key_read(pair->text, &pair->key));
}

/* Their signatures of `text`, one behind the other; a NULL ends them. Owned. */
static inline char *signed_by(const struct pair *const *pairs, const char *text)
{
	char *all = xstrdup("");

	for (; *pairs; pairs++) {
		AUTO_FREE char *one =
			minisig_sign(&(*pairs)->secret, text, strlen(text), "c");
		AUTO_FREE char *before = all;

		all = xasprintf("%s%s", before, one);
	}
	return all;
}
#define SIGNED(text, ...)                                                                \
	signed_by((const struct pair *const[]){ __VA_ARGS__, NULL }, text)

#endif
