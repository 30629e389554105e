/* What a VM says on its two lines while it is watched: the kernel's words, and the control line. */
#ifndef BEE_GUEST_VM_WATCH_H
#define BEE_GUEST_VM_WATCH_H

#include "util.h"

enum watch_seen {
	WATCH_LIFE = 1,  /* "Linux version": its kernel runs */
	WATCH_PANIC = 2, /* "Kernel panic" */
	WATCH_NO_INIT =
		4, /* what a kernel or an initramfs says that finds no root or init */
};

/* Text that comes in pieces: the end of one is looked at with the next. */
struct watch {
	char kept[64];
	size_t len;
	unsigned seen; /* enum watch_seen */
};
void watch_take(struct watch *watch, const char *bytes, size_t len);

/* Lines that come in pieces; one that is too long is left out. */
#define WATCH_LINE 2048
struct watch_lines {
	char text[WATCH_LINE];
	size_t len;
	bool overlong;
};
/* Calls `each` with every whole line of it and of what was before. */
void watch_lines(struct watch_lines *lines, const char *bytes, size_t len,
		 void (*each)(char *line, void *data), void *data);

enum watch_word { WORD_NONE, WORD_READY, WORD_OUT, WORD_ERR, WORD_EXIT };
/* A line of the control line, with our nonce; *rest: what stands behind it. */
enum watch_word watch_word(char *line, const char *nonce, char **rest);

#endif
