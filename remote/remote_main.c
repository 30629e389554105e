/* bee-remote: asks the boot server what to do, has it done, and sends home what was found. */
#include "asker.h"
#include "companion.h"
#include "ends.h"
#include "media.h"
#include "option.h"
#include "result.h"

#include "confine.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOCUMENT "/var/log/bee-audit.json"
#define BACK_OFF_FIRST 1 /* seconds */
#define BACK_OFF_LAST 60
#define END_TIME 120 /* seconds for the way home, where the boot is to end then */

static const char help[] =
	"usage: bee remote COMMAND [OPTION...] [FILE]\n"
	"\n"
	"  bee remote lint ./remote             is this configuration as it must be?\n"
	"  bee remote keys --new alice          a pair of keys: alice.key, alice.pub\n"
	"  bee remote sign -k alice.key job.sh  its signature, to job.sh.minisig\n"
	"  bee remote explain job.sh            what it may do on this machine\n"
	"  bee remote once                      ask once, run what comes (root)\n"
	"  bee remote run                       ask until there is an answer (root)\n"
	"\n"
	"Commands: lint [DIR], keys [DIR], keys --new NAME, keys --tpm,\n"
	"sign -k KEY FILE, verify FILE, explain FILE, open -k KEY FILE,\n"
	"tailor IN.iso OUT.iso DIR, network [DIR], filter [DIR], media [DIR],\n"
	"chunks IMAGE FOLDER [BYTES], once, run, status\n"
	"\n"
	"  -c, --config DIR   the configuration (/etc/bee/remote)\n"
	"  --state DIR        what it remembers until the next boot (/run/bee/remote)\n"
	"  --document FILE    the audit that is sent (/var/log/bee-audit.json)\n"
	"  --connect SECONDS  at most this long for a connection (10)\n"
	"  --total SECONDS    at most this long for an answer (60)\n"
	"  -h, --help         this text\n"
	"  --version          the version\n"
	"\n"
	"Exit: 0 done, 3 the order that was run failed, 64 usage, 65 a configuration or\n"
	"an order that is wrong, 75 no answer that holds. bee-remote(1) tells more.\n";

static const char *const of_order[] = { "lint",    "keys",   "sign",    "verify",
					"explain", "tailor", "network", "filter",
					"media",   "chunks", "open" };

struct options {
	const char *config, *state, *document;
	uint64_t connect, total;
};

static uint64_t seconds(const char *text, const char *option)
{
	uint64_t number;

	if (parse_u64(text, 3600, &number) || number == 0)
		errx(BEE_USAGE, "--%s %s: not a number of seconds from 1 to 3600", option,
		     text);
	return number;
}

static struct options options_read(int argc, char **argv)
{
	static const struct option table[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "state", required_argument, NULL, 's' },
		{ "document", required_argument, NULL, 'd' },
		{ "connect", required_argument, NULL, 'C' },
		{ "total", required_argument, NULL, 'T' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { CONFIG_DIR, STATE_DIR, DOCUMENT, 10, 60 };
	int option;

	while ((option = option_next("bee-remote", argc, argv, "c:", table)) != -1) {
		if (option == 'c')
			options.config = optarg;
		else if (option == 's')
			options.state = optarg;
		else if (option == 'd')
			options.document = optarg;
		else if (option == 'C')
			options.connect = seconds(optarg, "connect");
		else
			options.total = seconds(optarg, "total");
	}
	if (optind != argc)
		errx(BEE_USAGE, "%s: '%s': there is nothing to be given here", argv[0],
		     argv[optind]);
	return options;
}

/* What is going on, to stderr and to where `bee remote status` finds it. */
static void tell(struct asker *asker, const char *doing, const struct said *said)
{
	AUTO_FREE char *order = asker->sequence
					? xasprintf("sequence %llu\norder %s\nexit %d\n",
						    (unsigned long long)asker->sequence,
						    asker->order, asker->status)
					: xstrdup("");
	AUTO_FREE char *text = xasprintf(
		"doing %s\nserver %s port %u\naddress %s\nattempt %llu\n%swhy %s\n",
		doing, asker->config.server, asker->config.port, asker->report.address,
		(unsigned long long)asker->attempt, order, said->text);

	warnx("%s%s%s", doing, *said->text ? ": " : "", said->text);
	if (state_write(&asker->state, "status", text))
		warnx("%s/status: it cannot be written", asker->state.dir);
}

static void asker_open(struct asker *asker, int argc, char **argv)
{
	struct options options = options_read(argc, argv);
	struct said said = { "" };

	*asker = (struct asker){ .dir = options.config,
				 .document = options.document,
				 .keys = -1,
				 .until = INT64_MAX,
				 .connect = (unsigned)options.connect,
				 .total = (unsigned)options.total };
	if (config_read(options.config, &asker->config, stderr))
		exit(BEE_DATAERR);
	asker->keys_version = asker->config.keys_version;
	if (geteuid() != 0)
		errx(BEE_USAGE,
		     "asking takes root: for the jail that an order is run in");
	identity_read(asker->config.id, &asker->identity);
	if (state_open(&asker->state, options.state, &said))
		errx(BEE_TEMPFAIL, "%s", said.text);
	if (result_recover(asker, &said))
		errx(BEE_TEMPFAIL, "%s", said.text);
	if (asker->sequence)
		tell(asker,
		     asker->status == RUN_CUT_OFF ? "order cut off" : "order ended",
		     &asker->why);
	asker->stop = ends_open();
	if (asker->stop < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR || confine_core())
		err(BEE_SOFTWARE, "signals");
}

/* Longer each time, with chance in it: a thousand machines that lost one server are not one crowd. */
static unsigned back_off(unsigned *step, unsigned retry_after)
{
	unsigned most = *step, wait;

	*step = most * 2 < BACK_OFF_LAST ? most * 2 : BACK_OFF_LAST;
	wait = most / 2 + randombytes_uniform(most - most / 2 + 1);
	wait = wait ? wait : BACK_OFF_FIRST;
	/* Who were all told the same come one after the other. */
	return retry_after + wait;
}

/* False: it is to end. */
static bool wait_for(const struct asker *asker, unsigned time)
{
	struct pollfd stop = { asker->stop, POLLIN, 0 };
	nsec_t deadline = clock_now() + (nsec_t)time * NSEC_PER_SEC;

	if (deadline > asker->until)
		deadline = asker->until;
	while (clock_now() < deadline)
		if (poll(&stop, 1, clock_poll_ms(deadline)) > 0)
			return false;
	return true;
}

static bool stopped(const struct asker *asker)
{
	struct pollfd stop = { asker->stop, POLLIN, 0 };

	return poll(&stop, 1, 0) > 0;
}

/* The same as often as it takes, or once. True: it is done; false: it is not, or is to end. */
static bool asked(struct asker *asker, bool for_ever)
{
	unsigned step = BACK_OFF_FIRST;

	for (;;) {
		struct said said = { "" };
		enum outcome outcome = ask(asker, &said);
		unsigned time;

		if (outcome == ASK_RAN)
			tell(asker, asker->status ? "order failed" : "order done", &said);
		else
			tell(asker,
			     outcome == ASK_NOTHING ? "nothing to do" : "no answer",
			     &said);
		if (outcome != ASK_AGAIN)
			return true;
		time = back_off(&step, asker->report.retry_after);
		if (!for_ever || stopped(asker) || !wait_for(asker, time))
			return false;
	}
}

/*
 * A fleet that is switched on at once does not send at once. Not where the boot is to end: a watchdog may be counting.
 * False: it is to end.
 */
static bool spread(struct asker *asker)
{
	unsigned most = (unsigned)asker->config.spread, wait;
	struct said said = { "" };

	if (!most || asker->after || !asker->has_receipt_key)
		return true;
	wait = randombytes_uniform(most + 1);
	say(&said, "in %u of at most %u seconds", wait, most);
	tell(asker, "sends later", &said);
	return wait_for(asker, wait);
}

static bool sent(struct asker *asker, bool for_ever)
{
	unsigned most = asker->total < END_TIME / 2 ? 2 * asker->total : END_TIME;
	unsigned step = BACK_OFF_FIRST;

	/* A watchdog may be counting: what an attempt asks ends by then, too, and so does each pause. */
	if (asker->after)
		asker->until = clock_now() + most * NSEC_PER_SEC;
	if (for_ever && !spread(asker))
		return false;
	for (;;) {
		struct said said = { "" };
		int nothing = send_home(asker, &said);

		if (nothing > 0)
			return true;
		tell(asker, nothing < 0 ? "not sent" : "sent, with a receipt", &said);
		if (!nothing)
			return true;
		if (!for_ever || stopped(asker) ||
		    !wait_for(asker, back_off(&step, asker->report.retry_after)) ||
		    clock_now() >= asker->until)
			return false;
	}
}

/* By systemd, which is asked by bee-order. */
static int end_step(struct asker *asker, const char *what)
{
	char watchdog[] = "watchdog";
	char *words[] = { (char[]){ "bee-order" }, (char[]){ "step-end" },
			  (char *)(uintptr_t)what, asker->watchdog ? watchdog : NULL,
			  NULL };
	int fds[] = { -1, -1, -1 };
	struct answer answer;
	struct said said = { "" };
	int error = ask_step(asker, words, fds, 3, 60 * NSEC_PER_SEC, &answer, &said);

	tell(asker, error ? "not done" : what, &said);
	return error;
}

static int ask_command(int argc, char **argv, bool for_ever)
{
	static struct asker asker;
	bool failed, home;

	asker_open(&asker, argc, argv);
	if (!asked(&asker, for_ever))
		return BEE_TEMPFAIL;
	failed = asker.sequence && asker.status;
	/* Somebody may want to see what it has left behind; it is not run again. */
	if (failed && asker.config.grants.debug_sshd)
		(void)end_step(&asker, "sshd");
	home = sent(&asker, for_ever);
	asker.until = INT64_MAX;
	/* Also where nobody has taken the log: the order wanted it. Not where we were told to stop. */
	if (asker.after && !stopped(&asker) &&
	    end_step(&asker, asker.after == AFTER_KEXEC ? "kexec" : "reboot"))
		failed = true;
	if (!home)
		return BEE_TEMPFAIL;
	return failed ? BEE_INCOMPLETE : BEE_OK;
}

/* False: there is no such file. */
static bool file_print(const char *path, const char *word)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char text[4096];
	ptrdiff_t len = fd < 0 ? -1 : read_full(fd, text, sizeof(text));

	if (fd < 0 && errno == ENOENT)
		return false;
	if (len < 0)
		errx(BEE_IOERR, "%s: it cannot be read", path);
	if (write_all(STDOUT_FILENO, word, strlen(word)) ||
	    write_all(STDOUT_FILENO, text, (size_t)len))
		exit(BEE_IOERR);
	return true;
}

static int status_command(int argc, char **argv)
{
	struct options options = options_read(argc, argv);
	AUTO_FREE char *path = xasprintf("%s/status", options.state);

	(void)file_print(MEDIA_SAID, "medium ");
	if (!file_print(path, ""))
		errx(BEE_TEMPFAIL, "nobody has asked since the boot");
	return BEE_OK;
}

/* What needs no network is bee-order's: its words, and its program. */
static void order_become(char **argv)
{
	char self[4096];

	if (own_program(self))
		errx(BEE_SOFTWARE, "where this program is cannot be found");
	*strrchr(self, '/') = '\0';
	AUTO_FREE char *path = xasprintf("%s/bee-order", self);
	execv(path, argv);
	err(BEE_SOFTWARE, "%s", path);
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";
	const char *last = argc > 1 ? argv[argc - 1] : ""; /* of a command as well */

	process_plain();
	if (argc <= 3 && (!strcmp(last, "-h") || !strcmp(last, "--help"))) {
		(void)fputs(help, stdout);
		exit_written(BEE_IOERR);
	}
	if (argc <= 3 && !strcmp(last, "--version")) {
		puts("bee-remote " BEE_VERSION);
		exit_written(BEE_IOERR);
	}
	for (size_t i = 0; i < ARRAY_LEN(of_order); i++)
		if (!strcmp(command, of_order[i]))
			order_become(argv);
	if (sodium_init() < 0)
		errx(BEE_SOFTWARE, "libsodium does not start");
	if (!strcmp(command, "once") || !strcmp(command, "run"))
		return ask_command(argc - 1, argv + 1, !strcmp(command, "run"));
	if (!strcmp(command, "status"))
		return status_command(argc - 1, argv + 1);
	if (*command)
		warnx("there is no command \"%s\"", command);
	(void)fputs(*command ? "bee remote --help has the commands\n" : help, stderr);
	return BEE_USAGE;
}
