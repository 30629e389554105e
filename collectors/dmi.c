/*
 * Reads dmidecode's text (2.0 to 3.6; of 1.x what has the same names).
 *
 * dmidecode replaces every control character of a firmware's string by a dot
 * (ascii_filter in dmidecode.c), so no string can contain a line end: a line that begins
 * with "Handle" in the column of the first such line is dmidecode's own, and so is every
 * key. Texts that were pasted somewhere are indented as a whole, or have blanks for tabs.
 */
#include "dmi.h"

#include <stdlib.h>
#include <string.h>

#define DMI_HANDLES 65536 /* a handle has 16 bits: SMBIOS 3.6, 6.1.2 */

/* Takes what comes before `stop` off `line`, as a number of at most `max`. */
static bool take_number(struct span *line, char stop, bool hex, unsigned max,
			unsigned *out)
{
	struct span digits;
	uint64_t value;

	if (!text_cut(line, stop, &digits))
		return false;
	if (hex ? text_hex(digits, max, &value) : text_u64(digits, &value))
		return false;
	if (value > max)
		return false;
	*out = (unsigned)value;
	return true;
}

static bool take_type(struct span line, unsigned *type)
{
	unsigned length;

	return text_skip(&line, "DMI type ") &&
	       take_number(&line, ',', false, 255, type) && text_skip(&line, " ") &&
	       take_number(&line, ' ', false, 255, &length) &&
	       (text_is(line, "bytes") || text_is(line, "bytes.")); /* the dot: 2.x */
}

bool dmi_take_handle(struct span line, struct span *rest, unsigned *handle,
		     unsigned *type)
{
	struct span after = *rest, second;

	if (!text_skip(&line, "Handle 0x"))
		return false;
	if (memchr(line.at, ',', line.len))
		return take_number(&line, ',', true, DMI_HANDLES - 1, handle) &&
		       text_skip(&line, " ") && take_type(line, type);
	/* Up to 2.6 the type stands on a line of its own. */
	if (!take_number(&line, ' ', true, DMI_HANDLES - 1, handle) ||
	    !text_line(&after, &second) || !take_type(text_trim(second), type))
		return false;
	*rest = after;
	return true;
}

/* Blanks at the begin of a line. */
static struct span blanks_of(struct span line)
{
	struct span blanks = { line.at, 0 };

	while (blanks.len < line.len &&
	       (line.at[blanks.len] == ' ' || line.at[blanks.len] == '\t'))
		blanks.len++;
	return blanks;
}

static bool skip_blanks(struct span *line, struct span blanks)
{
	if (line->len < blanks.len ||
	    (blanks.len && memcmp(line->at, blanks.at, blanks.len) != 0))
		return false;
	line->at += blanks.len;
	line->len -= blanks.len;
	return true;
}

/* A Handle line has none above it, up to an empty line, that is less indented: without any
 * handles (dmidecode -q) a firmware's string in a list could look like one. */
struct span dmi_lead(const struct input *in)
{
	struct span rest = { in->text, in->len }, line;
	unsigned handle, type;
	size_t least = SIZE_MAX;

	while (text_line(&rest, &line)) {
		struct span lead = blanks_of(line);

		if (lead.len == line.len) {
			if (line.len <= least)
				least = SIZE_MAX;
			continue;
		}
		if (lead.len <= least && skip_blanks(&line, lead) &&
		    dmi_take_handle(line, &rest, &handle, &type))
			return lead;
		if (lead.len < least)
			least = lead.len;
	}
	return (struct span){ in->text, 0 };
}

struct span dmi_line(struct span line, struct span lead)
{
	if (!skip_blanks(&line, lead) && text_trim(line).len == 0)
		line.len = 0;
	return line;
}

/* The text up to its last line end: a line that was cut off may hold half a value. */
static struct span whole_lines(const struct input *in)
{
	const char *last = in->len > 0 ? memrchr(in->text, '\n', in->len) : NULL;

	return (struct span){ in->text, last ? (size_t)(last + 1 - in->text) : 0 };
}

void dmi_open(struct dmi_reader *reader, const struct input *in, unsigned type)
{
	*reader = (struct dmi_reader){
		.rest = whole_lines(in),
		.lead = dmi_lead(in),
		.type = type,
		.left = DMI_HANDLES,
		.seen = xcalloc(DMI_HANDLES, sizeof(*reader->seen)),
	};
}

void dmi_close(struct dmi_reader *reader)
{
	free(reader->seen);
	reader->seen = NULL;
}

/* Takes the lines up to an empty line or the next Handle line off `rest`. */
static struct span body_take(struct span *rest, struct span lead)
{
	struct span body = { rest->at, 0 };
	struct span next = *rest, line;

	while (text_line(&next, &line)) {
		line = dmi_line(line, lead);
		if (line.len == 0 || text_starts(line, "Handle "))
			break;
		*rest = next;
		body.len = (size_t)(next.at - body.at);
	}
	return body;
}

/* The blanks before keys: those of the first line that has more than the title above. */
static struct span indent_of(struct span body)
{
	struct span line, title, blanks;

	if (!text_line(&body, &line))
		return (struct span){ body.at, 0 };
	title = blanks_of(line);
	while (text_line(&body, &line)) {
		blanks = blanks_of(line);
		if (blanks.len > title.len || (blanks.len && blanks.at[0] != *title.at))
			return blanks;
	}
	return (struct span){ body.at, 0 };
}

bool dmi_next(struct dmi_reader *reader, struct dmi_structure *structure)
{
	struct span line;
	unsigned handle, type;

	while (reader->left > 0 && text_line(&reader->rest, &line)) {
		line = dmi_line(line, reader->lead);
		if (!dmi_take_handle(line, &reader->rest, &handle, &type) ||
		    type != reader->type)
			continue;
		reader->left--;
		structure->handle = handle;
		structure->type = type;
		structure->repeat = ++reader->seen[handle];
		structure->body = body_take(&reader->rest, reader->lead);
		structure->indent = indent_of(structure->body);
		structure->cut = reader->rest.len == 0;
		return true;
	}
	return false;
}

struct dmi_key dmi_key(const struct dmi_structure *structure)
{
	struct dmi_key key;

	if (structure->repeat > 1)
		(void)snprintf(key.text, sizeof(key.text), "0x%04X#%u", structure->handle,
			       structure->repeat);
	else
		(void)snprintf(key.text, sizeof(key.text), "0x%04X", structure->handle);
	return key;
}

bool dmi_smbios_version(const struct input *in, struct span *version)
{
	struct span rest = whole_lines(in), line, word;

	while (text_line(&rest, &line)) {
		line = text_trim(line);
		if (!text_skip(&line, "SMBIOS ") && !text_skip(&line, "Legacy DMI "))
			continue;
		if (text_cut(&line, ' ', &word) && text_is(line, "present.")) {
			*version = word;
			return true;
		}
	}
	return false;
}

/* Finds the line "Key: value"; `*below` is what comes after it. */
static bool key_find(const struct dmi_structure *structure, const char *key,
		     struct span *value, struct span *below)
{
	struct span line;

	*below = structure->body;
	while (structure->indent.len > 0 && text_line(below, &line)) {
		if (!skip_blanks(&line, structure->indent) || !text_skip(&line, key) ||
		    !text_skip(&line, ":"))
			continue;
		*value = text_trim(line);
		return true;
	}
	return false;
}

bool dmi_value(const struct dmi_structure *structure, const char *key, struct span *value)
{
	struct span below;

	return key_find(structure, key, value, &below);
}

void dmi_list(const struct dmi_structure *structure, const char *key,
	      struct dmi_list *list)
{
	list->indent = structure->indent;
	if (!key_find(structure, key, &list->value, &list->below))
		*list = (struct dmi_list){ .below = { NULL, 0 } };
}

bool dmi_item(struct dmi_list *list, struct span *item)
{
	struct span line;

	if (list->value.len > 0) {
		*item = list->value;
		*list = (struct dmi_list){ .below = { NULL, 0 } };
		return true;
	}
	if (!text_line(&list->below, &line) || !skip_blanks(&line, list->indent) ||
	    blanks_of(line).len == 0) {
		list->below.len = 0;
		return false;
	}
	*item = text_trim(line);
	return true;
}
