/* bee run: any program in the jail that a policy describes, its output to ours. */
#include "run.h"
#include "compile.h"
#include "confine.h"
#include "descriptors.h"
#include "helper.h"
#include "job.h"
#include "json.h"
#include "message.h"
#include "paths.h"
#include "rights.h"
#include "signals.h"
#include "slots.h"
#include "whole.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Exit codes of ours; any other is the tool's, 128 + N where signal N ended it. */
enum {
	RUN_FAILED = 125,  /* usage, policy, no jail, or output that is lost */
	RUN_ABSENT = 126,  /* something that the policy needs is not on this machine */
	RUN_MISSING = 127, /* the program is not installed */
	RUN_ENDED = 254, /* its time was over, or it said too much: it was ended by us */
	RUN_STUCK = 255, /* and not even KILL ended it */
};

#define REPORT_TIME (5 * NSEC_PER_SEC) /* behind the command's: a disk may be slow */

static const char help[] =
	"usage: bee run [OPTION...] POLICY[/STEP] [INSTANCE] [-- COMMAND...]\n"
	"\n"
	"  bee run storage/smart sda                       the step's own command\n"
	"  bee run storage/smart sda -- smartctl -i /dev/sda\n"
	"  bee run ./my.policy -- /opt/tool --json         a policy being written\n"
	"  bee run --report r.json pcie/lspci -- lspci -v  what was refused, as JSON\n"
	"\n"
	"  --timeout SECONDS  at most this long (the policy's `limits wall`)\n"
	"  --report FILE      how it went, as JSON\n"
	"  --policy-dir DIR   policy files of DIR, and no others\n"
	"  -q, --quiet        do not list refused calls on stderr\n"
	"  -h, --help         this text\n"
	"  --version          the version\n"
	"\n"
	"Exit: the command's, 128 + N where signal N ended it; 125 the jail could not "
	"be\n"
	"built, 126 what the policy needs is not there, 127 the program is not "
	"installed,\n"
	"254 it was ended by a limit, 255 it is stuck. bee-run(1) tells more.\n";

struct run {
	const char *report, *name, *instance;
	nsec_t timeout; /* 0: the policy's */
	bool quiet;
	char **command; /* NULL: the step's own */
	struct policy *policy;
	const struct step *step;
	struct jail_run run;
	json_t *denied;
};

PRINTF_LIKE(1, 2) static _Noreturn void fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vwarnx(fmt, args);
	va_end(args);
	exit(RUN_FAILED);
}

static nsec_t seconds(const char *text)
{
	uint64_t number;

	if (parse_u64(text, 86400, &number) || number == 0)
		fail("--timeout %s: not a number of seconds from 1 to 86400", text);
	return (nsec_t)number * NSEC_PER_SEC;
}

/* The step that is named, or the only one. */
static void step_find(struct run *run, const char *name)
{
	struct policy *policy = run->policy;
	unsigned number;

	if (!name && policy->step_count > 1)
		fail("%s has %u steps: write %s/STEP", policy->file, policy->step_count,
		     policy->collector);
	number = name ? policy_step(policy, name) : 0;
	if (number == policy->step_count)
		fail("%s has no step '%s'", policy->file, name ? name : "");
	run->step = &policy->steps[number];
	if (run->step->each && !run->instance)
		fail("step %s is for each %s: name one", run->step->name,
		     run->step->each);
	if (!run->step->each && run->instance)
		fail("step %s has no instances", run->step->name);
	if (run->instance && !policy_instance_good(run->instance))
		fail("'%s' cannot be an instance", run->instance);
}

/* "storage/smart" is a step of storage; "./x.policy/step" one of a file. */
static void policy_read(struct run *run, const char *own, const char *dir,
			const char *name)
{
	AUTO_FREE char *text = xstrdup(name);
	char *slash = strrchr(text, '/'), *step = NULL;
	size_t len = strlen(text);

	if (slash && (len < 7 || strcmp(text + len - 7, ".policy") != 0)) {
		*slash = '\0';
		step = slash + 1;
	}
	run->policy = policy_find(own, dir, text, stderr);
	if (!run->policy)
		exit(RUN_FAILED);
	step_find(run, step);
}

static void options_read(struct run *run, int argc, char **argv)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "report", required_argument, NULL, 'r' },
		{ "policy-dir", required_argument, NULL, 'p' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	AUTO_FREE char *default_dir = policy_default_dir();
	const char *own = POLICY_OWN_DIR, *dir = default_dir;
	int option, words = argc;

	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--")) {
			words = i;
			run->command = argv + i + 1;
			break;
		}
	while ((option = getopt_long(words, argv, "qh", options, NULL)) != -1) {
		switch (option) {
		case 't':
			run->timeout = seconds(optarg);
			break;
		case 'r':
			run->report = optarg;
			break;
		case 'p':
			own = NULL;
			dir = optarg;
			break;
		case 'q':
			run->quiet = true;
			break;
		case 'h':
			(void)fputs(help, stdout);
			exit_written(RUN_FAILED);
		case 'V':
			puts("bee-run " BEE_VERSION);
			exit_written(RUN_FAILED);
		default:
			(void)fputs("bee run --help has examples\n", stderr);
			exit(RUN_FAILED);
		}
	}
	if (optind == words || words - optind > 2 || (run->command && !*run->command))
		errx(RUN_FAILED,
		     "a policy, its instance where it has some, and behind -- a command: "
		     "bee run --help has examples");
	run->instance = optind + 1 < words ? argv[optind + 1] : NULL;
	policy_read(run, own, dir, argv[optind]);
}

static int companion(const char *name)
{
	int fd = libexec_open(name);

	if (fd < 0)
		fail("%s: %s", name, strerrordesc_np(-fd));
	return fd;
}

/* What the policy says of the step, with another command where one is given. */
static void jail_make(struct run *run)
{
	struct step *step = (struct step *)(uintptr_t)run->step;
	const char *own = run->command ? NULL : policy_own_program(step);
	int error = filter_build(step);

	if (error)
		fail("%s:%u: the filter cannot be built: %s", run->policy->file,
		     step->line, strerrordesc_np(-error));
	step->own_fd = own ? libexec_open(own) : -1;
	if (own && step->own_fd < 0)
		fail("%s: %s", own, strerrordesc_np(-step->own_fd));
	policy_jail(step, run->instance ?: "", &run->run.jail);
	if (run->command) {
		run->run.jail.tool.argv = run->command;
		run->run.jail.libraries = true;
		/* A name alone is looked for in the jail's PATH; a relative path is from here. */
		if (strchr(run->command[0], '/') && run->command[0][0] != '/')
			run->run.jail.tool.argv[0] =
				realpath(run->command[0], NULL) ?: run->command[0];
	}
	run->run.jail.tool.uid = step->uid0 ? 0 : UID_RUN((unsigned)getpid());
	run->run.jail.landlock_abi = confine_landlock_abi();
	run->run.jail.stub_uid = UID_STUB;
	if (run->run.jail.broker.request_count) {
		run->run.jail.broker.uid = UID_PERFORMER;
		run->run.jail.broker.copier = companion("bee-copier");
		run->run.jail.broker.performer = companion("bee-performer");
	}
}

/* Copies what the tool says to our own output, without any right, until both have ended. */
static _Noreturn void output_copy(const struct helper *helper, int out, int errors)
{
	int keep[] = { helper->answers, out, errors };
	struct pollfd in[] = { { out, POLLIN, 0 }, { errors, POLLIN, 0 } };

	if (descriptors_keep(keep, ARRAY_LEN(keep)) || confine_drop(UID_REPORT))
		helper_answer(helper, -EPERM);
	while (in[0].fd >= 0 || in[1].fd >= 0) {
		if (poll(in, 2, -1) < 0)
			helper_answer(helper, -errno);
		for (int i = 0; i < 2; i++) {
			char bytes[16384];
			ssize_t n =
				in[i].revents ? read(in[i].fd, bytes, sizeof(bytes)) : -1;
			int error;

			if (in[i].revents && n <= 0)
				in[i].fd = -1;
			else if (n > 0 && (error = write_all(1 + i, bytes, (size_t)n)))
				helper_answer(helper, error);
		}
	}
	helper_answer(helper, 0);
}

static void output_copy_start(struct run *run, struct helper *helper)
{
	int out[2], errors[2], error;

	if (pipe2(out, O_CLOEXEC) || pipe2(errors, O_CLOEXEC))
		fail("pipe: %s", strerror(errno));
	error = helper_start(helper);
	if (error)
		fail("clone3: %s", strerrordesc_np(-error));
	if (helper->pid == 0)
		output_copy(helper, out[0], errors[0]);
	close(out[0]);
	close(errors[0]);
	run->run.beside = helper->pid;
	run->run.jail.out = out[1];
	run->run.jail.errors = errors[1];
}

static void jail_start(struct run *run, int signals)
{
	struct jail *jail = &run->run.jail;
	int error;

	if (run->timeout)
		jail->limits.wall = run->timeout;
	error = jail_run_start(&run->run, signals);
	if (error)
		fail("clone3: %s", strerrordesc_np(-error) ?: "?");
	close(jail->out);
	close(jail->errors);
}

static void denied_add(void *context, const struct jail_msg *msg)
{
	struct run *run = context;
	json_t *call = json_object();
	char name[32], detail[64];

	refusal_label(msg->denied.call, msg->denied.arg, name, sizeof(name), detail,
		      sizeof(detail));
	if (!run->quiet)
		warnx("refused: %s%s%s x %llu", name, *detail ? " " : "", detail,
		      (unsigned long long)msg->denied.count);
	json_put(call, "call", json_string(name));
	if (*detail)
		json_put(call, "detail", json_string(detail));
	json_put(call, "count", json_integer((json_int_t)msg->denied.count));
	json_push(run->denied, call);
}

/* The exit status, and what stderr is told of it. lost: of the output. */
static int verdict(const struct run *run, bool lost)
{
	int status = run->run.result.tool_status;
	char reason[256];

	if (run->run.child.state == CHILD_STUCK) {
		warnx("pid %d was not reaped after KILL: it is left behind",
		      run->run.child.pid);
		return RUN_STUCK;
	}
	if (run->run.kind == JAIL_MSG_ABSENT) {
		warnx("there is no %s", run->run.failure.path);
		return RUN_ABSENT;
	}
	if (run->run.kind == JAIL_MSG_UNAVAILABLE) {
		warnx("%s is not installed", run->run.jail.tool.argv[0]);
		return RUN_MISSING;
	}
	if (run->run.failure.error) {
		job_failure_text(&run->run.failure, reason, sizeof(reason));
		warnx("%s", reason);
		return RUN_FAILED;
	}
	if (run->run.child.term_sent) {
		warnx("ended after %.1f s",
		      (double)(clock_now() - run->run.started) / (double)NSEC_PER_SEC);
		return RUN_ENDED;
	}
	if (!run->run.result_seen) {
		warnx("the jail's pid 1 ended unexpectedly");
		return RUN_FAILED;
	}
	if (run->run.ending && run->run.result.truncated & 1) {
		warnx("ended: it says more than the policy's `limits stdout`, %llu bytes",
		      (unsigned long long)run->run.jail.limits.stdout_bytes);
		return RUN_ENDED;
	}
	/* Where nobody takes its output any more, the jail has ended it. */
	if (lost && (run->run.ending || status == 0))
		return RUN_FAILED;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static json_t *report_make(const struct run *run, int code)
{
	json_t *report = json_object(), *argv = json_array();
	int status = run->run.result.tool_status;
	bool ran = run->run.result_seen;

	for (size_t i = 0; run->run.jail.tool.argv[i]; i++)
		json_push(argv, json_text(run->run.jail.tool.argv[i],
					  strlen(run->run.jail.tool.argv[i]), NULL));
	json_put(report, "argv", argv);
	json_put(report, "policy",
		 json_text(run->policy->file, strlen(run->policy->file), NULL));
	json_put(report, "policy_sha256", json_string(run->policy->sha256));
	json_put(report, "step", json_string(run->step->name));
	json_put(report, "instance",
		 run->instance ? json_string(run->instance) : json_null());
	json_put(report, "path",
		 *run->run.path ? json_text(run->run.path, strlen(run->run.path), NULL)
				: json_null());
	json_put(report, "exit_status", json_integer(code));
	json_put(report, "exit_code",
		 ran && WIFEXITED(status) ? json_integer(WEXITSTATUS(status))
					  : json_null());
	json_put(report, "signal",
		 ran && WIFSIGNALED(status) ? json_integer(WTERMSIG(status))
					    : json_null());
	json_put(report, "stage",
		 run->run.failure.error && run->run.failure.stage < STAGE_COUNT
			 ? json_string(jail_stage_names[run->run.failure.stage])
			 : json_null());
	json_put(report, "stdout_bytes",
		 json_integer((json_int_t)run->run.result.stdout_bytes));
	json_put(report, "stderr_bytes",
		 json_integer((json_int_t)run->run.result.stderr_bytes));
	json_put(report, "truncated", json_boolean(run->run.result.truncated));
	json_put(report, "denied_total",
		 json_integer((json_int_t)run->run.result.denied_total));
	json_put(report, "denied", json_incref(run->denied));
	json_put(report, "duration_ms",
		 json_integer((clock_now() - run->run.started) / NSEC_PER_MSEC));
	return report;
}

/* With its name when it is whole, by a child: its file system may be full, or never answer. */
static int report_write(const struct run *run, int code)
{
	struct audit_clock clock = { .end = clock_now() + REPORT_TIME, .signals = -1 };
	struct helper helper;
	int error = helper_start(&helper);

	if (!error && helper.pid == 0) {
		struct whole whole;

		helper_keep(&helper);
		(void)umask(umask(077) | 027);
		whole_open(&whole, run->report);
		error = json_write_line(whole.fd, report_make(run, code));
		if (!error)
			whole_end(&whole);
		helper_answer(&helper, error);
	}
	return error ? error : helper_wait(&helper, &clock, 0);
}

int main(int argc, char **argv)
{
	struct run run = { .run.denied = denied_add };
	struct audit_clock clock = { .signals = -1 };
	struct helper helper;
	AUTO_FREE char *missing = NULL;
	int signals, code, error;

	process_plain();
	json_seed();
	run.denied = json_array();
	run.run.context = &run;
	options_read(&run, argc, argv);
	if (geteuid() != 0)
		fail("a jail takes root: for namespaces, and for the devices in it");
	missing = rights_missing();
	if (missing)
		fail("no jail can be made here: %s", missing);
	if (confine_core() || process_hide())
		fail("a limit for cores: %s", strerror(errno));
	signals = signals_open();
	if (signals < 0)
		fail("signals: %s", strerrordesc_np(-signals) ?: "?");
	jail_make(&run);
	output_copy_start(&run, &helper);
	jail_start(&run, signals);
	jail_run_wait(&run.run, signals);
	/* What is still in the pipes; a reader of ours that has stopped is not waited for. */
	clock.end = clock_now() + NSEC_PER_SEC;
	error = helper_wait(&helper, &clock, 0);
	code = verdict(&run, error);
	if (error)
		warnx("not all of the output could be written: %s",
		      strerrordesc_np(-error) ?: "?");
	error = run.report ? report_write(&run, code) : 0;
	if (error == -EPIPE) /* that child has said why */
		fail("%s is not written", run.report);
	if (error)
		fail("%s: %s", run.report, strerrordesc_np(-error) ?: "?");
	return code;
}
