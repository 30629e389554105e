/* A program of bee that bee remote starts has its descriptors in their places and no other, or is not started; and it ends in time. */
#include "companion.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIMIT (10 * NSEC_PER_SEC)
#define PROGRAM "remote_companion.t" /* this one: with a word it is what is started */
#define ENDS_WITH 7

/* Which descriptors it has: '-' none, 'n' the null device, 'o' another. */
static int descriptors_say(void)
{
	char text[COMPANION_FDS + 8] = "";
	struct stat st, null;

	if (stat("/dev/null", &null))
		return 1;
	for (int fd = 0; fd < (int)sizeof(text) - 1; fd++)
		text[fd] = (char)(fstat(fd, &st)               ? '-'
				  : st.st_rdev == null.st_rdev ? 'n'
							       : 'o');
	return write_all(STDOUT_FILENO, text, sizeof(text)) ? 1 : ENDS_WITH;
}

static int become(const char *word)
{
	if (!strcmp(word, "say"))
		return descriptors_say();
	if (!strcmp(word, "die"))
		(void)raise(SIGKILL);
	if (!strcmp(word, "write"))
		return ftruncate(STDOUT_FILENO, 4097) ? 1 : 0;
	for (;;)
		(void)pause();
}

/* What it prints goes to `out`. */
static int run(const char *word, int out, nsec_t time, int stop)
{
	char *argv[] = { (char[]){ PROGRAM }, (char *)(uintptr_t)word, NULL };
	struct companion companion = {
		PROGRAM, argv, { -1, out, -1, -1, out }, 5, 0, 4096
	};

	return companion_run(&companion, clock_now() + time, stop);
}

static int memory(void)
{
	int fd = memfd_create("out", MFD_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static void places(void)
{
	int out = memory(), other = open("/dev/null", O_RDONLY);
	char text[COMPANION_FDS + 8] = "", wanted[] = "non-o";

	CHECK(other >= 0);
	CHECK_INT(run("say", out, LIMIT, -1), ENDS_WITH);
	CHECK_INT(pread(out, text, sizeof(text), 0), sizeof(text));
	CHECK(!memcmp(text, wanted, strlen(wanted)));
	CHECK_INT(strspn(text + strlen(wanted), "-"), sizeof(text) - 1 - strlen(wanted));
}

/* 0: the program has not run. */
static off_t printed(int out)
{
	struct stat st;

	CHECK(!fstat(out, &st));
	return st.st_size;
}

/* There is a number for the program above all places, and none for what is to be put into one. */
static void no_numbers(void)
{
	const struct rlimit limit = { COMPANION_FDS + 4, COMPANION_FDS + 4 };
	int out = memory();

	CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
	CHECK_INT(run("say", out, LIMIT, -1), BEE_SOFTWARE);
	CHECK_INT(printed(out), 0);
}

static void no_null(void)
{
	int out = memory();

	if (geteuid() != 0 || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/dev", "tmpfs", 0, NULL))
		tap_skip("another /dev takes root");
	CHECK_INT(run("say", out, LIMIT, -1), BEE_SOFTWARE);
	CHECK_INT(printed(out), 0);
}

static void ends(void)
{
	nsec_t began = clock_now();
	int out = memory(), stop[2];

	CHECK_INT(run("wait", out, NSEC_PER_SEC / 5, -1), -ETIMEDOUT);
	CHECK(clock_now() - began >= NSEC_PER_SEC / 5);
	CHECK(!pipe2(stop, O_CLOEXEC));
	CHECK_INT(write(stop[1], "", 1), 1);
	CHECK_INT(run("wait", out, LIMIT, stop[0]), -EINTR);
	CHECK_INT(run("die", out, LIMIT, -1), -ECHILD);
	/* SIGXFSZ: setrlimit(2). */
	CHECK_INT(run("write", out, LIMIT, -1), -ECHILD);
	CHECK(clock_now() - began < 5 * NSEC_PER_SEC);
}

int main(int argc, char **argv)
{
	static const struct tap_test tests[] = {
		{ "it has its descriptors in their places, and no other", places, 0 },
		{ "it is not started where they cannot be put there", no_numbers, 0 },
		{ "nor where there is no null device", no_null, 0 },
		{ "by a deadline, a word, a signal or a file that is too large it ends",
		  ends, 0 },
		{ NULL, NULL, 0 },
	};

	return argc > 1 ? become(argv[1]) : tap_main(tests);
}
