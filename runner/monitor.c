/* The one loop: starts jobs, listens to stubs, keeps deadlines, kills, abandons. */
#include "monitor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define INTERRUPT_TIME (1500 * NSEC_PER_MSEC)  /* what an interrupted audit still takes */
#define RUNNING_MAX(jobs) (2 * (size_t)(jobs)) /* with those that only end */
#define PROGRESS_EVERY (200 * NSEC_PER_MSEC)

/* Below T = 2 s, grace shrinks in proportion. */
static nsec_t grace(const struct monitor *monitor, nsec_t time)
{
	nsec_t full = 2 * NSEC_PER_SEC;

	return monitor->options->timeout >= full
		       ? time
		       : time / 1000 * (monitor->options->timeout / (full / 1000));
}

static nsec_t term_time(const struct monitor *monitor, const struct job *job)
{
	return grace(monitor, job->step->limits.term);
}

static nsec_t kill_time(const struct monitor *monitor, const struct job *job)
{
	return grace(monitor, job->step->limits.kill);
}

/* The last moment for TERM, so that KILL and grace still fit before the reserve. */
static nsec_t last_term(const struct monitor *monitor, const struct job *job)
{
	nsec_t reserve = grace(monitor, RESERVE);

	return monitor->end - reserve - kill_time(monitor, job) - term_time(monitor, job);
}

/*
 * When the state before `left` of grace ends: after `time`, but never so late that what
 * follows does not fit before the reserve. An interrupt moves the end of the audit.
 */
static nsec_t deadline_of(const struct monitor *monitor, nsec_t time, nsec_t left)
{
	nsec_t last = monitor->end - grace(monitor, RESERVE) - left;

	return clock_now() + time < last ? clock_now() + time : last;
}

static void tell_stub(const struct job *job, enum job_msg_type type)
{
	struct job_msg msg = { .type = type };

	/* A stub that does not listen is killed at the next deadline. */
	(void)!send(job->control, &msg, sizeof(msg), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void init_kill(struct monitor *monitor, struct job *job)
{
	(void)syscall(SYS_pidfd_send_signal, job->pidfd, SIGKILL, NULL, 0);
	if (!job->lister && !monitor->options->replay)
		cgroup_kill(&monitor->cgroup, job->number);
}

/* What a deadline does, by state; each moves the job one state on. */
static void on_deadline(struct monitor *monitor, struct job *job)
{
	nsec_t half = kill_time(monitor, job) / 2;

	switch (job->state) {
	case JOB_RUNNING:
		job->term_sent = true;
		job->state = JOB_TERMED;
		job->deadline = deadline_of(monitor, term_time(monitor, job), 2 * half);
		tell_stub(job, JOB_MSG_TERM);
		break;
	case JOB_TERMED:
		job->state = JOB_KILLED;
		job->deadline = deadline_of(monitor, half, half);
		tell_stub(job, JOB_MSG_KILL);
		break;
	case JOB_KILLED:
		job->state = JOB_NUKED;
		job->deadline = deadline_of(monitor, half, 0);
		init_kill(monitor, job);
		break;
	case JOB_NUKED:
		settle_stuck(monitor, job);
		break;
	default:
		break;
	}
}

static void on_setup(struct job *job, const struct job_msg *msg)
{
	if (!job->failure.error)
		job->failure = msg->failure;
}

static void on_absent(struct job *job, const struct job_msg *msg)
{
	job->absent = true;
	job->failure = msg->failure;
}

static void on_unavailable(struct job *job, const struct job_msg *msg)
{
	(void)msg;
	job->unavailable = true;
}

static void on_not_captured(struct job *job, const struct job_msg *msg)
{
	(void)msg;
	job->not_captured = true;
}

static void on_started(struct job *job, const struct job_msg *msg)
{
	job->tool_started = true;
	memcpy(job->path, msg->path, sizeof(job->path));
	job->path[sizeof(job->path) - 1] = '\0';
}

static void on_ending(struct job *job, const struct job_msg *msg)
{
	(void)msg;
	job->ending = true;
}

static void on_done(struct job *job, const struct job_msg *msg)
{
	job->done_seen = true;
	job->done = msg->done;
}

static void on_bad_name(struct job *job, const struct job_msg *msg)
{
	job->bad_names = msg->number;
}

/* Messages that only change the job; the others need the monitor. */
static void (*const on_message[JOB_MSG_TYPES])(struct job *job,
					       const struct job_msg *msg) = {
	[JOB_MSG_SETUP] = on_setup,
	[JOB_MSG_ABSENT] = on_absent,
	[JOB_MSG_UNAVAILABLE] = on_unavailable,
	[JOB_MSG_STARTED] = on_started,
	[JOB_MSG_NOT_CAPTURED] = on_not_captured,
	[JOB_MSG_ENDING] = on_ending,
	[JOB_MSG_DONE] = on_done,
	[JOB_MSG_BAD_NAME] = on_bad_name,
};

static void denied_forward(struct monitor *monitor, const struct job *job,
			   const struct job_msg *msg)
{
	struct gather_msg out = { .type = GATHER_DENIED, .job = job->number };
	char name[32];

	if (syscall_name(msg->denied.call, name, sizeof(name)))
		(void)snprintf(out.denied.call, sizeof(out.denied.call), "%s", name);
	else
		(void)snprintf(out.denied.call, sizeof(out.denied.call), "syscall %d",
			       msg->denied.call);
	if (msg->denied.arg)
		(void)snprintf(out.denied.detail, sizeof(out.denied.detail), "0x%x",
			       msg->denied.arg);
	out.denied.count = msg->denied.count;
	gatherer_send(monitor, &out, -1, -1);
}

static void instance_add(struct monitor *monitor, struct job *lister,
			 const struct job_msg *msg)
{
	char name[POLICY_INSTANCE_MAX + 1];

	memcpy(name, msg->instance, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	if (monitor->job_count >= JOBS_MAX || !instance_is_good(name)) {
		lister->bad_names++;
		return;
	}
	lister->listed++;
	plan_add(monitor, lister->policy_index, lister->step, name);
}

static void on_control(struct monitor *monitor, struct job *job)
{
	struct job_msg msg;
	ssize_t n;

	while ((n = recv(job->control, &msg, sizeof(msg), MSG_DONTWAIT)) == sizeof(msg)) {
		if (msg.type == JOB_MSG_DENIED && !job->lister)
			denied_forward(monitor, job, &msg);
		else if (msg.type == JOB_MSG_INSTANCE && job->lister)
			instance_add(monitor, job, &msg);
		else if (msg.type < JOB_MSG_TYPES && on_message[msg.type])
			on_message[msg.type](job, &msg);
	}
	job->hung_up |= n == 0;
	/* The stub's own TERM, its last word or its end: what follows has our usual grace. */
	if (job->state == JOB_RUNNING &&
	    (job->ending || job->done_seen || job->hung_up)) {
		job->state = JOB_TERMED;
		job->deadline = deadline_of(monitor, term_time(monitor, job),
					    kill_time(monitor, job));
	}
}

/* True when the child is gone. Never waits. */
static bool reaped(const struct job *job)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PIDFD, (id_t)job->pidfd, &info, WEXITED | WNOHANG) == 0 &&
	       info.si_pid != 0;
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
		job->failure = (struct job_failure){ STAGE_CLONE, -error, -1 };
		settle_job(monitor, job, JOB_SETUP, strerrordesc_np(-error) ?: "clone3");
		return;
	}
	if (monitor->options->verbose)
		tell_line(monitor->tell, "%s: started", job->name);
	job->state = JOB_RUNNING;
	job->deadline = now + wall < last ? now + wall : last;
	monitor->running[monitor->running_count++] = job;
}

/*
 * A job whose tool and collector have ended only takes its namespaces down, which is mostly
 * waiting in the kernel: its place is the next job's already, its uids and locks are not.
 */
static bool place_free(const struct monitor *monitor)
{
	size_t taken = 0;

	for (size_t i = 0; i < monitor->running_count; i++)
		taken += !monitor->running[i]->done_seen;
	return taken < monitor->options->jobs &&
	       monitor->running_count < RUNNING_MAX(monitor->options->jobs);
}

/*
 * Starts what may start. Jobs appended meanwhile (a lister's) are seen in the same pass.
 * A waiting job that is not ready stays for the next pass: something it waits for runs.
 */
static void schedule(struct monitor *monitor)
{
	for (size_t i = monitor->first_waiting; i < monitor->job_count; i++) {
		struct job *job = monitor->jobs[i];

		if (!place_free(monitor))
			return;
		if (job->state == JOB_WAITING && plan_ready(monitor, job))
			start_job(monitor, job);
		while (monitor->first_waiting < monitor->job_count &&
		       monitor->jobs[monitor->first_waiting]->state != JOB_WAITING)
			monitor->first_waiting++;
	}
}

static void skip_waiting(struct monitor *monitor, const char *why)
{
	for (size_t i = monitor->first_waiting; i < monitor->job_count; i++) {
		struct job *job = monitor->jobs[i];

		if (job->state != JOB_WAITING)
			continue;
		if (job->lister) {
			job->lister = false;
			plan_enter(monitor, job);
		}
		settle_job(monitor, job, JOB_SKIPPED, why);
	}
}

static void interrupt(struct monitor *monitor)
{
	struct signalfd_siginfo info;
	AUTO_FREE char *why = NULL;

	if (read(monitor->signals, &info, sizeof(info)) != sizeof(info) ||
	    monitor->interrupted)
		return;
	monitor->interrupted = (int)info.ssi_signo;
	if (monitor->end > clock_now() + INTERRUPT_TIME)
		monitor->end = clock_now() + INTERRUPT_TIME;
	why = xasprintf("interrupted by SIG%s",
			sigabbrev_np(monitor->interrupted) ?: "?");
	tell_line(monitor->tell, "%s: ending", why);
	skip_waiting(monitor, why);
	for (size_t i = 0; i < monitor->running_count; i++)
		if (monitor->running[i]->state == JOB_RUNNING)
			on_deadline(monitor, monitor->running[i]);
}

bool monitor_wait(struct monitor *monitor, int fd, short events, nsec_t after)
{
	for (;;) {
		struct pollfd polls[] = {
			{ fd, events, 0 },
			{ monitor->interrupted ? -1 : monitor->signals, POLLIN, 0 },
		};
		int n = poll(polls, ARRAY_LEN(polls),
			     clock_poll_ms(monitor->end + after));

		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		if (n > 0 && polls[1].revents)
			interrupt(monitor);
		if (n > 0 && polls[0].revents)
			return true;
	}
}

static void progress(struct monitor *monitor)
{
	const struct job *oldest = NULL;

	for (size_t i = 0; i < monitor->running_count; i++)
		if (!oldest || monitor->running[i]->started < oldest->started)
			oldest = monitor->running[i];
	tell_progress(monitor->tell, "%zu of %zu jobs running, %.0f of %.0f s%s%s",
		      monitor->running_count, monitor->job_count,
		      (double)(clock_now() - monitor->options->start) /
			      (double)NSEC_PER_SEC,
		      (double)monitor->options->timeout / (double)NSEC_PER_SEC,
		      oldest ? ", oldest: " : "", oldest ? oldest->name : "");
}

enum { ON_SIGNALS, ON_GATHERER, ON_JOBS };

static nsec_t next_deadline(const struct monitor *monitor)
{
	nsec_t next = clock_now() + PROGRESS_EVERY;

	for (size_t i = 0; i < monitor->running_count; i++)
		if (monitor->running[i]->deadline < next)
			next = monitor->running[i]->deadline;
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
			on_control(monitor, job);
		if (pid->revents && reaped(job)) {
			on_control(monitor, job); /* what it said before it ended */
			settle_done(monitor, job);
		} else if (clock_now() >= job->deadline) {
			on_deadline(monitor, job);
			if (job->state == JOB_ABANDONED)
				stuck[stuck_count++] = job;
		}
	}
	if (stuck_count) {
		look_at(monitor, stuck, stuck_count);
		ledger_write(monitor); /* in case nobody lives to do it at the end */
	}
	free(stuck);
}

void monitor_run(struct monitor *monitor)
{
	size_t most = 0;
	struct pollfd *polls = NULL;
	struct job **order = NULL;
	nsec_t shown = 0;

	monitor->running =
		xcalloc(RUNNING_MAX(monitor->options->jobs), sizeof(struct job *));
	schedule(monitor);
	while (monitor->running_count > 0 ||
	       monitor->first_waiting < monitor->job_count) {
		size_t count = monitor->running_count;

		if (count > most || !polls) {
			most = count;
			polls = xrealloc_array(polls, 2 * most + ON_JOBS, sizeof(*polls));
			order = xrealloc_array(order, most + 1, sizeof(struct job *));
		}
		polls[ON_SIGNALS] = (struct pollfd){ monitor->signals, POLLIN, 0 };
		polls[ON_GATHERER] = (struct pollfd){ .fd = -1 };
		polls[ON_GATHERER].fd =
			gatherer_poll_fd(monitor->gatherer, &polls[ON_GATHERER].events);
		for (size_t i = 0; i < count; i++) {
			struct job *job = order[i] = monitor->running[i];

			polls[ON_JOBS + 2 * i] =
				(struct pollfd){ job->hung_up ? -1 : job->control, POLLIN,
						 0 };
			polls[ON_JOBS + 2 * i + 1] =
				(struct pollfd){ job->pidfd, POLLIN, 0 };
		}
		if (poll(polls, 2 * count + ON_JOBS,
			 clock_poll_ms(next_deadline(monitor))) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		if (polls[ON_SIGNALS].revents)
			interrupt(monitor);
		if (polls[ON_GATHERER].revents)
			gatherer_flush(monitor);
		jobs_handle(monitor, order, count, polls + ON_JOBS);
		if (monitor->interrupted)
			skip_waiting(monitor, "interrupted");
		if (clock_now() >= monitor->end - RESERVE)
			skip_waiting(monitor, "the deadline came before its turn");
		schedule(monitor);
		if (monitor->running_count == 0)
			skip_waiting(monitor, "what it waits for did not end");
		if (clock_now() - shown > PROGRESS_EVERY) {
			shown = clock_now();
			progress(monitor);
		}
	}
	free(polls);
	free(order);
}
