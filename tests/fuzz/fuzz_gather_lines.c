/* Fuzzes what reads a collector's records: line reader, record rules, merge, document. */
#include "intake.h"
#include "pipes.h"
#include "write_document.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct gather gather;

static void take(void *arg, const char *line, size_t len)
{
	(void)arg;
	intake_line(&gather, 0, line, len);
}

/* The first byte says in what pieces the rest arrives. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gather_job entry = { .name = "storage/smart@sda" };
	struct gather_reply reply;
	size_t piece = size > 0 && data[0] ? data[0] : 4096;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	gather.policies = xcalloc(1, sizeof(*gather.policies));
	gather.policy_count = 1;
	gather.policies[0].emits = UINT64_MAX;
	if (gather_add_job(&gather, &entry))
		abort();
	gather.jobs[0].end = xcalloc(1, sizeof(struct gather_end));
	for (size_t at = 1; at < size; at += piece)
		lines_feed(&gather.jobs[0].lines, (const char *)data + at,
			   piece < size - at ? piece : size - at, take, NULL);
	lines_end(&gather.jobs[0].lines);
	/* The same bytes as a look: frames of a stuck job. */
	gather.jobs[0].look.bytes = xcalloc(1, size + 1);
	for (size_t i = 0; i < size && i < PIPES_LOOK_MAX; i++)
		gather.jobs[0].look.bytes[gather.jobs[0].look.len++] = (char)data[i];
	if (document_write(&gather, null, UINT64_MAX, &reply) ||
	    reply.document_bytes == 0)
		abort();
	close(null);
	gather_done(&gather);
	return 0;
}
