/* One process per running guest: makes it, waits for it, and takes away what it had. */
#ifndef BEE_GUEST_SUPERVISE_H
#define BEE_GUEST_SUPERVISE_H

#include "state.h"

struct plan; /* ns_plan.h */

/* What a supervisor says while it is listened to: lines of one letter and a text. */
enum supervise_word {
	SAYS_STAGE = 's',  /* it begins this */
	SAYS_NOTE = 'n',   /* something that is not as it was asked for */
	SAYS_GOES = 'g',   /* the first process runs */
	SAYS_READY = 'r',  /* ms after that */
	SAYS_CODE = 'c',   /* the exit status that a failure has, if not BEE_CANTCREAT */
	SAYS_FAILED = 'f', /* why; nothing is left of it */
	SAYS_ENDED = 'e',  /* the first process's exit status, as a shell has it */
};

struct supervision {
	const struct guest *guest;
	struct plan *plan; /* of namespaces, made by their plan() */
	struct record *record;
	bool pty;   /* else the guest has the caller's stdin, stdout and stderr */
	int tell;   /* a pipe, or -1 */
	bool words; /* it is a person's: lines without their letter */
	bool quiet; /* to a person: no stages */
	int lock;   /* look_lock(); let go before the end is told */
	const struct handles *kept; /* what it had when it was kept; NULL: it is new */
	nsec_t timeout;             /* of everything up to when the first process runs */
};

/* A word to who listens, if anybody does. */
PRINTF_LIKE(3, 4)
void supervise_say(const struct supervision *supervision, enum supervise_word word,
		   const char *fmt, ...);
/* Its start has failed: the record says why, and so does a word. */
void supervise_failed(const struct supervision *supervision, const char *why);
/* It has ended, and all but its record is gone: that is saved or forgotten, its lock let go. */
void supervise_ended(const struct supervision *supervision, int code);
/* A wait status as a shell has it. */
int supervise_code(int status);
/* Waits a second for the process that holds the console, which writes what it has left. */
void supervise_keeper_wait(const struct handles *handles);

#endif
