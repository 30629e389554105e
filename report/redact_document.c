/* A document, learned and redacted: by its fields, and by what its texts quote of them. */
#include "redact.h"

#include "json.h"

#include <stdlib.h>
#include <string.h>

#define SECTION_MAX 64

/* What stands where a property's own value is not one: who told of it, its name. */
static bool is_about(const char *key)
{
	return !strcmp(key, "sources") || !strcmp(key, "src") ||
	       !strcmp(key, "escaped") || !strcmp(key, "placeholders");
}

/* The way to a value, as far as it has a meaning: names of the first two objects, and the row of the
 * property that it is a value of, however deep. */
struct way {
	char section[SECTION_MAX];
	unsigned depth;
	const struct redact_field *field;
	bool about; /* all below is what is said of values, and none itself */
};

static struct way way_to(const struct way *way, const char *key)
{
	struct way next = *way;
	const struct redact_field *field;

	next.about = way->about || is_about(key);
	if (way->depth < 2) {
		size_t len = strlen(next.section);

		(void)snprintf(next.section + len, sizeof(next.section) - len, "%s%.30s",
			       len > 0 ? "." : "", key);
		next.depth++;
	}
	field = redact_field_find(next.section, key);
	/* Below conflicts and the like stand names of jobs, or of bytes. */
	if (field && (field->kind != REDACT_KEEP || !way->field))
		next.field = field;
	return next;
}

static bool is_identifying(const struct way *way)
{
	return !way->about && way->field && way->field->kind != REDACT_KEEP;
}

/* `keep`: placeholders alone, which have to be known before anything is learned. */
static void walk(struct redact *redact, const json_t *value, const struct way *way,
		 bool keep, bool kept)
{
	const char *key;
	json_t *member;
	size_t i;

	json_array_foreach(value, i, member)
	{
		walk(redact, member, way, keep, kept);
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, member)
	{
		struct way next = way_to(way, key);

		walk(redact, member, &next, keep,
		     kept || !strcmp(key, "placeholders") || !strcmp(key, "class"));
	}
	if (!json_is_string(value))
		return;
	if (keep && kept)
		redact_keep(redact, json_string_value(value));
	else if (!keep && !kept && is_identifying(way))
		redact_learn(redact, json_string_value(value), way->field->kind);
	else if (!keep && !kept)
		redact_find(redact, json_string_value(value), json_string_length(value));
}

void redact_learn_document(struct redact *redact, const json_t *document)
{
	static const struct way top;

	walk(redact, document, &top, true, false);
	walk(redact, document, &top, false, false);
}

static int by_key(const void *a, const void *b)
{
	const char *one = json_string_value(json_object_get(*(json_t *const *)a, "key"));
	const char *other =
		json_string_value(json_object_get(*(json_t *const *)b, "key"));

	return strcmp(one ?: "", other ?: "");
}

static int by_text(const void *a, const void *b)
{
	const char *one = json_string_value(*(json_t *const *)a);
	const char *other = json_string_value(*(json_t *const *)b);

	return strcmp(one ?: "", other ?: "");
}

/* Lists that are sorted by key, as those of records, are so by what became of the keys. Takes `list`. */
static json_t *in_order(json_t *list, bool texts)
{
	size_t count = json_array_size(list);
	json_t **all = xcalloc(count + 1, sizeof(json_t *)), *sorted = json_array();
	bool sortable = count > 1;

	for (size_t i = 0; i < count; i++) {
		all[i] = json_array_get(list, i);
		sortable = sortable &&
			   (texts ? json_is_string(all[i])
				  : json_is_string(json_object_get(all[i], "key")));
	}
	if (sortable)
		qsort(all, count, sizeof(json_t *), texts ? by_text : by_key);
	for (size_t i = 0; i < count; i++)
		json_push(sorted, json_incref(all[i]));
	json_decref(list);
	free(all);
	return sorted;
}

static char *replaced(const struct redact *redact, const char *text,
		      const struct way *way)
{
	size_t len = 0;

	return is_identifying(way) ? redact_value(redact, text, way->field->kind)
				   : redact_apply(redact, text, strlen(text), &len);
}

static json_t *rewritten(const struct redact *redact, const json_t *value,
			 const struct way *way)
{
	json_t *made, *member;
	const char *key;
	size_t i;

	if (json_is_string(value)) {
		AUTO_FREE char *text = replaced(redact, json_string_value(value), way);

		return json_string(text);
	}
	if (json_is_array(value)) {
		made = json_array();
		json_array_foreach(value, i, member)
		{
			json_push(made, rewritten(redact, member, way));
		}
		return made;
	}
	if (!json_is_object(value))
		return json_incref((json_t *)(uintptr_t)value);
	made = json_object();
	json_object_foreach((json_t *)(uintptr_t)value, key, member)
	{
		static const struct way none;
		struct way next = way_to(way, key);
		AUTO_FREE char *name = replaced(redact, key, &none);
		json_t *changed = rewritten(redact, member, &next);

		if (json_is_array(changed) && strcmp(key, "findings") != 0 &&
		    strcmp(key, "collectors") != 0)
			changed = in_order(changed, !strcmp(key, "src"));
		json_put(made, name, changed);
	}
	return made;
}

json_t *redact_document(const struct redact *redact, const json_t *document)
{
	static const struct way top;

	return rewritten(redact, document, &top);
}
