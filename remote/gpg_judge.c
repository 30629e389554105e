/* What gpgv's status lines say (GnuPG's doc/DETAILS, "Format of the --status-fd output"). */
#include "gpg.h"

#include <string.h>

#define PREFIX "[GNUPG:] "
#define SIGNERS_MAX 16
#define FINGERPRINT_MAX 64

struct verdict {
	unsigned news, goods, plaintexts, signers;
	char fingerprints[SIGNERS_MAX][FINGERPRINT_MAX + 1];
	int64_t time;
};

/* Of a valid signature: FINGERPRINT DATE TIME EXPIRES VERSION 0 ALGORITHM HASH CLASS PRIMARY-FINGERPRINT. */
static int valid_take(struct verdict *verdict, const char *words, struct said *said)
{
	char fields[10][FINGERPRINT_MAX + 1] = { "" };
	uint64_t made, until, hash;

	for (unsigned i = 0; i < 10; i++) {
		size_t len = strcspn(words, " ");

		if (!len || len > FINGERPRINT_MAX)
			return say(said, "gpgv: a VALIDSIG that is not one");
		memcpy(fields[i], words, len);
		words += len + (words[len] == ' ');
	}
	if (parse_u64(fields[2], INT64_MAX, &made) ||
	    parse_u64(fields[3], INT64_MAX, &until) || parse_u64(fields[7], 255, &hash))
		return say(said, "gpgv: a VALIDSIG without times");
	if ((int64_t)made > verdict->time)
		return say(said, "gpgv: a signature from the future");
	if (until && (int64_t)until < verdict->time)
		return say(said, "gpgv: a signature that has expired");
	/* SHA-256, -384, -512, -224 (RFC 4880, 9.4); of a text or of bytes (5.2.1). */
	if (hash < 8 || hash > 10 ||
	    (strcmp(fields[8], "00") != 0 && strcmp(fields[8], "01") != 0))
		return say(said,
			   "gpgv: a signature with a weak hash, or of another kind");
	for (unsigned i = 0; i < verdict->signers; i++)
		if (!strcmp(verdict->fingerprints[i], fields[9]))
			return say(said, "gpgv: two signatures of one key");
	if (verdict->signers == SIGNERS_MAX)
		return say(said, "gpgv: more than %d signatures", SIGNERS_MAX);
	memcpy(verdict->fingerprints[verdict->signers++], fields[9], sizeof(fields[9]));
	return 0;
}

/* A word that is not listed is a refusal: EXPKEYSIG, REVKEYSIG, ERRSIG, BADSIG, NODATA and all others. */
static int line_judge(struct verdict *verdict, const char *line, struct said *said)
{
	static const char *const silent[] = { "KEY_CONSIDERED", "SIG_ID",
					      "PLAINTEXT_LENGTH",
					      "VERIFICATION_COMPLIANCE_MODE" };
	const char *word = line + sizeof(PREFIX) - 1;
	size_t len;

	if (strncmp(line, PREFIX, sizeof(PREFIX) - 1) != 0)
		return say(said, "gpgv: a line that is no status");
	len = strcspn(word, " ");
	if (len == 6 && !strncmp(word, "NEWSIG", len))
		verdict->news++;
	else if (take_value(word, "GOODSIG"))
		verdict->goods++;
	else if (take_value(word, "PLAINTEXT"))
		verdict->plaintexts++;
	else if (take_value(word, "VALIDSIG"))
		return valid_take(verdict, take_value(word, "VALIDSIG"), said);
	else {
		for (size_t i = 0; i < ARRAY_LEN(silent); i++)
			if (strlen(silent[i]) == len && !strncmp(word, silent[i], len))
				return 0;
		return say(said, "gpgv: it says %.40s", word);
	}
	return 0;
}

static unsigned lines_of(struct bytes text, const char *line)
{
	struct bytes left = text;
	size_t len = strlen(line);
	unsigned count = 0;

	while (left.len >= len) {
		const char *at = memmem(left.at, left.len, line, len);

		if (!at)
			break;
		count += at == text.at || at[-1] == '\n';
		left.len -= (size_t)(at + 1 - left.at);
		left.at = at + 1;
	}
	return count;
}

/* RFC 4880, 7: of a clear text's headers "Hash" alone has a meaning that is wanted here. */
static bool headers_hold(struct bytes message, size_t begin)
{
	const char *at = message.at + begin, *end = message.at + message.len;

	while (at < end && *at != '\n') {
		const char *next = memchr(at, '\n', (size_t)(end - at));

		if (!next || next - at < 6 || memcmp(at, "Hash: ", 6) != 0)
			return false;
		at = next + 1;
	}
	return true;
}

/* One message from the first byte to the last: gpgv passes over what is around it. */
static int alone(struct bytes message, struct said *said)
{
	static const char *const first[] = { "-----BEGIN PGP SIGNED MESSAGE-----\n",
					     "-----BEGIN PGP MESSAGE-----\n" };
	static const char *const last[] = { "-----END PGP SIGNATURE-----\n",
					    "-----END PGP MESSAGE-----\n" };

	for (size_t i = 0; i < ARRAY_LEN(first); i++) {
		size_t begin = strlen(first[i]), end = strlen(last[i]);

		if (message.len > begin + end && !memcmp(message.at, first[i], begin) &&
		    !memcmp(message.at + message.len - end, last[i], end) &&
		    lines_of(message, "-----BEGIN PGP ") == (i ? 1 : 2) &&
		    lines_of(message, "-----END PGP ") == 1 &&
		    (i || headers_hold(message, begin)))
			return 0;
	}
	return say(said,
		   "gpgv: not one armoured message, with nothing before or behind it");
}

int gpg_judge(struct bytes message, struct bytes status, unsigned threshold, int64_t time,
	      struct said *said)
{
	struct take take = take_begin(status.at, status.len);
	struct verdict verdict = { .time = time };
	char line[2048];

	if (alone(message, said))
		return -1;
	while (take.at < take.end)
		if (take_line(&take, line, sizeof(line)))
			return say(said, "gpgv: a line that is no text");
		else if (line_judge(&verdict, line, said))
			return -1;
	if (verdict.plaintexts != 1 || verdict.goods != verdict.signers ||
	    verdict.news != verdict.signers)
		return say(said, "gpgv: not one text with good signatures alone");
	if (verdict.signers < threshold || !verdict.signers)
		return say(said, "gpgv: signed by %u of the trusted keys, %u must sign",
			   verdict.signers, threshold);
	return 0;
}
