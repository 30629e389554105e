/* bee audit --capture DIR --redact: no byte of a tool or of the document is read here. */
#include "mailed.h"

#include "options.h"
#include "paths.h"
#include "signals.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REDACT_TIME (60 * NSEC_PER_SEC) /* behind the audit's own time */
#define PIPE_GONE (128 + SIGPIPE)       /* its summary had no reader: it was done */
#define FOLDERS_MAX 16                  /* open at a time, while they are removed */

struct mailed {
	struct options options;
	char *wanted, *private; /* owned: DIR, and a folder beside it */
	char *raw, *redacted,
		*document;      /* owned: in that, but the document where -o has it */
	struct stat before;     /* of the document; nothing where there was none */
	sigset_t callers, ends; /* the mask we came with; what ends us */
};

bool mailed_is_asked(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--redact"))
			return true;
	return false;
}

/* Its exit status, -1: none, as it was killed or took too long. Signals go on to it. */
static int end_of(const struct mailed *mailed, pid_t pid, nsec_t time)
{
	nsec_t end = clock_now() + time;
	int status, signo;
	sigset_t wait = mailed->ends;

	(void)sigaddset(&wait, SIGCHLD);
	while (waitpid(pid, &status, WNOHANG) != pid) {
		nsec_t left = time ? end - clock_now() : NSEC_PER_SEC;
		const struct timespec at_most = { .tv_sec = left / NSEC_PER_SEC,
						  .tv_nsec = left % NSEC_PER_SEC };

		if (left <= 0) {
			(void)kill(pid, SIGKILL);
			return -1;
		}
		signo = sigtimedwait(&wait, NULL, &at_most);
		if (signo > 0 && signo != SIGCHLD)
			(void)kill(pid, signo);
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
		return PIPE_GONE;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* One of bee's own programs, with all that we were started with. */
static int run(const struct mailed *mailed, const char *program, char **argv, nsec_t time)
{
	AUTO_CLOSE int fd = libexec_open(program);
	pid_t pid;

	if (fd < 0)
		errx(BEE_SOFTWARE, "%s: %s", program, strerrordesc_np(-fd));
	pid = fork();
	if (pid < 0)
		err(BEE_SOFTWARE, "fork");
	if (pid == 0) {
		(void)sigprocmask(SIG_SETMASK, &mailed->callers, NULL);
		execveat(fd, "", argv, environ, AT_EMPTY_PATH);
		err(BEE_SOFTWARE, "%s", program);
	}
	return end_of(mailed, pid, time);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void private_remove(const struct mailed *mailed)
{
	if (nftw(mailed->private, remove_one, FOLDERS_MAX, FTW_DEPTH | FTW_PHYS))
		warn("%s, which is not redacted, is still there", mailed->private);
}

/* The words of the command line without --redact, and others behind them: the last of an option counts. */
static char **words_of(const struct mailed *mailed, int argc, char **argv)
{
	char **words = xcalloc((size_t)argc + 6, sizeof(*words));
	static char capture[] = "--capture", output[] = "--output", quiet[] = "--quiet";
	int count = 0;

	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--redact") != 0)
			words[count++] = argv[i];
	if (!mailed->raw)
		return words;
	words[count++] = capture;
	words[count++] = mailed->raw;
	if (!strcmp(mailed->options.output, "-")) {
		words[count++] = output;
		words[count++] = mailed->document;
		words[count++] = quiet;
	}
	return words;
}

static void folders_make(struct mailed *mailed)
{
	const char *name = mailed->options.capture;
	size_t len = strlen(name);

	while (len > 1 && name[len - 1] == '/')
		len--;
	mailed->wanted = xasprintf("%.*s", (int)len, name);
	if (rmdir(mailed->wanted) && errno != ENOENT)
		errx(BEE_CANTCREAT, "--capture %s: %s", mailed->wanted,
		     errno == ENOTEMPTY || errno == EEXIST ? "it is not empty"
							   : strerrordesc_np(errno));
	/* Beside it, so that the whole of it takes its place at once. */
	mailed->private = xasprintf("%s.raw-XXXXXX", mailed->wanted);
	if (!mkdtemp(mailed->private))
		err(BEE_CANTCREAT, "--capture %s", mailed->wanted);
	mailed->raw = xasprintf("%s/capture", mailed->private);
	mailed->redacted = xasprintf("%s/redacted", mailed->private);
	mailed->document = strcmp(mailed->options.output, "-") != 0
				   ? xstrdup(mailed->options.output)
				   : xasprintf("%s/audit.json", mailed->private);
	if (stat(mailed->document, &mailed->before))
		mailed->before = (struct stat){ .st_ino = 0 };
}

static int document_show(const struct mailed *mailed)
{
	AUTO_CLOSE int fd = open(mailed->document, O_RDONLY | O_CLOEXEC);
	char block[65536];
	ptrdiff_t n;

	if (fd < 0)
		return -errno;
	while ((n = read_full(fd, block, sizeof(block))) > 0) {
		int error = write_all(STDOUT_FILENO, block, (size_t)n);

		if (error)
			return error;
	}
	return (int)n;
}

/* Whether the audit has written one: each is a new file. */
static bool document_written(const struct mailed *mailed)
{
	const struct stat *before = &mailed->before;
	struct stat now;

	return !stat(mailed->document, &now) && S_ISREG(now.st_mode) &&
	       (now.st_ino != before->st_ino || now.st_dev != before->st_dev ||
		now.st_ctim.tv_sec != before->st_ctim.tv_sec ||
		now.st_ctim.tv_nsec != before->st_ctim.tv_nsec);
}

static bool redact(const struct mailed *mailed)
{
	char *words[] = { xstrdup("bee-report"), xstrdup("--redact"),
			  xstrdup("--bundle"),   mailed->raw,
			  xstrdup("--output"),   mailed->redacted,
			  mailed->document,      NULL };

	return run(mailed, "bee-report", words, REDACT_TIME) == 0 &&
	       !rename(mailed->redacted, mailed->wanted);
}

static int finished(const struct mailed *mailed, int status)
{
	int error = 0;

	/* What stdout does not take of the summary is no reason: the audit has said so. */
	if (status < 0 || (status == BEE_IOERR && !document_written(mailed))) {
		warnx("%s is not redacted: there is no document that says what to look "
		      "for",
		      mailed->raw);
		return status < 0 ? BEE_SOFTWARE : status;
	}
	if (status != BEE_OK && status != BEE_INCOMPLETE && status != BEE_IOERR &&
	    status != PIPE_GONE) {
		private_remove(mailed);
		return status;
	}
	if (!strcmp(mailed->options.output, "-"))
		error = document_show(mailed);
	if (error)
		warnx("standard output: %s", strerrordesc_np(-error));
	if (!redact(mailed)) {
		warnx("%s could not be made; %s is not redacted", mailed->wanted,
		      mailed->raw);
		return BEE_IOERR;
	}
	private_remove(mailed);
	if (!mailed->options.quiet)
		warnx("%s is redacted: look at it before it is mailed", mailed->wanted);
	return error ? BEE_IOERR : status;
}

int mailed_audit(int argc, char **argv)
{
	struct mailed mailed = { .options = { .start = clock_now() } };
	char **words = xcalloc((size_t)argc + 1, sizeof(*words));
	sigset_t held;

	/* getopt_long(3) puts them in another order. */
	memcpy(words, argv, (size_t)argc * sizeof(*words));
	options_parse(argc, argv, &mailed.options);
	signals_ends(&mailed.ends);
	held = mailed.ends;
	(void)sigaddset(&held, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &held, &mailed.callers);
	/* Who may not audit is told so by the audit. */
	if (!mailed.options.dry_run && geteuid() == 0)
		folders_make(&mailed);
	words = words_of(&mailed, argc, words);
	if (!mailed.raw)
		return run(&mailed, "bee-audit", words, 0);
	return finished(&mailed, run(&mailed, "bee-audit", words, 0));
}
