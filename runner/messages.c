/* What stubs and listers say of their jobs. */
#include "messages.h"
#include "plan.h"

#include <string.h>
#include <sys/socket.h>

/* Messages that only change the job; the others need the monitor. */
static void job_told(struct job *job, const struct jail_msg *msg)
{
	switch (msg->type) {
	case JAIL_MSG_ABSENT:
		job->failure.error = 0;
		job->absent = true;
		__attribute__((fallthrough));
	case JAIL_MSG_SETUP:
		if (job->failure.error)
			break; /* the first is the cause of others */
		job->failure = msg->failure;
		job->failure.path[sizeof(job->failure.path) - 1] = '\0';
		break;
	case JAIL_MSG_UNAVAILABLE:
		job->unavailable = true;
		break;
	case JOB_MSG_NOT_CAPTURED:
		job->not_captured = true;
		break;
	case JAIL_MSG_STARTED:
		job->tool_started = true;
		job->enforced = msg->started.enforced;
		memcpy(job->path, msg->started.path, sizeof(job->path) - 1);
		break;
	case JAIL_MSG_ENDING:
		job->ending = true;
		break;
	case JAIL_MSG_ASKED:
		job->asked = msg->denied.call < 0 ? -msg->denied.call : 0;
		job->asked_key = msg->denied.arg;
		break;
	case JAIL_MSG_RESULT:
		job->result_seen = true;
		job->result = msg->result;
		break;
	case JOB_MSG_BAD_NAME:
		job->bad_names += msg->number;
		break;
	}
}

static void denied_forward(struct monitor *monitor, struct job *job,
			   const struct jail_msg *msg)
{
	struct gather_msg out = { .type = GATHER_DENIED, .job = job->number };

	/* A stub has no more; one that was taken over must not fill the gatherer. */
	if (++job->denied_told > JAIL_DENIED_MAX)
		return;
	if (msg->denied.call < 0)
		job->commands_refused += msg->denied.count;
	refusal_label(msg->denied.call, msg->denied.arg, out.denied.call,
		      sizeof(out.denied.call), out.denied.detail,
		      sizeof(out.denied.detail));
	out.denied.count = msg->denied.count;
	gatherer_send(monitor->gatherer, &out, -1, -1);
}

static void instance_add(struct monitor *monitor, struct job *lister,
			 const struct jail_msg *msg)
{
	char name[POLICY_INSTANCE_MAX + 1];

	memcpy(name, msg->text, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	if (monitor->job_count >= JOBS_MAX || !policy_instance_good(name)) {
		lister->bad_names++;
		return;
	}
	lister->listed++;
	plan_add(monitor, lister->policy_index, lister->step, name);
}

void messages_take(struct monitor *monitor, struct job *job)
{
	struct jail_msg msg;
	ssize_t n = -1;

	for (unsigned turn = 0; turn < JAIL_MSG_A_TURN; turn++) {
		n = recv(job->child.control, &msg, sizeof(msg), MSG_DONTWAIT);
		if (n != sizeof(msg))
			break;
		if (msg.type == JAIL_MSG_DENIED && !job->lister)
			denied_forward(monitor, job, &msg);
		else if (msg.type == JOB_MSG_INSTANCE && job->lister)
			instance_add(monitor, job, &msg);
		else
			job_told(job, &msg);
	}
	job->hung_up |= n == 0;
	if (job->ending || job->result_seen || job->hung_up)
		child_ending(&job->child, clock_last(&monitor->clock));
}
