/*
 * Reads dmidecode's text (3.3 to 3.6, and older ones as far as the lines are the same).
 *
 * dmidecode replaces every control character of a firmware's string by a dot
 * (ascii_filter in dmidecode.c), so no string can contain a line end: a line that begins
 * with "Handle" in the first column is dmidecode's own, and so is every key.
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

bool dmi_handle_line(struct span line, unsigned *handle, unsigned *type)
{
	unsigned length;

	return text_skip(&line, "Handle 0x") &&
	       take_number(&line, ',', true, DMI_HANDLES - 1, handle) &&
	       text_skip(&line, " DMI type ") &&
	       take_number(&line, ',', false, 255, type) && text_skip(&line, " ") &&
	       take_number(&line, ' ', false, 255, &length) &&
	       (text_is(line, "bytes") || text_is(line, "bytes.")); /* the dot: 2.x */
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
static struct span body_take(struct span *rest)
{
	struct span body = { rest->at, 0 };
	struct span next = *rest, line;

	while (text_line(&next, &line)) {
		if (line.len == 0 || text_starts(line, "Handle "))
			break;
		*rest = next;
		body.len = (size_t)(next.at - body.at);
	}
	return body;
}

bool dmi_next(struct dmi_reader *reader, struct dmi_structure *structure)
{
	struct span line;
	unsigned handle, type;

	while (reader->left > 0 && text_line(&reader->rest, &line)) {
		if (!dmi_handle_line(line, &handle, &type) || type != reader->type)
			continue;
		reader->left--;
		structure->handle = handle;
		structure->type = type;
		structure->repeat = ++reader->seen[handle];
		structure->body = body_take(&reader->rest);
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
		if (!text_skip(&line, "SMBIOS ") && !text_skip(&line, "Legacy DMI "))
			continue;
		if (text_cut(&line, ' ', &word) && text_is(line, "present.")) {
			*version = word;
			return true;
		}
	}
	return false;
}

/* Finds the line "\tKey: value"; `*below` is what comes after it. */
static bool key_find(const struct dmi_structure *structure, const char *key,
		     struct span *value, struct span *below)
{
	struct span line;

	*below = structure->body;
	while (text_line(below, &line)) {
		if (!text_skip(&line, "\t") || !text_skip(&line, key) ||
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
	if (!key_find(structure, key, &list->value, &list->below))
		*list = (struct dmi_list){ { NULL, 0 }, { NULL, 0 } };
}

bool dmi_item(struct dmi_list *list, struct span *item)
{
	struct span line;

	if (list->value.len > 0) {
		*item = list->value;
		*list = (struct dmi_list){ { NULL, 0 }, { NULL, 0 } };
		return true;
	}
	if (!text_line(&list->below, &line) || !text_skip(&line, "\t\t")) {
		list->below.len = 0;
		return false;
	}
	*item = text_trim(line);
	return true;
}
