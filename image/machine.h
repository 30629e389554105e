/* A virtual machine that boots a kernel and an image: QEMU, with its serial port on pipes. */
#ifndef BEE_IMAGE_MACHINE_H
#define BEE_IMAGE_MACHINE_H

#include "util.h"

#include <sys/types.h>

struct machine {
	pid_t pid;
	int console; /* what it prints; not blocking; ends when the machine does */
	int input;   /* what is typed, "\x01" begins a word to QEMU itself */
	int said;    /* what QEMU says of itself */
};

struct machine_wish {
	const char *kernel, *image;
	const char
		*append; /* words for the kernel, beside those for the console; or NULL */
	uint64_t memory; /* MiB */
};

/* 0, or -ENOENT: QEMU is not installed; -errno: it cannot be started. */
MUST_CHECK int machine_start(struct machine *m, const struct machine_wish *wish);
/* Sends a break and a letter down the serial line: a question to the kernel itself (SysRq). */
void machine_ask(const struct machine *m, char letter);
/* Ends it, whatever it does; without `kills` it has closed its console, and is ending. Its wait
 * status. */
int machine_end(struct machine *m, bool kills);

#endif
