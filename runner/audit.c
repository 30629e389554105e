/* bee audit: options, what must be true before anything starts, and how it ends. */
#include "monitor.h"
#include "paths.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_OUTPUT "/var/log/bee-audit.json"
#define DEFAULT_TIMEOUT 30
#define TIMEOUT_MAX 3600
#define FILES_MAX 65536
#define PROBE_TIME NSEC_PER_SEC

static const char help_text[] =
	"usage: bee audit [OPTION...]\n"
	"\n"
	"  bee audit --timeout 30             audit this machine (root)\n"
	"  bee audit --only storage,pcie      only these collectors\n"
	"  bee audit -o -                     the document on stdout, no summary\n"
	"  bee audit --capture DIR            keep every tool's raw output as well\n"
	"  bee audit --replay DIR             from such a folder: no root, no tools, no hardware\n"
	"  bee audit --dry-run                say what would run and in what jail; runs nothing\n"
	"\n"
	"  --timeout SECONDS   when the document is on disk (30; 1 to 3600)\n"
	"  --jobs N            jobs at a time (64)\n"
	"  --only NAMES        collectors, separated by commas\n"
	"  -o, --output FILE   the document (" DEFAULT_OUTPUT "; - is stdout)\n"
	"  --json              the document on stdout instead of the summary\n"
	"  --capture DIR       keep raw output in DIR, which must be new or empty\n"
	"  --replay DIR        run the collectors over DIR; writes to stdout unless -o is given\n"
	"  --policy-dir DIR    other policy files\n"
	"  --dry-run           print each job's jail in words\n"
	"  -q, --quiet         no progress, no summary\n"
	"  -v, --verbose       a line for each job's start and end, on a terminal too\n"
	"  -h, --help          this text\n"
	"  --version           the version\n"
	"\n"
	"Exit: 0 complete; 3 the document is whole but some job was not; 64 usage; 65 a policy\n"
	"is wrong; 70 a bug; 73 the output cannot be created; 74 it could not be written (it\n"
	"goes to stdout); 75 another audit runs. bee-audit(1) and bee-policy(5) tell more.\n";

enum { OPT_JOBS = 256, OPT_TIMEOUT, OPT_ONLY, OPT_JSON, OPT_CAPTURE, OPT_REPLAY, OPT_POLICIES,
       OPT_DRY_RUN, OPT_VERSION };

static const struct option long_options[] = {
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "jobs", required_argument, NULL, OPT_JOBS },
	{ "only", required_argument, NULL, OPT_ONLY },
	{ "output", required_argument, NULL, 'o' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "capture", required_argument, NULL, OPT_CAPTURE },
	{ "replay", required_argument, NULL, OPT_REPLAY },
	{ "policy-dir", required_argument, NULL, OPT_POLICIES },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

PRINTF_LIKE(1, 2) static _Noreturn void usage_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vwarnx(fmt, args);
	va_end(args);
	fprintf(stderr, "try: bee audit --help\n");
	exit(BEE_USAGE);
}

/* Seconds with up to three decimals: "30", "2.5". */
static nsec_t timeout_parse(const char *text)
{
	AUTO_FREE char *whole = xstrdup(text);
	char *point = strchr(whole, '.');
	uint64_t seconds, thousandths = 0;
	size_t digits = point ? strlen(point + 1) : 0;

	if (point)
		*point = '\0';
	if (parse_u64(whole, TIMEOUT_MAX, &seconds) || digits > 3 ||
	    (point && parse_u64(point + 1, 999, &thousandths)))
		usage_error("--timeout %s: not a number of seconds from 1 to 3600", text);
	for (; digits > 0 && digits < 3; digits++)
		thousandths *= 10;
	if (seconds < 1 || (seconds == TIMEOUT_MAX && thousandths))
		usage_error("--timeout %s: not a number of seconds from 1 to 3600", text);
	return (nsec_t)seconds * NSEC_PER_SEC + (nsec_t)thousandths * NSEC_PER_MSEC;
}

static void options_parse(int argc, char **argv, struct options *options)
{
	uint64_t number;
	int c;

	while ((c = getopt_long(argc, argv, "o:qvh", long_options, NULL)) != -1) {
		switch (c) {
		case OPT_TIMEOUT:
			options->timeout = timeout_parse(optarg);
			break;
		case OPT_JOBS:
			if (parse_u64(optarg, 1024, &number) || number == 0)
				usage_error("--jobs %s: not a number from 1 to 1024", optarg);
			options->jobs = (unsigned)number;
			break;
		case OPT_ONLY:
			options->only = optarg;
			break;
		case 'o':
			if (!*optarg)
				usage_error("--output: the name is empty");
			options->output = optarg;
			break;
		case OPT_JSON:
			options->json = true;
			break;
		case OPT_CAPTURE:
			options->capture = optarg;
			break;
		case OPT_REPLAY:
			options->replay = optarg;
			break;
		case OPT_POLICIES:
			options->policy_dir = optarg;
			break;
		case OPT_DRY_RUN:
			options->dry_run = true;
			break;
		case 'q':
			options->quiet = true;
			break;
		case 'v':
			options->verbose++;
			break;
		case 'h':
			fputs(help_text, stdout);
			exit(fflush(stdout) ? BEE_IOERR : BEE_OK);
		case OPT_VERSION:
			puts("bee-audit " BEE_VERSION);
			exit(fflush(stdout) ? BEE_IOERR : BEE_OK);
		default:
			fprintf(stderr, "try: bee audit --help\n");
			exit(BEE_USAGE);
		}
	}
	if (optind < argc)
		usage_error("unexpected argument \"%s\"", argv[optind]);
	if (options->capture && options->replay)
		usage_error("--capture and --replay do not go together");
	if (!options->output)
		options->output = options->replay ? "-" : DEFAULT_OUTPUT;
}

/* The collectors asked for, in the order of the flow. */
static bool wanted(const char *only, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = only; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (!strncmp(at, name, len) && (!at[len] || at[len] == ','))
			return true;
	return !only;
}

static void only_check(const char *only, char *const *names, int count)
{
	AUTO_FREE char *copy = only ? xstrdup(only) : NULL;
	char *save;

	if (!only)
		return;
	if (!*only)
		usage_error("--only: no collector named");
	for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		bool known = false;

		for (int i = 0; i < count; i++)
			known |= !strcmp(names[i], word);
		if (!known)
			errx(BEE_DATAERR, "--only %s: there is no policy for it", word);
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
	only_check(options->only, names, count);
	monitor->policies = xcalloc((size_t)count, sizeof(struct policy *));
	for (int i = 0; i < count; i++) {
		struct policy *policy;

		if (!wanted(options->only, names[i]))
			continue;
		policy = policy_load(options->policy_dir, names[i], stderr);
		bad |= !policy;
		if (policy)
			monitor->policies[monitor->policy_count++] = policy;
	}
	if (bad)
		errx(BEE_DATAERR, "nothing was started");
	for (unsigned p = 0; p < monitor->policy_count; p++)
		for (unsigned s = 0; s < monitor->policies[p]->step_count; s++) {
			struct step *step = &monitor->policies[p]->steps[s];
			int error = filter_build(step);

			if (error)
				errx(BEE_DATAERR, "%s:%u: the filter of step %s cannot be built: %s",
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
				policy_explain_step(policy, step, "", stdout);
			else if (glob(step->each, 0, NULL, &found) || found.gl_pathc == 0)
				printf("%s/%s: no job: nothing matches %s\n\n", policy->collector,
				       step->name, step->each);
			for (size_t i = 0; i < found.gl_pathc; i++)
				policy_explain_step(policy, step,
						    strrchr(found.gl_pathv[i], '/') + 1, stdout);
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
	if (sigprocmask(SIG_SETMASK, &mask, NULL) || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		err(BEE_SOFTWARE, "signals");
	monitor->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (monitor->signals < 0)
		err(BEE_SOFTWARE, "signalfd");
}

/*
 * The last resort against a wait nobody thought of, such as an error message to a terminal
 * that was stopped before anything began.
 */
static void alarm_set(const struct options *options)
{
	nsec_t left = options->start + options->timeout + NSEC_PER_SEC - clock_now();
	struct itimerval timer = { .it_value = { left / NSEC_PER_SEC,
						 left % NSEC_PER_SEC / 1000 } };

	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

static void files_raise(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max > FILES_MAX ? FILES_MAX : files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
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
	int error = writer_probe(options->output, options->capture, clock_now() + PROBE_TIME);

	if (error == -ETIMEDOUT && !options->capture)
		tell_error(monitor->tell, "%s: the file system does not answer; going on",
			   options->output);
	else if (error)
		errx(BEE_CANTCREAT, "cannot create %s%s%s: %s", options->output,
		     options->capture ? " or " : "", options->capture ? options->capture : "",
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
		(void)snprintf(audit->machine, sizeof(audit->machine), "%.23s", name.machine);
		memcpy(audit->boot_id, monitor->boot_id, sizeof(audit->boot_id));
	}
	(void)snprintf(audit->cgroup, sizeof(audit->cgroup), "%s",
		       cgroup_word(&monitor->cgroup));
	(void)clock_gettime(CLOCK_REALTIME, &now);
	audit->started_unix_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / NSEC_PER_MSEC -
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
		(void)snprintf(msg.policy.file, sizeof(msg.policy.file), "%s", policy->file);
		memcpy(msg.policy.sha256, policy->sha256, sizeof(msg.policy.sha256));
		gatherer_send(monitor, &msg, -1, -1);
	}
}

/* Writes the document where it was asked for, else to stdout. The exit status so far. */
static int document_write(struct monitor *monitor, const char *bytes, size_t len)
{
	const char *output = monitor->options->output;
	bool to_stdout = !strcmp(output, "-");
	int error = writer_write(output, bytes, len,
				 monitor->end + (to_stdout ? EXIT_GRACE : WRITE_GRACE));

	if (!error)
		return monitor->incomplete ? BEE_INCOMPLETE : BEE_OK;
	tell_error(monitor->tell, "cannot write %s: %s", to_stdout ? "stdout" : output,
		   strerrordesc_np(-error) ?: "?");
	if (!to_stdout && writer_write("-", bytes, len, monitor->end + EXIT_GRACE))
		tell_error(monitor->tell, "the document could not go to stdout either");
	return BEE_IOERR;
}

static int finish(struct monitor *monitor)
{
	const struct options *options = monitor->options;
	AUTO_FREE char *bytes = NULL;
	size_t len;
	int status;

	look_wait(monitor, clock_now() + LOOK_TIME);
	bytes = gatherer_finish(monitor, monitor->end + GATHER_GRACE, &len);
	if (!bytes) {
		tell_error(monitor->tell, "the gatherer failed: the document holds statuses only");
		bytes = document_minimal(monitor, &len);
		monitor->incomplete++;
	}
	if (!bytes)
		errx(BEE_SOFTWARE, "out of memory");
	if (!options->replay)
		ledger_write(monitor);
	status = document_write(monitor, bytes, len);
	tell_stop(monitor->tell, clock_now() + 100 * NSEC_PER_MSEC);
	if (status == BEE_IOERR || options->quiet || !strcmp(options->output, "-"))
		return status;
	if (options->json) {
		if (writer_write("-", bytes, len, monitor->end + EXIT_GRACE))
			return BEE_IOERR;
	} else {
		writer_report(monitor, bytes, len, monitor->interrupted ? "interrupted" : "",
			      monitor->end + REPORT_GRACE);
	}
	return status;
}

static void descriptors_check(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(BEE_SOFTWARE);
}

int main(int argc, char **argv)
{
	struct options options = { .start = clock_now(),
				   .timeout = DEFAULT_TIMEOUT * NSEC_PER_SEC,
				   .jobs = JOBS_DEFAULT };
	struct monitor monitor = { .options = &options };
	AUTO_FREE char *policies = policy_default_dir();

	descriptors_check();
	options.policy_dir = policies;
	options_parse(argc, argv, &options);
	monitor.end = options.start + options.timeout;
	alarm_set(&options);
	policies_load(&monitor);
	if (options.dry_run) {
		dry_run(&monitor);
		return fflush(stdout) ? BEE_IOERR : BEE_OK;
	}
	if (!options.replay && geteuid() != 0) {
		warnx("an audit needs root: for namespaces and for the devices it reads");
		fprintf(stderr, "without root there are --replay DIR, --dry-run and bee policy\n");
		return BEE_USAGE;
	}
	if (options.replay && access(options.replay, R_OK | X_OK))
		err(BEE_USAGE, "--replay %s", options.replay);
	monitor.collect_fd = companion_open("bee-collect");
	own_programs_open(&monitor);
	monitor.gather_fd = companion_open("bee-gather");
	monitor.report_fd = companion_open("bee-report");
	boot_id_read(&monitor);
	if (!options.replay)
		lock_take(&monitor);
	files_raise();
	signals_take(&monitor);
	monitor.tell = tell_start(&options);
	output_probe(&monitor);
	if (!options.replay) {
		monitor.landlock_abi = confine_landlock_abi();
		cgroup_init(&monitor.cgroup);
		cgroup_tidy(&monitor.cgroup);
		ledger_read(&monitor);
		spawn_prepare(&monitor);
	}
	monitor.gatherer = gatherer_start(&monitor);
	gatherer_tell_audit(&monitor);
	plan_make(&monitor);
	monitor_run(&monitor);
	return finish(&monitor);
}
