/* Properties that firmware has a placeholder for: null, and its text beside them. */
#include "placeholder_put.h"

void placeholder_keep(json_t *props, const char *member, const char *key,
		      const char *bytes, size_t len)
{
	json_t *kept = json_object_get(props, member);

	if (!kept) {
		kept = json_object();
		json_put(props, member, kept);
	}
	json_put(kept, key, json_text(bytes, len, NULL));
}

void placeholder_put(json_t *props, const char *key, const char *bytes, size_t len,
		     enum placeholder_kind kind)
{
	if (!placeholder_is(bytes, len, kind)) {
		collect_text(props, key, bytes, len);
		return;
	}
	json_put(props, key, json_null());
	if (len > 0)
		placeholder_keep(props, "placeholders", key, bytes, len);
}
