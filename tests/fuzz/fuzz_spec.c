/* Fuzzes the texts of bee verify: one that is taken can be checked, and any word that is quoted is
 * read back as it was. */
#include "json.h"
#include "verify.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_quotes(const char *text)
{
	AUTO_FREE char *quoted = spec_quoted(text);
	AUTO_FREE char *line = xasprintf("drives 1 x %s\n", quoted);
	AUTO_FREE char *error = NULL;
	struct spec spec;

	/* No text that has been read has others. */
	if (!json_text_is_clean(text, strlen(text)))
		return;
	if (!spec_parse(&spec, line, &error) || spec.count != 1 ||
	    strcmp(spec.wishes[0].model, text) != 0)
		abort();
	spec_done(&spec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xcalloc(size + 1, 1);
	AUTO_FREE char *error = NULL;
	AUTO_JSON json_t *document = json_object();
	struct verdicts verdicts;
	struct spec spec;

	if (size > 0)
		memcpy(text, data, size);
	check_quotes(text);
	if (spec_parse(&spec, text, &error)) {
		verify(&verdicts, &spec, document);
		verify_done(&verdicts);
	} else if (!error) {
		abort();
	}
	spec_done(&spec);
	return 0;
}
