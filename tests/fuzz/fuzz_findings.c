/* Fuzzes findings_build: whatever a document holds, the findings are sorted and have all
 * their parts. */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const parts[] = { "component", "evidence",   "id",
					     "message",   "resolution", "severity" };
	struct findings findings;
	unsigned total = 0;
	enum severity before = SEVERITY_CRITICAL;
	json_t *document = json_loadb((const char *)data, size, 0, NULL), *finding;
	size_t i;

	if (!document)
		return 0;
	findings_build(&findings, document);
	for (int s = 0; s < SEVERITY_COUNT; s++)
		total += findings.counts[s];
	if (json_array_size(findings.list) > total)
		abort();
	json_array_foreach(findings.list, i, finding)
	{
		enum severity severity = severity_find(rule_text(finding, "severity"));

		if (severity > before)
			abort();
		before = severity;
		for (size_t p = 0; p < ARRAY_LEN(parts); p++)
			if (!json_object_get(finding, parts[p]))
				abort();
	}
	findings_done(&findings);
	json_decref(document);
	return 0;
}
