/* Archives that no writer makes, and those that writers do make, as reader.h says of them. */
#include "reader.h"
#include "tap.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct archive_bytes {
	uint8_t bytes[65536];
	size_t len;
};

static void add_bytes(struct archive_bytes *a, const void *bytes, size_t len)
{
	memcpy(a->bytes + a->len, bytes, len);
	a->len += len;
}

static void pad(struct archive_bytes *a, size_t begin)
{
	add_bytes(a, "\0\0\0", newc_padding(a->len - begin));
}

/* `namesize` 0: as it should be. */
static void add(struct archive_bytes *a, const struct newc_header *h, const char *name,
		const char *data)
{
	struct newc_header header = *h;
	size_t begin = a->len;
	uint8_t bytes[NEWC_HEADER];

	if (!header.namesize)
		header.namesize = (uint32_t)strlen(name) + 1;
	header.size = (uint32_t)strlen(data);
	newc_format(&header, bytes);
	add_bytes(a, bytes, sizeof(bytes));
	add_bytes(a, name, header.namesize);
	pad(a, begin);
	add_bytes(a, data, header.size);
	pad(a, begin);
}

static const struct newc_header file = { .mode = S_IFREG | 0644, .nlink = 1 };

static void add_trailer(struct archive_bytes *a)
{
	add(a, &(struct newc_header){ .nlink = 1 }, NEWC_TRAILER, "");
}

/* Compressed whole, behind what `to` has. */
static void add_packed(struct archive_bytes *to, const struct codec *codec,
		       const void *bytes, size_t len)
{
	void *encoder = codec->encoder(codec->level);
	struct codec_io io = { .in = bytes,
			       .in_len = len,
			       .out = to->bytes + to->len,
			       .out_len = sizeof(to->bytes) - to->len,
			       .last = true };
	int result;

	CHECK(encoder);
	while ((result = codec->encode(encoder, &io)) == 0)
		CHECK(io.out_len > 0);
	CHECK_INT(result, 1);
	codec->encoder_free(encoder);
	to->len = sizeof(to->bytes) - io.out_len;
}

struct seen {
	unsigned entries, notes, segments;
	int result;
	char data[256];
	char names[256]; /* a space after each */
	const char *why;
	uint64_t why_at;
};

static void on_note(void *context, const struct reader *r, enum reader_note note)
{
	struct seen *seen = context;

	(void)r;
	seen->notes |= 1u << note;
}

static struct seen read_all(const struct archive_bytes *a)
{
	struct seen seen = { 0 };
	struct input in;
	struct reader r;
	char text[sizeof(seen.data)];

	input_init_bytes(&in, a->bytes, a->len);
	reader_init(&r, &in);
	r.note = on_note;
	r.context = &seen;
	while ((seen.result = reader_next(&r)) == 1) {
		seen.entries++;
		if (strlen(seen.names) + r.entry.name_len + 2 < sizeof(seen.names))
			(void)strcat(strcat(seen.names, r.entry.name), " ");
		if (reader_text(&r, text, sizeof(text)) > 0)
			(void)strcat(seen.data, text);
	}
	seen.segments = r.entry.segment;
	seen.why = r.why;
	seen.why_at = r.why_at;
	reader_done(&r);
	input_done(&in);
	return seen;
}

static void test_plain(void)
{
	struct archive_bytes a = { .len = 0 };
	struct seen seen;

	add(&a, &file, "a", "one ");
	add(&a, &file, "bc", "three");
	add_trailer(&a);
	seen = read_all(&a);
	CHECK_INT(seen.result, 0);
	CHECK_STR(seen.names, "a bc ");
	CHECK_STR(seen.data, "one three");
	CHECK_INT(seen.notes, 0);
	CHECK_INT(seen.segments, 1);
}

/* Microcode before, padding between, another after: what bootloaders hand over. */
static void test_segments(void)
{
	static const char *const names[] = {
		"gzip", "xz", "lzma", "zstd", "lz4", "bzip2"
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct codec *codec = codec_of_name(names[i], strlen(names[i]));
		struct archive_bytes inner = { .len = 0 }, a = { .len = 0 };
		struct seen seen;

		add(&inner, &file, "inner", "two ");
		add_trailer(&inner);
		add(&a, &file, "kernel/x86/microcode/GenuineIntel.bin", "one ");
		add_trailer(&a);
		add_bytes(&a, (uint8_t[512]){ 0 }, 512);
		add_packed(&a, codec, inner.bytes, inner.len);
		pad(&a, 0);
		add_bytes(&a, (uint8_t[8]){ 0 }, 8);
		add(&a, &file, "last", "three");
		seen = read_all(&a);
		CHECK_INT(seen.result, 0);
		CHECK_STR(seen.data, "one two three");
		CHECK_INT(seen.segments, 3);
		CHECK_INT(seen.notes, 1u << READER_NO_TRAILER);
	}
}

/* Every shorter archive ends, and says that it is cut off unless an entry ends there. */
static void test_cut(void)
{
	struct archive_bytes whole = { .len = 0 }, packed = { .len = 0 }, a;

	add(&whole, &file, "a", "one ");
	add(&whole, &file, "bc", "three");
	for (size_t len = 0; len < whole.len; len++) {
		size_t first = NEWC_HEADER + 2 + 4; /* the first entry has no padding */
		size_t tail = newc_padding(5);
		struct seen seen;

		a = whole;
		a.len = len;
		seen = read_all(&a);
		if (len == first || len >= whole.len - tail)
			CHECK_INT(seen.result, 0);
		else
			CHECK(seen.result == -EBADMSG ||
			      (len > first && len < first + 6 &&
			       seen.notes & 1u << READER_GARBAGE));
	}
	add_packed(&packed, &codec_zstd, whole.bytes, whole.len);
	for (size_t len = 4; len < packed.len; len++) {
		a = packed;
		a.len = len;
		CHECK_INT(read_all(&a).result, -EBADMSG);
	}
}

static void test_sum(void)
{
	struct newc_header summed = file;
	struct archive_bytes a = { .len = 0 };

	summed.summed = true;
	summed.sum = 'a' + 'b';
	add(&a, &summed, "good", "ab");
	CHECK_INT(read_all(&a).notes, 1u << READER_NO_TRAILER);
	summed.sum++;
	add(&a, &summed, "bad", "ab");
	CHECK(read_all(&a).notes & 1u << READER_SUM);
	a.len = 0;
	add(&a, &summed, "empty", "");
	CHECK(read_all(&a).notes & 1u << READER_SUM);
	a.len = 0;
	summed.mode = S_IFLNK | 0777;
	add(&a, &summed, "link", "ab");
	CHECK_INT(read_all(&a).notes, 1u << READER_NO_TRAILER);
}

static void test_names(void)
{
	static char long_name[2 * NEWC_NAME_MAX];
	struct newc_header odd = file;
	struct archive_bytes a = { .len = 0 };
	struct seen seen;

	memset(long_name, 'n', sizeof(long_name) - 1);
	long_name[NEWC_NAME_MAX - 1] = '\0';
	add(&a, &file, long_name, "");
	CHECK_INT(read_all(&a).notes, 1u << READER_NO_TRAILER);
	long_name[NEWC_NAME_MAX - 1] = 'n';
	add(&a, &file, long_name, "");
	add(&a, &file, "next", "");
	seen = read_all(&a);
	CHECK_INT(seen.notes, 1u << READER_NO_TRAILER | 1u << READER_LONG_NAME);
	CHECK_STR(seen.names, "next ");
	a.len = 0;
	odd.namesize = 3; /* of "abcd" */
	add(&a, &odd, "abcd", "");
	add(&a, &file, "next", "");
	seen = read_all(&a);
	CHECK_STR(seen.names, "abc next ");
	CHECK_INT(seen.notes, 1u << READER_NO_TRAILER | 1u << READER_NO_NUL);
	/* do_header passes over it, and sees no name. */
	a.len = 0;
	odd.mode = S_IFDIR | 0755;
	add(&a, &odd, "abcd", "data");
	CHECK_INT(read_all(&a).notes, 1u << READER_NO_TRAILER);
	odd.mode = S_IFLNK | 0777;
	add(&a, &odd, "abcd", "data");
	CHECK(read_all(&a).notes & 1u << READER_NO_NUL);
	a.len = 0;
	add(&a, &file, "gone", "data");
	memcpy(a.bytes + 6 + 11 * 8, "00000000", 8);
	memset(a.bytes + NEWC_HEADER, 0, 2);
	memmove(a.bytes + NEWC_HEADER + 2, a.bytes + NEWC_HEADER + 6, 4);
	a.len -= 4;
	add(&a, &file, "next", "");
	seen = read_all(&a);
	CHECK_INT(seen.notes, 1u << READER_NO_TRAILER | 1u << READER_NO_NAME);
	CHECK_STR(seen.names, " next ");
	CHECK_STR(seen.data, "data");
}

/* What has its name and is passed over, or is a link, ends nothing; a file does, whatever is in it. */
static void test_trailers(void)
{
	static const struct {
		unsigned mode;
		const char *data;
		unsigned segments;
	} rows[] = {
		{ 0, "", 2 },           { S_IFREG, "data", 2 }, { S_IFDIR, "", 2 },
		{ S_IFDIR, "data", 1 }, { S_IFLNK, "data", 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct archive_bytes a = { .len = 0 };
		struct seen seen;

		add(&a, &file, "a", "");
		add(&a, &(struct newc_header){ .mode = rows[i].mode }, NEWC_TRAILER,
		    rows[i].data);
		add(&a, &file, "b", "");
		seen = read_all(&a);
		CHECK_STR(seen.names, rows[i].segments == 2 ? "a b " : "a TRAILER!!! b ");
		CHECK_INT(seen.segments, rows[i].segments);
	}
}

/* What libraries decompress, and kernels do not. */
static void test_refused(void)
{
	static const struct {
		const char *codec;
		unsigned at; /* of the byte that is set to `value` */
		uint8_t value;
		bool refused;
	} rows[] = {
		{ "xz", 7, 0, false },     { "xz", 7, 1, false },
		{ "xz", 7, 4, true },      { "xz", 7, 10, true },
		{ "gzip", 3, 0, false },   { "gzip", 3, 8, false },
		{ "gzip", 3, 1, false },   { "gzip", 3, 2, true },
		{ "gzip", 3, 4, true },    { "gzip", 3, 16, true },
		{ "zstd", 3, 253, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct archive_bytes inner = { .len = 0 }, a = { .len = 0 };

		add(&inner, &file, "a", "data");
		add_packed(&a, codec_of_name(rows[i].codec, strlen(rows[i].codec)),
			   inner.bytes, inner.len);
		a.bytes[rows[i].at] = rows[i].value;
		CHECK_INT(read_all(&a).notes >> READER_REFUSED & 1, rows[i].refused);
	}
}

/* lz4's own data have no end: four zero bytes are one, or the file's (lib/decompress_unlz4.c). */
static void test_lz4_end(void)
{
	static const char *const behind[] = { "0701", "\0\0\0001", "\0\0\0\0" };

	for (size_t i = 0; i < ARRAY_LEN(behind); i++)
		for (size_t len = 0; len <= 4; len++) {
			struct archive_bytes inner = { .len = 0 }, a = { .len = 0 };
			bool refused = len == 4 && i < 2;
			struct seen seen;

			add(&inner, &file, "a", "data");
			add_packed(&a, &codec_lz4, inner.bytes, inner.len);
			add_bytes(&a, behind[i], len);
			seen = read_all(&a);
			CHECK_INT(seen.notes >> READER_REFUSED & 1, refused);
		}
}

/* A window over the kernel's, of a frame that has no more than its header (RFC 8878, 3.1.1.1). */
static void test_window(void)
{
	struct archive_bytes a = { .len = 0 };
	struct seen seen;

	add_bytes(&a, "\x28\xb5\x2f\xfd\0\x90\1\0\0", 9);
	seen = read_all(&a);
	CHECK_INT(seen.result, -EBADMSG);
	CHECK(strstr(seen.why, "more than 256 MiB"));
	a.bytes[5] = 0x88;
	CHECK(!strstr(read_all(&a).why, "more than 256 MiB"));
}

/* Of lzop nobody knows what a kernel makes: that it is not read here ends the reading wherever it is. */
static void test_foreign(void)
{
	static const struct {
		const char *bytes, *says;
		int result; /* behind a segment */
	} rows[] = {
		{ "\x89LZO\0\r\n\x1a\n", "lzop", -EBADMSG },
		{ "\x04\x22\x4d\x18 and so on", "lz4 frame", 0 },
		{ "\xc7\x71 and so on", "binary", 0 },
		{ "\x71\xc7 and so on", "binary", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct archive_bytes a = { .len = 0 };
		struct seen seen;

		add_bytes(&a, rows[i].bytes, 8);
		seen = read_all(&a);
		CHECK_INT(seen.result, -EBADMSG);
		CHECK(strstr(seen.why, rows[i].says));
		a.len = 0;
		add(&a, &file, "a", "");
		add_bytes(&a, rows[i].bytes, 8);
		seen = read_all(&a);
		CHECK_INT(seen.result, rows[i].result);
		CHECK(strstr(seen.why, rows[i].says));
	}
}

static void test_odd_places(void)
{
	struct archive_bytes a = { .len = 0 }, packed = { .len = 0 };
	struct seen seen;

	add(&a, &file, "first", "");
	add_bytes(&a, "\0", 1);
	add(&a, &file, "second", "");
	seen = read_all(&a);
	CHECK_STR(seen.names, "first second ");
	CHECK(seen.notes & 1u << READER_UNALIGNED);

	a.len = 0;
	add(&a, &file, "first", "data of two streams");
	add_packed(&packed, &codec_gzip, a.bytes, 70);
	add_packed(&packed, &codec_gzip, a.bytes + 70, a.len - 70);
	seen = read_all(&packed);
	CHECK_INT(seen.result, 0);
	CHECK_STR(seen.data, "data of two streams");
	CHECK(seen.notes & 1u << READER_SPLIT);
}

static void test_garbage(void)
{
	struct archive_bytes a = { .len = 0 }, packed = { .len = 0 };
	struct seen seen;
	size_t len;

	CHECK_INT(read_all(&a).result, -EBADMSG);
	add(&a, &file, "a", "");
	len = a.len;
	add_bytes(&a, "garbage", 7);
	seen = read_all(&a);
	CHECK_INT(seen.result, 0);
	CHECK(seen.notes & 1u << READER_GARBAGE);
	CHECK_INT(seen.why_at, len);
	add_packed(&packed, &codec_gzip, a.bytes, a.len);
	CHECK_INT(read_all(&packed).result, -EBADMSG);
	a.len = 0;
	add_bytes(&a, "070707 and more", 15);
	seen = read_all(&a);
	CHECK_INT(seen.result, -EBADMSG);
	CHECK(strstr(seen.why, "old format"));
}

/* An archive of 4 GiB of data in a few bytes of file: told, not believed. */
static void test_size(void)
{
	struct archive_bytes a = { .len = 0 };

	add(&a, &file, "a", "data");
	memcpy(a.bytes + 6 + 6 * 8, "FFFFFFFF", 8); /* the field of the size */
	CHECK_INT(read_all(&a).result, -EBADMSG);
	memcpy(a.bytes + 6 + 6 * 8, "FFFFFFFG", 8);
	CHECK_INT(read_all(&a).result, -EBADMSG);
	memcpy(a.bytes + 6 + 11 * 8, "FFFFFFFF", 8); /* and of the name */
	CHECK_INT(read_all(&a).result, -EBADMSG);
}

/* A bomb: of what the file becomes in all its streams no more is read. */
static void test_bomb(void)
{
	static uint8_t zeros[16000];
	struct archive_bytes inner = { .len = 0 }, a = { .len = 0 };
	const uint64_t whole = 2 * 16384; /* with what pads them */
	const uint64_t bounds[] = { whole, whole - 1 };

	add(&inner, &file, "a", "data");
	add_bytes(&inner, zeros, sizeof(zeros));
	add_bytes(&inner, zeros, 16384 - inner.len);
	for (int i = 0; i < 2; i++) {
		add_packed(&a, &codec_gzip, inner.bytes, inner.len);
		pad(&a, 0);
	}
	CHECK(a.len < 1000);
	for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
		struct input in;
		struct reader r;
		int result;

		input_init_bytes(&in, a.bytes, a.len);
		reader_init(&r, &in);
		CHECK_INT(r.stretch.most, 16LL << 30);
		r.stretch.most = bounds[i];
		while ((result = reader_next(&r)) == 1)
			;
		CHECK_INT(result, i ? -EBADMSG : 0);
		if (i)
			CHECK_STR(r.why, "it becomes more than 16 GiB, decompressed");
		reader_done(&r);
		input_done(&in);
	}
}

static void test_lz4_blocks(void)
{
	static uint8_t bytes[20u << 20], packed[22u << 20], back[20u << 20];
	struct codec_io io = { .in = bytes,
			       .in_len = sizeof(bytes),
			       .out = packed,
			       .out_len = sizeof(packed),
			       .last = true };
	void *coder = codec_lz4.encoder(1);
	const uint8_t *end;
	unsigned turns = 0;

	for (size_t i = 0; i < sizeof(bytes); i++) /* does not compress */
		bytes[i] = (uint8_t)((i * 2654435761u) >> 13 ^ (i * i * 40503u) >> 7);
	/* A buffer that is full is called again with, as pack.c does. */
	for (int result = 0; result == 0; turns++) {
		CHECK(turns < 1000);
		io.out_len = 100000;
		result = codec_lz4.encode(coder, &io);
		CHECK(result >= 0);
	}
	codec_lz4.encoder_free(coder);
	end = io.out;
	io = (struct codec_io){ .in = packed, .out = back, .out_len = sizeof(back) };
	coder = codec_lz4.decoder();
	for (turns = 0; io.in < end; turns++) {
		CHECK(turns < 1000);
		io.in_len = end - io.in < 100000 ? (size_t)(end - io.in) : 100000;
		CHECK_INT(codec_lz4.decode(coder, &io), 0);
	}
	io.last = true;
	for (turns = 0; codec_lz4.decode(coder, &io) == 0; turns++)
		CHECK(turns < 100);
	CHECK_INT(io.out_len, 0);
	codec_lz4.decoder_free(coder);
	CHECK(!memcmp(bytes, back, sizeof(bytes)));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "names and data come in order", test_plain, 0 },
		{ "segments of every compression follow each other", test_segments, 0 },
		{ "an archive cut off anywhere ends, and says so", test_cut, 0 },
		{ "sums of 070702 are verified, of files alone", test_sum, 0 },
		{ "names that are too long or end in no NUL are told", test_names, 0 },
		{ "a trailer is one where the kernel comes to its name", test_trailers,
		  0 },
		{ "what no kernel decompresses is told", test_refused, 0 },
		{ "lz4 ends with four zero bytes", test_lz4_end, 0 },
		{ "a window over the kernel's is told", test_window, 0 },
		{ "what is known and not read is named", test_foreign, 0 },
		{ "headers in odd places are read and told", test_odd_places, 0 },
		{ "what is no archive is told, with its place", test_garbage, 0 },
		{ "sizes are not believed", test_size, 0 },
		{ "compressed data become so much and no more", test_bomb, 0 },
		{ "lz4 takes more than one block, compressible or not", test_lz4_blocks,
		  60 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
