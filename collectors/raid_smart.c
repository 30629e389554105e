/* megaraid/smart and cciss/smart: lines of bee-megaraid and bee-cciss, each followed by smartctl's
 * JSON of one disk. */
#include "raid.h"

#include <string.h>

#define DISKS_MAX 4096
#define SCSI_DISK 0

/* Whose lines, and what its disks are called. */
struct kind {
	const char *name, *mark, *after;
};

static const struct kind megaraid = { "megaraid", "bee-megaraid\t", "\nbee-megaraid\t" };
static const struct kind cciss = { "cciss", "bee-cciss\t", "\nbee-cciss\t" };

/* The start of the next disk's line, or the end. */
static size_t segment_length(const struct kind *kind, struct span rest)
{
	const char *next = memmem(rest.at, rest.len, kind->after, strlen(kind->after));

	return next ? (size_t)(next - rest.at) + 1 : rest.len;
}

/* Enclosures and the controller itself stand in the firmware's list, too (SPC-4, table 138). */
static bool is_other_device(const json_t *root)
{
	uint64_t type;

	return !tool_json_u64(tool_json_at(root, "device_type.scsi_value"), &type) &&
	       type != SCSI_DISK;
}

static void emit_disk(const struct kind *kind, struct span json, struct span address,
		      struct span id, bool *told, struct output *out)
{
	AUTO_FREE char *key = xasprintf("%.*s/%s,%.*s", (int)address.len, address.at,
					kind->name, (int)id.len, id.at);
	AUTO_FREE char *text = xcalloc(json.len + 1, 1);
	struct input one = { text, json.len };
	AUTO_JSON json_t *root = NULL;
	json_t *props;

	memcpy(text, json.at, json.len);
	root = tool_json_load(&one, key, out);
	if (!root)
		return;
	if (!*told)
		storage_smart_version(root, out);
	*told = true;
	if (is_other_device(root))
		return;
	props = storage_smart_props(root);
	collect_u64(props, "raid_device_id", id);
	collect_span(props, "controller_pci_address", address);
	collect_record(out, STORAGE_DRIVES, key, props);
	storage_smart_trouble(root, key, out);
}

static void collect_disks(const struct kind *kind, const struct input *in,
			  struct output *out)
{
	struct span rest = { in->text, in->len };
	bool told = false;

	for (unsigned i = 0; rest.len > 0 && i < DISKS_MAX; i++) {
		struct span segment = { rest.at, segment_length(kind, rest) }, line,
			    part[3];
		bool whole;

		rest = (struct span){ rest.at + segment.len, rest.len - segment.len };
		whole = memchr(segment.at, '\n', segment.len) != NULL;
		if (!text_line(&segment, &line) || !whole ||
		    !text_skip(&line, kind->mark) || !text_cut(&line, '\t', &part[0]) ||
		    !text_cut(&line, '\t', &part[1]) || part[0].len > 32 ||
		    part[1].len > 8) {
			collect_error(out, kind->name, "a line that bee-%s has not",
				      kind->name);
			continue;
		}
		if (text_is(line, "smartctl"))
			emit_disk(kind, segment, part[0], part[1], &told, out);
		else
			collect_error(out, kind->name, "%.*s, %.*s: %.*s",
				      (int)part[0].len, part[0].at, (int)part[1].len,
				      part[1].at, (int)(line.len < 20 ? line.len : 20),
				      line.at);
	}
}

void collect_megaraid_smart(const struct input *in, const char *instance,
			    struct output *out)
{
	(void)instance;
	collect_disks(&megaraid, in, out);
}

void collect_cciss_smart(const struct input *in, const char *instance, struct output *out)
{
	(void)instance;
	collect_disks(&cciss, in, out);
}
