/* The lines of bee-ipmi, which probes/ipmi.c describes. */
#ifndef BEE_COLLECTORS_IPMI_LINES_H
#define BEE_COLLECTORS_IPMI_LINES_H

#include "text.h"

struct ipmi_line {
	struct span name;
	unsigned number;
	struct span why; /* of a failure: a code's two digits or an errno's name; else
			    empty */
	const uint8_t *bytes; /* borrowed from the reader */
	size_t len;
};

struct ipmi_reader {
	struct span rest;
	uint8_t *bytes; /* owned: of all lines, so that they stay until ipmi_lines_close()
			 */
	size_t used;
	struct strange_lines strange;
	bool ended;
};

/* Does the text begin as bee-ipmi's does? */
bool ipmi_lines_are(const struct input *in);

void ipmi_lines_open(struct ipmi_reader *reader, const struct input *in);
bool ipmi_lines_next(struct ipmi_reader *reader, struct ipmi_line *line);
/* Reports lines that were not understood and a text without its end. */
void ipmi_lines_close(struct ipmi_reader *reader, const char *where, struct output *out);

static inline unsigned ipmi_le16(const uint8_t *at)
{
	return at[0] | (unsigned)at[1] << 8;
}

static inline uint32_t ipmi_le32(const uint8_t *at)
{
	return ipmi_le16(at) | (uint32_t)ipmi_le16(at + 2) << 16;
}

/* Where the line is an answer of fewer bytes than the standard has, tells so and is true. */
bool ipmi_lines_short(const struct ipmi_line *line, size_t least, const char *where,
		      struct output *out);

#define IPMI_TIME_SIZE 32
/* "2024-03-29T11:20:00Z" of seconds since 1970. */
void ipmi_time(char buffer[IPMI_TIME_SIZE], uint64_t seconds);

#endif
