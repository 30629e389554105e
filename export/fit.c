/* Texts of hardware in the fields of others. */
#include "fit.h"

#include "json.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"

char *fit(const char *text, size_t max)
{
	size_t len;
	char *out;

	text = text ? text + strspn(text, BLANKS) : "";
	len = strlen(text);
	if (len > max) {
		len = max;
		/* Bytes 10xxxxxx go on with a character that begins before them. */
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	while (len > 0 && strchr(BLANKS, text[len - 1]))
		len--;
	out = xcalloc(len + 1, 1);
	memcpy(out, text, len);
	return out;
}

bool put_fit(json_t *object, const char *key, const char *text, size_t max)
{
	AUTO_FREE char *fitted = fit(text, max);

	if (!*fitted)
		return false;
	json_put(object, key, json_string(fitted));
	return true;
}

char *json_document(const json_t *value)
{
	AUTO_FREE char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENSURE_ASCII);

	if (!text)
		errx(BEE_SOFTWARE, "out of memory");
	return xasprintf("%s\n", text);
}
