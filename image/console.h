/*
 * What a kernel and an init say on their console, and what that means. The words are those of
 * Linux: init/main.c, init/do_mounts.c, kernel/panic.c, kernel/exit.c, kernel/reboot.c.
 */
#ifndef BEE_IMAGE_CONSOLE_H
#define BEE_IMAGE_CONSOLE_H

#include "util.h"

#define CONSOLE_KEPT 4096u /* bytes of its end */
#define CONSOLE_LINES 20u  /* of them are shown, at most */
#define CONSOLE_LINE 512u  /* bytes that are looked at of a line */

enum console_state { /* how far it came; from CONSOLE_PANIC on it is over */
		     CONSOLE_SILENT,
		     CONSOLE_KERNEL, /* it has said its version */
		     CONSOLE_INIT,   /* init was started */
		     CONSOLE_READY,
		     CONSOLE_PANIC,
		     CONSOLE_NO_INIT, /* a panic, as there is nothing to start */
		     CONSOLE_OFF,     /* it powers off or halts */
};

struct console {
	const char *ready; /* borrowed; the text that says so; NULL: the usual ones */
	enum console_state state;
	bool answered;          /* SysRq */
	bool prompt;            /* the line that is not ended yet looks like one */
	char why[CONSOLE_LINE]; /* the panic's line */
	char trouble
		[CONSOLE_LINE]; /* what the kernel could not take or start; may be empty */
	char line[CONSOLE_LINE]; /* this one, without escape sequences */
	size_t line_len;
	unsigned escape; /* how far into a sequence; 0: not in one */
	char kept[CONSOLE_KEPT];
	size_t kept_len;
};

/* All zero but `ready`: nothing was heard yet. */
void console_take(struct console *c, const char *bytes, size_t len);
/* It has been quiet for a while: what looks like a prompt is one. */
void console_quiet(struct console *c);
/* Its end, printable text alone, to stderr. */
void console_show(const struct console *c);
/* Of bytes that are none of ours, to stderr. */
void console_print(const char *bytes, size_t len);

#endif
