/* Runs a collector on a fuzzer's bytes and checks that each record can be written. */
#ifndef BEE_TESTS_FUZZ_COLLECT_H
#define BEE_TESTS_FUZZ_COLLECT_H

#include "collect.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_emit(struct output *out, json_t *record)
{
	char *line = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);

	(void)out;
	if (!line || strchr(line, '\n') || !json_object_get(record, "props"))
		abort();
	free(line);
}

static int fuzz_collect(collect_fn *collect, const uint8_t *data, size_t size)
{
	struct output out = { .emit = fuzz_emit };
	char *text =
		xcalloc(size + 1, 1); /* of this size, so that a step beyond it is seen */
	struct input in = { text, size };

	if (size > 0)
		memcpy(text, data, size);
	collect(&in, "sda", &out);
	free(text);
	return 0;
}

#endif
