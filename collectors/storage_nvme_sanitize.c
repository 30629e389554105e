/* storage/nvme-sanitize: whether an NVMe drive was, or is being, erased (NVMe 1.4, 5.14.1.16.2). */
#include "storage.h"

#define PROGRESS_ALL 65536u /* Sanitize Progress counts to this; all ones: none runs */

/* Bits 2:0 of Sanitize Status; nvme-cli prints "(1) " and a sentence, which others reworded. */
static const char *const states[] = {
	"NeverSanitized", "Completed", "InProgress", "Failed", "CompletedNoDeallocate",
};

/* nvme-cli prints one member, by the name of the device. */
static const json_t *log_of(const json_t *root)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)root, name, value)
	{
		if (json_is_object(json_object_get(value, "sstat")))
			return value;
	}
	return NULL;
}

static void put_state(json_t *props, const json_t *log)
{
	const json_t *status = tool_json_at(log, "sstat.status");
	const char *text = json_string_value(status);
	struct span rest = { text, json_string_length(status) };
	uint64_t state, progress;

	if (!status) {
		json_put(props, "sanitize_state", json_null());
		return;
	}
	if (!text || !text_skip(&rest, "(") || !text_take_u64(&rest, &state) ||
	    !text_skip(&rest, ")") || state >= ARRAY_LEN(states)) {
		tool_json_put_unread(props, "sanitize_state", status);
		return;
	}
	json_put(props, "sanitize_state", json_string(states[state]));
	if (state == 2 && !tool_json_u64(json_object_get(log, "sprog"), &progress) &&
	    progress < PROGRESS_ALL)
		json_put(props, "sanitize_progress_percent",
			 json_integer((json_int_t)(progress * 100 / PROGRESS_ALL)));
}

void collect_storage_nvme_sanitize(const struct input *in, const char *instance,
				   struct output *out)
{
	AUTO_JSON json_t *root = tool_json_load(in, "nvme sanitize-log", out);
	const json_t *log = log_of(root);
	const json_t *said = tool_json_at(log, "sstat.global_erased");
	uint64_t erased;
	json_t *props;

	if (!root)
		return;
	if (!log) {
		collect_error(out, "nvme sanitize-log", "nothing in it is known");
		return;
	}
	props = json_object();
	put_state(props, log);
	if (!tool_json_u64(said, &erased))
		json_put(props, "globally_erased", json_boolean(erased != 0));
	else if (said)
		tool_json_put_unread(props, "globally_erased", said);
	collect_record(out, STORAGE_DRIVES, *instance ? instance : "unknown", props);
}
