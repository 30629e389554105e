/*
 * What all guests have of this machine's kernel together, and how much of it one more may need.
 *
 * It is little. What the kernel counts by user (inotify instances, namespaces) a guest has for
 * itself, as its user is nobody else's (root/booted.c); keys it cannot make (ns_filter.c); of
 * loop devices there are as many as are asked for.
 */
#include "shared.h"

#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define PTYS "/proc/sys/kernel/pty/"

static bool number_read(const char *path, uint64_t *out)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[32];
	ptrdiff_t len = fd < 0 ? -1 : read_full(fd, text, sizeof(text) - 1);

	text[len < 0 ? 0 : len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return !parse_u64(text, INT32_MAX, out);
}

/* Of terminals the kernel keeps some for the machine's own (drivers/tty/pty.c: devpts_new_index). */
static uint64_t ptys_left(unsigned want)
{
	uint64_t most, kept, used;

	if (!number_read(PTYS "max", &most) || !number_read(PTYS "reserve", &kept) ||
	    !number_read(PTYS "nr", &used))
		return want;
	return used + kept < most ? most - used - kept : 0;
}

/* Nothing says how many a user has: so many are made, and given back. */
static uint64_t watchers_left(unsigned want)
{
	int fds[32];
	unsigned made = 0;

	while (made < want && made < ARRAY_LEN(fds)) {
		fds[made] = inotify_init1(IN_CLOEXEC);
		if (fds[made] < 0)
			break;
		made++;
	}
	for (unsigned i = 0; i < made; i++)
		close(fds[i]);
	return made;
}

static const struct {
	const char *what, *limit;
	uint64_t (*left)(unsigned want); /* or `want`, where it is more */
	unsigned want;
	bool of_users; /* counted by user: only without a user namespace it is shared */
} all[] = {
	/* Its console, and who is in it. */
	{ "terminals", PTYS "max", ptys_left, 8, false },
	/* Debian's systemd holds 7; with fewer it says that it is ready, and misses what changes. */
	{ "inotify instances of a user", "/proc/sys/fs/inotify/max_user_instances",
	  watchers_left, 8, true },
};

/* By what is missing, and half as much again: the next guest comes soon. */
static void limit_raise(const char *name, const char *path, uint64_t missing)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);
	AUTO_FREE char *text = NULL;
	uint64_t old = 0, fresh;
	int result;

	if (fd < 0 || !number_read(path, &old))
		errx(BEE_TEMPFAIL, "%s: %s: it cannot be raised", name, path);
	fresh = old + missing + old / 2;
	text = xasprintf("%llu", (unsigned long long)fresh);
	result = write_all(fd, text, strlen(text));
	if (result)
		errx(BEE_TEMPFAIL, "%s: %s: %s", name, path, strerror(-result));
	warnx("%s: %s was %llu, and is %s now", name, path, (unsigned long long)old,
	      text);
}

void shared_check(const struct guest *guest)
{
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		unsigned want = all[i].want;
		uint64_t left;

		if (all[i].of_users && !guest->host_users)
			continue;
		left = all[i].left(want);
		if (left >= want)
			continue;
		if (!guest->raise_limits)
			errx(BEE_TEMPFAIL,
			     "%s: of %s this machine has %llu left, and a guest may need "
			     "%u: stop something, raise %s, or say --raise-limits",
			     guest->name, all[i].what, (unsigned long long)left, want,
			     all[i].limit);
		limit_raise(guest->name, all[i].limit, want - left);
	}
}
