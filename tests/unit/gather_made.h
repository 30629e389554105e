/* A gatherer with jobs of this test's making, and lines of their records. */
#ifndef BEE_TESTS_GATHER_MADE_H
#define BEE_TESTS_GATHER_MADE_H

#include "intake.h"
#include "record.h"
#include "tap.h"
#include "verdict.h"

#include <stdlib.h>
#include <string.h>

static struct gather gather;

static inline void setup(unsigned jobs)
{
	struct gather_job entry = { .policy = 0 };

	intake_init();
	gather.policies = xcalloc(1, sizeof(*gather.policies));
	gather.policy_count = 1;
	strcpy(gather.policies[0].collector, "storage");
	gather.policies[0].emits = UINT64_C(1) << record_type_find("storage.drives");
	for (unsigned i = 0; i < jobs; i++) {
		(void)snprintf(entry.name, sizeof(entry.name), "storage/smart@sd%u", i);
		CHECK_INT(gather_add_job(&gather, &entry), 0);
		gather.jobs[i].had_pipes = true;
		gather.jobs[i].end = xcalloc(1, sizeof(struct gather_end));
		gather.jobs[i].end->exit_code = -1;
	}
}

static inline void line(uint32_t job, const char *text)
{
	intake_line(&gather, job, text, strlen(text));
}

static inline void check_status(uint32_t job, enum job_status status)
{
	struct verdict verdict = verdict_of(&gather.jobs[job]);

	CHECK_STR(job_status_names[verdict.status], job_status_names[status]);
	CHECK(status == JOB_OK || *verdict.reason);
	free(verdict.reason);
}

#define GOOD "{\"type\":\"storage.drives\",\"key\":\"sda\",\"props\":{\"a\":1}}"

static inline void refused(const char *text)
{
	uint64_t kept = gather.jobs[0].records;

	gather.jobs[0].refused = false;
	line(0, text);
	if (!gather.jobs[0].refused || gather.jobs[0].records != kept)
		tap_fail(__FILE__, __LINE__, "kept: %.80s", text);
}

/* The states of proc_pid_stat(5), each process with its six fields. */
static inline void look_of(struct buffer *look, const char *states)
{
	static const char before[] = "7\0"
				     "99\0"
				     "smartctl\0",
			  after[] = "\0"
				    "0\0"
				    "\0";
	buffer_drop(look);
	for (; *states; states++) {
		buffer_add(look, 65536, before, sizeof(before) - 1);
		buffer_add(look, 65536, states, 1);
		buffer_add(look, 65536, after, sizeof(after));
	}
}

#endif
