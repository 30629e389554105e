/* Starting a guest, from its name and options. */
#include "start.h"
#include "again.h"
#include "backend.h"
#include "clean.h"
#include "command.h"
#include "ids.h"
#include "keeper.h"
#include "stop.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define NS_SECONDS 60u  /* to be ready in */
#define VM_SECONDS 180u /* without KVM, on a busy machine */
#define END_SECONDS 10u /* for what runs to end by itself, when the command is ended */
#define FAIL_TIME                                                                        \
	(15 * NSEC_PER_SEC) /* for what hangs to be given up, and tidied up after */

/* What was there of it before. Ends the program where it cannot be started now. */
static void before_start(const struct guest *guest, bool compare, struct record *record,
			 struct handles *kept)
{
	struct look look;
	json_t *config = again_config(guest);

	look_guest(guest->name, &look);
	if (look.state == GUEST_NEWER)
		errx(BEE_DATAERR, "%s: its record is of a later bee", guest->name);
	if (look.state == GUEST_UNKNOWN)
		errx(BEE_TEMPFAIL, "%s: what there is of it cannot be looked at",
		     guest->name);
	if (look.state == GUEST_KEPT)
		again_kept(guest, &look, config);
	if (look.state == GUEST_RUNNING)
		errx(BEE_TEMPFAIL, "%s runs (its supervisor has ended)", guest->name);
	if (look.record_kind == STATE_BAD)
		warnx("%s: its record could not be read, and is kept as " GUEST_RECORDS
		      "/%s/record.bad",
		      guest->name, guest->name);
	look_bad_keep(guest->name, &look);
	*kept = look.handles;
	kept->kept = look.state == GUEST_KEPT;
	if (look.state != GUEST_KEPT && look.handles_kind != STATE_ABSENT &&
	    clean_guest(guest->name, look_id(&look),
			look.handles_kind == STATE_GOOD ? &look.handles : NULL))
		errx(BEE_TEMPFAIL, "%s: what is left of it does not go", guest->name);
	if (look.record_kind == STATE_GOOD &&
	    look.record.host_users == guest->host_users &&
	    !strcmp(look.record.backend, guest->backend)) {
		*record = look.record;
		if (compare)
			again_compare(guest->name, record->config, config);
		json_decref(record->config);
	} else {
		int result;

		if (look.record_kind == STATE_GOOD && !strcmp(look.record.backend, "vm"))
			errx(BEE_TEMPFAIL,
			     "%s is a VM, with a disk of its own: rm it first",
			     guest->name);
		record_done(&look.record);
		result = record_new(guest->backend, guest->host_users, record);
		if (result)
			errx(BEE_CANTCREAT, "%s: ids: %s", guest->name,
			     strerror(-result));
	}
	record->config = config;
	record->once = guest->once;
	record->wanted = true;
	record->error[0] = '\0';
}

struct heard {
	const struct guest *guest;
	const struct start *start;
	int from; /* the supervisor's words */
	char text[4096];
	size_t len;
	bool went, ready, failed, ended;
	bool closed;      /* nobody is there to say more */
	int status, code; /* code: of a failure */
};

static void line_take(struct heard *h, const char *line)
{
	const char *text = line + 1;
	uint64_t number = 0;

	switch (*line) {
	case SAYS_STAGE:
		if (!h->start->quiet)
			(void)fprintf(stderr, "%s: %s\n", h->guest->name, text);
		break;
	case SAYS_NOTE:
		warnx("%s: %s", h->guest->name, text);
		break;
	case SAYS_GOES:
		h->went = true;
		break;
	case SAYS_READY:
		h->ready = true;
		if (!h->start->quiet)
			(void)fprintf(stderr, "%s: ready after %s ms\n", h->guest->name,
				      text);
		break;
	case SAYS_CODE:
		if (!parse_u64(text, 255, &number))
			h->code = (int)number;
		break;
	case SAYS_FAILED:
		h->failed = true;
		warnx("%s: %s", h->guest->name, text);
		break;
	case SAYS_ENDED:
		h->ended = true;
		if (!parse_u64(text, 255, &number))
			h->status = (int)number;
		break;
	default:
		break;
	}
}

/* Waits for words and takes them, until the deadline (0: none). False: there are none. */
static bool lines_take(struct heard *h, nsec_t deadline)
{
	struct pollfd in = { .fd = h->from, .events = POLLIN };
	char *line = h->text, *end;
	ssize_t n;
	int ready;

	do
		ready = poll(&in, 1, deadline ? clock_poll_ms(deadline) : -1);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return false;
	n = read(h->from, h->text + h->len, sizeof(h->text) - h->len - 1);
	h->closed = n == 0;
	if (n <= 0)
		return false;
	h->len += (size_t)n;
	h->text[h->len] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		line_take(h, line);
		line = end + 1;
	}
	h->len = strlen(line);
	memmove(h->text, line, h->len);
	return true;
}

/* Nobody tells any more whether it has started, or how it ends. */
static int lost(const struct heard *h)
{
	const char *name = h->guest->name;

	if (!h->closed) {
		warnx("%s: its start hangs; bee guest stop %s ends it", name, name);
		return BEE_TEMPFAIL;
	}
	warnx("%s: its supervisor has ended; how the guest ends is not known", name);
	return BEE_SOFTWARE;
}

static int ready_wait(struct heard *h)
{
	nsec_t deadline = clock_now() + h->start->seconds * NSEC_PER_SEC;

	while (!h->ready && !h->failed && !h->ended)
		/* Making it has the same time, and then something may have to be killed. */
		if (!lines_take(h, h->went ? deadline : deadline + FAIL_TIME))
			break;
	if (h->failed)
		return h->code;
	if (h->ended) {
		warnx("%s: its first process has ended, %d, before it was ready",
		      h->guest->name, h->status);
		return BEE_CANTCREAT;
	}
	if (h->ready)
		return BEE_OK;
	if (!h->went || h->closed)
		return lost(h);
	warnx("%s: not ready within %u s; it goes on", h->guest->name, h->start->seconds);
	return BEE_TEMPFAIL;
}

/*
 * Without a terminal whoever ends the command means what it runs: readable when somebody does. What is ignored, as of
 * nohup(1) and in the background of a shell, is not asked for.
 */
static int ends_open(sigset_t *set)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct sigaction is;

		if (!sigaction(signals[i], NULL, &is) && is.sa_handler != SIG_IGN)
			sigaddset(set, signals[i]);
	}
	(void)sigprocmask(SIG_BLOCK, set, NULL);
	return signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Until the guest has ended, or nobody tells any more. A second signal ends the command alone. */
static void end_wait(struct heard *h)
{
	struct signalfd_siginfo info;
	sigset_t set;
	AUTO_CLOSE int ends = ends_open(&set);

	while (!h->ended && !h->failed) {
		struct pollfd in[] = { { .fd = h->from, .events = POLLIN },
				       { .fd = ends, .events = POLLIN } };

		if (poll(in, ARRAY_LEN(in), -1) < 0 && errno != EINTR)
			return;
		if (in[1].revents && read(ends, &info, sizeof(info)) == sizeof(info)) {
			close(ends);
			ends = -1;
			(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
			(void)stop_guest(h->guest->name, END_SECONDS, false);
		} else if (in[0].revents && !lines_take(h, 0)) {
			return;
		}
	}
}

static int attached_wait(struct heard *h, bool pty)
{
	nsec_t deadline = clock_now() + h->start->seconds * NSEC_PER_SEC + FAIL_TIME;

	while (!h->went && !h->failed)
		if (!lines_take(h, deadline))
			return lost(h);
	if (h->failed)
		return h->code;
	if (pty) {
		int result = keeper_attach(h->guest->name, true);

		if (result)
			warnx("%s: console: %s", h->guest->name, strerror(-result));
		/* Left by ^]: the guest goes on. */
		while (!h->ended && lines_take(h, clock_now() + 2 * NSEC_PER_SEC))
			;
		if (!h->ended) {
			warnx("%s goes on", h->guest->name);
			return BEE_OK;
		}
		return h->status;
	}
	end_wait(h);
	if (h->failed)
		return h->code;
	return h->ended ? h->status : lost(h);
}

/* What is asked for, or what it was; namespaces where nobody has said anything. */
static const struct backend *backend_choose(struct guest *guest, const struct look *look)
{
	const struct backend *backend;

	if (!guest->backend && guest->image)
		guest->backend = xstrdup("vm");
	if (!guest->backend)
		guest->backend = xstrdup(
			look->record_kind == STATE_GOOD ? look->record.backend : "ns");
	backend = backend_find(guest->backend);
	if (!backend)
		errx(BEE_USAGE, "%s: there is no backend \"%s\": ns or vm", guest->name,
		     guest->backend);
	return backend;
}

/* What its supervisor is told of what is asked for; how long it has may be the backend's. */
static const struct backend *supervision_fill(struct supervision *of, struct guest *guest,
					      struct start *start)
{
	const struct backend *backend;
	struct look look;

	look_guest(guest->name, &look);
	again_fill(guest, &look);
	guest_read(guest);
	backend = backend_choose(guest, &look);
	look_done(&look);
	if (!start->seconds)
		start->seconds = backend == &backend_vm ? VM_SECONDS : NS_SECONDS;
	of->timeout = start->seconds * NSEC_PER_SEC;
	of->pty = start->how == START_BACKGROUND || isatty(0) || guest->shell;
	/* Of a VM only what a command in it says is the caller's. */
	if (backend == &backend_vm) {
		of->pty = guest->command.count == 0;
	} else if (guest->command.count > 0) {
		words_clear(&guest->init);
		guest->init = guest->command;
		guest->command = (struct words){ NULL, 0 };
	}
	backend->plan(of);
	return backend;
}

static int lock_take(const char *name)
{
	int lock = look_lock(name);

	if (lock == -EWOULDBLOCK)
		errx(BEE_TEMPFAIL, "%s runs, or somebody is at it", name);
	if (lock < 0)
		errx(BEE_CANTCREAT, "%s: lock: %s", name, strerror(-lock));
	return lock;
}

/* In a child; what it says comes through a pipe. The exit status. */
static int supervise_apart(const struct backend *backend, struct supervision *of,
			   const struct start *start)
{
	struct heard heard = { .guest = of->guest,
			       .start = start,
			       .code = BEE_CANTCREAT };
	int pipe_ends[2], result;
	pid_t pid;

	if (pipe2(pipe_ends, O_CLOEXEC))
		err(BEE_SOFTWARE, "pipe");
	of->tell = pipe_ends[1];
	pid = fork();
	if (pid < 0)
		err(BEE_SOFTWARE, "fork");
	if (pid == 0) {
		close(pipe_ends[0]);
		(void)setsid();
		if (of->pty || start->how == START_BACKGROUND)
			streams_null();
		_exit(backend->supervise(of));
	}
	close(pipe_ends[1]);
	close(of->lock);
	heard.from = pipe_ends[0];
	result = start->how == START_BACKGROUND ? ready_wait(&heard)
						: attached_wait(&heard, of->pty);
	close(pipe_ends[0]);
	return result;
}

int start_guest(struct guest *guest, const struct start *how)
{
	struct start local = *how, *start = &local;
	struct record record;
	struct handles kept;
	const struct backend *backend;
	struct supervision of = { .guest = guest, .record = &record, .tell = -1 };
	int result;

	guest_root();
	backend = supervision_fill(&of, guest, start);
	of.lock = lock_take(guest->name);
	/* A command that is run once is another each time. */
	before_start(guest, start->how != START_ATTACHED, &record, &kept);
	of.kept = kept.kept ? &kept : NULL;
	if (backend->plan_more)
		backend->plan_more(&of);
	result = record_save(guest->name, &record);
	if (result)
		errx(BEE_CANTCREAT, "%s: record: %s", guest->name, strerror(-result));
	if (start->how != START_FOREGROUND)
		return supervise_apart(backend, &of, start);
	of.words = true;
	of.quiet = start->quiet;
	return backend->supervise(&of);
}
