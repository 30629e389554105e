/* What a kernel and an init say on their console, and what that means. */
#include "console.h"

#include <string.h>

/* "[    1.234567] words": the words; NULL: the kernel did not say it. What a program had begun to
 * write may stand before; *before is its length. */
static const char *kernel_words(const char *line, size_t *before)
{
	const char *at = line;

	while ((at = strchr(at, '[')) != NULL) {
		size_t digits;

		*before = (size_t)(at - line);
		at += 1 + strspn(at + 1, " ");
		digits = strspn(at, "0123456789.");
		at += digits;
		if (digits > 0 && at[0] == ']' && at[1] == ' ')
			return at + 2;
	}
	*before = strlen(line);
	return NULL;
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static void keep(char to[CONSOLE_LINE], const char *text)
{
	if (!*to)
		(void)stpncpy(to, text, CONSOLE_LINE - 1);
}

/* Nothing that can be pid 1; with a root= of its own the kernel looks for a disk after that. */
static bool is_no_init(const char *panic)
{
	return begins(panic, "No working init found") ||
	       begins(panic, "VFS: Unable to mount root") ||
	       begins(panic, "Requested init ") || begins(panic, "No init found");
}

/* do_exit() prints the status as wait(2) has it. */
static void panic_keep(struct console *c, const char *words)
{
	static const char killed[] = "Attempted to kill init! exitcode=";
	AUTO_FREE char *digits = NULL, *text = NULL;
	uint64_t status;

	if (!begins(words, killed)) {
		keep(c->why, words);
		return;
	}
	words += strlen(killed);
	digits = xasprintf("%.*s", (int)strcspn(words, " "), words);
	if (parse_hex(digits, 0xffff, &status))
		status = 0;
	text = status & 0x7f
		       ? xasprintf("init was ended by signal %u", (unsigned)status & 0x7f)
		       : xasprintf("init ended, with status %u", (unsigned)status >> 8);
	keep(c->why, text);
}

static void kernel_said(struct console *c, const char *words)
{
	static const char panic[] = "Kernel panic - not syncing: ";

	if (begins(words, "Linux version ") && c->state < CONSOLE_KERNEL)
		c->state = CONSOLE_KERNEL;
	else if (begins(words, "Run ") && strstr(words, " as init process") &&
		 c->state < CONSOLE_INIT)
		c->state = CONSOLE_INIT;
	else if (begins(words, panic) && c->state < CONSOLE_PANIC) {
		panic_keep(c, words + strlen(panic));
		c->state = is_no_init(c->why) ? CONSOLE_NO_INIT : CONSOLE_PANIC;
	} else if ((begins(words, "reboot: Power down") ||
		    begins(words, "reboot: System halted") ||
		    begins(words, "reboot: Restarting system")) &&
		   c->state < CONSOLE_PANIC)
		c->state = CONSOLE_OFF;
	else if (begins(words, "Initramfs unpacking failed") ||
		 begins(words, "Failed to execute "))
		keep(c->trouble, words);
	else if (strstr(words, "sysrq: HELP"))
		c->answered = true;
}

/* What tells that an init is done, unless a text was named. */
static bool usual_ready(const char *line)
{
	/* systemd(1), when what it was started for is there. */
	return strstr(line, "Reached target multi-user.target") ||
	       strstr(line, "Reached target Multi-User System") ||
	       strstr(line, "Reached target graphical.target");
}

/* A login or a shell, at the end of the first `len` bytes: "name login: ", "bash-5.2# ", "/ $ ". */
static bool is_prompt(const char *line, size_t len)
{
	static const char *const ends[] = { "login: ", "# ", "$ " };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		size_t end = strlen(ends[i]);

		if (len >= end && !strncmp(line + len - end, ends[i], end))
			return true;
	}
	return false;
}

static void line_look(struct console *c, bool ended)
{
	size_t before;
	const char *words = kernel_words(c->line, &before);

	if (words && ended)
		kernel_said(c, words);
	if (c->state >= CONSOLE_READY)
		return;
	if (c->ready ? strstr(c->line, c->ready) != NULL : usual_ready(c->line))
		c->state = CONSOLE_READY;
	/* It stays one while the kernel alone speaks. */
	if (before > 0)
		c->prompt = !c->ready && c->state == CONSOLE_INIT && (words || !ended) &&
			    is_prompt(c->line, before);
}

/* Escape sequences (ECMA-48: ESC [ parameters letter; ESC letter) are left out of lines. */
static bool in_escape(struct console *c, char byte)
{
	if (byte == '\x1b') {
		c->escape = 1;
		return true;
	}
	if (c->escape == 1)
		c->escape = byte == '[' ? 2 : 0;
	else if (c->escape == 2)
		c->escape = byte >= '@' && byte <= '~' ? 0 : 2;
	else
		return false;
	return true;
}

static void kept_add(struct console *c, const char *bytes, size_t len)
{
	if (len > CONSOLE_KEPT) {
		bytes += len - CONSOLE_KEPT;
		len = CONSOLE_KEPT;
	}
	if (c->kept_len + len > CONSOLE_KEPT) {
		size_t drop = c->kept_len + len - CONSOLE_KEPT;

		memmove(c->kept, c->kept + drop, c->kept_len - drop);
		c->kept_len -= drop;
	}
	memcpy(c->kept + c->kept_len, bytes, len);
	c->kept_len += len;
}

void console_take(struct console *c, const char *bytes, size_t len)
{
	kept_add(c, bytes, len);
	for (size_t i = 0; i < len; i++) {
		if (in_escape(c, bytes[i]) || bytes[i] == '\r' || bytes[i] == '\0')
			continue;
		if (bytes[i] == '\n') {
			line_look(c, true);
			c->line_len = 0;
		} else if (c->line_len < CONSOLE_LINE - 1) {
			c->line[c->line_len++] = bytes[i];
		}
		c->line[c->line_len] = '\0';
	}
	line_look(c, false);
}

void console_quiet(struct console *c)
{
	if (c->prompt && c->state == CONSOLE_INIT)
		c->state = CONSOLE_READY;
}

void console_print(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] == '\n' || (bytes[i] >= ' ' && bytes[i] <= '~'))
			(void)fputc(bytes[i], stderr);
}

void console_show(const struct console *c)
{
	size_t from = c->kept_len, lines = 0;

	while (from > 0 && lines <= CONSOLE_LINES)
		lines += c->kept[--from] == '\n';
	from += lines > CONSOLE_LINES;
	console_print(c->kept + from, c->kept_len - from);
	if (c->kept_len > 0 && c->kept[c->kept_len - 1] != '\n')
		(void)fputc('\n', stderr);
}
