/* bee audit: what must be true before anything starts, and how it ends. */
#include "monitor.h"
#include "paths.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define FILES_MAX 65536
#define MONITOR_NICE (-10) /* deadlines are kept while tools spin */
#define PROBE_TIME NSEC_PER_SEC
#define LAST_RESORT (950 * NSEC_PER_MSEC) /* after T, and after every other grace */

/* Whether a list of names, separated by commas, has this one; NULL has none. */
static bool names_have(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (!strncmp(at, name, len) && (!at[len] || at[len] == ','))
			return true;
	return false;
}

/* Somebody who captured with an opt-in collector wants its outputs back. */
static bool was_captured(const char *replay, const char *collector)
{
	AUTO_FREE char *folder = replay ? xasprintf("%s/%s", replay, collector) : NULL;

	return folder && !access(folder, X_OK);
}

/* The collectors asked for; an opt-in one only by its name. */
static bool wanted(const struct options *options, const char *name)
{
	const char *collector = policy_collector(name);
	bool named = names_have(options->only, collector),
	     with = names_have(options->with, collector);

	if (policy_is_optional(name) && !options->only)
		return with || was_captured(options->replay, collector);
	return named || with || !options->only;
}

static void names_check(const char *option, const char *list, char *const *names,
			int count)
{
	AUTO_FREE char *copy = list ? xstrdup(list) : NULL;
	char *save;

	if (!list)
		return;
	for (char *word = strtok_r(copy, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		bool known = false;

		for (int i = 0; i < count; i++)
			known |= !strcmp(policy_collector(names[i]), word);
		if (!known)
			errx(BEE_DATAERR, "%s %s: there is no policy for it", option,
			     word);
	}
}

/* Every policy, or the end of the program after every error of every file. */
static void policies_load(struct monitor *monitor)
{
	const struct options *options = monitor->options;
	char **names;
	int count = policy_list(options->policy_dir, &names);
	bool bad = false;

	if (count < 0)
		errx(BEE_DATAERR, "%s: %s", options->policy_dir, strerrordesc_np(-count));
	if (count == 0)
		errx(BEE_DATAERR, "%s: there is no policy file", options->policy_dir);
	names_check("--only", options->only, names, count);
	names_check("--with", options->with, names, count);
	monitor->policies = xcalloc((size_t)count, sizeof(struct policy *));
	for (int i = 0; i < count; i++) {
		struct policy *policy;

		if (!wanted(options, names[i]))
			continue;
		policy = policy_load(options->policy_dir, names[i], stderr);
		bad |= !policy;
		if (policy)
			monitor->policies[monitor->policy_count++] = policy;
	}
	if (bad)
		errx(BEE_DATAERR, "nothing was started");
	if (monitor->policy_count == 0 && options->only)
		errx(BEE_USAGE, "--only %s: no collector is named", options->only);
	if (monitor->policy_count == 0)
		errx(BEE_USAGE, "%s: every policy is opt-in: --only or --with names one",
		     options->policy_dir);
	for (unsigned p = 0; p < monitor->policy_count; p++)
		for (unsigned s = 0; s < monitor->policies[p]->step_count; s++) {
			struct step *step = &monitor->policies[p]->steps[s];
			int error = filter_build(step);

			if (error)
				errx(BEE_DATAERR,
				     "%s:%u: the filter of step %s cannot be built: %s",
				     monitor->policies[p]->file, step->line, step->name,
				     strerrordesc_np(-error));
		}
}

static void dry_run(const struct monitor *monitor)
{
	for (unsigned p = 0; p < monitor->policy_count; p++) {
		const struct policy *policy = monitor->policies[p];

		for (unsigned s = 0; s < policy->step_count; s++) {
			const struct step *step = &policy->steps[s];
			glob_t found = { .gl_pathc = 0 };

			if (!step->each)
				policy_explain_step(policy, step, NULL, stdout);
			else if (glob(step->each, 0, NULL, &found) || found.gl_pathc == 0)
				printf("%s/%s: no job: nothing matches %s\n\n",
				       policy->collector, step->name, step->each);
			for (size_t i = 0; i < found.gl_pathc; i++)
				policy_explain_step(policy, step,
						    strrchr(found.gl_pathv[i], '/') + 1,
						    stdout);
			globfree(&found);
		}
	}
}

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

	if (!file || !fgets(monitor->boot_id, sizeof(monitor->boot_id), file))
		monitor->boot_id[0] = '\0';
	monitor->boot_id[strcspn(monitor->boot_id, "\n")] = '\0';
}

/* Signals that end an audit come as data; one ignored from the start (nohup) stays so. */
static void signals_take(struct monitor *monitor)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t mask;

	sigemptyset(&mask);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct sigaction old;

		if (!sigaction(ends[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaddset(&mask, ends[i]);
	}
	if (sigprocmask(SIG_SETMASK, &mask, NULL) ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR || signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		err(BEE_SOFTWARE, "signals");
	monitor->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (monitor->signals < 0)
		err(BEE_SOFTWARE, "signalfd");
}

static void on_alarm(int signo)
{
	(void)signo;
	_exit(BEE_IOERR);
}

/*
 * The last resort against a wait nobody thought of, such as an error message to a terminal
 * that was stopped before anything began.
 */
static void alarm_set(const struct options *options)
{
	nsec_t left = options->start + options->timeout + LAST_RESORT - clock_now();
	struct itimerval timer = { .it_value = { left / NSEC_PER_SEC,
						 left % NSEC_PER_SEC / 1000 } };

	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGALRM);
	if (signal(SIGALRM, on_alarm) == SIG_ERR || sigprocmask(SIG_UNBLOCK, &mask, NULL))
		err(BEE_SOFTWARE, "signals");
	(void)setitimer(ITIMER_REAL, &timer, NULL);
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

static void lock_take(const struct monitor *monitor)
{
	pid_t holder;
	int error = ledger_lock(monitor->end - 2 * RESERVE, &holder);

	if (error == -EAGAIN)
		errx(BEE_TEMPFAIL, "another audit runs: pid %d", holder);
	if (error)
		errx(BEE_CANTCREAT, "%s: %s", LEDGER_FOLDER, strerrordesc_np(-error));
}

static void output_probe(struct monitor *monitor)
{
	const struct options *options = monitor->options;
	int error = writer_probe(monitor, PROBE_TIME);

	if (error == -ETIMEDOUT && !options->capture)
		tell_error(monitor->tell, "%s: the file system does not answer; going on",
			   options->output);
	else if (error)
		errx(BEE_CANTCREAT, "cannot create %s%s%s: %s", options->output,
		     options->capture ? " or " : "",
		     options->capture ? options->capture : "",
		     strerrordesc_np(-error) ?: "?");
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
	gatherer_send(monitor, &msg, -1, -1);
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
		gatherer_send(monitor, &msg, -1, -1);
	}
}

/* Writes the document where it was asked for, else to stdout. The exit status so far. */
static int document_write(struct monitor *monitor, const char *bytes, size_t len)
{
	const char *output = monitor->options->output;
	bool to_stdout = !strcmp(output, "-");
	int error = writer_write(monitor, output, bytes, len,
				 to_stdout ? EXIT_GRACE : WRITE_GRACE);

	if (!error)
		return monitor->incomplete ? BEE_INCOMPLETE : BEE_OK;
	tell_error(monitor->tell, "cannot write %s: %s", to_stdout ? "stdout" : output,
		   strerrordesc_np(-error) ?: "?");
	if (!to_stdout && writer_write(monitor, "-", bytes, len, EXIT_GRACE))
		tell_error(monitor->tell, "the document could not go to stdout either");
	return BEE_IOERR;
}

/* Looking gets more time on a busy machine, as far as T leaves some. */
static nsec_t look_deadline(const struct monitor *monitor)
{
	nsec_t now = clock_now(), last = monitor->end - LOOK_TIME / 2;

	if (last > now + 3 * LOOK_TIME)
		return now + 3 * LOOK_TIME;
	return last > now + LOOK_TIME ? last : now + LOOK_TIME;
}

static int finish(struct monitor *monitor)
{
	const struct options *options = monitor->options;
	AUTO_FREE char *bytes = NULL;
	size_t len;
	int status;

	look_wait(monitor, look_deadline(monitor));
	bytes = gatherer_finish(monitor, GATHER_GRACE, &len);
	if (!bytes) {
		tell_error(monitor->tell,
			   "the gatherer failed: the document holds statuses only");
		bytes = document_minimal(monitor, &len);
		monitor->incomplete++;
	}
	if (!bytes)
		errx(BEE_SOFTWARE, "out of memory");
	ledger_write(monitor);
	status = document_write(monitor, bytes, len);
	tell_stop(monitor->tell, clock_now() + 100 * NSEC_PER_MSEC);
	if (status == BEE_OK && monitor->interrupted)
		status = BEE_INCOMPLETE;
	if (status == BEE_IOERR || !strcmp(options->output, "-"))
		return status;
	if (options->json) {
		if (writer_write(monitor, "-", bytes, len, EXIT_GRACE))
			return BEE_IOERR;
	} else if (!options->quiet) {
		writer_report(monitor, bytes, len,
			      monitor->interrupted ? "interrupted" : "", REPORT_GRACE);
	}
	return status;
}

/* Not open to write: a document that goes to a closed stdout is an error, as it should be. */
static void descriptors_check(void)
{
	for (int fd = 0; fd <= 2; fd++)
		/* Not close-on-exec: it stands in for a descriptor that was closed. */
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", O_RDONLY) != fd) /* NOLINT(android-cloexec-open) */
			_exit(BEE_SOFTWARE);
}

int main(int argc, char **argv)
{
	struct options options = { .start = clock_now() };
	struct monitor monitor = { .options = &options };
	AUTO_FREE char *policies = policy_default_dir();

	descriptors_check();
	options.policy_dir = policies;
	options_parse(argc, argv, &options);
	monitor.end = options.start + options.timeout;
	if (!options.dry_run) /* a pager may take its time over that */
		alarm_set(&options);
	limits_raise();
	policies_load(&monitor);
	if (options.dry_run) {
		dry_run(&monitor);
		return fflush(stdout) ? BEE_IOERR : BEE_OK;
	}
	if (!options.replay && geteuid() != 0) {
		warnx("an audit needs root: for namespaces and for the devices it reads");
		(void)fprintf(stderr,
			      "without root there are --replay DIR, --dry-run and bee "
			      "policy\n");
		return BEE_USAGE;
	}
	if (options.replay && access(options.replay, R_OK | X_OK))
		err(BEE_USAGE, "--replay %s", options.replay);
	monitor.collect_fd = companion_open("bee-collect");
	own_programs_open(&monitor);
	monitor.gather_fd = companion_open("bee-gather");
	monitor.report_fd = companion_open("bee-report");
	boot_id_read(&monitor);
	if (!options.replay) {
		lock_take(&monitor);
		/* Before anything forks: a child left in the unit's own cgroup would keep it
		 * from giving its controllers on (EBUSY). */
		cgroup_init(&monitor.cgroup);
		cgroup_tidy(&monitor.cgroup);
	}
	signals_take(&monitor);
	monitor.tell = tell_start(&options);
	output_probe(&monitor);
	if (!options.replay) {
		(void)setpriority(PRIO_PROCESS, 0, MONITOR_NICE);
		monitor.landlock_abi = confine_landlock_abi();
		ledger_read(&monitor);
		spawn_prepare(&monitor);
	}
	monitor.gatherer = gatherer_start(&monitor);
	gatherer_tell_audit(&monitor);
	plan_make(&monitor);
	monitor_run(&monitor);
	return finish(&monitor);
}
