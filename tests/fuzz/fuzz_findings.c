/* Fuzzes findings_build: whatever a document holds, the findings are sorted and have all
 * their parts. */
#include "gather_findings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const parts[] = { "component", "evidence",   "id",
					     "message",   "resolution", "severity" };
	unsigned counts[SEVERITY_COUNT], total = 0;
	enum severity before = SEVERITY_CRITICAL;
	json_t *document = json_loadb((const char *)data, size, 0, NULL), *findings,
	       *finding;
	size_t i;

	if (!document)
		return 0;
	findings = findings_build(document, counts);
	for (int s = 0; s < SEVERITY_COUNT; s++)
		total += counts[s];
	if (json_array_size(findings) > total)
		abort();
	json_array_foreach(findings, i, finding)
	{
		enum severity severity = severity_find(rule_text(finding, "severity"));

		if (severity > before)
			abort();
		before = severity;
		for (size_t p = 0; p < ARRAY_LEN(parts); p++)
			if (!json_object_get(finding, parts[p]))
				abort();
	}
	json_decref(findings);
	json_decref(document);
	return 0;
}
