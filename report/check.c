/* What a phone has read, beside a document. */
#include "check.h"

#include "qr.h"

#include <string.h>
#include <strings.h>

#define DIGITS_LEAST 16

/* The text without the line's end that a phone or a shell puts behind it. Owned by the caller. */
static char *trimmed(const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		len--;
	return xasprintf("%.*s", (int)len, text);
}

static bool says_so(const struct facts *facts, const char *digest, const char *text)
{
	struct facts hidden = *facts;

	hidden.discreet = true;
	for (unsigned number = 0;; number++) {
		AUTO_FREE char *open = qr_text(facts, digest, number);
		AUTO_FREE char *without = qr_text(&hidden, digest, number);

		if (!open || !without)
			return false;
		if (!strcasecmp(open, text) || !strcasecmp(without, text))
			return true;
	}
}

/* " SN 7XK2M13 " stands in the text. */
static bool same_serial(const struct facts *facts, const char *text)
{
	AUTO_FREE char *wanted =
		facts->serial ? xasprintf("SN %s ", facts->serial) : NULL;

	return wanted && strcasestr(text, wanted);
}

bool check_code(const struct facts *facts, const char *digest, const char *text,
		char **words)
{
	AUTO_FREE char *whole = trimmed(text);
	const char *blank = strrchr(whole, ' '), *code = blank ? blank + 1 : whole;
	size_t len = strlen(code);

	if (len < DIGITS_LEAST || len > strlen(digest) ||
	    code[strspn(code, "0123456789abcdefABCDEF")]) {
		*words = xstrdup("this is no code of bee: its last word is no SHA-256");
		return false;
	}
	if (strncasecmp(code, digest, len) != 0) {
		*words =
			xasprintf("no: the code is of another document%s; its SHA-256 "
				  "begins with %s, this one's with %.*s",
				  same_serial(facts, whole) ? " of the same machine" : "",
				  code, (int)len, digest);
		return false;
	}
	if (!says_so(facts, digest, whole)) {
		*words = xstrdup("no: the digest is this document's, the words before it "
				 "are not: somebody has changed them");
		return false;
	}
	*words = xasprintf("yes: the code is of this document; %zu digits of its SHA-256 "
			   "agree",
			   len);
	return true;
}
