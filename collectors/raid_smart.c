/* megaraid/smart: bee-megaraid's lines, each followed by smartctl's JSON of one disk. */
#include "raid.h"

#include <string.h>

#define MARK "bee-megaraid\t"
#define DISKS_MAX 4096

/* The start of the next disk's line, or the end. */
static size_t segment_length(struct span rest)
{
	static const char mark[] = "\n" MARK;
	const char *next = memmem(rest.at, rest.len, mark, sizeof(mark) - 1);

	return next ? (size_t)(next - rest.at) + 1 : rest.len;
}

static void emit_disk(struct span json, struct span address, struct span id, bool *told,
		      struct output *out)
{
	AUTO_FREE char *key = xasprintf("%.*s/megaraid,%.*s", (int)address.len,
					address.at, (int)id.len, id.at);
	AUTO_FREE char *text = xcalloc(json.len + 1, 1);
	struct input one = { text, json.len };
	AUTO_JSON json_t *root = NULL;
	uint64_t number;
	json_t *props;

	memcpy(text, json.at, json.len);
	root = tool_json_load(&one, key, out);
	if (!root)
		return;
	if (!*told)
		storage_smart_version(root, out);
	*told = true;
	props = storage_smart_props(root);
	if (!text_u64(id, &number))
		json_put(props, "raid_device_id", collect_integer(number));
	collect_span(props, "controller_pci_address", address);
	collect_record(out, STORAGE_DRIVES, key, props);
	storage_smart_trouble(root, key, out);
}

void collect_megaraid_smart(const struct input *in, const char *instance,
			    struct output *out)
{
	struct span rest = { in->text, in->len };
	bool told = false;

	(void)instance;
	for (unsigned i = 0; rest.len > 0 && i < DISKS_MAX; i++) {
		struct span segment = { rest.at, segment_length(rest) }, line, part[3];
		bool whole;

		rest = (struct span){ rest.at + segment.len, rest.len - segment.len };
		whole = memchr(segment.at, '\n', segment.len) != NULL;
		if (!text_line(&segment, &line) || !whole || !text_skip(&line, MARK) ||
		    !text_cut(&line, '\t', &part[0]) ||
		    !text_cut(&line, '\t', &part[1]) || part[0].len > 32 ||
		    part[1].len > 8) {
			collect_error(out, "megaraid",
				      "a line that bee-megaraid has not");
			continue;
		}
		if (text_is(line, "smartctl"))
			emit_disk(segment, part[0], part[1], &told, out);
		else
			collect_error(out, "megaraid", "%.*s, %.*s: %.*s",
				      (int)part[0].len, part[0].at, (int)part[1].len,
				      part[1].at, (int)(line.len < 20 ? line.len : 20),
				      line.at);
	}
}
