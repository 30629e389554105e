/* What all collectors share: making records, and text from hardware put into them. */
#include "collect.h"
#include "quantity.h"

#include <stdarg.h>
#include <string.h>

#define WORDS_MAX 120 /* bytes of a value in an error */
#define DEPTH_MAX 8   /* objects in objects of one record; collectors make four */

static json_t *make_record(const char *type, json_t *key, json_t *props)
{
	json_t *record = json_object();

	json_put(record, "type", json_string(type));
	json_put(record, "key", key);
	json_put(record, "props", props);
	return record;
}

/* Takes `key` and `props`, which has the message. */
static void put_error(struct output *out, json_t *key, json_t *props)
{
	AUTO_JSON json_t *record = NULL;

	out->unreadable = true;
	record = make_record("errors", key, props);
	out->emit(out, record);
}

/* The begin of a value as JSON, but for the backslashes: in its strings what was no text has been
 * escaped already, and is not escaped again. */
static char *words_of(const json_t *value)
{
	char *words = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	size_t from = 0, to = 0;
	uint32_t rune;

	if (!words)
		return xstrdup("?");
	for (size_t size; words[from] && to < WORDS_MAX; from += size) {
		from += words[from] == '\\' && words[from + 1] == '\\';
		size = utf8_take(words + from, UTF8_MAX, &rune);
		if (size == 0)
			break;
		memmove(words + to, words + from, size);
		to += size;
	}
	words[to] = '\0';
	return words;
}

/* What collect_unread kept, in this object and those in it, as errors of the record. */
static void tell_unread(struct output *out, const json_t *key, json_t *value,
			unsigned depth)
{
	const char *prop;
	json_t *item;

	if (depth > DEPTH_MAX)
		return;
	for (size_t i = 0; i < json_array_size(value); i++)
		tell_unread(out, key, json_array_get(value, i), depth + 1);
	json_object_foreach(json_object_get(value, "unparsed"), prop, item)
	{
		AUTO_FREE char *words = words_of(item);
		AUTO_FREE char *text = xasprintf("%s is not understood: %s", prop, words);
		AUTO_JSON json_t *message = json_string(text);
		json_t *props = json_object();

		collect_json_text(props, "message", message);
		put_error(out, json_deep_copy(key), props);
	}
	json_object_foreach(value, prop, item)
	{
		if (strcmp(prop, "unparsed") != 0 && strcmp(prop, "other_tlvs") != 0)
			tell_unread(out, key, item, depth + 1);
	}
}

static void emit(struct output *out, json_t *record)
{
	json_t *props = json_object_get(record, "props");

	quantity_check(props);
	out->emit(out, record);
	tell_unread(out, json_object_get(record, "key"), props, 0);
}

void collect_record(struct output *out, const char *type, const char *key, json_t *props)
{
	AUTO_JSON json_t *record =
		make_record(type, json_text(key, strlen(key), NULL), props);

	emit(out, record);
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

	emit(out, record);
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
	put_error(out, json_text(where, strlen(where), NULL), props);
}

void collect_unread(json_t *props, const char *key, json_t *value)
{
	json_t *kept = json_object_get(props, "unparsed");

	if (!kept) {
		kept = json_object();
		json_put(props, "unparsed", kept);
	}
	json_put(kept, key, value);
	json_put(props, key, json_null());
}

void collect_word(json_t *props, const char *key, const char *const *words, size_t count,
		  unsigned number)
{
	if (number >= count)
		collect_unread(props, key, json_integer(number));
	else
		json_put(props, key,
			 words[number] ? json_string(words[number]) : json_null());
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
