/*
 * Whether an original is still there when all has been rewritten: a search for every value that was learned, by its
 * characters alone, which knows nothing of the spellings that the rewriting went by.
 */
#include "redact_known.h"

#include "json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define TELLING_LEAST 6 /* letters and digits: fewer stand somewhere by chance */
#define PART_LEAST 8    /* as many are looked for inside of other words, too */
#define PLAIN_LEAST                                                                      \
	10 /* and as many without what stands between them: "3c:ec:ef:12:34:56" */

/* The letters and digits of a text, in lower case; owned by the caller. */
static char *plain_of(const char *bytes, size_t len, size_t *out_len)
{
	char *plain = xcalloc(len + 1, 1);

	*out_len = 0;
	for (size_t i = 0; i < len; i++)
		if (isalnum((unsigned char)bytes[i]))
			plain[(*out_len)++] = (char)tolower((unsigned char)bytes[i]);
	return plain;
}

/* Long and mixed enough to be nothing else. */
static bool is_telling(const char *plain, size_t len)
{
	bool digit = false, letter = false;
	size_t others = 0;

	for (size_t i = 0; i < len; i++) {
		digit = digit || isdigit((unsigned char)plain[i]);
		letter = letter || isalpha((unsigned char)plain[i]);
		others += plain[i] != plain[0];
	}
	return len >= TELLING_LEAST && digit && letter && others > 1;
}

static void look_for(struct spelling **buckets, const char *text, size_t len, bool alone)
{
	struct spelling *spelling = xcalloc(1, sizeof(*spelling));
	struct spelling **bucket = &buckets[redact_bucket((const unsigned char *)text)];

	spelling->from = (unsigned char *)xstrdup(text);
	spelling->from_len = len;
	spelling->fold = true;
	spelling->alone = alone;
	spelling->next = *bucket;
	*bucket = spelling;
}

void left_settle(struct redact *redact)
{
	const char *original;
	json_t *to;

	json_object_foreach(redact->known, original, to)
	{
		size_t len;
		AUTO_FREE char *plain = plain_of(original, strlen(original), &len);

		/* What stands for one may be what another was. */
		if (!is_telling(plain, len) || json_object_get(redact->taken, original))
			continue;
		look_for(redact->left, original, strlen(original), len < PART_LEAST);
		if (len >= PLAIN_LEAST)
			look_for(redact->left_plain, plain, len, false);
	}
}

static bool is_any(struct spelling *const *buckets, const char *bytes, size_t len)
{
	for (size_t at = 0; at < len; at++)
		if (spelling_find(buckets, bytes, at, len))
			return true;
	return false;
}

bool redact_left(const struct redact *redact, const char *bytes, size_t len)
{
	size_t plain_len;
	AUTO_FREE char *plain = plain_of(bytes, len, &plain_len);

	return is_any(redact->left, bytes, len) ||
	       is_any(redact->left_plain, plain, plain_len);
}
