/* Names of files as lines. */
#include "names.h"
#include "json.h"

#include <errno.h>
#include <string.h>

bool name_is_clean(const char *name, size_t len)
{
	return json_text_is_clean(name, len);
}

/* Bytes at `at` that can stand as they are, 0: none. */
static size_t plain_bytes(const char *at, size_t left)
{
	uint32_t c;
	size_t size = utf8_take(at, left, &c);

	return size && c != '\\' && name_is_clean(at, size) ? size : 0;
}

char *name_escape(const char *name, size_t len)
{
	char *text = xcalloc(4 * len + 1, 1), *to = text;

	for (size_t i = 0; i < len;) {
		size_t size = plain_bytes(name + i, len - i);

		if (size) {
			memcpy(to, name + i, size);
			to += size;
			i += size;
			continue;
		}
		to += snprintf(to, 5, "\\x%02x", (unsigned char)name[i]);
		i++;
	}
	return text;
}

char *name_shown(const char *name, size_t len)
{
	return name_is_clean(name, len) ? xasprintf("%.*s", (int)len, name)
					: name_escape(name, len);
}

const char *name_relative(const char *name)
{
	for (;;) {
		if (name[0] == '/')
			name++;
		else if (name[0] == '.' && (name[1] == '/' || name[1] == '\0'))
			name++;
		else
			return name;
	}
}

int name_unescape(char *text)
{
	char *to = text;

	for (char *at = text; *at; at++, to++) {
		char digits[3] = { 0 };
		uint64_t byte;

		if (*at != '\\') {
			*to = *at;
			continue;
		}
		if (at[1] != 'x' || !at[2] || !at[3])
			return -EINVAL;
		memcpy(digits, at + 2, 2);
		if (digits[0] == '0' && digits[1] == 'x')
			return -EINVAL;
		if (parse_hex(digits, UINT8_MAX, &byte) || byte == 0)
			return -EINVAL;
		*to = (char)byte;
		at += 3;
	}
	*to = '\0';
	return 0;
}
