/* Starts a job's child: jail, replay or lister. */
#include "spawn.h"

#include "capture.h"
#include "clone.h"
#include "compile.h"
#include "confine.h"
#include "ledger.h"
#include "lister.h"
#include "networks.h"
#include "progress.h"
#include "replay.h"
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The stub unshares the other namespaces once it knows that the job has what it needs. */
#define JAIL_NAMESPACES ((uint64_t)CLONE_NEWPID)

uint64_t spawn_caps(const struct monitor *monitor)
{
	uint64_t caps = 0;

	for (unsigned p = 0; p < monitor->policy_count; p++)
		for (unsigned s = 0; s < monitor->policies[p]->step_count; s++)
			caps |= monitor->policies[p]->steps[s].caps |
				policy_performer_caps(&monitor->policies[p]->steps[s]);
	return caps;
}

void spawn_prepare(struct monitor *monitor)
{
	nsec_t left = clock_last(&monitor->clock) - clock_now();

	/* Where it hangs, there is time for every job to say so. */
	monitor->base = root_base(clock_now() + left / 2, monitor->clock.signals);
	/* Where this fails, every job tries for itself and says what failed. */
	(void)!confine_bounding(spawn_caps(monitor));
	networks_start(&monitor->networks);
}

/* The child's ends go to the job, the others to the monitor and the gatherer. */
struct job_ends {
	int control[2], records[2], errors[2];
};

static void ends_close(struct job_ends *ends, int side)
{
	int fds[] = { ends->control[side], ends->records[side], ends->errors[side] };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* A lister has no output that a gatherer would read. */
static int ends_open(struct job_ends *ends, bool lister)
{
	*ends = (struct job_ends){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
	if (!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends->control) &&
	    (lister ||
	     (!pipe2(ends->records, O_CLOEXEC) && !pipe2(ends->errors, O_CLOEXEC))))
		return 0;
	int error = -errno;

	ends_close(ends, 0);
	ends_close(ends, 1);
	return error;
}

static _Noreturn void jailed_child(const struct job_context *ctx)
{
	const struct job *job = ctx->job;
	struct jail jail;
	int error;

	policy_jail(job->step, job->instance, &jail);
	jail.stub_uid = UID_STUB;
	jail.tool.uid = job->step->uid0 ? 0 : UID_TOOL(job->slot);
	jail.reader = (struct jail_exec){ .fd = ctx->collect_fd,
					  .argv = job_collector_argv(job),
					  .uid = UID_COLLECTOR(job->slot) };
	jail.broker.copier = ctx->copier_fd;
	jail.broker.performer = ctx->performer_fd;
	jail.broker.uid = UID_PERFORMER;
	jail.landlock_abi = ctx->landlock_abi;
	jail.base = ctx->base;
	jail.network = ctx->network;
	jail.cgroup = ctx->cgroup;
	jail.number = job->number;
	jail.control = ctx->control;
	jail.out = ctx->records;
	jail.errors = ctx->errors;
	error = ctx->capture ? capture_open(ctx, &jail) : 0;
	if (error) {
		errno = -error;
		message_fail_errno(ctx->control, STAGE_CAPTURE);
	}
	jail_main(&jail);
}

static _Noreturn void job_child(const struct job_context *ctx)
{
	if (ctx->job->lister)
		lister_main(ctx);
	if (ctx->replay)
		replay_main(ctx);
	jailed_child(ctx);
}

/* A control group makes limits hold better; where it cannot be joined, the job runs without. */
static void child_clone(struct monitor *monitor, struct job *job,
			const struct job_context *ctx, bool jailed)
{
	uint64_t namespaces = jailed ? JAIL_NAMESPACES : 0;
	int cgroup = -1;

	if (jailed)
		cgroup = cgroup_make(&monitor->cgroup, job->number, &job->step->limits);
	job->child.pid = clone_child(namespaces, cgroup, &job->child.pidfd);
	if (job->child.pid < 0 && cgroup >= 0)
		job->child.pid = clone_child(namespaces, -1, &job->child.pidfd);
	if (job->child.pid == 0)
		job_child(ctx);
	if (cgroup >= 0)
		close(cgroup);
}

/* Where that fails the job runs all the same: only a killed audit would have needed it. */
static void note(const struct monitor *monitor, const struct job *job)
{
	static bool told;
	int error = ledger_note(job);

	progress_note(job);
	if (error && !told)
		tell_error(monitor->tell, "%s: %s: jobs are not noted there",
			   LEDGER_FOLDER, strerrordesc_np(-error) ?: "?");
	told |= error != 0;
}

int spawn_job(struct monitor *monitor, struct job *job)
{
	bool jailed = !job->lister && !monitor->options->replay;
	const struct jail_limits *limits = &job->step->limits;
	struct job_ends ends;
	int error = ends_open(&ends, job->lister);

	if (error)
		return error;
	job->slot = slots_take(&monitor->slots);
	job->network = jailed && !job->step->network_host
			       ? networks_take(&monitor->networks)
			       : -1;
	job->child = (struct jail_child){
		.control = ends.control[0],
		.term = clock_grace(&monitor->clock, limits->term),
		.kill = clock_grace(&monitor->clock, limits->kill),
		.cgroup = jailed ? &monitor->cgroup : NULL,
		.number = job->number,
	};
	child_clone(monitor, job,
		    &(struct job_context){
			    .job = job,
			    .control = ends.control[1],
			    .records = ends.records[1],
			    .errors = ends.errors[1],
			    .collect_fd = monitor->collect_fd,
			    .copier_fd = monitor->copier_fd,
			    .performer_fd = monitor->performer_fd,
			    .landlock_abi = monitor->landlock_abi,
			    .base = monitor->base,
			    .network = job->network,
			    .cgroup = &monitor->cgroup,
			    .capture = monitor->options->capture,
			    .replay = monitor->options->replay,
		    },
		    jailed);
	error = job->child.pid < 0 ? -errno : 0;
	ends_close(&ends, 1);
	if (error) {
		ends_close(&ends, 0);
		slots_free(&monitor->slots, job->slot);
		networks_give_back(&monitor->networks, job->network);
		if (jailed)
			cgroup_remove(&monitor->cgroup, job->number);
		return error;
	}
	note(monitor, job);
	if (!job->lister) {
		struct gather_msg msg = { .type = GATHER_PIPES, .job = job->number };

		gatherer_send(monitor->gatherer, &msg, ends.records[0], ends.errors[0]);
	}
	return 0;
}
