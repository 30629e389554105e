/* What identifies one machine, learned and replaced. */
#include "redact.h"

#include "json.h"
#include "redact_draw.h"
#include "redact_known.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define TRIES                                                                            \
	100 /* for a replacement that nothing else has; of short texts all may be taken */

struct redact *redact_new(const unsigned char key[REDACT_KEY])
{
	struct redact *redact = xcalloc(1, sizeof(*redact));

	memcpy(redact->key, key, REDACT_KEY);
	redact->kept = json_object();
	redact->known = json_object();
	redact->taken = json_object();
	redact->buckets = xcalloc(BUCKETS, sizeof(struct spelling *));
	redact->left = xcalloc(BUCKETS, sizeof(struct spelling *));
	redact->left_plain = xcalloc(BUCKETS, sizeof(struct spelling *));
	return redact;
}

static void list_free(struct spelling *list)
{
	while (list) {
		struct spelling *next = list->next;

		free(list->from);
		free(list->to);
		free(list);
		list = next;
	}
}

void redact_free(struct redact *redact)
{
	if (!redact)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		list_free(redact->buckets[i]);
		list_free(redact->left[i]);
		list_free(redact->left_plain[i]);
	}
	list_free(redact->all);
	free(redact->buckets);
	free(redact->left);
	free(redact->left_plain);
	json_decref(redact->kept);
	json_decref(redact->known);
	json_decref(redact->taken);
	free(redact);
}

/* In lower case and without blanks around; owned by the caller. */
static char *as_key(const char *text)
{
	char *key = xstrdup(text + strspn(text, " \t"));
	size_t len = strlen(key);

	while (len > 0 && isblank((unsigned char)key[len - 1]))
		key[--len] = '\0';
	for (char *at = key; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return key;
}

void redact_keep(struct redact *redact, const char *text)
{
	AUTO_FREE char *key = as_key(text);

	json_put(redact->kept, key, json_true());
}

bool is_nothing(const char *text)
{
	static const char *const words[] = { "not specified",
					     "none",
					     "n/a",
					     "na",
					     "unknown",
					     "default string",
					     "to be filled by o.e.m.",
					     "not available",
					     "not present",
					     "system serial number",
					     "0123456789",
					     "undefined",
					     "null",
					     "true",
					     "false",
					     "(none)",
					     "unspecified",
					     "not provided",
					     "empty" };
	AUTO_FREE char *key = as_key(text);
	bool same = true;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(key, words[i]))
			return true;
	for (const char *at = key; *at; at++)
		same = same && *at == *key;
	return same || !key[strcspn(key, "0123456789abcdefghijklmnopqrstuvwxyz")];
}

static char *drawn(const struct redact *redact, const char *original,
		   enum redact_kind kind, unsigned try)
{
	switch (kind) {
	case REDACT_HEX:
		return redact_draw_hex(redact->key, original, try);
	case REDACT_ADDRESS:
		return redact_draw_address(redact->key, original, try);
	case REDACT_BYTES:
		return redact_draw_bytes(redact->key, original, try);
	default:
		return redact_draw_text(redact->key, original, try);
	}
}

char *known_replacement(struct redact *redact, const char *original,
			enum redact_kind kind, bool *fresh)
{
	AUTO_FREE char *key = as_key(original);
	const char *known = json_string_value(json_object_get(redact->known, key));
	char *to = known ? xstrdup(known) : NULL;

	*fresh = !known;
	for (unsigned try = 0; !to; try++) {
		AUTO_FREE char *low = NULL;

		to = drawn(redact, original, kind, try);
		low = as_key(to);
		if (try < TRIES &&
		    (json_object_get(redact->taken, low) || !strcmp(low, key) ||
		     (kind == REDACT_HEX && !redact_same_size(original, to)))) {
			free(to);
			to = NULL;
			continue;
		}
		json_put(redact->taken, low, json_true());
		json_put(redact->known, key, json_string(to));
	}
	return to;
}

static void learn_hex(struct redact *redact, const char *digits)
{
	AUTO_FREE char *to = NULL;
	bool fresh;

	/* udev's number of a SCSI disk has a 3 before its WWN (scsi_id(8)). */
	if ((strlen(digits) == 17 || strlen(digits) == 33) && *digits == '3')
		digits++;
	/* An address of IPoIB ends in the port's GUID (RFC 4391, 9.1.1); all before it says nothing. */
	if (strlen(digits) == 40)
		digits += 24;
	to = known_replacement(redact, digits, REDACT_HEX, &fresh);
	if (fresh)
		spell_hex(redact, digits, to);
}

static void learn_text(struct redact *redact, const char *text, enum redact_kind kind)
{
	AUTO_FREE char *to = NULL;
	bool fresh;

	to = known_replacement(redact, text, kind, &fresh);
	if (!fresh)
		return;
	if (kind == REDACT_ADDRESS)
		spell_address(redact, text, to);
	else if (kind == REDACT_NAME && !strpbrk(text, "0123456789-."))
		spell_word(redact, text, to);
	else
		spell_text(redact, text, to);
}

/* "t10.ATA     EXAMPLE HDD   SERIAL01": the words before are the model's. */
static const char *last_word(const char *text)
{
	const char *last = text;

	for (const char *at = text; *at; at++)
		if ((*at == ' ' || *at == '_') && at[1] && at[1] != ' ' && at[1] != '_')
			last = at + 1;
	return last;
}

/* A name of a host is also its first part: a word without digits there may be any word. */
static void learn_name(struct redact *redact, const char *text)
{
	AUTO_FREE char *first = xstrdup(text);

	first[strcspn(first, ". ")] = '\0';
	learn_text(redact, text, REDACT_NAME);
	if (strcmp(first, text) != 0 && strpbrk(first, "0123456789-"))
		learn_text(redact, first, REDACT_NAME);
}

/* An address all of whose bytes are one says nothing: of a broadcast, of nobody. */
static bool is_blank_address(const char *text)
{
	unsigned char address[16];
	size_t len = inet_pton(AF_INET, text, address) == 1    ? 4
		     : inet_pton(AF_INET6, text, address) == 1 ? 16
							       : 0;

	for (size_t i = 1; i < len; i++)
		if (address[i] != address[0])
			return false;
	return len > 0;
}

void redact_learn(struct redact *redact, const char *text, enum redact_kind kind)
{
	AUTO_FREE char *key = as_key(text);
	AUTO_FREE char *digits = redact_digits(key);
	unsigned char address[16];

	if (!*key || json_object_get(redact->kept, key) || is_nothing(key) ||
	    is_blank_address(key))
		return;
	if (inet_pton(AF_INET, key, address) == 1 ||
	    (kind == REDACT_ADDRESS && strchr(key, ':')))
		learn_text(redact, key, REDACT_ADDRESS);
	else if (kind == REDACT_HEX || kind == REDACT_NAME ? digits != NULL : false)
		learn_hex(redact, digits);
	else if (kind == REDACT_HEX && strlen(last_word(key)) >= TEXT_LEAST &&
		 !strchr(key, ':'))
		learn_text(redact, last_word(text), REDACT_TEXT);
	else if (kind == REDACT_NAME)
		learn_name(redact, text + strspn(text, " \t"));
	else if (kind == REDACT_TEXT ||
		 (kind == REDACT_BYTES && strlen(key) >= BYTES_LEAST))
		learn_text(redact, text + strspn(text, " \t"), kind);
}

unsigned redact_bucket(const unsigned char *bytes)
{
	unsigned hash = 2166136261u;

	for (size_t i = 0; i < TEXT_LEAST; i++)
		hash = (hash ^ (unsigned)tolower(bytes[i])) * 16777619u;
	return hash % BUCKETS;
}

/* The longest of those that begin alike is tried first. */
void redact_settle(struct redact *redact)
{
	while (redact->all) {
		struct spelling *spelling = redact->all,
				**at = &redact->buckets[redact_bucket(spelling->from)];

		redact->all = spelling->next;
		while (*at && (*at)->from_len > spelling->from_len)
			at = &(*at)->next;
		spelling->next = *at;
		*at = spelling;
	}
	left_settle(redact);
}

static bool same_bytes(const struct spelling *spelling, const unsigned char *at)
{
	if (!spelling->fold)
		return !memcmp(spelling->from, at, spelling->from_len);
	for (size_t i = 0; i < spelling->from_len; i++)
		if (tolower(at[i]) != tolower(spelling->from[i]))
			return false;
	return true;
}

static bool is_here(const struct spelling *spelling, const char *bytes, size_t at,
		    size_t len)
{
	size_t end = at + spelling->from_len;

	if (spelling->from_len > len - at ||
	    !same_bytes(spelling, (const unsigned char *)bytes + at))
		return false;
	return !spelling->alone || ((at == 0 || !isalnum((unsigned char)bytes[at - 1])) &&
				    (end == len || !isalnum((unsigned char)bytes[end])));
}

/* Letters take the case of those that they replace. */
static void put_spelling(FILE *to, const struct spelling *spelling, const char *bytes)
{
	bool upper = false, lower = false;

	for (size_t i = 0; i < spelling->from_len; i++) {
		upper = upper || isupper((unsigned char)bytes[i]);
		lower = lower || islower((unsigned char)bytes[i]);
	}
	for (size_t i = 0; i < spelling->to_len; i++) {
		int c = spelling->to[i];

		if (spelling->fold && i < spelling->from_len &&
		    isalpha((unsigned char)bytes[i]))
			c = isupper((unsigned char)bytes[i]) ? toupper(c) : tolower(c);
		else if (spelling->fold && upper != lower)
			c = upper ? toupper(c) : tolower(c);
		(void)fputc(c, to);
	}
}

const struct spelling *spelling_find(struct spelling *const *buckets, const char *bytes,
				     size_t at, size_t len)
{
	const struct spelling *spelling;

	if (len - at < TEXT_LEAST)
		return NULL;
	spelling = buckets[redact_bucket((const unsigned char *)bytes + at)];
	while (spelling && !is_here(spelling, bytes, at, len))
		spelling = spelling->next;
	return spelling;
}

char *redact_apply(const struct redact *redact, const char *bytes, size_t len,
		   size_t *out_len)
{
	char *out = NULL;
	FILE *to = open_memstream(&out, out_len);

	for (size_t at = 0; to && at < len;) {
		const struct spelling *spelling =
			spelling_find(redact->buckets, bytes, at, len);

		if (spelling) {
			put_spelling(to, spelling, bytes + at);
			at += spelling->from_len;
		} else {
			(void)fputc(bytes[at++], to);
		}
	}
	if (!to || fclose(to))
		json_put(redact->known, "", NULL); /* ends the program: no memory */
	return out;
}

char *redact_known(const struct redact *redact, const char *text)
{
	AUTO_FREE char *key = as_key(text);
	const char *known = json_string_value(json_object_get(redact->known, key));
	size_t len = 0;
	AUTO_FREE char *plain = redact_apply(redact, text, strlen(text), &len);

	return known && !strcmp(plain, text) ? xstrdup(known) : NULL;
}

char *redact_value(const struct redact *redact, const char *text, enum redact_kind kind)
{
	AUTO_FREE char *key = as_key(text);
	size_t len = 0;
	char *out = redact_apply(redact, text, strlen(text), &len);

	if (strcmp(out, text) != 0 || json_object_get(redact->kept, key) ||
	    is_nothing(text))
		return out;
	/* A word of the language, or a number that may be a count: here it is one all the same. */
	if (strlen(key) >= TEXT_LEAST &&
	    (kind == REDACT_TEXT || kind == REDACT_NAME ||
	     (kind == REDACT_BYTES && strlen(key) >= BYTES_LEAST))) {
		const char *known =
			json_string_value(json_object_get(redact->known, key));

		free(out);
		return known ? xstrdup(known) : drawn(redact, text, kind, 0);
	}
	return out;
}
