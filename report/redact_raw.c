/* What a tool printed, redacted: where bytes have a meaning of their own, that is kept. */
#include "redact_raw.h"

#include "json.h"
#include "redact_known.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MODULE "module.hex\t" /* of bee-ethtool: a transceiver's memory */

struct rewrite {
	const struct redact *redact;
	const char *bytes;
	FILE *to;
	size_t at; /* up to where it is written */
};

static void put_redacted(struct rewrite *rewrite, size_t end)
{
	size_t len = 0;
	AUTO_FREE char *text = redact_apply(rewrite->redact, rewrite->bytes + rewrite->at,
					    end - rewrite->at, &len);

	(void)fwrite(text, 1, len, rewrite->to);
	rewrite->at = end;
}

/* Behind a label also what is too common a word, or too small a number, to be looked for: a host called
 * "server", an asset tag of four digits. */
static void put_marked(void *with, size_t at, size_t len)
{
	struct rewrite *rewrite = with;
	AUTO_FREE char *value = xcalloc(len + 1, 1), *known = NULL;

	memcpy(value, rewrite->bytes + at, len);
	/* What has a NUL in it is no such text. */
	if (at >= rewrite->at && strlen(value) == len)
		known = redact_known(rewrite->redact, value);
	if (!known)
		return;
	put_redacted(rewrite, at);
	(void)fputs(known, rewrite->to);
	rewrite->at = at + len;
}

static char *redacted(const struct redact *redact, const char *bytes, size_t len,
		      size_t *out_len)
{
	char *out = NULL;
	struct rewrite rewrite = { .redact = redact, .bytes = bytes };

	rewrite.to = open_memstream(&out, out_len);
	if (rewrite.to) {
		marks_visit(bytes, len, put_marked, &rewrite);
		put_redacted(&rewrite, len);
	}
	if (!rewrite.to || fclose(rewrite.to))
		json_put(redact->known, "", NULL); /* ends the program: no memory */
	return out;
}

static unsigned hex_byte(const char *hex, size_t at)
{
	const char pair[3] = { hex[2 * at], hex[2 * at + 1], '\0' };
	uint64_t byte = 0;

	return parse_hex(pair, 255, &byte) ? 0 : (unsigned)byte;
}

static unsigned sum_of(const char *hex, size_t from, size_t to)
{
	unsigned sum = 0;

	for (size_t i = from; i < to; i++)
		sum += hex_byte(hex, i);
	return sum & 0xff;
}

/* Sums of a transceiver that held before hold again: SFF-8472, 63 and 95; SFF-8636, 191 and 223; CMIS, 222. */
static void mend_sums(const char *before, char *after, size_t bytes)
{
	static const struct {
		size_t from, sum;
	} sums[] = { { 0, 63 }, { 64, 95 }, { 128, 191 }, { 192, 223 }, { 128, 222 } };

	for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
		char pair[3];

		if (sums[i].sum >= bytes ||
		    hex_byte(before, sums[i].sum) !=
			    sum_of(before, sums[i].from, sums[i].sum))
			continue;
		(void)snprintf(pair, sizeof(pair), "%02x",
			       sum_of(after, sums[i].from, sums[i].sum));
		memcpy(after + 2 * sums[i].sum, pair, 2);
	}
}

#define FRU "\nfru\t" /* of bee-ipmi: a number, and the bytes of a record */

/* Sums of an area of a FRU record that held before hold again: all of its bytes are 0 in all (Platform Management
 * FRU Information Storage Definition, 8 to 12). */
static void mend_area(const char *before, char *after, size_t from, size_t to)
{
	char pair[3];

	if (sum_of(before, from, to) != 0)
		return;
	(void)snprintf(pair, sizeof(pair), "%02x",
		       (0x100 - sum_of(after, from, to - 1)) & 0xff);
	memcpy(after + 2 * (to - 1), pair, 2);
}

/* Each of these records has a header of five bytes: kind, end, length, sum of the record, sum of these. */
static void mend_multirecord(const char *before, char *after, size_t at, size_t bytes)
{
	for (bool end = false; !end && at + 5 <= bytes;) {
		size_t len = hex_byte(before, at + 2);
		unsigned sum = hex_byte(before, at + 3);
		char pair[3];

		end = hex_byte(before, at + 1) & 0x80;
		if (at + 5 + len > bytes)
			return;
		if (((sum + sum_of(before, at + 5, at + 5 + len)) & 0xff) == 0) {
			(void)snprintf(pair, sizeof(pair), "%02x",
				       (0x100 - sum_of(after, at + 5, at + 5 + len)) &
					       0xff);
			memcpy(after + 2 * (at + 3), pair, 2);
		}
		mend_area(before, after, at, at + 5);
		at += 5 + len;
	}
}

static void mend_fru(const char *before, char *after, size_t bytes)
{
	if (bytes < 8 || hex_byte(before, 0) != 1)
		return;
	/* Chassis, board, product: where each begins, and how long it is, in eight bytes. */
	for (size_t i = 2; i <= 4; i++) {
		size_t at = 8 * (size_t)hex_byte(before, i), len;

		len = at > 0 && at + 1 < bytes ? 8 * (size_t)hex_byte(before, at + 1) : 0;
		if (len > 1 && at + len <= bytes)
			mend_area(before, after, at, at + len);
	}
	if (hex_byte(before, 5) > 0)
		mend_multirecord(before, after, 8 * (size_t)hex_byte(before, 5), bytes);
}

/* Of an answer to IPMI's question for the community string, SNMP's password, nothing stays. */
static void drop_community(char *after, size_t len)
{
	static const char before[] = "\nlan16\t";

	for (char *at = after;
	     (at = memmem(at, len - (size_t)(at - after), before, strlen(before)));) {
		at += strlen(before);
		at += strcspn(at, "\t\n");
		/* Behind the revision. */
		for (at += *at == '\t' ? 3 : 0; isxdigit((unsigned char)*at); at++)
			*at = "73"[(size_t)(at - after) % 2];
	}
}

/* Lines of both texts are as many, and as long: what stands for hexadecimal digits has as many. */
static void mend_frus(const char *before, size_t before_len, char *after,
		      size_t after_len)
{
	const char *old = before;
	char *new = after;

	while ((old = memmem(old, before_len - (size_t)(old - before), FRU,
			     strlen(FRU))) &&
	       (new = memmem(new, after_len - (size_t)(new - after), FRU, strlen(FRU)))) {
		size_t digits;

		old += strlen(FRU);
		new += strlen(FRU);
		old += strcspn(old, "\t\n");
		new += strcspn(new, "\t\n");
		digits = *old == '\t' ? strspn(old + 1, "0123456789abcdef") : 0;
		if (digits > 0 && *new == '\t' &&
		    digits == strspn(new + 1, "0123456789abcdef"))
			mend_fru(old + 1, new + 1, digits / 2);
	}
}

static void mend_module(const char *before, size_t before_len, char *after,
			size_t after_len)
{
	const char *old = memmem(before, before_len, MODULE, strlen(MODULE));
	char *new = memmem(after, after_len, MODULE, strlen(MODULE));
	size_t len;

	if (!old || !new)
		return;
	old += strlen(MODULE);
	new += strlen(MODULE);
	len = strspn(old, "0123456789abcdef");
	if (len != strspn(new, "0123456789abcdef"))
		return;
	mend_sums(old, new, len / 2);
}

/*
 * Structures of its own that a maker put into SMBIOS, dmidecode prints as bytes and strings: nobody here
 * knows what is in them, and addresses and serial numbers often are.
 */
static bool is_makers_own(const char *line, size_t len)
{
	return (len >= 12 && !strncmp(line, "OEM-specific", 12)) ||
	       (len >= 12 && !strncmp(line, "Unknown Type", 12));
}

static void put_drawn(FILE *to, const struct redact *redact, const char *line, size_t len,
		      enum redact_kind kind)
{
	AUTO_FREE char *text = xcalloc(len + 1, 1), *drawn = NULL;

	memcpy(text, line, len);
	drawn = redact_value(redact, text, kind);
	(void)fputs(drawn, to);
	(void)fputs("\n", to);
}

static size_t line_size(const char *line, size_t left)
{
	size_t size = 0;

	while (size < left && line[size] != '\n')
		size++;
	return size;
}

static bool is_hex_line(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isxdigit((unsigned char)line[i]) && !strchr("\t ", line[i]))
			return false;
	return len > 0;
}

/* dmidecode's text with these structures drawn anew; owned by the caller. */
static char *without_makers_own(const struct redact *redact, const char *text,
				size_t *len)
{
	char *out = NULL;
	size_t out_len = 0;
	FILE *to = open_memstream(&out, &out_len);
	bool own = false;

	for (size_t at = 0; to && at < *len;) {
		const char *line = text + at;
		size_t size = line_size(line, *len - at);
		bool ended = at + size < *len;

		own = size > 0 && *line != '\t' ? is_makers_own(line, size)
						: own && size > 0;
		if (own && size > 2 && line[0] == '\t' && line[1] == '\t' && ended)
			put_drawn(to, redact, line, size,
				  is_hex_line(line, size) ? REDACT_BYTES : REDACT_TEXT);
		else
			(void)fwrite(line, 1, size + (ended ? 1 : 0), to);
		at += size + 1;
	}
	if (!to || fclose(to))
		json_put(redact->known, "", NULL); /* ends the program: no memory */
	*len = out_len;
	return out;
}

char *redact_raw(const struct redact *redact, const char *bytes, size_t len,
		 size_t *out_len)
{
	char *out = redacted(redact, bytes, len, out_len), *mended = NULL;

	mend_module(bytes, len, out, *out_len);
	if (len > 9 && !memcmp(bytes, "bee-ipmi\t", 9)) {
		mend_frus(bytes, len, out, *out_len);
		drop_community(out, *out_len);
	}
	if (memmem(bytes, len < 4096 ? len : 4096, "dmidecode ", 10))
		mended = without_makers_own(redact, out, out_len);
	if (!mended)
		return out;
	free(out);
	return mended;
}
