/* The QR code: what a phone takes away from the console of an unknown machine. */
#include "qr.h"

#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

static unsigned side(unsigned version)
{
	return 17 + 4 * version + 2 * QR_QUIET;
}

unsigned qr_columns(unsigned version, enum qr_style style)
{
	return style == QR_ASCII ? 2 * side(version) : side(version);
}

unsigned qr_rows(unsigned version, enum qr_style style)
{
	return style == QR_ASCII ? side(version) : (side(version) + 1) / 2;
}

/* Printable ASCII, at most `max` bytes: a reader must not guess a character set. */
static char *plain(const char *text, size_t max)
{
	char *out = xcalloc(max + 1, 1);

	for (size_t i = 0; text && text[i] && i < max; i++)
		out[i] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?';
	return out;
}

/* "768G", "61.4T": decimal for drives, binary for memory, as they are sold. */
static char *short_amount(uint64_t bytes, uint64_t base)
{
	uint64_t giga = base * base * base, tera = giga * base;

	if (bytes >= 10 * tera || (bytes >= tera && bytes % tera == 0))
		return xasprintf("%lluT", (unsigned long long)(bytes / tera));
	if (bytes >= tera && base == 1000)
		return xasprintf("%llu.%lluT", (unsigned long long)(bytes / tera),
				 (unsigned long long)(bytes % tera * 10 / tera));
	return xasprintf("%lluG", (unsigned long long)(bytes / giga));
}

/* What nobody could count is "-", not 0. */
static char *count(bool known, unsigned value)
{
	return known ? xasprintf("%u", value) : xstrdup("-");
}

static const char *health_word(const char *health)
{
	static const char *const words[][2] = { { "OK", "OK" },
						{ "Warning", "WARNING" },
						{ "Critical", "CRITICAL" } };

	for (size_t i = 0; health && i < ARRAY_LEN(words); i++)
		if (!strcmp(health, words[i][0]))
			return words[i][1];
	return "UNKNOWN";
}

/* How much is said, from all there is to the least that is worth a code. */
struct cut {
	size_t model;
	enum { MAKE_NONE, MAKE_WORD, MAKE_ALL } make;
	int digits;     /* of the digest */
	unsigned least; /* version: a smaller code would be too faint with so much */
	bool all;       /* PCI functions and supplies too, and all of a serial number */
};

static const struct cut cuts[] = {
	{ 40, MAKE_ALL, 32, 5, true },   { 40, MAKE_ALL, 16, 1, true },
	{ 40, MAKE_WORD, 16, 1, true },  { 40, MAKE_NONE, 16, 1, true },
	{ 40, MAKE_WORD, 16, 1, false }, { 40, MAKE_NONE, 16, 1, false },
	{ 24, MAKE_NONE, 16, 1, false }, { 16, MAKE_NONE, 16, 1, false },
	{ 8, MAKE_NONE, 16, 1, false },  { 0, MAKE_NONE, 16, 1, false },
};

/* "Dell" of "Dell Inc.": enough to tell makers apart. */
static size_t make_length(const struct cut *cut, const char *make)
{
	if (cut->make == MAKE_ALL)
		return 30;
	return make && cut->make == MAKE_WORD ? strcspn(make, " ,.") : 0;
}

/*
 * Capitals, digits and blanks on one line: a code holds such a character in 5.5 bits,
 * small letters and line ends in 8.
 */
static char *message(const struct facts *f, const char *digest, const struct cut *cut)
{
	AUTO_FREE char *make = plain(f->manufacturer, make_length(cut, f->manufacturer));
	AUTO_FREE char *model = plain(f->model, cut->model);
	AUTO_FREE char *serial =
		plain(f->serial && !f->discreet ? f->serial : "-", cut->all ? 24 : 16);
	AUTO_FREE char *memory = short_amount(f->memory_bytes, 1024);
	AUTO_FREE char *storage = short_amount(f->drive_bytes, 1000);
	AUTO_FREE char *cpus = count(f->has_processors, f->processors);
	AUTO_FREE char *dimms = count(f->has_memory, f->modules);
	AUTO_FREE char *drives = count(f->has_drives, f->drives);
	AUTO_FREE char *pcie = count(f->has_pcie, f->pcie);
	AUTO_FREE char *supplies = count(f->has_supplies, f->supplies);
	AUTO_FREE char *more =
		cut->all ? xasprintf(" PCI %s PSU %s", pcie, supplies) : xstrdup("");

	return xasprintf("%s%s%s%sSN %s CPU %s DIMM %s %s DRV %s %s%s BAD %u/%u %s %.*s",
			 make, *make ? " " : "", model, *model ? " " : "", serial, cpus,
			 dimms, memory, drives, storage, more, f->incomplete, f->jobs,
			 health_word(f->health), cut->digits, digest);
}

char *qr_text(const struct facts *facts, const char *digest, unsigned number)
{
	return number < ARRAY_LEN(cuts) ? message(facts, digest, &cuts[number]) : NULL;
}

unsigned qr_make(struct qr *qr, const struct facts *facts, const char *digest,
		 unsigned version)
{
	static const QRecLevel levels[] = { QR_ECLEVEL_M, QR_ECLEVEL_L };

	for (size_t n = 0; n < ARRAY_LEN(cuts) * ARRAY_LEN(levels); n++) {
		const struct cut *cut = &cuts[n / ARRAY_LEN(levels)];
		AUTO_FREE char *text = message(facts, digest, cut);
		QRcode *code = NULL;
		size_t bytes;
		unsigned got;

		if (version >= cut->least)
			code = QRcode_encodeString(text, 0, levels[n % ARRAY_LEN(levels)],
						   QR_MODE_8, 1);
		if (!code)
			continue;
		got = (unsigned)code->version;
		if (got > version) {
			QRcode_free(code);
			continue;
		}
		bytes = (size_t)code->width * (size_t)code->width;
		qr->size = code->width;
		qr->modules = xcalloc(bytes, 1);
		for (size_t i = 0; i < bytes; i++)
			qr->modules[i] = code->data[i] & 1;
		QRcode_free(code);
		return got;
	}
	return 0;
}

void qr_done(struct qr *qr)
{
	free(qr->modules);
	*qr = (struct qr){ 0 };
}

static bool is_light(const struct qr *qr, int x, int y)
{
	if (x < 0 || y < 0 || x >= qr->size || y >= qr->size)
		return y < qr->size + QR_QUIET;
	return !qr->modules[y * qr->size + x];
}

void qr_row(const struct qr *qr, unsigned row, enum qr_style style,
	    char out[QR_ROW_BYTES])
{
	static const char *const halves[] = { " ", "\xe2\x96\x84", "\xe2\x96\x80",
					      "\xe2\x96\x88" };
	size_t len = 0;

	for (int x = -QR_QUIET; x < qr->size + QR_QUIET; x++) {
		const char *cell;

		if (style == QR_ASCII) {
			cell = is_light(qr, x, (int)row - QR_QUIET) ? "##" : "  ";
		} else {
			int y = 2 * (int)row - QR_QUIET;

			cell = halves[2 * is_light(qr, x, y) + is_light(qr, x, y + 1)];
		}
		if (len + strlen(cell) + 1 > QR_ROW_BYTES)
			break;
		memcpy(out + len, cell, strlen(cell));
		len += strlen(cell);
	}
	out[len] = '\0';
}
