/* A document without what tells one machine from another of its kind. */
#include "discreet.h"

#include "json.h"

#include <ctype.h>
#include <string.h>

#define LEFT_OUT "left out"
#define QUOTED_LEAST 4 /* bytes: a shorter one would be found in any word */

/* Parts of the names of properties that hold such a thing. */
static const char *const marks[] = {
	"serial",    "wwn",       "wwid",        "uuid",       "unique_id", "guid",
	"_nqn",      "asset_tag", "mac_address", "machine_id", "boot_id",   "eui64",
	"host_name", "hostname",  "ip_address",  "system_name"
};

/* identity.sources and mac_address_source say who told of it. */
static bool is_source(const char *key)
{
	const char *word = strstr(key, "source");

	return word && (!strcmp(word, "source") || !strcmp(word, "sources"));
}

static bool is_marked(const char *key)
{
	if (is_source(key))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (strstr(key, marks[i]))
			return true;
	return false;
}

/* Every value of such a name, however deep; what they were is in `secrets`, as keys. */
static void leave_out(json_t *value, bool marked, json_t *secrets)
{
	const char *key;
	json_t *member;
	size_t i;

	/* Both loops are over nothing where it is no such value. */
	json_object_foreach(value, key, member)
	{
		if (!is_source(key))
			leave_out(member, marked || is_marked(key), secrets);
	}
	json_array_foreach(value, i, member)
	{
		leave_out(member, marked, secrets);
	}
	if (!marked || !json_is_string(value))
		return;
	if (json_string_length(value) >= QUOTED_LEAST)
		json_put(secrets, json_string_value(value), json_true());
	if (json_string_length(value) > 0 && json_string_set(value, LEFT_OUT))
		json_put(secrets, "", NULL); /* ends the program: no memory */
}

/* Where `secret` stands as a word of its own: a short one is a part of many a number. */
static const char *find_word(const char *text, const char *from, const char *secret)
{
	size_t len = strlen(secret);

	for (const char *at = strstr(from, secret); at; at = strstr(at + 1, secret))
		if ((at == text || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[len]))
			return at;
	return NULL;
}

/* `text` without `secret`; NULL: it is not in there. */
static char *without(const char *text, const char *secret)
{
	const char *from = text, *found = find_word(text, from, secret);
	char *out = NULL;
	size_t len = 0;
	FILE *to = found ? open_memstream(&out, &len) : NULL;

	if (!to)
		return found ? xstrdup(LEFT_OUT) : NULL;
	for (; found; found = find_word(text, from, secret)) {
		(void)fprintf(to, "%.*s" LEFT_OUT, (int)(found - from), from);
		from = found + strlen(secret);
	}
	(void)fputs(from, to);
	return fclose(to) ? xstrdup(LEFT_OUT) : out;
}

static void unquote(json_t *value, const json_t *secrets)
{
	const char *key;
	json_t *member;
	size_t i;

	json_array_foreach(value, i, member)
	{
		unquote(member, secrets);
	}
	json_object_foreach(value, key, member)
	{
		unquote(member, secrets);
	}
	if (!json_is_string(value))
		return;
	json_object_foreach((json_t *)(uintptr_t)secrets, key, member)
	{
		AUTO_FREE char *text = without(json_string_value(value), key);

		if (text && json_string_set(value, text))
			json_string_set(value, LEFT_OUT);
	}
}

/* A job's reason stands in the records of its device, too. */
static void unquote_reasons(json_t *value, const json_t *secrets)
{
	const char *key;
	json_t *member;
	size_t i;

	json_array_foreach(value, i, member)
	{
		unquote_reasons(member, secrets);
	}
	json_object_foreach(value, key, member)
	{
		if (!strcmp(key, "not_learned"))
			unquote(member, secrets);
		else
			unquote_reasons(member, secrets);
	}
}

void discreet(json_t *document)
{
	AUTO_JSON json_t *secrets = json_object();
	static const char *const quoting[] = { "findings", "collectors", "errors",
					       "kernel" };

	leave_out(document, false, secrets);
	for (size_t i = 0; i < ARRAY_LEN(quoting); i++)
		unquote(json_object_get(document, quoting[i]), secrets);
	unquote_reasons(document, secrets);
}
