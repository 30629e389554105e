/* What all collectors share: making records, and text from hardware put into them. */
#include "collect.h"

#include <stdarg.h>
#include <string.h>

static json_t *make_record(const char *type, json_t *key, json_t *props)
{
	json_t *record = json_object();

	json_put(record, "type", json_string(type));
	json_put(record, "key", key);
	json_put(record, "props", props);
	return record;
}

void collect_record(struct output *out, const char *type, const char *key, json_t *props)
{
	AUTO_JSON json_t *record =
		make_record(type, json_text(key, strlen(key), NULL), props);

	out->emit(out, record);
}

json_t *collect_json_key(const char *key)
{
	size_t len = strlen(key);

	return json_text_is_clean(key, len) ? json_stringn(key, len)
					    : json_text(key, len, NULL);
}

void collect_json_record(struct output *out, const char *type, const char *key,
			 json_t *props)
{
	AUTO_JSON json_t *record = make_record(type, collect_json_key(key), props);

	out->emit(out, record);
}

void collect_tool_version(struct output *out, const char *program, const char *version,
			  size_t len)
{
	json_t *props = json_object();

	collect_text(props, "version", version, len);
	collect_record(out, "tool", program, props);
}

void collect_error(struct output *out, const char *where, const char *fmt, ...)
{
	json_t *props = json_object();
	char message[512];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	if (n < 0)
		message[0] = '\0';
	collect_text(props, "message", message, strlen(message));
	out->unreadable = true;
	collect_record(out, "errors", where, props);
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

static void note_escaped(json_t *props, const char *key)
{
	json_t *list = json_object_get(props, "escaped");

	if (!list) {
		json_put(props, "escaped", json_array());
		list = json_object_get(props, "escaped");
	}
	json_push(list, json_string(key));
}

void collect_text(json_t *props, const char *key, const char *bytes, size_t len)
{
	bool flagged = false;

	while (len > 0 && is_blank(bytes[0])) {
		bytes++;
		len--;
	}
	while (len > 0 && is_blank(bytes[len - 1]))
		len--;
	json_put(props, key, len ? json_text(bytes, len, &flagged) : json_null());
	if (flagged)
		note_escaped(props, key);
}

/* Whether json_load_hostile may have escaped something: it does not tell which string. */
static bool has_escape(const char *text)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	for (; (text = strstr(text, "\\x")); text += 2)
		if (text[2] && strchr(hex, text[2]) && text[3] && strchr(hex, text[3]))
			return true;
	return false;
}

void collect_json_text(json_t *props, const char *key, const json_t *value)
{
	const char *text = json_string_value(value);
	size_t len;

	if (!text || !has_escape(text)) {
		collect_text(props, key, text ? text : "", text ? strlen(text) : 0);
		return;
	}
	len = strlen(text);
	while (len > 0 && text[0] == ' ') {
		text++;
		len--;
	}
	while (len > 0 && text[len - 1] == ' ')
		len--;
	json_put(props, key, json_stringn(text, len));
	note_escaped(props, key);
}
