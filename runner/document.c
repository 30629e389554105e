/* The document of last resort: the statuses the monitor knows, when the gatherer failed. */
#include "monitor.h"

#include <stdlib.h>

/* Every string here is from a policy or was checked as an instance name: no escaping. */
static void job_print(FILE *out, const struct job *job, bool last)
{
	fprintf(out, "    {\"collector\": \"%s\", \"job\": \"%s\", \"policy_sha256\": \"%s\", ",
		job->policy->collector, job->name, job->policy->sha256);
	if (job->state == JOB_ABANDONED)
		fprintf(out, "\"reason\": \"pid %d was not reaped after KILL and grace\", ",
			job->pid);
	fprintf(out, "\"status\": \"%s\"}%s\n", job_status_names[job->status], last ? "" : ",");
}

char *document_minimal(const struct monitor *monitor, size_t *len)
{
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, len);
	size_t left = monitor->numbered;

	if (!out)
		return NULL;
	fprintf(out, "{\n  \"audit\": {\"complete\": false, \"version\": \"%s\"},\n"
		     "  \"collectors\": [\n", BEE_VERSION);
	for (size_t i = 0; i < monitor->job_count; i++)
		if (!monitor->jobs[i]->lister)
			job_print(out, monitor->jobs[i], --left == 0);
	fprintf(out, "  ],\n  \"errors\": [{\"message\": \"the gatherer failed: only the statuses "
		     "of the jobs are known\"}],\n  \"schema_version\": \"1.0\"\n}\n");
	if (fclose(out)) {
		free(bytes);
		return NULL;
	}
	return bytes;
}
