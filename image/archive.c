/* An archive that a command was given by name. */
#include "archive.h"
#include "names.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const note_texts[READER_NOTES] = {
	[READER_SUM] = "its sum is not that of its data",
	[READER_SPLIT] = "compressed data end in the middle of it",
	[READER_UNALIGNED] = "its header is not at a multiple of 4 bytes",
	[READER_LONG_NAME] = "its name is over 4095 bytes",
	[READER_NO_NAME] = "it has no name",
	[READER_NO_NUL] = "its name does not end in a NUL",
};

const char *archive_note_text(enum reader_note note)
{
	return note_texts[note];
}

const char *archive_path(const struct reader_entry *entry)
{
	return name_relative(entry->name);
}

void archive_open(struct archive *a, const char *file)
{
	*a = (struct archive){ .file = file };
	if (!strcmp(file, "-")) {
		a->fd = STDIN_FILENO;
		a->file = "standard input";
		return;
	}
	a->fd = open(file, O_RDONLY | O_CLOEXEC);
	if (a->fd < 0)
		err(BEE_IOERR, "%s", file);
}

void archive_tell(struct archive *a, const char *fmt, ...)
{
	AUTO_FREE char *text = NULL, *shown = NULL;
	va_list args;
	int n;

	if (a->told++ >= ARCHIVE_TOLD_MAX)
		return;
	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0)
		errx(BEE_OSERR, "out of memory");
	shown = name_shown(text, (size_t)n);
	warnx("%s: %s", a->file, shown);
}

static void on_note(void *context, const struct reader *r, enum reader_note note)
{
	struct archive *a = context;

	switch (note) {
	case READER_NO_TRAILER:
		return;
	case READER_REFUSED:
	case READER_GARBAGE:
		archive_tell(a, "at byte %" PRIu64 ": %s", r->why_at, r->why);
		break;
	case READER_NO_NAME:
		archive_tell(a, "at byte %" PRIu64 ": %s", r->entry.offset,
			     note_texts[note]);
		break;
	default:
		archive_tell(a, "%s: %s", r->entry.name, note_texts[note]);
	}
	/* What kernels refuse is all there. */
	if (note != READER_REFUSED)
		a->status = BEE_DATAERR;
}

void archive_begin(struct archive *a)
{
	input_init(&a->in, a->fd);
	reader_init(&a->reader, &a->in);
	a->reader.note = on_note;
	a->reader.context = a;
}

void archive_broken(struct archive *a, ptrdiff_t error)
{
	a->cut = true;
	if (error == -EBADMSG) {
		archive_tell(a, "at byte %" PRIu64 ": %s", a->reader.why_at,
			     a->reader.why);
		a->status = BEE_DATAERR;
		return;
	}
	archive_tell(a, "%s", strerrordesc_np((int)-error));
	a->status = BEE_IOERR;
}

bool archive_ends(struct archive *a, const char *excess)
{
	if (!excess)
		return false;
	a->cut = true;
	archive_tell(a, "at byte %" PRIu64 ": %s: it is not read further",
		     a->reader.entry.offset, excess);
	a->status = BEE_DATAERR;
	return true;
}

bool archive_next(struct archive *a)
{
	int result = reader_next(&a->reader);

	if (result < 0)
		archive_broken(a, result);
	return result > 0;
}

int archive_done(struct archive *a)
{
	if (a->told > ARCHIVE_TOLD_MAX)
		warnx("%s: and %u more lines of this kind", a->file,
		      a->told - ARCHIVE_TOLD_MAX);
	reader_done(&a->reader);
	input_done(&a->in);
	return a->status;
}
