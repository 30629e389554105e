/* The document of last resort: the statuses the monitor knows, when the gatherer failed. */
#include "monitor.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Every string here is the program's own, a policy's, or a checked instance name: no escaping. */
static void audit_print(FILE *out, const struct monitor *monitor)
{
	const struct options *options = monitor->options;
	const char *signal =
		monitor->interrupted ? sigabbrev_np(monitor->interrupted) : NULL;
	nsec_t elapsed = clock_now() - options->start;
	char started[32] = "";
	struct timespec now;
	struct tm utc;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec -= elapsed / NSEC_PER_SEC;
	if (gmtime_r(&now.tv_sec, &utc))
		(void)strftime(started, sizeof(started), "%Y-%m-%dT%H:%M:%S.000Z", &utc);
	(void)fprintf(out,
		      "  \"audit\": {\"boot_id\": null, \"cgroup\": \"%s\", "
		      "\"complete\": false, "
		      "\"duration_ms\": %lld, \"interrupted\": %s%s%s, \"jobs\": %u, "
		      "\"kernel\": null, \"landlock_abi\": %d, \"machine\": null, "
		      "\"policy_dir\": null, \"replay\": %s, \"started\": \"%s\", "
		      "\"timeout_ms\": %lld, \"version\": \"%s\"},\n",
		      cgroup_word(&monitor->cgroup), (long long)(elapsed / NSEC_PER_MSEC),
		      signal ? "\"SIG" : "", signal ? signal : "null", signal ? "\"" : "",
		      options->jobs, monitor->landlock_abi,
		      options->replay ? "true" : "false", started,
		      (long long)(options->timeout / NSEC_PER_MSEC), BEE_VERSION);
}

static void job_print(FILE *out, const struct job *job, const char *before)
{
	(void)fprintf(
		out,
		"%s\n    {\"collector\": \"%s\", \"denied\": [], \"duration_ms\": %lld, "
		"\"enforced\": [], ",
		before, job->policy->collector,
		job->started ? (long long)((job->ended - job->started) / NSEC_PER_MSEC)
			     : 0);
	if (job->instance[0])
		(void)fprintf(out, "\"instance\": \"%s\", ", job->instance);
	(void)fprintf(out,
		      "\"job\": \"%s\", \"policy_sha256\": \"%s\", "
		      "\"reason\": \"the gatherer failed\", \"records\": 0, \"status\": "
		      "\"%s\", "
		      "\"step\": \"%s\", \"stuck\": [], \"tools\": []}",
		      job->name, job->policy->sha256, job_status_names[job->status],
		      job->step->name);
}

char *document_minimal(const struct monitor *monitor, size_t *len)
{
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, len);
	const char *before = "";

	if (!out)
		return NULL;
	(void)fprintf(out, "{\n");
	audit_print(out, monitor);
	(void)fprintf(out, "  \"collectors\": [");
	for (size_t i = 0; i < monitor->job_count; i++) {
		if (monitor->jobs[i]->lister)
			continue;
		job_print(out, monitor->jobs[i], before);
		before = ",";
	}
	(void)fprintf(
		out,
		"\n  ],\n  \"errors\": [{\"count\": 1, \"reason\": "
		"\"the gatherer failed: only the statuses of the jobs are known\"}],\n"
		"  \"findings\": [],\n"
		"  \"health\": {\"components\": {}, \"findings\": {\"Critical\": 0, "
		"\"OK\": 0, \"Warning\": 0}, \"rollup\": \"Unknown\", "
		"\"unassessed\": []},\n"
		"  \"identity\": {\"sources\": {}},\n  \"schema_version\": \"1.0\"\n}\n");
	if (fclose(out)) {
		free(bytes);
		return NULL;
	}
	return bytes;
}
