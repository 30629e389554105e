/* The entries of an initramfs, one after the other. */
#include "reader.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void reader_init(struct reader *r, struct input *in)
{
	*r = (struct reader){ .in = in, .fresh = true };
	stretch_init(&r->stretch, in);
}

void reader_done(struct reader *r)
{
	stretch_done(&r->stretch);
}

const char *reader_compression(const struct reader *r)
{
	return r->stretch.codec ? r->stretch.codec->name : "none";
}

static void tell(struct reader *r, enum reader_note note)
{
	r->entry.notes |= 1u << note;
	if (r->note)
		r->note(r->context, r, note);
}

static int broken(struct reader *r, const char *why)
{
	r->why = why;
	r->why_at = r->in->offset;
	if (r->in->error)
		r->why = "it cannot be read";
	else if (r->stretch.error == -EFBIG)
		r->why = "its compression wants more than 256 MiB of memory";
	else if (r->stretch.error == -E2BIG)
		r->why = "it becomes more than 16 GiB, decompressed";
	else if (r->stretch.error)
		r->why = r->in->ended && r->in->at == r->in->len
				 ? "it is cut off, in compressed data"
				 : "compressed data are broken";
	return r->in->error ? r->in->error : -EBADMSG;
}

static void tell_place(struct reader *r, enum reader_note note, const char *why)
{
	(void)broken(r, why);
	tell(r, note);
}

/* The kernel sums up files alone, and cpio -H crc gives links none. */
static bool is_summed(const struct newc_header *h)
{
	return h->summed && S_ISREG(h->mode);
}

ptrdiff_t reader_data(struct reader *r, const uint8_t **at)
{
	size_t have;

	if (r->left == 0)
		return 0;
	have = stretch_peek(&r->stretch, 1, at);
	if (have == 0)
		return broken(r, "it is cut off, in a file's data");
	if (have > r->left)
		have = (size_t)r->left;
	if (is_summed(&r->entry.header))
		for (size_t i = 0; i < have; i++)
			r->sum += (*at)[i];
	stretch_eat(&r->stretch, have);
	r->left -= have;
	return (ptrdiff_t)have;
}

ptrdiff_t reader_text(struct reader *r, char *to, size_t room)
{
	size_t len = 0;
	const uint8_t *at;
	ptrdiff_t n;

	if (r->left >= room)
		return -EFBIG;
	while ((n = reader_data(r, &at)) > 0) {
		memcpy(to + len, at, (size_t)n);
		len += (size_t)n;
	}
	to[len] = '\0';
	return n < 0 ? n : (ptrdiff_t)len;
}

/* Passes over the rest of an entry and its padding. */
static int entry_end(struct reader *r)
{
	const uint8_t *at;
	ptrdiff_t n = 0;

	if (!r->open)
		return 0;
	if (is_summed(&r->entry.header))
		while ((n = reader_data(r, &at)) > 0)
			;
	if (n < 0)
		return (int)n;
	if (is_summed(&r->entry.header) && r->sum != r->entry.header.sum)
		tell(r, READER_SUM);
	if (stretch_skip(&r->stretch, r->left) < r->left)
		return broken(r, "it is cut off, in a file's data");
	/* The last one may lack it. */
	(void)!stretch_skip(&r->stretch, newc_padding(r->entry.header.size));
	if (r->stretch.split)
		tell(r, READER_SPLIT);
	r->stretch.split = r->stretch.middle = r->open = false;
	return 0;
}

static void skip_zeros(struct stretch *s)
{
	const uint8_t *at;
	size_t have;

	while ((have = stretch_peek(s, 1, &at)) > 0) {
		size_t zeros = 0;

		while (zeros < have && at[zeros] == 0)
			zeros++;
		stretch_eat(s, zeros);
		if (zeros < have)
			return;
	}
}

/* Its decompressor takes four bytes more, which are zeros or a block's length (lib/decompress_unlz4.c). */
static void lz4_end_look(struct reader *r)
{
	const uint8_t *at;

	if (input_peek(r->in, 4, &at) >= 4 && memcmp(at, "\0\0\0", 4) != 0)
		tell_place(r, READER_REFUSED,
			   "four zero bytes are missing behind lz4: the kernel takes "
			   "what follows for more of it");
}

static void segment_end(struct reader *r)
{
	if (r->pending)
		tell(r, READER_NO_TRAILER);
	r->pending = false;
	r->fresh = true;
}

/*
 * At what is no header: 1: what follows was made ready, look again; 0: the archive ends
 * here; -errno.
 */
static int between(struct reader *r, const uint8_t *at, size_t have)
{
	struct stretch *s = &r->stretch;
	const struct codec *codec = codec_of_magic(at, have);
	bool kernels = false;
	const char *foreign = codec_foreign(at, have, &kernels), *refused;

	s->middle = false;
	if (s->error || r->in->error)
		return broken(r, "");
	if (have == 0 && s->codec) {
		segment_end(r);
		if (s->codec == &codec_lz4)
			lz4_end_look(r);
		stretch_close(s);
		return 1;
	}
	if (have == 0) {
		segment_end(r);
		return r->entry.segment ? 0 : broken(r, "there is no archive in it");
	}
	if (codec && !s->codec) {
		segment_end(r);
		refused = codec->refused ? codec->refused(at, have) : NULL;
		if (refused)
			tell_place(r, READER_REFUSED, refused);
		return stretch_open(s, codec) ? broken(r, "there is no memory for it")
					      : 1;
	}
	(void)broken(r, foreign ? foreign : "what begins here is no archive");
	if (!r->entry.segment || s->codec || kernels)
		return -EBADMSG;
	segment_end(r);
	tell(r, READER_GARBAGE);
	return 0;
}

/* Nothing but its header is looked at (do_header). */
static bool is_passed_over(const struct reader_entry *e)
{
	const struct newc_header *h = &e->header;

	return h->namesize == 0 || h->namesize > NEWC_NAME_MAX ||
	       (h->size > (S_ISLNK(h->mode) ? NEWC_LINK_MAX : 0) && !S_ISREG(h->mode));
}

/* The name that follows a header. 0 or -EBADMSG. */
static int name_read(struct reader *r)
{
	struct reader_entry *e = &r->entry;
	uint32_t size = e->header.namesize;
	size_t want = size < NEWC_NAME_MAX ? size : NEWC_NAME_MAX;
	uint64_t rest;
	const uint8_t *at;

	if (stretch_peek(&r->stretch, want, &at) < want)
		return broken(r, "it is cut off, in a name");
	memcpy(e->name, at, want);
	e->name_len = strnlen(e->name, want < NEWC_NAME_MAX ? want : want - 1);
	e->name[e->name_len] = '\0';
	if (size > NEWC_NAME_MAX)
		e->notes |= 1u << READER_LONG_NAME;
	else if (size == 0)
		e->notes |= 1u << READER_NO_NAME;
	else if (at[size - 1] != 0 && !is_passed_over(e))
		e->notes |= 1u << READER_NO_NUL;
	rest = (uint64_t)size + newc_padding(NEWC_HEADER + (uint64_t)size);
	if (stretch_skip(&r->stretch, rest) < size)
		return broken(r, "it is cut off, in a name");
	return 0;
}

/* Of a header that has been looked at; 1 or -errno. */
static int entry_begin(struct reader *r, const struct newc_header *header)
{
	struct reader_entry *e = &r->entry;
	bool unaligned = stretch_offset(&r->stretch) & 3;
	int error;

	e->header = *header;
	e->offset = r->stretch.codec ? r->stretch.begin : r->in->offset;
	e->notes = 0;
	if (r->fresh)
		e->segment++;
	r->fresh = false;
	r->pending = r->open = r->stretch.middle = true;
	stretch_eat(&r->stretch, NEWC_HEADER);
	error = name_read(r);
	if (error)
		return error;
	r->left = header->size;
	r->sum = 0;
	if (unaligned)
		tell(r, READER_UNALIGNED);
	if (e->notes & 1u << READER_LONG_NAME)
		tell(r, READER_LONG_NAME);
	if (e->notes & 1u << READER_NO_NAME)
		tell(r, READER_NO_NAME);
	if (e->notes & 1u << READER_NO_NUL)
		tell(r, READER_NO_NUL);
	return 1;
}

/* A link of that name is one (do_symlink). */
static bool trailer_taken(struct reader *r)
{
	if (strcmp(r->entry.name, NEWC_TRAILER) != 0 || is_passed_over(&r->entry) ||
	    S_ISLNK(r->entry.header.mode))
		return false;
	r->entry.epoch++;
	r->fresh = true;
	r->pending = false;
	return true;
}

int reader_next(struct reader *r)
{
	for (;;) {
		struct newc_header header;
		const uint8_t *at;
		size_t have;
		int result = entry_end(r);

		if (result)
			return result;
		skip_zeros(&r->stretch);
		r->stretch.middle = stretch_peek(&r->stretch, 1, &at) > 0;
		have = stretch_peek(&r->stretch, NEWC_HEADER, &at);
		if (have >= 6 && (!memcmp(at, "070701", 6) || !memcmp(at, "070702", 6))) {
			if (have < NEWC_HEADER)
				return broken(r, "it is cut off, in a header");
			if (newc_parse(at, &header))
				return broken(r, "a header has fields that are no "
						 "hexadecimal numbers");
			result = entry_begin(r, &header);
			if (result == 1 && trailer_taken(r))
				continue;
		} else {
			result = between(r, at, have);
			if (result == 1)
				continue;
		}
		return result;
	}
}
