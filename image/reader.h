/*
 * The entries of an initramfs, one after the other, as the kernel reads them
 * (init/initramfs.c): segments that follow each other, each newc, plain or compressed, with
 * zeros between. Memory does not grow with the archive.
 */
#ifndef BEE_IMAGE_READER_H
#define BEE_IMAGE_READER_H

#include "newc.h"
#include "stretch.h"

/* What is odd and can be read all the same; the kernel's answer to each is beside it. */
enum reader_note {
	READER_SUM, /* 070702, and the data have another sum: it stops */
	READER_SPLIT, /* a compressed stream ended in an entry, and another went on: stops */
	READER_UNALIGNED, /* a header that does not begin at a multiple of 4: it stops */
	READER_NO_NUL,    /* a name that does not end in one: it stops (since 6.14) */
	READER_LONG_NAME, /* more than NEWC_NAME_MAX bytes, the rest is left out: passed over */
	READER_NO_NAME,    /* none, not even its NUL: passed over */
	READER_NO_TRAILER, /* the segment ends without one: no matter, but for links */
	READER_REFUSED, /* compressed in a way that no kernel takes, as `why` says: it stops */
	READER_GARBAGE, /* what follows is no archive: it says so and goes on without */
	READER_NOTES,
};

struct reader_entry {
	struct newc_header header;
	char name[NEWC_NAME_MAX]; /* up to its first NUL */
	size_t name_len;
	uint64_t offset;  /* in the file: of its header, or of its compressed stream */
	unsigned segment; /* from 1; a trailer or a compressed stream ends one */
	unsigned epoch;   /* trailers before it: hard links are of one epoch */
	unsigned notes;   /* bits 1 << enum reader_note */
};

struct reader {
	struct input *in; /* borrowed */
	struct stretch stretch;
	struct reader_entry entry;
	uint64_t left;   /* bytes of the entry's data that were not read */
	uint32_t sum;    /* of those that were */
	bool open;       /* the entry is not over */
	bool fresh;      /* the next entry begins a segment */
	bool pending;    /* entries since the last trailer */
	const char *why; /* after an error, READER_REFUSED, READER_GARBAGE: in words */
	uint64_t why_at; /* and where in the file */
	/* May be NULL. READER_NO_TRAILER and what comes after it are not about r->entry. */
	void (*note)(void *context, const struct reader *r, enum reader_note note);
	void *context;
};

void reader_init(struct reader *r, struct input *in);
void reader_done(struct reader *r);

/*
 * The next entry, in r->entry, trailers left out; what was not read of the last one is passed
 * over. 1, 0: the archive has ended, or -errno, and r->why: -EBADMSG where it is broken.
 */
MUST_CHECK int reader_next(struct reader *r);
/* The next piece of its data, valid until the next call: its length, 0 at the end, -EBADMSG. */
MUST_CHECK ptrdiff_t reader_data(struct reader *r, const uint8_t **at);
/* All its data where they are less than `room` bytes, with a NUL; bytes or -errno (-EFBIG). */
MUST_CHECK ptrdiff_t reader_text(struct reader *r, char *to, size_t room);

/* "none", or the compressor of the segment. */
const char *reader_compression(const struct reader *r);

#endif
