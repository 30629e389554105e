/* The newc format: a header's bytes. */
#include "newc.h"

#include <errno.h>
#include <string.h>

#define FIELDS 13

/* In the order of the format. */
static void fields_of(const struct newc_header *h, uint32_t out[FIELDS])
{
	const uint32_t fields[FIELDS] = {
		h->ino,   h->mode,  h->uid,    h->gid,    h->nlink,    h->mtime, h->size,
		h->major, h->minor, h->rmajor, h->rminor, h->namesize, h->sum,
	};

	memcpy(out, fields, sizeof(fields));
}

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int newc_parse(const uint8_t bytes[NEWC_HEADER], struct newc_header *out)
{
	uint32_t f[FIELDS] = { 0 };

	if (memcmp(bytes, "070701", 6) != 0 && memcmp(bytes, "070702", 6) != 0)
		return -EBADMSG;
	for (unsigned i = 0; i < FIELDS * 8; i++) {
		int digit = digit_of(bytes[6 + i]);

		if (digit < 0)
			return -EBADMSG;
		f[i / 8] = f[i / 8] << 4 | (uint32_t)digit;
	}
	*out = (struct newc_header){
		.ino = f[0],
		.mode = f[1],
		.uid = f[2],
		.gid = f[3],
		.nlink = f[4],
		.mtime = f[5],
		.size = f[6],
		.major = f[7],
		.minor = f[8],
		.rmajor = f[9],
		.rminor = f[10],
		.namesize = f[11],
		.sum = f[12],
		.summed = bytes[5] == '2',
	};
	return 0;
}

void newc_format(const struct newc_header *header, uint8_t bytes[NEWC_HEADER])
{
	static const uint8_t magic[6] = { '0', '7', '0', '7', '0' };
	uint32_t f[FIELDS];

	fields_of(header, f);
	memcpy(bytes, magic, sizeof(magic));
	bytes[5] = header->summed ? '2' : '1';
	for (unsigned i = 0; i < FIELDS * 8; i++)
		bytes[6 + i] =
			(uint8_t) "0123456789ABCDEF"[f[i / 8] >> (28 - 4 * (i % 8)) & 15];
}
