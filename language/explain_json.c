/* What a policy lets its tools do, for a script: a list of {what, reason} by label. */
#include "explain.h"
#include "json.h"

#include <string.h>

static void put(json_t *list, const char *text, size_t len, const char *reason)
{
	json_t *item = json_object();

	json_put(item, "what", json_text(text, len, NULL));
	if (reason)
		json_put(item, "reason", json_text(reason, strlen(reason), NULL));
	json_push(list, item);
}

/* "exit code" is exit_code. */
static json_t *under(json_t *object, const char *label)
{
	AUTO_FREE char *key = xstrdup(label);

	for (char *at = key; *at; at++)
		if (*at == ' ')
			*at = '_';
	if (!json_object_get(object, key))
		json_put(object, key, json_array());
	return json_object_get(object, key);
}

static void put_page(json_t *object, const struct page *page)
{
	for (size_t i = 0; i < page->count; i++) {
		const struct page_item *item = &page->items[i];
		json_t *list = under(object, item->label);

		if (!item->list)
			put(list, item->text, strlen(item->text), item->reason);
		for (const char *at = item->text; item->list && *at;
		     at += strspn(at, " ")) {
			size_t len = strcspn(at, " ");

			put(list, at, len, item->reason);
			at += len;
		}
	}
}

bool policy_explain_json(const struct policy *policy, const struct step *only, FILE *out)
{
	AUTO_JSON json_t *object = json_object();
	json_t *steps = json_array();
	struct page page = { .instance = NULL };

	json_put(object, "collector", json_string(policy->collector));
	json_put(object, "file", json_text(policy->file, strlen(policy->file), NULL));
	policy_explain_file(policy, &page);
	put_page(object, &page);
	page_done(&page);
	for (unsigned i = 0; i < policy->step_count; i++) {
		const struct step *step = &policy->steps[i];
		json_t *entry;

		if (only && step != only)
			continue;
		entry = json_object();
		json_put(entry, "name", json_string(step->name));
		policy_explain_page(step, NULL, &page);
		put_page(entry, &page);
		page_done(&page);
		json_push(steps, entry);
	}
	json_put(object, "steps", steps);
	return !json_dumpf(object, out, JSON_INDENT(2)) && fputc('\n', out) == '\n';
}
