/* bee audit: what must be true before anything starts, and how it ends. */
#include "around.h"
#include "caller.h"
#include "choose.h"
#include "confine.h"
#include "dry_run.h"
#include "ledger.h"
#include "leftovers.h"
#include "look.h"
#include "mailed.h"
#include "monitor.h"
#include "output.h"
#include "paths.h"
#include "plan.h"
#include "progress.h"
#include "rights.h"
#include "settle.h"
#include "signals.h"
#include "spawn.h"
#include "statuses.h"
#include "writer.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define FILES_MAX 65536
#define MONITOR_NICE (-10) /* deadlines are kept while tools spin */

static int companion_open(const char *name)
{
	int fd = libexec_open(name);

	if (fd < 0)
		errx(BEE_SOFTWARE, "%s: %s", name, strerrordesc_np(-fd));
	return fd;
}

static void own_programs_open(const struct monitor *monitor)
{
	for (unsigned p = 0; p < monitor->policy_count; p++)
		for (unsigned s = 0; s < monitor->policies[p]->step_count; s++) {
			struct step *step = &monitor->policies[p]->steps[s];
			const char *name = policy_own_program(step);

			step->own_fd = name ? companion_open(name) : -1;
		}
}

static void boot_id_read(struct monitor *monitor)
{
	AUTO_FCLOSE FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (file && fgets(monitor->boot_id, sizeof(monitor->boot_id), file))
		monitor->boot_id[strcspn(monitor->boot_id, "\n")] = '\0';
}

/*
 * Nothing of this process or of a child goes to the machine's core handler. A caller's hard
 * limit of 0 can be in the way, which takes a right to raise: then jobs fail, each in words.
 */
static void core_forbid(void)
{
	(void)!confine_core();
	(void)!process_hide();
}

static void limit_raise(__rlimit_resource_t resource, rlim_t wanted)
{
	struct rlimit full = { wanted, wanted }, own;

	if (getrlimit(resource, &own))
		return;
	if (own.rlim_max >= wanted)
		full.rlim_max = own.rlim_max;
	else if (!setrlimit(resource, &full)) /* takes CAP_SYS_RESOURCE */
		return;
	own.rlim_cur = own.rlim_max < wanted ? own.rlim_max : wanted;
	(void)setrlimit(resource, &own);
}

/* What a shell's ulimit says of files is about its user's, not about 64 jobs at a time. */
static void limits_raise(void)
{
	limit_raise(RLIMIT_NOFILE, FILES_MAX);
	limit_raise(RLIMIT_FSIZE, RLIM_INFINITY);
	/* What cannot be raised is an error of a write, and not the end of the monitor. */
	(void)signal(SIGXFSZ, SIG_IGN);
}

/* When the last job could still be started: who gets the lock later has nothing to write. */
static nsec_t last_start(const struct monitor *monitor)
{
	nsec_t most = 0;

	for (unsigned p = 0; p < monitor->policy_count; p++)
		for (unsigned s = 0; s < monitor->policies[p]->step_count; s++) {
			const struct jail_limits *limits =
				&monitor->policies[p]->steps[s].limits;

			if (most < limits->term + limits->kill)
				most = limits->term + limits->kill;
		}
	return clock_last(&monitor->clock) -
	       clock_grace(&monitor->clock, most + LOCK_LEFT);
}

static void lock_take(const struct monitor *monitor)
{
	nsec_t deadline = last_start(monitor);
	pid_t holder;
	int error = ledger_lock(clock_now(), &holder);

	if (error == -EAGAIN && clock_now() < deadline) {
		tell_line(monitor->tell,
			  "another audit runs, pid %d: waiting %.1f s at most", holder,
			  (double)(deadline - clock_now()) / (double)NSEC_PER_SEC);
		error = ledger_lock(deadline, &holder);
	}
	if (error == -EAGAIN)
		errx(BEE_TEMPFAIL, "another audit runs: pid %d", holder);
	if (error)
		errx(BEE_CANTCREAT, "%s: %s", LEDGER_FOLDER, strerrordesc_np(-error));
}

static void ledger_take(struct monitor *monitor)
{
	int error = ledger_open(monitor->boot_id, &monitor->slots,
				clock_grace(&monitor->clock, DYING_TIME));

	if (error)
		tell_error(monitor->tell, "%s: %s: jobs are not noted there",
			   LEDGER_FOLDER, strerrordesc_np(-error) ?: "?");
}

static void output_try(struct monitor *monitor)
{
	struct options *options = monitor->options;
	int word = writer_probe(&monitor->clock, options->output, options->capture,
				PROBE_TIME);

	if (word == OUTPUT_STDOUT)
		options->output = "-";
	else if (word == OUTPUT_DESCRIPTOR)
		errx(BEE_USAGE, "--output %s: a file, or - for stdout", options->output);
	else if (word == OUTPUT_PLANTED)
		errx(BEE_CANTCREAT,
		     "cannot create %s: another user has put it there, or a link on the "
		     "way, in a folder that everybody may write to",
		     options->output);
	else if (word == -ETIMEDOUT && !options->capture)
		tell_error(monitor->tell, "%s: the file system does not answer; going on",
			   options->output);
	else if (word == -ETIMEDOUT)
		errx(BEE_CANTCREAT,
		     "the file system of %s or of --capture %s does not answer",
		     options->output, options->capture);
	else if (word <= WRITER_CAPTURE)
		errx(BEE_CANTCREAT, "--capture %s: %s", options->capture,
		     word == WRITER_CAPTURE - ENOTEMPTY
			     ? "it is not empty"
			     : strerrordesc_np(WRITER_CAPTURE - word) ?: "?");
	else if (word)
		errx(BEE_CANTCREAT, "cannot create %s: %s", options->output,
		     strerrordesc_np(-word) ?: "?");
}

static void gatherer_tell_audit(struct monitor *monitor)
{
	struct gather_msg msg = { .type = GATHER_AUDIT };
	struct gather_audit *audit = &msg.audit;
	struct utsname name;
	struct timespec now;

	(void)snprintf(audit->version, sizeof(audit->version), "%s", BEE_VERSION);
	(void)snprintf(audit->policy_dir, sizeof(audit->policy_dir), "%s",
		       monitor->options->policy_dir);
	if (!monitor->options->replay && !uname(&name)) {
		(void)snprintf(audit->kernel, sizeof(audit->kernel), "%s", name.release);
		(void)snprintf(audit->machine, sizeof(audit->machine), "%.23s",
			       name.machine);
		memcpy(audit->boot_id, monitor->boot_id, sizeof(audit->boot_id));
	}
	(void)snprintf(audit->cgroup, sizeof(audit->cgroup), "%s",
		       cgroup_word(&monitor->cgroup));
	(void)clock_gettime(CLOCK_REALTIME, &now);
	audit->started_unix_ms = (int64_t)now.tv_sec * 1000 +
				 now.tv_nsec / NSEC_PER_MSEC -
				 (clock_now() - monitor->options->start) / NSEC_PER_MSEC;
	audit->timeout_ms = (uint32_t)(monitor->options->timeout / NSEC_PER_MSEC);
	audit->parallel_jobs = monitor->options->jobs;
	audit->landlock_abi = monitor->landlock_abi;
	audit->replay = monitor->options->replay != NULL;
	(void)snprintf(audit->only, sizeof(audit->only), "%s",
		       monitor->options->only ?: "");
	(void)snprintf(audit->with, sizeof(audit->with), "%s",
		       monitor->options->with ?: "");
	gatherer_send(monitor->gatherer, &msg, -1, -1);
	for (unsigned i = 0; i < monitor->policy_count; i++) {
		const struct policy *policy = monitor->policies[i];

		msg = (struct gather_msg){ .type = GATHER_POLICY };
		msg.policy.index = i;
		msg.policy.emits = policy->emits;
		(void)snprintf(msg.policy.collector, sizeof(msg.policy.collector), "%s",
			       policy->collector);
		(void)snprintf(msg.policy.file, sizeof(msg.policy.file), "%s",
			       policy->file);
		memcpy(msg.policy.sha256, policy->sha256, sizeof(msg.policy.sha256));
		gatherer_send(monitor->gatherer, &msg, -1, -1);
	}
}

static void gatherer_begin(struct monitor *monitor)
{
	monitor->gatherer = gatherer_start(monitor->gather_fd, monitor->tell);
	gatherer_tell_audit(monitor);
	if (!monitor->options->replay)
		around_start(monitor->gatherer);
}

/* Writes the document where it was asked for, else to stdout. The exit status so far. */
static int document_write(struct monitor *monitor, const char *bytes, size_t len)
{
	const char *output = monitor->options->output;
	bool to_stdout = !strcmp(output, "-");
	int error = writer_write(&monitor->clock, output, bytes, len,
				 to_stdout ? EXIT_GRACE : WRITE_GRACE);

	if (!error)
		return monitor->incomplete ? BEE_INCOMPLETE : BEE_OK;
	tell_error(monitor->tell, "cannot write %s: %s", to_stdout ? "stdout" : output,
		   strerrordesc_np(-error) ?: "?");
	if (!to_stdout && writer_write(&monitor->clock, "-", bytes, len, EXIT_GRACE))
		tell_error(monitor->tell, "the document could not go to stdout either");
	return BEE_IOERR;
}

static void deadline_move(nsec_t end)
{
	caller_deadline(end + LAST_RESORT);
}

/* For who looks at nothing else: cron mails what a job prints. */
static void tell_incomplete(const struct monitor *monitor, const char *output)
{
	AUTO_FREE char *jobs = settle_worst(monitor);
	bool kept = strcmp(output, "-") != 0;

	tell_error(monitor->tell, "%s%s%s%s%s",
		   monitor->clock.interrupted ? "interrupted: "
		   : monitor->clock.stopped   ? "stopped for a while: "
					      : "incomplete: ",
		   jobs, kept ? "; bee show unlearned " : "", kept ? output : "",
		   kept ? " tells all" : "");
}

/* The gatherer's document, or where it has none one of the monitor's statuses; owned. */
static char *document_take(struct monitor *monitor, size_t *len)
{
	struct gather_reply reply;
	char *bytes = gatherer_finish(monitor->gatherer, &monitor->clock, GATHER_GRACE,
				      len, &reply);

	if (bytes) {
		settle_reply(monitor, &reply);
		return bytes;
	}
	tell_error(monitor->tell,
		   "the gatherer failed: the document holds statuses only");
	if (!monitor->incomplete)
		monitor->incomplete = 1;
	bytes = statuses_document(monitor, len);
	if (!bytes)
		errx(BEE_SOFTWARE, "out of memory");
	return bytes;
}

/* What stdout gets of a document that is in its file. The exit status, so far `status`. */
static int document_show(struct monitor *monitor, const char *bytes, size_t len,
			 int status)
{
	const struct options *options = monitor->options;
	int error = 0;

	if (options->json)
		error = writer_write(&monitor->clock, "-", bytes, len, EXIT_GRACE);
	else if (!options->quiet)
		error = writer_report(
			&monitor->clock, monitor->report_fd, options->output, bytes, len,
			monitor->clock.interrupted ? "interrupted" : "", REPORT_GRACE);
	/* Whoever looks at the beginning of a summary only ends us, as any other program. */
	if (!error || (error == -EPIPE && !options->json))
		return status;
	tell_error(monitor->tell, "cannot write %s: %s",
		   options->json ? "stdout" : "the summary",
		   strerrordesc_np(-error) ?: "?");
	/* A terminal that is stopped may go on. */
	if (!options->json && (status != BEE_OK || error == -ETIMEDOUT))
		return status;
	return BEE_IOERR;
}

static int finish(struct monitor *monitor)
{
	const struct options *options = monitor->options;
	AUTO_FREE char *bytes = NULL;
	size_t len;
	int status;

	around_end(clock_look(&monitor->clock));
	look_wait(clock_look(&monitor->clock));
	bytes = document_take(monitor, &len);
	status = document_write(monitor, bytes, len);
	if (status == BEE_OK && (monitor->clock.interrupted || monitor->clock.stopped))
		status = BEE_INCOMPLETE;
	if (options->quiet && status == BEE_INCOMPLETE)
		tell_incomplete(monitor, options->output);
	if (monitor->clock.lent)
		tell_line(monitor->tell, "%.1f s late: no processor was free for it",
			  (double)monitor->clock.lent / (double)NSEC_PER_SEC);
	tell_stop(monitor->tell, &monitor->clock);
	caller_status(status);
	if (status == BEE_IOERR || !strcmp(options->output, "-"))
		return status;
	return document_show(monitor, bytes, len, status);
}

/* Ends the program where an audit cannot work, before anything of it is there. */
static void rights_check(void)
{
	AUTO_FREE char *missing = NULL;

	if (geteuid() != 0) {
		warnx("an audit needs root: for namespaces and for the devices it reads");
		(void)fprintf(stderr,
			      "without root there are --replay DIR, --dry-run and bee "
			      "policy\n");
		exit(BEE_USAGE);
	}
	missing = rights_missing() ?: rights_audit_missing();
	if (missing)
		errx(BEE_USAGE, "no audit can work here: %s", missing);
}

/* A capability that only some tools need is a matter of their jobs. */
static void rights_tell(const struct monitor *monitor)
{
	AUTO_FREE char *lacking = rights_lacking(spawn_caps(monitor));

	if (lacking)
		tell_error(monitor->tell,
			   "root has no %s here: jobs that need it will fail", lacking);
}

/* Ends the program where there is nothing to audit with. */
static void companions_open(struct monitor *monitor)
{
	caller_doing(BEE_SOFTWARE, "opening bee's own programs");
	monitor->collect_fd = companion_open("bee-collect");
	monitor->copier_fd = companion_open("bee-copier");
	monitor->performer_fd = companion_open("bee-performer");
	own_programs_open(monitor);
	monitor->gather_fd = companion_open("bee-gather");
	monitor->report_fd = companion_open("bee-report");
}

/* From here on one audit at a time, and as the machine's monitor. */
static void machine_take(struct monitor *monitor)
{
	const pid_t *family;
	size_t count;

	caller_doing(BEE_CANTCREAT, "%s", LEDGER_FOLDER);
	lock_take(monitor);
	/* Before anything forks: a child left in the unit's own cgroup would keep it from
	 * giving its controllers on (EBUSY). */
	count = caller_family(&family);
	cgroup_init(&monitor->cgroup, family, count);
	leftovers_tidy(&monitor->cgroup, monitor->tell);
}

/* From the first job to the document. The exit status. */
static int audit(struct monitor *monitor)
{
	int status;

	caller_doing(BEE_IOERR, "the audit");
	monitor->clock.signals = signals_open();
	if (monitor->clock.signals < 0)
		errx(BEE_SOFTWARE, "signals: %s",
		     strerrordesc_np(-monitor->clock.signals) ?: "?");
	output_try(monitor);
	if (!monitor->options->replay) {
		(void)setpriority(PRIO_PROCESS, 0, MONITOR_NICE);
		monitor->landlock_abi = confine_landlock_abi();
		ledger_take(monitor);
		progress_begin(&monitor->clock);
		spawn_prepare(monitor);
	}
	gatherer_begin(monitor);
	plan_make(monitor);
	monitor_run(monitor);
	status = finish(monitor);
	cgroup_end(&monitor->cgroup);
	caller_done();
	return status;
}

int main(int argc, char **argv)
{
	struct options options = { .start = clock_now() };
	struct monitor monitor = { .options = &options };

	process_plain();
	if (mailed_is_asked(argc, argv))
		return mailed_audit(argc, argv);
	core_forbid();
	limits_raise();
	caller_start(options.start);
	caller_doing(BEE_SOFTWARE, "finding bee's own programs");
	AUTO_FREE char *policies = policy_default_dir();
	options.policy_own = POLICY_OWN_DIR;
	options.policy_dir = policies;
	options_parse(argc, argv, &options);
	if (options.redact)
		errx(BEE_USAGE, "--redact is written whole");
	options.jobs = rights_jobs(options.jobs);
	monitor.clock = (struct audit_clock){ .start = options.start,
					      .timeout = options.timeout,
					      .end = options.start + options.timeout,
					      .signals = -1,
					      .on_tick = caller_follow,
					      .on_lent = deadline_move };
	/* A pager may take its time over a dry run. */
	caller_deadline(options.dry_run ? 0 : monitor.clock.end + LAST_RESORT);
	if (!options.replay && !options.dry_run)
		rights_check();
	caller_doing(BEE_DATAERR, "reading the policies in %s", options.policy_dir);
	choose_policies(&monitor);
	if (options.dry_run) {
		dry_run(&monitor);
		return end_written(BEE_OK, BEE_IOERR);
	}
	companions_open(&monitor);
	boot_id_read(&monitor);
	monitor.tell = tell_start(options.quiet, options.verbose > 0);
	if (options.partial)
		tell_line(monitor.tell,
			  "only %s: the document goes to stdout, -o FILE "
			  "names a file for it",
			  options.only);
	if (!options.replay) {
		rights_tell(&monitor);
		machine_take(&monitor);
	}
	return audit(&monitor);
}
