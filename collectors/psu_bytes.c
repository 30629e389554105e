/* psu/fru of bee-ipmi: each FRU's bytes, named by the locators among the SDRs. */
#include "fru.h"
#include "ipmi_lines.h"

#include <stdlib.h>

static const char where[] = "psu/fru";

struct stored {
	struct span name; /* of its locator, decoded; at is NULL: no locator */
	char text[64];
	const uint8_t *bytes; /* NULL: not read */
	size_t len;
	struct span why; /* it could not be read, or not to its end */
	bool met, supply, absent;
};

/* IPMI 2.0, 43.8: FRU Device Locator. */
static void locator_read(struct stored *frus, const struct ipmi_line *line)
{
	const uint8_t *record = line->bytes;
	struct stored *fru;
	size_t len;

	if (line->len < 16 || record[3] != 0x11 || record[5] != 0x20 ||
	    (record[7] & 0x80) == 0 || frus[record[6]].name.at)
		return;
	fru = &frus[record[6]];
	len = record[15] & 0x1f;
	if (len > line->len - 16)
		len = line->len - 16;
	fru->name = fru_decode(record[15] >> 6, record + 16, len, fru->text);
	fru->supply = record[12] == 0x0a; /* entity, table 43-13 */
}

/* "not present" and what BMCs say instead of an empty bay. */
static bool says_absent(struct span why)
{
	return text_is(why, "cb") || text_is(why, "81"); /* 34.1, 34.2: no device there */
}

static void line_read(struct stored *frus, const struct ipmi_line *line)
{
	struct stored *fru = &frus[line->number & 0xff];

	if (text_is(line->name, "sdr") && line->why.len == 0) {
		locator_read(frus, line);
	} else if (line->number < 256 &&
		   (text_is(line->name, "fru-info") || text_is(line->name, "fru"))) {
		fru->met = true;
		if (line->why.len > 0) {
			fru->why = line->why;
			fru->absent |= !fru->bytes && says_absent(line->why);
		} else if (text_is(line->name, "fru")) {
			fru->bytes = line->bytes;
			fru->len = line->len;
		}
	}
}

static void put_fru(const struct stored *stored, unsigned id, struct output *out)
{
	AUTO_FREE char *pool = xcalloc(6 * stored->len + 1, 1);
	struct fru fru;

	fru_begin(&fru, id, 1, stored->name.at ? stored->name : (struct span){ "", 0 });
	fru.is_supply = stored->supply;
	fru.absent = stored->absent;
	if (stored->bytes)
		fru_parse(&fru, stored->bytes, stored->len, pool);
	/* A code is the BMC's answer, and may be so every time; no answer is trouble. */
	if (stored->why.len == 2 && !stored->absent)
		fru_fault(&fru, "the BMC answered with code %.2sh", stored->why.at);
	else if (stored->why.len > 2)
		collect_error(out, where, "fru%u: %.*s", id, (int)stored->why.len,
			      stored->why.at);
	fru_end(&fru, out);
}

void psu_fru_lines(const struct input *in, struct output *out)
{
	struct stored *frus = xcalloc(256, sizeof(*frus));
	struct ipmi_reader reader;
	struct ipmi_line line;

	ipmi_lines_open(&reader, in);
	while (ipmi_lines_next(&reader, &line)) {
		line_read(frus, &line);
		/* The locators behind it are not known, nor their FRUs. */
		if (text_is(line.name, "sdr") && line.why.len > 2)
			collect_error(out, where, "record %u: %.*s", line.number,
				      (int)line.why.len, line.why.at);
	}
	for (unsigned id = 0; id < 256; id++) {
		/* A FRU 0 nobody has is a BMC without one. */
		if (id == 0 && frus[id].absent && !frus[id].name.at)
			continue;
		/* A locator whose FRU was not come to is in the machine all the same. */
		if (frus[id].met || frus[id].name.at)
			put_fru(&frus[id], id, out);
	}
	ipmi_lines_close(&reader, where, out);
	free(frus);
}
