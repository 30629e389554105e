/* What became of jobs, in the line that who looks at nothing else gets: by the document's words. */
#include "settle.h"
#include "tap.h"

#include <stdlib.h>

static struct job jobs[4] = {
	{ .name = (char[]){ "a" },
	  .number = 0,
	  .status = JOB_STUCK,
	  .state = JOB_ABANDONED },
	{ .name = (char[]){ "b" },
	  .number = 1,
	  .status = JOB_STUCK,
	  .state = JOB_SETTLED },
	{ .name = (char[]){ "c" },
	  .number = 2,
	  .status = JOB_FAILED,
	  .state = JOB_SETTLED },
	{ .name = (char[]){ "d" },
	  .number = 9,
	  .status = JOB_STUCK,
	  .state = JOB_ABANDONED },
};

static void test_reply(void)
{
	struct job *all[] = { &jobs[0], &jobs[1], &jobs[2], &jobs[3] };
	struct monitor monitor = {
		.jobs = all, .job_count = 4, .numbered = 10, .incomplete = 4
	};
	struct gather_reply reply = { .incomplete = 3 };
	AUTO_FREE char *before = NULL, *after = NULL;

	settle_reply(&monitor, &reply);
	before = settle_worst(&monitor);
	CHECK_STR(before, "4 of 10 jobs: a stuck, b stuck, d stuck and 1 more");
	/* Of who hangs since an earlier audit nobody has looked; and a failure is one, whoever says otherwise. */
	reply = (struct gather_reply){ .incomplete = 5, .starved = { 0x06, 0x02 } };
	settle_reply(&monitor, &reply);
	after = settle_worst(&monitor);
	CHECK_STR(after, "5 of 10 jobs: a stuck, b stuck, c failed and 2 more");
	CHECK_INT(jobs[3].status, JOB_STARVED);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a job that was left behind is what the document says that it is",
		  test_reply, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
