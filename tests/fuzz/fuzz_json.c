/* Fuzzes json_load_hostile: what it takes can be printed, and loads again without
 * repairs. */
#include "json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text =
		xcalloc(size ? size : 1, 1); /* of this size: a step beyond it is seen */
	char reason[80] = "", *line;
	unsigned repairs = 0, again = 0;
	json_t *value, *copy;

	if (size > 0)
		memcpy(text, data, size);
	value = json_load_hostile(text, size, NULL, &repairs, reason, sizeof(reason));
	free(text);
	if (!value) {
		if (!*reason)
			abort();
		return 0;
	}
	line = json_dumps(value, JSON_ENCODE_ANY);
	if (!line)
		abort();
	copy = json_load_hostile(line, strlen(line), NULL, &again, reason,
				 sizeof(reason));
	if (!copy || again)
		abort();
	free(line);
	json_decref(copy);
	json_decref(value);
	return 0;
}
