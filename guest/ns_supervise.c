/* The supervisor of a guest in namespaces: makes it, waits for it, and takes away what it had. */
#include "ns_supervise.h"
#include "backend.h"
#include "clean.h"
#include "group.h"
#include "keeper.h"
#include "link.h"
#include "ns_enter.h"
#include "ns_filter.h"
#include "shared.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define REST_TIME (3 * NSEC_PER_SEC) /* for what hangs, in a tree of its own */
#define say(s, ...) supervise_say((s)->of, __VA_ARGS__)

int ns_fail(struct supervisor *s, int error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(s->why, sizeof(s->why), fmt, args);
	va_end(args);
	return error < 0 ? error : -error;
}

int ns_handles_put(struct supervisor *s)
{
	int result = handles_save(s->name, &s->handles);

	return result ? ns_fail(s, result, "handles: %s", strerror(-result)) : 0;
}

static int group_step(struct supervisor *s)
{
	const struct guest *g = s->of->guest;
	int result = guest_group_make(s->handles.id, g->memory, g->tasks, &s->group,
				      &s->groups_v1);

	if (result == -EOPNOTSUPP)
		return ns_fail(s, result, "no cgroup here can hold it to its limits");
	return result ? ns_fail(s, result, "cgroup: %s", strerror(-result)) : 0;
}

static int pin(struct supervisor *s, const char *what, const char *path)
{
	AUTO_FREE char *from = xasprintf("/proc/%d/ns/%s", s->child.pid, what);
	/* Mode 0 until it is covered: so it is told from somebody else's. */
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);

	if (fd < 0 || mount(from, path, NULL, MS_BIND, NULL))
		return ns_fail(s, errno, "%s: %s", path, strerror(errno));
	return 0;
}

/*
 * Its mounts are pinned on a mount of its own, as a namespace cannot be on one that is
 * shared with others (fs/namespace.c: it could hold itself). Now, as it is too late when
 * its last process has ended. Linux 6.18 takes only a namespace that is younger than ours,
 * and in one that was made a moment ago it may be wrong about that: EINVAL.
 */
static int mounts_pin(struct supervisor *s)
{
	AUTO_FREE char *folder = xasprintf(GUEST_RUN "/%s/ns", s->name);
	AUTO_FREE char *path = xasprintf("%s/mount", folder);

	if ((mkdir(folder, 0700) && errno != EEXIST) ||
	    mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "size=16k,mode=0700") ||
	    mount(NULL, folder, NULL, MS_PRIVATE, NULL))
		return ns_fail(s, errno, "%s: %s", folder, strerror(errno));
	return pin(s, "mnt", path);
}

static int network_step(struct supervisor *s)
{
	const struct guest *g = s->of->guest;
	AUTO_FREE char *shown = xasprintf("/run/netns/%s", s->name);
	AUTO_FREE char *own = xasprintf(GUEST_RUN "/%s/net", s->name);
	AUTO_FREE char *user = xasprintf(GUEST_RUN "/%s/user", s->name);
	AUTO_CLOSE int net = -1;
	int result;

	if (s->handles.kept)
		return 0;
	(void)mkdir("/run/netns", 0755);
	s->handles.netns = true;
	s->handles.cables = (unsigned)g->cable_count;
	result = ns_handles_put(s);
	if (!result)
		result = pin(s, "net", own);
	if (!result)
		result = pin(s, "net", shown);
	if (!result && s->child.user_ns >= 0)
		result = pin(s, "user", user);
	/* Without it, it runs all the same. */
	if (!result && mounts_pin(s))
		(void)snprintf(s->of->record->error, sizeof(s->of->record->error),
			       "it cannot be kept: %.150s", s->why);
	else
		s->handles.pinned = !result;
	if (result)
		return result;
	net = open(own, O_RDONLY | O_CLOEXEC);
	if (net < 0)
		return ns_fail(s, errno, "%s: %s", own, strerror(errno));
	for (unsigned i = 0; i < g->cable_count; i++) {
		const char *bridge = g->cable[i].bridge;

		result = link_make(s->name, i, s->handles.id, net, &g->cable[i]);
		if (result)
			return ns_fail(s, result, "cable %s%u%s%s: %s", s->name, i,
				       *bridge ? " to bridge " : "", bridge,
				       strerror(-result));
	}
	return 0;
}

static void argv_note(struct supervisor *s)
{
	words_clear(&s->handles.argv);
	for (const char *at = s->plan->found->argv; *at; at += strlen(at) + 1)
		words_add(&s->handles.argv, at, strlen(at));
}

/* The pinned namespaces of one that was kept. */
static int namespaces_open(struct supervisor *s)
{
	static const char *const names[] = { "ns/mount", "net", "user" };
	struct booted *b = &s->plan->booted;
	int *const fds[] = { &b->mount_ns, &b->network, &b->user_ns };

	for (size_t i = 0; i < ARRAY_LEN(names) - (s->handles.host_users ? 1 : 0); i++) {
		AUTO_FREE char *path = xasprintf(GUEST_RUN "/%s/%s", s->name, names[i]);

		*fds[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (*fds[i] < 0)
			return ns_fail(s, errno, "%s: %s", path, strerror(errno));
	}
	return 0;
}

/* Held any longer they would keep its mounts for ever. */
static void namespaces_close(struct booted *b)
{
	int *const fds[] = { &b->mount_ns, &b->network, &b->user_ns };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static int tree_step(struct supervisor *s)
{
	struct booted_failure failure;
	struct sock_fprog filter;
	int result = filter_make(&filter);

	if (result)
		return ns_fail(s, result, "filter: %s", strerror(-result));
	if (s->handles.kept)
		result = namespaces_open(s);
	if (result) {
		free(filter.filter);
		namespaces_close(&s->plan->booted);
		return result;
	}
	plan_nodes(s->plan, &s->handles);
	s->plan->booted.filter = filter;
	s->plan->booted.cgroup = s->group;
	s->plan->booted.cgroup_v1 = (const char *const *)s->groups_v1;
	s->plan->booted.pty = s->of->pty;
	result = booted_start(&s->plan->booted, s->deadline, &s->child, &failure);
	free(filter.filter);
	namespaces_close(&s->plan->booted);
	for (unsigned i = 0; i < s->handles.loop_count; i++)
		if (s->loops[i] >= 0)
			close(s->loops[i]);
	if (result)
		return ns_fail(s, result, "%s%s%s: %s", failure.stage,
			       *failure.path ? " " : "", failure.path,
			       strerror(failure.error));
	result = process_of(s->child.pid, &s->handles.init);
	if (result)
		return ns_fail(s, result, "process: %s", strerror(-result));
	argv_note(s);
	return 0;
}

static int console_step(struct supervisor *s)
{
	AUTO_CLOSE int socket = -1;
	int pid;

	if (!s->of->pty)
		return 0;
	socket = keeper_socket(s->name);
	if (socket < 0)
		return ns_fail(s, socket, "console: %s", strerror(-socket));
	pid = keeper_start(s->name, s->child.console, socket, s->child.pidfd);
	if (pid < 0 || process_of(pid, &s->handles.keeper))
		return ns_fail(s, EAGAIN, "console: its keeper does not start");
	/* The keeper's alone: with a second holder, a guest whose keeper is gone would wait for a reader
	 * that there is none. */
	close(s->child.console);
	s->child.console = -1;
	return 0;
}

/* Its first process and the keeper are written down only now: until it is let go they end with us. */
static int go_step(struct supervisor *s)
{
	struct booted_failure failure;
	int result;

	s->handles.started = clock_now();
	s->handles.kept = false;
	result = ns_handles_put(s);
	if (result)
		return result;
	result = booted_go(&s->child, s->deadline, &failure);
	return result ? ns_fail(s, result, "%s%s%s: %s", failure.stage,
				*failure.path ? " " : "", failure.path,
				strerror(failure.error))
		      : 0;
}

static const struct {
	const char *name;
	int (*run)(struct supervisor *s);
} steps[] = {
	{ "cgroup", group_step },    { "disks", ns_disks_make },
	{ "tree", tree_step },       { "network", network_step },
	{ "console", console_step }, { "first process", go_step },
};

static void note_say(void *data, const char *text)
{
	const struct supervisor *s = data;

	say(s, SAYS_NOTE, "%s", text);
}

static void ready_take(struct supervisor *s, bool now)
{
	/* What comes later is taken too: left there it would wake us for ever. */
	if ((!now && booted_ready(s->child.notify) != 1) || s->handles.ready)
		return;
	s->handles.ready = true;
	s->handles.ready_after = clock_now() - s->handles.started;
	(void)ns_handles_put(s);
	plan_notes(s->plan, note_say, s);
	say(s, SAYS_READY, "%lld", (long long)(s->handles.ready_after / NSEC_PER_MSEC));
}

/* The wait status of the first process. */
static int end_wait(struct supervisor *s)
{
	siginfo_t info = { .si_pid = 0 };

	for (;;) {
		struct pollfd fds[] = { { .fd = s->child.pidfd, .events = POLLIN },
					{ .fd = s->child.notify, .events = POLLIN } };

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -1;
		if (fds[1].revents & POLLIN)
			ready_take(s, false);
		if (fds[0].revents & POLLIN)
			break;
	}
	if (waitid(P_PIDFD, (id_t)s->child.pidfd, &info, WEXITED) || !info.si_pid)
		return -1;
	return info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
}

static int begin(struct supervisor *s)
{
	int result;

	if (s->of->kept) {
		s->handles = *s->of->kept;
		s->handles.init = s->handles.keeper = (struct process){ 0, 0 };
		s->handles.ready = false;
		s->handles.started = s->handles.ready_after = 0;
	}
	boot_id(s->handles.boot);
	(void)snprintf(s->handles.id, sizeof(s->handles.id), "%s", s->of->record->id);
	(void)stpcpy(s->handles.backend, s->of->record->backend);
	s->handles.host_users = s->of->record->host_users;
	result = process_of(getpid(), &s->handles.supervisor);
	if (result)
		return ns_fail(s, result, "process: %s", strerror(-result));
	result = ns_handles_put(s);
	for (unsigned i = 0; i < s->of->guest->cable_count && !result; i++) {
		const char *bridge = s->of->guest->cable[i].bridge;

		if (*bridge && !if_nametoindex(bridge))
			return ns_fail(s, ENODEV, "there is no bridge \"%s\"", bridge);
	}
	return result;
}

/* stop --keep leaves a file. */
static bool keep_wanted(const struct supervisor *s)
{
	AUTO_FREE char *path = xasprintf(GUEST_RUN "/%s/keep", s->name);

	return !unlink(path);
}

/* What is left when its processes are gone: kept, or taken away. */
static void rest_take(struct supervisor *s, bool keep)
{
	int result = keep && s->handles.pinned ? 0 : -ECANCELED;

	if (!result) {
		struct process none = { 0, 0 };

		clean_processes(s->handles.id, &s->handles);
		if (!namespaces_open(s))
			booted_rest(&s->plan->booted, clock_now() + REST_TIME);
		namespaces_close(&s->plan->booted);
		s->handles.kept = true;
		s->handles.init = s->handles.keeper = none;
		s->handles.supervisor = none;
		result = handles_save(s->name, &s->handles);
	}
	if (!result)
		return;
	if (keep)
		say(s, SAYS_NOTE, "%s",
		    *s->of->record->error ? s->of->record->error : "it cannot be kept");
	(void)clean_guest(s->name, s->handles.id, &s->handles);
}

static int failed_end(struct supervisor *s)
{
	/* One that does not wake is kept as it was. */
	rest_take(s, s->of->kept != NULL);
	s->of->record->once &= !s->handles.kept;
	supervise_failed(s->of, s->why);
	return BEE_CANTCREAT;
}

static int ns_supervise(const struct supervision *of)
{
	struct supervisor s = { .of = of,
				.name = of->guest->name,
				.plan = of->plan,
				.child = { -1, -1, -1, -1, -1, -1 },
				.group = -1 };
	int status, result;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)prctl(PR_SET_NAME, "bee-supervisor");
	for (size_t i = 0; i < ARRAY_LEN(s.loops); i++)
		s.images[i] = s.loops[i] = -1;
	s.deadline = clock_now() + of->timeout;
	result = begin(&s);
	for (size_t i = 0; i < ARRAY_LEN(steps) && !result; i++) {
		say(&s, SAYS_STAGE, "%s", steps[i].name);
		result = steps[i].run(&s);
	}
	if (result)
		return failed_end(&s);
	say(&s, SAYS_GOES, "%d", s.child.pid);
	if (!s.plan->found->notifies)
		ready_take(&s, true);
	status = end_wait(&s);
	supervise_keeper_wait(&s.handles);
	booted_done(&s.child);
	rest_take(&s, of->guest->keep || keep_wanted(&s));
	of->record->exit_status = status;
	/* That its mounts could not be pinned counted while it ran. */
	*of->record->error = '\0';
	of->record->once &= !s.handles.kept;
	/* reboot(2) in a pid namespace: powered off, or to be started anew, and not killed. */
	status = status == SIGINT || status == SIGHUP ? 0 : supervise_code(status);
	supervise_ended(of, status);
	return status;
}

static void ns_plan(struct supervision *of)
{
	of->plan = xcalloc(1, sizeof(*of->plan));
	plan_guest(of->plan, of->guest);
}

static void ns_plan_more(struct supervision *of)
{
	shared_check(of->guest);
	plan_record(of->plan, of->record);
}

const struct backend backend_ns = {
	.name = "ns",
	.plan = ns_plan,
	.plan_more = ns_plan_more,
	.supervise = ns_supervise,
	.ask = ns_ask,
	.enter = ns_enter,
	.describe = ns_describe,
};
