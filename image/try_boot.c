/* An image booted by a kernel in a virtual machine, until it is ready or it is known why not. */
#include "try_boot.h"
#include "console.h"
#include "exits.h"
#include "names.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK 200                        /* ms */
#define QUIET (500 * NSEC_PER_MSEC)     /* after a prompt */
#define ANSWER_TIME (10 * NSEC_PER_SEC) /* of a kernel that is alive */
#define MEMORY_LEAST UINT64_C(1024)     /* MiB */
#define MEMORY_OF(image)                                                                 \
	(512 + 8 * (image)) /* a compressed image, unpacked, and the same again */

struct trial {
	const struct try_boot *wish;
	struct machine machine;
	struct console console;
	nsec_t begun, end;
	nsec_t prompt;  /* since when one stands there; 0: none does */
	bool ended;     /* QEMU */
	char said[512]; /* by QEMU itself */
	size_t said_len;
	bool asked; /* the kernel whether it is alive */
};

/* The image in MiB, and that both files can be read: QEMU's own words are less plain. */
static uint64_t files_look(const struct machine_wish *wish)
{
	const char *files[] = { wish->kernel, wish->image };
	uint64_t size = 0;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct stat st;

		if (access(files[i], R_OK) || stat(files[i], &st))
			err(BEE_IOERR, "%s", files[i]);
		if (!S_ISREG(st.st_mode))
			errx(BEE_IOERR, "%s: not a regular file", files[i]);
		size = (uint64_t)st.st_size >> 20;
	}
	return size;
}

static void hear(struct trial *t)
{
	char bytes[4096];
	ssize_t n = read(t->machine.console, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		t->ended = true;
		return;
	}
	console_take(&t->console, bytes, (size_t)n);
	if (t->wish->verbose)
		console_print(bytes, (size_t)n);
}

/* What QEMU says of itself; the first of it is kept, and it never waits for us. */
static void hear_machine(struct trial *t)
{
	char bytes[512];
	ssize_t n = read(t->machine.said, bytes, sizeof(bytes));
	size_t room = sizeof(t->said) - 1 - t->said_len;

	if (n <= 0)
		return;
	memcpy(t->said + t->said_len, bytes, (size_t)n < room ? (size_t)n : room);
	t->said_len += (size_t)n < room ? (size_t)n : room;
}

/* A prompt that stays is one. */
static void prompt_look(struct trial *t)
{
	nsec_t now = clock_now();

	if (!t->console.prompt)
		t->prompt = 0;
	else if (!t->prompt)
		t->prompt = now;
	else if (now - t->prompt > QUIET)
		console_quiet(&t->console);
}

/* Time is over. A kernel that is alive answers; only one that does not hangs. */
static void ask(struct trial *t)
{
	t->asked = true;
	t->end = clock_now() + ANSWER_TIME;
	machine_ask(&t->machine, 'h');
}

static void watch(struct trial *t)
{
	while (!t->ended && t->console.state < CONSOLE_READY) {
		struct pollfd polled = { .fd = t->machine.console, .events = POLLIN };

		if (poll(&polled, 1, TICK) < 0 && errno != EINTR)
			err_system("poll");
		if (polled.revents)
			hear(t);
		prompt_look(t);
		hear_machine(t);
		if (t->asked && t->console.answered)
			break;
		if (clock_now() < t->end)
			continue;
		if (t->asked || t->console.state == CONSOLE_SILENT)
			break;
		ask(t);
	}
}

static int said(int status, const char *how, const char *what)
{
	AUTO_FREE char *shown = name_shown(what ? what : "", what ? strlen(what) : 0);

	warnx("%s%s%s", how, *shown ? ": " : "", shown);
	return status;
}

/* QEMU has ended, and the kernel has not said why. */
static int ended_judge(const struct trial *t, int wait_status)
{
	AUTO_FREE char *words = xstrdup(t->said);

	words[strcspn(words, "\n")] = '\0';
	if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status))
		return said(TRY_NO_MACHINE, "no machine: QEMU ended", words);
	return said(TRY_PANIC, "panic: the machine reset itself without a word", NULL);
}

static int judge(const struct trial *t, int wait_status)
{
	const struct console *c = &t->console;
	unsigned long long seconds = t->wish->seconds;
	AUTO_FREE char *late = xasprintf("not ready after %llu s", seconds);

	switch (c->state) {
	case CONSOLE_READY:
		printf("ready after %.1f s\n",
		       (double)(clock_now() - t->begun) / (double)NSEC_PER_SEC);
		return BEE_OK;
	case CONSOLE_PANIC:
		return said(TRY_PANIC, "panic", c->why);
	case CONSOLE_NO_INIT:
		return said(TRY_NO_INIT, "no init", *c->trouble ? c->trouble : c->why);
	case CONSOLE_OFF:
		return said(TRY_NOT_READY, "not ready: it went off before", NULL);
	default:
		break;
	}
	if (t->ended)
		return ended_judge(t, wait_status);
	if (c->state == CONSOLE_SILENT)
		return said(TRY_HANG, "hang: the kernel has not said a word", NULL);
	if (!c->answered)
		return said(TRY_HANG, "hang: the kernel answers nothing any more",
			    c->trouble);
	return said(TRY_NOT_READY, late,
		    c->state == CONSOLE_KERNEL ? "init was not started yet" : c->trouble);
}

int try_boot(const struct try_boot *try)
{
	struct trial t = { .wish = try, .console.ready = try->ready };
	struct machine_wish wish = try->wish;
	uint64_t size = files_look(&wish);
	int error, status, verdict;

	if (!wish.memory)
		wish.memory =
			MEMORY_OF(size) > MEMORY_LEAST ? MEMORY_OF(size) : MEMORY_LEAST;
	error = machine_start(&t.machine, &wish);
	if (error)
		return said(TRY_NO_MACHINE, "no machine: QEMU cannot be started",
			    strerrordesc_np(-error));
	t.begun = clock_now();
	t.end = t.begun + (nsec_t)try->seconds * NSEC_PER_SEC;
	watch(&t);
	hear_machine(&t);
	status = machine_end(&t.machine, !t.ended);
	verdict = judge(&t, status);
	if (verdict != BEE_OK && !try->verbose && t.console.kept_len > 0) {
		warnx("the end of its console:");
		console_show(&t.console);
	}
	return verdict;
}
