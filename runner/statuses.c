/* The document of last resort: the statuses the monitor knows, when the gatherer failed. */
#include "statuses.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *cgroup_word(const struct cgroup *cgroup)
{
	if (cgroup->controllers)
		return "v2";
	if (cgroup->v1_memory[0] || cgroup->v1_pids[0])
		return cgroup->v2[0] ? "v1 and v2 without controllers" : "v1";
	return cgroup->v2[0] ? "v2 without controllers" : "none";
}

/* Every string here is the program's own, a policy's, or a checked instance name: no escaping. */
static void audit_print(FILE *out, const struct monitor *monitor)
{
	const struct options *options = monitor->options;
	const char *signal = monitor->clock.interrupted
				     ? sigabbrev_np(monitor->clock.interrupted)
				     : NULL;
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

/* What a job has said is lost with the gatherer, so that none is `ok` any more. */
static void job_print(FILE *out, const struct job *job, const char *before)
{
	enum job_status status = job->status == JOB_OK ? JOB_PARTIAL : job->status;

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
		      job->name, job->policy->sha256, job_status_names[status],
		      job->step->name);
}

char *statuses_document(const struct monitor *monitor, size_t *len)
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
