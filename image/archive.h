/* An archive that a command was given by name: what is wrong with it is told on stderr. */
#ifndef BEE_IMAGE_ARCHIVE_H
#define BEE_IMAGE_ARCHIVE_H

#include "reader.h"

#define ARCHIVE_TOLD_MAX 100 /* lines about one archive; what comes after is counted */

struct archive {
	const char *file; /* borrowed */
	int fd;
	struct input in;
	struct reader reader;
	unsigned told;
	bool cut;   /* it is not read to its end */
	int status; /* BEE_OK, or BEE_DATAERR and BEE_IOERR once something is wrong */
};

/* Opens `file`, "-" is standard input. Ends the program where it cannot be opened. */
void archive_open(struct archive *a, const char *file);
/* Starts reading; after give_up_rights. `a` stays where it is. */
void archive_begin(struct archive *a);
/* The next entry, in a->reader.entry; false at the end, whatever it is. */
MUST_CHECK bool archive_next(struct archive *a);
/* A broken entry's data: as archive_next would tell it. */
void archive_broken(struct archive *a, ptrdiff_t error);
/* Whether the reading ends with this entry, which is told: there is too much of something. NULL: there is not. */
MUST_CHECK bool archive_ends(struct archive *a, const char *excess);
/* One line about the archive, in printable text. */
PRINTF_LIKE(2, 3) void archive_tell(struct archive *a, const char *fmt, ...);
/* Closes it and tells how many lines were left out. Its status. */
int archive_done(struct archive *a);

/* A note in words; NULL: r->why has them. */
const char *archive_note_text(enum reader_note note);

/* The name as it is compared: without a leading "/" and "./", "" is the root. */
const char *archive_path(const struct reader_entry *entry);

#endif
