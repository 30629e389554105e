/* The bytes of one stretch of an archive's file: as they are, or decompressed. */
#include "stretch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void stretch_init(struct stretch *s, struct input *in)
{
	*s = (struct stretch){ .in = in, .most = STRETCH_MOST };
}

void stretch_close(struct stretch *s)
{
	if (s->decoder)
		s->codec->decoder_free(s->decoder);
	s->decoder = NULL;
	s->codec = NULL;
	s->at = s->len = 0;
}

void stretch_done(struct stretch *s)
{
	stretch_close(s);
	free(s->out);
	s->out = NULL;
}

int stretch_open(struct stretch *s, const struct codec *codec)
{
	stretch_close(s);
	s->decoder = codec->decoder();
	if (!s->decoder)
		return -ENOMEM;
	if (!s->out)
		s->out = xcalloc(1, STRETCH_BUFFER);
	s->codec = codec;
	s->begin = s->in->offset;
	s->offset = 0;
	s->want = 1;
	s->ended = s->split = false;
	return 0;
}

/* pzstd and `cat a.xz b.xz` make streams that no entry ends with. */
static bool go_on(struct stretch *s)
{
	const struct codec *codec = s->codec;
	const uint8_t *at;
	size_t have = input_peek(s->in, codec->magic_len, &at);
	void *decoder;

	if (!s->middle || codec_of_magic(at, have) != codec)
		return false;
	decoder = codec->decoder();
	if (!decoder)
		return false;
	codec->decoder_free(s->decoder);
	s->decoder = decoder;
	s->want = 1;
	s->ended = false;
	s->split = true;
	return true;
}

/* One turn of the decoder. */
static void turn(struct stretch *s)
{
	const uint8_t *at;
	size_t have = input_peek(s->in, s->want, &at);
	struct codec_io io = {
		.in = at,
		.in_len = have,
		.out = s->out + s->len,
		.out_len = STRETCH_BUFFER - s->len,
		.last = have < s->want,
	};
	int result = s->codec->decode(s->decoder, &io);
	size_t made = STRETCH_BUFFER - s->len - io.out_len;

	input_eat(s->in, have - io.in_len);
	s->len += made;
	s->made += made;
	if (s->made > s->most)
		s->error = -E2BIG;
	else if (result < 0)
		s->error = result;
	else if (result == 1)
		s->ended = true;
	else if (made > 0 || io.in_len < have)
		s->want = 1;
	else if (io.last)
		s->error = -EBADMSG;
	else
		s->want = have + 1;
}

size_t stretch_peek(struct stretch *s, size_t want, const uint8_t **at)
{
	if (!s->codec)
		return input_peek(s->in, want, at);
	if (s->len - s->at < want && s->at > 0) {
		memmove(s->out, s->out + s->at, s->len - s->at);
		s->len -= s->at;
		s->at = 0;
	}
	while (s->len - s->at < want && !s->error) {
		if (s->ended && !go_on(s))
			break;
		turn(s);
	}
	*at = s->out + s->at;
	return s->len - s->at;
}

void stretch_eat(struct stretch *s, size_t count)
{
	if (!s->codec) {
		input_eat(s->in, count);
		return;
	}
	s->at += count;
	s->offset += count;
}

uint64_t stretch_skip(struct stretch *s, uint64_t count)
{
	uint64_t done = 0;

	if (!s->codec)
		return input_skip(s->in, count);
	while (done < count) {
		const uint8_t *at;
		size_t have = stretch_peek(s, 1, &at);

		if (have == 0)
			break;
		if (have > count - done)
			have = (size_t)(count - done);
		stretch_eat(s, have);
		done += have;
	}
	return done;
}

uint64_t stretch_offset(const struct stretch *s)
{
	return s->codec ? s->offset : s->in->offset;
}
