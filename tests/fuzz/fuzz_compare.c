/* Fuzzes bee diff, bee expect and bee verify: whatever a document says, it is the same as itself,
 * and its machine meets the spec that is made of it. */
#include "diff.h"
#include "document.h"
#include "json.h"
#include "verify.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_spec(const json_t *document)
{
	AUTO_FREE char *text = spec_make(document, true);
	AUTO_FREE char *error = NULL;
	struct verdicts verdicts;
	struct spec spec;

	if (!spec_parse(&spec, text, &error))
		abort();
	verify(&verdicts, &spec, document);
	if (json_array_size(verdicts.deviations) > 0)
		abort();
	verify_done(&verdicts);
	spec_done(&spec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char reason[80];
	json_t *document =
		document_parse((const char *)data, size, reason, sizeof(reason));
	struct diff diff;

	if (!document)
		return 0;
	diff_make(&diff, document, document);
	if (json_array_size(diff.changes) + json_array_size(diff.counters) > 0)
		abort();
	json_decref(diff_rows(diff.changes));
	diff_done(&diff);
	check_spec(document);
	json_decref(document);
	return 0;
}
