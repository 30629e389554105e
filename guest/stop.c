/* stop, rm, gc: the end of guests, and of what is left of them. */
#include "stop.h"
#include "backend.h"
#include "clean.h"
#include "command.h"
#include "group.h"
#include "look.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define KILL_TIME                                                                        \
	(5 * NSEC_PER_SEC) /* for the kernel to end it, the supervisor to tidy up */
#define STOP_SECONDS 30u

static bool gone(int pidfd, nsec_t deadline)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int ready;

	do
		ready = poll(&end, 1, clock_poll_ms(deadline));
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

static void first_process_end(const char *name, const struct look *look, unsigned seconds)
{
	AUTO_CLOSE int pidfd = process_open(&look->handles.init, look->handles.boot);

	if (pidfd < 0)
		return;
	if (seconds > 0) {
		look_backend(look)->ask(name, look, pidfd);
		if (gone(pidfd, clock_now() + seconds * NSEC_PER_SEC))
			return;
	}
	group_kill(look->handles.id);
	(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	(void)gone(pidfd, clock_now() + KILL_TIME);
}

/* Halves of files that were being written when their writer was killed. */
static void halves_remove(const char *name)
{
	AUTO_FREE char *folder = xasprintf(GUEST_RECORDS "/%s", name);
	DIR *dir = opendir(folder);

	for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
		if (!strncmp(e->d_name, ".record.", 8))
			(void)unlinkat(dirfd(dir), e->d_name, 0);
	if (dir)
		closedir(dir);
}

/* Its folder holds its lock and nothing else: no disk, no log, no record that was bad. */
static bool lock_alone(const char *name)
{
	AUTO_FREE char *folder = xasprintf(GUEST_RECORDS "/%s", name);
	DIR *dir = opendir(folder);
	bool alone = dir != NULL;

	for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
		alone = alone && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
				  !strcmp(e->d_name, "lock"));
	if (dir)
		closedir(dir);
	return alone;
}

/* What is asked for, of the rest of a guest. */
enum rest {
	REST_STOP,
	REST_KEEP, /* stop --keep */
	REST_RM,   /* unless it runs by now */
	REST_GC,   /* unless it runs or is kept by now */
};

/* Between the look and the lock somebody may have started it, and its supervisor been killed. */
static bool lives_again(enum rest rest, enum guest_state state)
{
	return rest >= REST_RM &&
	       (state == GUEST_RUNNING || (rest == REST_GC && state == GUEST_KEPT));
}

/* One more that has failed, and why. */
static unsigned record_failed(const char *name, int result)
{
	if (result)
		warnx("%s: its record: %s", name, strerror(-result));
	return result ? 1 : 0;
}

/* Why its lock could not be had; `was` is the supervisor that is to end. An exit status. */
static int no_lock(const char *name, const struct process *was, int error)
{
	struct look look;

	look_guest(name, &look);
	if (error != -EWOULDBLOCK)
		warnx("%s: lock: %s", name, strerror(-error));
	else if (look.supervisor && (look.handles.supervisor.pid != was->pid ||
				     look.handles.supervisor.start != was->start))
		warnx("%s: it has ended, and somebody has started it again", name);
	else
		warnx("%s: its supervisor does not end", name);
	look_done(&look);
	return BEE_TEMPFAIL;
}

/* The supervisor, which was `was`, tidies up, and lets the lock go; where there is none, we do. */
static int rest_end(const char *name, const struct process *was, enum rest rest)
{
	bool keep = rest == REST_KEEP;
	nsec_t deadline = clock_now() + 2 * KILL_TIME;
	struct look look;
	int lock;
	unsigned failed;

	while ((lock = look_lock(name)) == -EWOULDBLOCK && clock_now() < deadline)
		(void)poll(NULL, 0, 5);
	if (lock < 0)
		return no_lock(name, was, lock);
	look_guest(name, &look);
	if (look.state == GUEST_UNKNOWN || look.state == GUEST_NEWER) {
		warnx("%s: what there is of it cannot be looked at: it is left", name);
		look_done(&look);
		close(lock);
		return BEE_TEMPFAIL;
	}
	if (lives_again(rest, look.state)) {
		look_done(&look);
		close(lock);
		if (rest == REST_RM)
			warnx("%s runs: stop it first", name);
		return rest == REST_RM ? BEE_TEMPFAIL : BEE_OK;
	}
	look_bad_keep(name, &look);
	halves_remove(name);
	if (keep && look.state == GUEST_KEPT) {
		look_done(&look);
		close(lock);
		return BEE_OK;
	}
	if (keep)
		warnx("%s: it could not be kept", name);
	failed = clean_guest(name, look_id(&look),
			     look.handles_kind == STATE_GOOD ? &look.handles : NULL);
	if (look.record_kind == STATE_GOOD && look.record.wanted) {
		look.record.wanted = false;
		look.record.exit_status = -1;
		failed += record_failed(name, record_save(name, &look.record));
	}
	/* Of a guest that is forgotten when it ends, and of a start that failed early. */
	if (!failed &&
	    (look.record_kind == STATE_GOOD ? look.record.once : lock_alone(name)))
		failed += record_failed(name, stop_record_remove(name));
	look_done(&look);
	close(lock);
	return failed ? BEE_TEMPFAIL : keep ? BEE_CANTCREAT : BEE_OK;
}

/* There is something of it, if only a folder that a start which failed early has left. */
static bool known(const char *name, const struct look *look)
{
	AUTO_FREE char *folder = xasprintf(GUEST_RECORDS "/%s", name);

	return look->state != GUEST_NONE || look->record_kind != STATE_ABSENT ||
	       !access(folder, F_OK);
}

/* The supervisor looks for it when the first process has ended. Whoever asks last is meant. */
static void keep_ask(const char *name, bool keep)
{
	AUTO_FREE char *path = xasprintf(GUEST_RUN "/%s/keep", name);
	AUTO_CLOSE int fd = keep ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (keep && fd < 0)
		err(BEE_CANTCREAT, "%s", path);
	if (!keep && unlink(path) && errno != ENOENT)
		warn("%s", path);
}

int stop_guest(const char *name, unsigned seconds, bool keep)
{
	struct process was;
	struct look look;

	look_guest(name, &look);
	was = look.handles.supervisor;
	if (look.state == GUEST_NONE || look.state == GUEST_STOPPED) {
		look_done(&look);
		warnx("%s does not run", name);
		return BEE_OK;
	}
	if (look.state == GUEST_NEWER)
		errx(BEE_DATAERR, "%s: its record is of a later bee", name);
	if (look.state == GUEST_UNKNOWN)
		errx(BEE_TEMPFAIL, "%s: what there is of it cannot be looked at", name);
	if (keep && (look.state != GUEST_RUNNING || !look.supervisor))
		errx(BEE_TEMPFAIL,
		     "%s: only one that runs, and has its supervisor, can be kept", name);
	if (keep && !look.handles.pinned)
		errx(BEE_TEMPFAIL,
		     "%s: it cannot be kept, as its mounts could not be pinned: it goes "
		     "on",
		     name);
	keep_ask(name, keep);
	if (look.state == GUEST_RUNNING && !look.handles.init.pid)
		group_kill(look_id(&look));
	first_process_end(name, &look, seconds);
	/* A start that is under way has no first process yet: its supervisor goes. */
	if (look.state == GUEST_STARTING && look.supervisor) {
		AUTO_CLOSE int pidfd =
			process_open(&look.handles.supervisor, look.handles.boot);

		if (pidfd >= 0)
			(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	}
	look_done(&look);
	return rest_end(name, &was, keep ? REST_KEEP : REST_STOP);
}

int guest_stop(int argc, char **argv)
{
	enum { NOW = 256, KEEP, TIMEOUT };
	static const struct option options[] = {
		{ "now", no_argument, NULL, NOW },
		{ "keep", no_argument, NULL, KEEP },
		{ "timeout", required_argument, NULL, TIMEOUT },
		COMMAND_OPTIONS,
	};
	uint64_t seconds = STOP_SECONDS;
	bool keep = false;
	int c;

	while ((c = command_option(argc, argv, "h", options)) != -1) {
		if (c == NOW)
			seconds = 0;
		keep |= c == KEEP;
		if (c == TIMEOUT && parse_u64(optarg, 86400, &seconds))
			command_usage("--timeout \"%s\" is no number of seconds", optarg);
	}
	guest_root();
	return stop_guest(guest_only_name(argc, argv), (unsigned)seconds, keep);
}

/* And nothing else; its disks and trees are the user's. */
int stop_record_remove(const char *name)
{
	static const char *const files[] = { "record", "record.bad", "console.log",
					     "console.log.1", "lock" };
	AUTO_FREE char *folder = xasprintf(GUEST_RECORDS "/%s", name);
	AUTO_CLOSE int top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Names that one kind has are nobody else's: of a record that is gone or bad too. */
	const char *const *more = backend_vm.files;

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (top >= 0 && unlinkat(top, files[i], 0) && errno != ENOENT)
			return -errno;
	for (; more && *more; more++)
		if (top >= 0 && unlinkat(top, *more, 0) && errno != ENOENT)
			return -errno;
	return rmdir(folder) ? -errno : 0;
}

/* Forgets one that does not run. An exit status. */
static int forget(const char *name)
{
	int lock = look_lock(name), result;

	if (lock < 0) {
		warnx("%s: %s", name,
		      lock == -EWOULDBLOCK ? "somebody is at it" : strerror(-lock));
		return BEE_TEMPFAIL;
	}
	result = stop_record_remove(name);
	close(lock);
	if (!result)
		return BEE_OK;
	warnx("%s: its record: %s", name, strerror(-result));
	return BEE_IOERR;
}

int guest_rm(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_OPTIONS };
	struct process was;
	struct look look;
	const char *name;
	int result;

	while (command_option(argc, argv, "h", options) != -1)
		;
	guest_root();
	name = guest_only_name(argc, argv);
	look_guest(name, &look);
	if (!known(name, &look))
		errx(BEE_USAGE, "there is no guest \"%s\"", name);
	if (look.state == GUEST_RUNNING || look.state == GUEST_STARTING)
		errx(BEE_TEMPFAIL, "%s runs: stop it first", name);
	was = look.handles.supervisor;
	look_done(&look);
	result = rest_end(name, &was, REST_RM);
	if (result)
		return result;
	return forget(name);
}

/* Whatever it does just now. */
int guest_delete(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_OPTIONS };
	const char *name;
	struct look look;
	int result = BEE_OK;

	while (command_option(argc, argv, "h", options) != -1)
		;
	guest_root();
	name = guest_only_name(argc, argv);
	look_guest(name, &look);
	if (!known(name, &look))
		errx(BEE_USAGE, "there is no guest \"%s\"", name);
	if (look.state != GUEST_STOPPED && look.state != GUEST_BAD)
		result = stop_guest(name, 0, false);
	look_done(&look);
	return result ? result : forget(name);
}

static int tidy_one(const char *name, void *data)
{
	unsigned *failed = data;
	struct look look;

	look_guest(name, &look);
	if (look.state != GUEST_RUNNING && look.state != GUEST_STARTING &&
	    look.state != GUEST_KEPT && look.state != GUEST_NEWER &&
	    look.state != GUEST_UNKNOWN) {
		AUTO_FREE char *folder = xasprintf(GUEST_RUN "/%s", name);

		/* Folders alone are what a start leaves that was killed, or has failed, early. */
		if (look.handles_kind != STATE_ABSENT ||
		    look.record_kind == STATE_ABSENT || look.record_kind == STATE_BAD ||
		    !access(folder, F_OK))
			*failed += rest_end(name, &look.handles.supervisor, REST_GC) !=
				   BEE_OK;
	}
	if (look.state == GUEST_UNKNOWN) {
		warnx("%s: what there is of it cannot be looked at: it is left", name);
		(*failed)++;
	}
	look_done(&look);
	return 0;
}

int guest_gc(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_OPTIONS };
	unsigned failed = 0;

	while (command_option(argc, argv, "h", options) != -1)
		;
	if (optind < argc)
		command_usage("gc is of all guests: what is \"%s\"?", argv[optind]);
	guest_root();
	(void)state_each(tidy_one, &failed);
	failed += clean_strays();
	return failed ? BEE_TEMPFAIL : BEE_OK;
}
