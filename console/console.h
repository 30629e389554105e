/* What the console shows, and where it is from. */
#ifndef BEE_CONSOLE_CONSOLE_H
#define BEE_CONSOLE_CONSOLE_H

#include "progress_file.h"
#include "util.h"

#define DOCUMENTS_MAX 8
#define TOLD_MAX 2
#define SIDE_MAX 1000 /* columns and lines */
#define ADDRESSES_SIZE 2048

struct console {
	const char *documents[DOCUMENTS_MAX]; /* the newest that is there is shown */
	unsigned document_count;
	const char *host_key;       /* a fingerprint, or the public key that has it */
	const char *password;       /* a file with it, or NULL */
	const char *told[TOLD_MAX]; /* files whose last line is shown, or NULL */
	const char *progress, *lock, *dmi;
	bool utf8, colors, once, serial, stay;
	unsigned columns, lines;        /* of the screen */
	char addresses[ADDRESSES_SIZE]; /* as addresses_read() found them */
};

/* The addresses by which this machine is reached: IPv4, IPv6, link-local with the card's name. */
void addresses_read(char out[ADDRESSES_SIZE]);

/*
 * The screen but for its last line, in at most columns x (lines - 1): owned by the caller; NULL:
 * nothing could be drawn in time. It is made by a child that has given up its rights: what is shown
 * comes from hardware, and nothing here parses it.
 */
char *frame_make(const struct console *console);

/* Whether what a frame is made of has changed since the last call. */
bool frame_is_due(const struct console *console);
/* Whether an audit holds the lock. */
bool audit_runs(const struct console *console);

/* The table of a running audit's jobs, from the bytes of lib/progress_file.h. */
struct jobs {
	unsigned waits, runs, done, bad;
	int64_t start_ms, timeout_ms;
	struct job_row {
		char name[PROGRESS_RECORD], state[16];
		int64_t ms; /* how long it runs, or ran */
	} * rows; /* owned: those that run, the longest first, then those that did not complete */
	unsigned row_count;
};
void jobs_read(struct jobs *jobs, int fd);
void jobs_done(struct jobs *jobs);

/* The child's part: writes a frame to standard output and ends. */
_Noreturn void draw_child(const struct console *console);

#endif
