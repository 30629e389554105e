/* Policy files of any bytes: an error with its place, or a policy that can be used. */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *said = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&said, &len);
	struct policy *policy = policy_parse("f", (const char *)data, size, out);

	if (policy) {
		(void)policy_lint(policy, out);
		policy_explain(policy, out);
		for (unsigned i = 0; i < policy->step_count; i++)
			policy_explain_step(policy, &policy->steps[i], "sda", out);
		/* One step is enough: building costs more than all the rest. */
		if (policy->step_count && filter_build(&policy->steps[0]))
			abort();
	}
	(void)fclose(out);
	/* Either it says what is wrong or there is a policy; what it says is printable.
	 */
	if (!policy && len < 6)
		abort();
	for (size_t i = 0; i < len; i++)
		if (said[i] != '\n' && said[i] != '\t' &&
		    (said[i] < ' ' || said[i] > '~'))
			abort();
	free(said);
	policy_free(policy);
	return 0;
}
