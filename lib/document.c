/* A finished document, as every program that shows one takes it. */
#include "document.h"

#include "json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DOCUMENT_VALUES_MAX (1u << 23) /* more than 64 MiB of indented lines hold */

int document_read(int fd, char **out, size_t *out_len)
{
	size_t room = 65536, have = 0;
	char *bytes = xrealloc_array(NULL, room + 1, 1);

	for (;;) {
		ptrdiff_t n = read_full(fd, bytes + have, room - have);

		if (n < 0 || (have + (size_t)n == room && room > DOCUMENT_MAX)) {
			free(bytes);
			return n < 0 ? (int)n : -EFBIG;
		}
		have += (size_t)n;
		if (have < room)
			break;
		room *= 2;
		bytes = xrealloc_array(bytes, room + 1, 1);
	}
	if (have > DOCUMENT_MAX) {
		free(bytes);
		return -EFBIG;
	}
	bytes[have] = '\0';
	*out = bytes;
	*out_len = have;
	return 0;
}

json_t *document_json(const char *bytes, size_t len, char *reason, size_t reason_size)
{
	static const struct {
		unsigned repair;
		const char *words;
	} refused[] = {
		{ JSON_CUT, "it ends early" },
		{ JSON_DUPLICATE, "a key comes twice in one object" },
		{ JSON_TRAILING, "something follows it" },
	};
	static const struct json_limits limits = { .values = DOCUMENT_VALUES_MAX };
	unsigned repairs = 0;
	const char *words = NULL;
	json_t *document =
		json_load_hostile(bytes, len, &limits, &repairs, reason, reason_size);

	if (!document)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(refused) && !words; i++)
		if (repairs & refused[i].repair)
			words = refused[i].words;
	if (!words)
		return document;
	(void)snprintf(reason, reason_size, "%s", words);
	json_decref(document);
	return NULL;
}

json_t *document_parse(const char *bytes, size_t len, char *reason, size_t reason_size)
{
	json_t *document = document_json(bytes, len, reason, reason_size);

	if (!document || json_is_string(json_object_get(document, "schema_version")))
		return document;
	(void)snprintf(reason, reason_size, "it has no schema_version");
	json_decref(document);
	return NULL;
}

json_t *document_at(const json_t *document, const char *path)
{
	const char *dot = strchr(path, '.');
	char group[32];

	if (!dot)
		return json_object_get(document, path);
	if ((size_t)(dot - path) >= sizeof(group))
		return NULL;
	memcpy(group, path, (size_t)(dot - path));
	group[dot - path] = '\0';
	return json_object_get(json_object_get(document, group), dot + 1);
}
