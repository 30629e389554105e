/* Fuzzes bee policy check: what any document says was refused, held against a policy. */
#include "document.h"
#include "refused.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] =
	"policy 1\ncollector storage\nemits storage.drives\n"
	"syscalls @tool\n[smart] each /sys/block/sd*\n"
	"run smartctl -x /dev/{instance}\n"
	"device /dev/{instance} read\nscsi INQUIRY\n[lsblk]\nrun lsblk\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct policy *policy;
	static FILE *nowhere;
	char reason[80];
	json_t *document =
		document_parse((const char *)data, size, reason, sizeof(reason));

	if (!nowhere)
		nowhere = fopen("/dev/null", "we");
	if (!policy)
		policy = policy_parse("storage.policy", text, strlen(text), stderr);
	if (!nowhere || !policy)
		return -1;
	if (document)
		(void)refused_print(policy, document, NULL, nowhere);
	json_decref(document);
	return 0;
}
