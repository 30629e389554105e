/* Fuzzes bee report --redact: a document, or else a tool's text; what was learned is found no more in its field. */
#include "document.h"
#include "json.h"
#include "redact.h"
#include "redact_raw.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char key[REDACT_KEY] = "fuzz";
	struct redact *redact;
	char reason[80];
	json_t *document =
		document_parse((const char *)data, size, reason, sizeof(reason));
	AUTO_FREE char *raw = NULL;
	size_t len = 0;

	if (sodium_init() < 0)
		abort();
	redact = redact_new(key);
	if (document)
		redact_learn_document(redact, document);
	redact_find(redact, (const char *)data, size);
	redact_settle(redact);
	raw = redact_raw(redact, (const char *)data, size, &len);
	if (document) {
		json_t *other = redact_document(redact, document);

		if (!json_is_object(other))
			abort();
		json_decref(other);
	}
	json_decref(document);
	redact_free(redact);
	return 0;
}
