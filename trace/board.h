/*
 * What the process that looks names up and the one that watches it share: what is being looked
 * up, so that one that hangs can be left behind, and what was found.
 */
#ifndef BEE_TRACE_BOARD_H
#define BEE_TRACE_BOARD_H

#include "util.h"

#include <limits.h>
#include <linux/seccomp.h>

/* How an object was used: bee-list(5). The bits are in the order of the words there. */
enum use {
	USE_EXEC = 1 << 0,
	USE_INTERPRETER = 1 << 1,
	USE_LIBRARY = 1 << 2,
	USE_NEEDED = 1 << 3,
	USE_READ = 1 << 4,
	USE_LISTED = 1 << 5,
	USE_STAT = 1 << 6,
	USE_LINK = 1 << 7,
	USE_CHANGED = 1 << 8,
	USE_CREATED = 1 << 9,
	USE_MISSING = 1 << 10,
	USE_UNRESOLVED = 1 << 11,
};

/* One finding in the log: this, and the two texts behind it, with their NULs. */
struct board_entry {
	uint32_t uses;
	uint16_t path_size, program_size;
};

#define BOARD_LOG                                                                        \
	(UINT64_C(1) << 32) /* bytes of addresses; memory is taken as it is used */
#define BOARD_LOG_MIN (UINT64_C(16) << 20)
#define BOARD_AVOID_MAX 64
#define BOARD_TEXT (2 * PATH_MAX)

struct board {
	/* Of the lookup that goes on. */
	_Atomic int64_t since; /* CLOCK_BOOTTIME; 0: there is none */
	/* The call that was taken last; its id is 0 while none is. Its answer may be given already. */
	struct seccomp_notif request;
	char text
		[BOARD_TEXT]; /* the name, as far as it is known; "" before it was read */
	char program[PATH_MAX];
	_Atomic uint64_t unread; /* calls whose names could not be read */
	_Atomic bool refused;    /* some of them because the kernel does not allow it */
	_Atomic bool blind;      /* nothing is looked up any more */
	_Atomic bool full;       /* the log is */
	_Atomic bool deep;       /* some names, whole, are longer than PATH_MAX */
	_Atomic uint64_t log_len;
	unsigned avoid_count;
	char avoid[BOARD_AVOID_MAX][BOARD_TEXT]; /* names that hung */
	uint8_t *log;
	uint64_t log_size;
};

/* Shared with what is forked later. Ends the program where there is no memory. */
struct board *board_new(void);
/* Adds a finding. Only of the one who looks names up, or when that one is no more. */
void board_put(struct board *board, unsigned uses, const char *path, const char *program);

#endif
