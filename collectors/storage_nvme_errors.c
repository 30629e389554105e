/* storage/nvme-errors: the log of errors an NVMe controller keeps (NVMe 1.4, 5.14.1.1). */
#include "storage.h"

#define ENTRIES_MAX 16u /* newest ones that are listed; all are counted */
#define STATUS_MEDIA 2u /* status code type, figure 126 */

/* Codes of media and data integrity errors, figure 133. */
static const struct {
	unsigned code;
	const char *name;
} media[] = {
	{ 0x80, "Write Fault" },
	{ 0x81, "Unrecovered Read Error" },
	{ 0x82, "End-to-end Guard Check Error" },
	{ 0x83, "End-to-end Application Tag Check Error" },
	{ 0x84, "End-to-end Reference Tag Check Error" },
	{ 0x85, "Compare Failure" },
	{ 0x86, "Access Denied" },
	{ 0x87, "Deallocated or Unwritten Logical Block" },
};

struct totals {
	json_int_t entries, media;
	json_t *list; /* owned */
};

/* The status without its phase bit: nvme-cli before 2.0 prints both as one number. */
static bool status_of(const json_t *entry, unsigned *status)
{
	uint64_t field;

	if (json_u64(json_object_get(entry, "status_field"), &field) || field > 0xffff)
		return false;
	*status = (unsigned)(json_object_get(entry, "phase_tag") ? field : field >> 1);
	return true;
}

static const char *name_of(unsigned status)
{
	for (size_t i = 0; i < ARRAY_LEN(media); i++)
		if ((status >> 8 & 7) == STATUS_MEDIA && (status & 0xff) == media[i].code)
			return media[i].name;
	return NULL;
}

/* Damage of data, and not a question that was not allowed. */
static bool is_damage(unsigned status)
{
	return (status >> 8 & 7) == STATUS_MEDIA && (status & 0xff) <= 0x84;
}

static void list_entry(struct totals *totals, const json_t *entry, unsigned status)
{
	static const struct field fields[] = {
		{ "number", "error_count", FIELD_NUMBER },
		{ "queue", "sqid", FIELD_NUMBER },
		{ "command_id", "cmdid", FIELD_NUMBER },
		{ "block", "lba", FIELD_NUMBER },
		{ "namespace", "nsid", FIELD_NUMBER },
		{ NULL, NULL, FIELD_TEXT },
	};
	json_t *one = json_object();
	const char *name = name_of(status);

	tool_json_fields(one, entry, fields);
	json_put(one, "status_code_type", json_integer(status >> 8 & 7));
	json_put(one, "status_code", json_integer(status & 0xff));
	json_put(one, "status", name ? json_string(name) : json_null());
	json_push(totals->list, one);
}

static void take_entry(struct totals *totals, const json_t *entry, const char *key,
		       struct output *out)
{
	uint64_t number;
	unsigned status;

	/* Figure 194: 0 is an entry that was never filled. */
	if (!json_u64(json_object_get(entry, "error_count"), &number) && number == 0)
		return;
	if (!status_of(entry, &status)) {
		collect_error(out, key, "an entry of the error log without a status");
		return;
	}
	totals->entries++;
	totals->media += is_damage(status);
	if (json_array_size(totals->list) < ENTRIES_MAX)
		list_entry(totals, entry, status);
}

void collect_storage_nvme_errors(const struct input *in, const char *instance,
				 struct output *out)
{
	AUTO_JSON json_t *root = tool_json_load(in, instance, out);
	const json_t *list = json_object_get(root, "errors");
	struct totals totals = { .list = NULL };
	json_t *props;

	if (!root)
		return;
	if (!json_is_array(list)) {
		collect_error(out, instance, "no list of errors");
		return;
	}
	totals.list = json_array();
	for (size_t i = 0; i < json_array_size(list); i++)
		take_entry(&totals, json_array_get(list, i), instance, out);
	props = json_object();
	json_put(props, "error_entry_count", json_integer(totals.entries));
	json_put(props, "media_error_entry_count", json_integer(totals.media));
	json_put(props, "error_entries", totals.list);
	collect_record(out, STORAGE_DRIVES, instance, props);
}
