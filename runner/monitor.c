/* The one loop: starts jobs, listens to stubs, keeps deadlines, kills, abandons. */
#include "monitor.h"
#include "look.h"
#include "messages.h"
#include "plan.h"
#include "progress.h"
#include "settle.h"
#include "spawn.h"
#include "starved.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUNNING_MAX(jobs) (2 * (size_t)(jobs)) /* with those that only end */
#define POLL_RETRY_US 10000
#define PROGRESS_EVERY (200 * NSEC_PER_MSEC)
#define HELD_EVERY (10 * NSEC_PER_MSEC) /* a processor may be free for another job */

/* The last moment for TERM, so that KILL and grace still fit before the reserve. */
static nsec_t last_term(const struct monitor *monitor, const struct job *job)
{
	const struct jail_limits *limits = &job->step->limits;

	return clock_last(&monitor->clock) - clock_grace(&monitor->clock, limits->kill) -
	       clock_grace(&monitor->clock, limits->term);
}

static void on_deadline(struct monitor *monitor, struct job *job)
{
	child_climb(&job->child, clock_last(&monitor->clock));
	if (job->child.state == CHILD_STUCK)
		settle_stuck(monitor, job);
}

static void start_job(struct monitor *monitor, struct job *job)
{
	nsec_t now = clock_now(), last = last_term(monitor, job),
	       wall = job->step->limits.wall;
	int error;

	if (now >= last) {
		settle_job(monitor, job, JOB_SKIPPED,
			   "the deadline came before its turn");
		return;
	}
	job->started = now;
	error = spawn_job(monitor, job);
	if (error) {
		settle_unstarted(monitor, job, -error);
		return;
	}
	if (monitor->options->verbose)
		tell_line(monitor->tell, "%s: started", job->name);
	job->state = JOB_RUNNING;
	job->child.deadline = now + wall < last ? now + wall : last;
	monitor->running[monitor->running_count++] = job;
}

/*
 * A job whose tool and collector have ended only takes its namespaces down, which is mostly
 * waiting in the kernel: it is not counted among the jobs at once, so that another can start.
 * Its uids and locks are not free before it has gone.
 */
static size_t places_taken(const struct monitor *monitor)
{
	size_t taken = 0;

	for (size_t i = 0; i < monitor->running_count; i++)
		taken += !monitor->running[i]->result_seen;
	return taken;
}

/*
 * Starts what may start. Jobs appended meanwhile (a lister's) are seen in the same pass.
 * A waiting job that is not ready stays for the next pass: something it waits for runs.
 */
static void schedule(struct monitor *monitor)
{
	const struct options *options = monitor->options;

	monitor->held = false;
	for (size_t i = monitor->first_waiting; i < monitor->job_count; i++) {
		struct job *job = monitor->jobs[i];
		enum plan_answer answer = PLAN_WAIT;
		size_t taken = places_taken(monitor);
		AUTO_FREE char *why = NULL;

		if (taken >= options->jobs ||
		    monitor->running_count >= RUNNING_MAX(options->jobs))
			return;
		if (job->state == JOB_WAITING)
			answer = plan_ready(monitor, job, &why);
		monitor->held = answer == PLAN_READY && !options->jobs_given &&
				starved_machine(taken);
		if (monitor->held)
			return;
		if (answer == PLAN_READY)
			start_job(monitor, job);
		else if (answer == PLAN_NEVER)
			settle_job(monitor, job, JOB_SKIPPED, why);
		while (monitor->first_waiting < monitor->job_count &&
		       monitor->jobs[monitor->first_waiting]->state != JOB_WAITING)
			monitor->first_waiting++;
	}
}

static void skip_waiting(struct monitor *monitor, const char *why)
{
	for (size_t i = monitor->first_waiting; i < monitor->job_count; i++) {
		struct job *job = monitor->jobs[i];

		if (job->state == JOB_WAITING)
			settle_job(monitor, job, JOB_SKIPPED, why);
	}
}

/* The clock has brought the end forward: nothing more starts, what runs gets TERM now. */
static void on_interrupt(void *arg)
{
	struct monitor *monitor = arg;
	AUTO_FREE char *why = xasprintf("interrupted by SIG%s",
					sigabbrev_np(monitor->clock.interrupted) ?: "?");

	tell_line(monitor->tell, "%s: ending", why);
	skip_waiting(monitor, why);
	for (size_t i = 0; i < monitor->running_count; i++)
		if (monitor->running[i]->child.state == CHILD_RUNNING)
			on_deadline(monitor, monitor->running[i]);
}

enum { ON_SIGNALS, ON_GATHERER, ON_JOBS };

static nsec_t next_deadline(const struct monitor *monitor)
{
	nsec_t next = clock_now() + (monitor->held ? HELD_EVERY : PROGRESS_EVERY);

	for (size_t i = 0; i < monitor->running_count; i++)
		if (starved_when(monitor->running[i]) < next)
			next = starved_when(monitor->running[i]);
	return next;
}

/* Handles what poll reported for the jobs in `order`; settling changes monitor->running. */
static void jobs_handle(struct monitor *monitor, struct job **order, size_t count,
			const struct pollfd *polls)
{
	struct job **stuck = xcalloc(count + 1, sizeof(struct job *));
	size_t stuck_count = 0;

	for (size_t i = 0; i < count; i++) {
		struct job *job = order[i];
		const struct pollfd *control = &polls[2 * i], *pid = &polls[2 * i + 1];

		if (control->revents)
			messages_take(monitor, job);
		if (pid->revents && child_reaped(&job->child)) {
			messages_take(monitor, job); /* what it said before it ended */
			settle_ended(monitor, job);
		} else if (clock_now() >= job->child.deadline && starved_known(job)) {
			on_deadline(monitor, job);
			if (job->state == JOB_ABANDONED)
				stuck[stuck_count++] = job;
		}
	}
	look_start(monitor->gatherer, stuck, stuck_count);
	free(stuck);
}

/* What the loop waits for: two descriptors of each running job, in `order`, after its own. */
static void polls_set(const struct monitor *monitor, struct pollfd *polls,
		      struct job **order)
{
	polls[ON_SIGNALS] = (struct pollfd){ monitor->clock.signals, POLLIN, 0 };
	polls[ON_GATHERER] = (struct pollfd){ .fd = -1 };
	polls[ON_GATHERER].fd =
		gatherer_poll_fd(monitor->gatherer, &polls[ON_GATHERER].events);
	for (size_t i = 0; i < monitor->running_count; i++) {
		struct job *job = monitor->running[i];
		const struct jail_child *child = &job->child;

		order[i] = job;
		polls[ON_JOBS + 2 * i] =
			(struct pollfd){ job->hung_up ? -1 : child->control, POLLIN, 0 };
		polls[ON_JOBS + 2 * i + 1] = (struct pollfd){ child->pidfd, POLLIN, 0 };
	}
}

void monitor_run(struct monitor *monitor)
{
	size_t most = RUNNING_MAX(monitor->options->jobs);
	AUTO_FREE struct pollfd *polls = xcalloc(2 * most + ON_JOBS, sizeof(*polls));
	AUTO_FREE struct job **order = xcalloc(most, sizeof(struct job *));
	nsec_t shown = 0;

	monitor->clock.on_interrupt = on_interrupt;
	monitor->clock.arg = monitor;
	monitor->running = xcalloc(most, sizeof(struct job *));
	schedule(monitor);
	while (monitor->running_count > 0 ||
	       monitor->first_waiting < monitor->job_count) {
		size_t count = monitor->running_count;

		polls_set(monitor, polls, order);
		/* Where it fails (ENOMEM) deadlines go on: the loop ends at the last of them. */
		if (clock_poll(&monitor->clock, polls, 2 * count + ON_JOBS,
			       next_deadline(monitor)) < 0 &&
		    errno != EINTR)
			(void)usleep(POLL_RETRY_US);
		if (polls[ON_SIGNALS].revents)
			clock_interrupt(&monitor->clock);
		if (polls[ON_GATHERER].revents)
			gatherer_flush(monitor->gatherer);
		starved_ask(order, count); /* before anything gets TERM */
		jobs_handle(monitor, order, count, polls + ON_JOBS);
		if (monitor->clock.interrupted)
			skip_waiting(monitor, "interrupted");
		if (clock_now() >= monitor->clock.end - RESERVE)
			skip_waiting(monitor, "the deadline came before its turn");
		schedule(monitor);
		if (monitor->running_count == 0)
			skip_waiting(monitor, "what it waits for did not end");
		if (clock_now() - shown > PROGRESS_EVERY) {
			shown = clock_now();
			progress_tell(monitor);
		}
	}
}
