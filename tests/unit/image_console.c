/* What is made of a console's text. The lines are those of Linux 6.1.192 of Debian, systemd 252
 * and busybox 1.35, as QEMU's serial port had them. */
#include "console.h"
#include "tap.h"

#include <string.h>

static void hear(struct console *c, const char *text)
{
	console_take(c, text, strlen(text));
}

#define VERSION_LINE                                                                     \
	"[    0.000000] Linux version 6.1.0-56-amd64 "                                   \
	"(debian-kernel@lists.debian.org)\r\n"
#define INIT_LINE "[    1.869900] Run /init as init process\r\n"

static struct console at_init(void)
{
	struct console c = { .ready = NULL };

	hear(&c, VERSION_LINE INIT_LINE);
	CHECK_INT(c.state, CONSOLE_INIT);
	return c;
}

static void steps(void)
{
	struct console c = { .ready = NULL };

	CHECK_INT(c.state, CONSOLE_SILENT);
	hear(&c, "SeaBIOS (version 1.16.2)\r\nLinux version, says a boot loader\r\n");
	CHECK_INT(c.state, CONSOLE_SILENT);
	hear(&c, VERSION_LINE);
	CHECK_INT(c.state, CONSOLE_KERNEL);
	hear(&c, "[    1.8] Run /init as");
	CHECK_INT(c.state, CONSOLE_KERNEL);
	hear(&c, " init process\r\n");
	CHECK_INT(c.state, CONSOLE_INIT);
}

static void panics(void)
{
	static const struct {
		const char *line, *why;
		enum console_state state;
	} cases[] = {
		{ "VFS: Unable to mount root fs on unknown-block(0,0)",
		  "VFS: Unable to mount root fs on unknown-block(0,0)", CONSOLE_NO_INIT },
		{ "No working init found.  Try passing init= option to kernel.",
		  "No working init found.  Try passing init= option to kernel.",
		  CONSOLE_NO_INIT },
		{ "Requested init /x failed (error -2).",
		  "Requested init /x failed (error -2).", CONSOLE_NO_INIT },
		{ "Attempted to kill init! exitcode=0x00000700",
		  "init ended, with status 7", CONSOLE_PANIC },
		{ "Attempted to kill init! exitcode=0x0000000b",
		  "init was ended by signal 11", CONSOLE_PANIC },
		{ "Attempted to kill init! exitcode=none", "init ended, with status 0",
		  CONSOLE_PANIC },
		{ "System is deadlocked on memory", "System is deadlocked on memory",
		  CONSOLE_PANIC },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct console c = at_init();
		AUTO_FREE char *line = xasprintf(
			"[    2.1] Kernel panic - not syncing: %s\r\n", cases[i].line);

		hear(&c, line);
		CHECK_INT(c.state, cases[i].state);
		CHECK_STR(c.why, cases[i].why);
	}
}

static void panic_of_a_program(void)
{
	struct console c = at_init();

	hear(&c, "Kernel panic - not syncing: says a program\r\n");
	CHECK_INT(c.state, CONSOLE_INIT);
	/* The kernel speaks where a program had begun a line. */
	hear(&c, "words [of a program][    2.1] Kernel panic - not syncing: Fatal "
		 "exception\r\n");
	CHECK_INT(c.state, CONSOLE_PANIC);
	CHECK_STR(c.why, "Fatal exception");
	hear(&c, "[    2.2] reboot: Power down\r\nbash-5.2# ");
	console_quiet(&c);
	CHECK_INT(c.state, CONSOLE_PANIC);
}

static void prompts(void)
{
	static const struct {
		const char *text;
		bool prompt;
	} cases[] = {
		{ "bash-5.2# ", true },
		{ "\x1b[?2004hbash-5.2# ", true },
		{ "/ # \x1b[6n", true },
		{ "\r\nDebian GNU/Linux 12 bee ttyS0\r\n\r\nbee login: ", true },
		{ "$ ", true },
		{ "/ # [    2.541105] tsc: Refined TSC clocksource calibration\r\n",
		  true },
		{ "/ # [    2.541105] tsc: Ref", true },
		{ "bash-5.2#", false },
		{ "# words\r\n", false },
		{ "bash-5.2# \r\nwords", false },
		{ "[    2.541105] a kernel's # ", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct console c = at_init();

		hear(&c, cases[i].text);
		CHECK_INT(c.state, CONSOLE_INIT);
		console_quiet(&c);
		CHECK_INT(c.state, cases[i].prompt ? CONSOLE_READY : CONSOLE_INIT);
	}
	struct console early = { .ready = NULL };

	hear(&early, VERSION_LINE "# ");
	console_quiet(&early);
	CHECK_INT(early.state, CONSOLE_KERNEL);
}

static void systemd(void)
{
	struct console c = at_init();

	hear(&c, "[\x1b[0;32m  OK  \x1b[0m] Reached target "
		 "\x1b[0;1;39msysinit.target\x1b[0m\r\n");
	CHECK_INT(c.state, CONSOLE_INIT);
	hear(&c, "[\x1b[0;32m  OK  \x1b[0m] Reached target "
		 "\x1b[0;1;39mmulti-user.target\x1b[0m - Multi-User System.\r\n");
	CHECK_INT(c.state, CONSOLE_READY);
}

static void named_text(void)
{
	struct console c = { .ready = "all is up" };

	hear(&c, VERSION_LINE INIT_LINE "bash-5.2# ");
	console_quiet(&c);
	CHECK_INT(c.state, CONSOLE_INIT);
	hear(&c, "all is");
	CHECK_INT(c.state, CONSOLE_INIT);
	hear(&c, " up, and");
	CHECK_INT(c.state, CONSOLE_READY);
}

static void trouble(void)
{
	struct console c = { .ready = NULL };

	hear(&c, VERSION_LINE "[    1.1] Initramfs unpacking failed: write error\r\n"
			      "[    1.2] Failed to execute /init (error -2)\r\n");
	CHECK_STR(c.trouble, "Initramfs unpacking failed: write error");
	CHECK(!c.answered);
	hear(&c, "[  114.7] sysrq: HELP : loglevel(0-9) reboot(b)\r\n");
	CHECK(c.answered);
	hear(&c, "[  114.8] reboot: System halted\r\n");
	CHECK_INT(c.state, CONSOLE_OFF);
}

static void hostile(void)
{
	struct console c = { .ready = NULL };
	char bytes[3 * CONSOLE_KEPT];

	/* A line without an end, and sequences without one. */
	memset(bytes, 'x', sizeof(bytes));
	console_take(&c, bytes, sizeof(bytes));
	CHECK_INT(c.kept_len, CONSOLE_KEPT);
	CHECK_INT(strlen(c.line), CONSOLE_LINE - 1);
	memset(bytes, '\x1b', sizeof(bytes));
	console_take(&c, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + i / 256);
	for (size_t i = 0; i < sizeof(bytes); i += 97)
		console_take(&c, bytes + i, sizeof(bytes) - i);
	CHECK_INT(c.kept_len, CONSOLE_KEPT);
	hear(&c, "\r\n" VERSION_LINE);
	CHECK_INT(c.state, CONSOLE_KERNEL);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "the kernel's own lines tell how far it is", steps, 0 },
		{ "a panic, and one because there is no init", panics, 0 },
		{ "a program's words are not the kernel's", panic_of_a_program, 0 },
		{ "prompts of logins and shells, once it is quiet", prompts, 0 },
		{ "systemd's multi-user.target", systemd, 0 },
		{ "a text that was named, and no prompt then", named_text, 0 },
		{ "what the kernel could not take; its answer; its end", trouble, 0 },
		{ "no text is too long, and no sequence endless", hostile, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
