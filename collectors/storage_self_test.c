/*
 * Self-tests in smartctl's JSON of ATA, SCSI and NVMe drives. One record, one moment: the test that
 * runs now, or else the newest in the log, and beside it the newest failure that nothing outdates.
 * What drives keep of the last one apart from the log (ATA's execution status) is not mixed with it.
 */
#include "storage.h"

#include <string.h>

#define ENTRIES_MAX 64 /* ATA's extended log has pages of 19; SCSI and NVMe have 20 */

enum outcome { PASSED, FAILED, STOPPED, RUNNING };

struct entry {
	const json_t *at; /* borrowed; NULL: there is none */
	uint64_t type;
	enum outcome outcome;
	bool extended;
};

/* How a protocol writes an entry of its log. */
struct protocol {
	const char *type, *result; /* paths of their values */
	const struct field *fields;
	enum outcome (*outcome)(uint64_t result);
	bool (*extended)(uint64_t type);
};

/* ACS-4, 9.11.2 and 9.20.6: the upper half of the status; 3 to 8 are smartctl's failures, too. */
static enum outcome ata_outcome(uint64_t status)
{
	status >>= 4;
	if (status == 0)
		return PASSED;
	if (status >= 3 && status <= 8)
		return FAILED;
	return status == 15 ? RUNNING : STOPPED;
}

static bool ata_extended(uint64_t type)
{
	return (type & 0x7f) == 2; /* offline or captive */
}

/* SPC-5, table 334 */
static enum outcome scsi_outcome(uint64_t result)
{
	if (result == 0)
		return PASSED;
	if (result >= 3 && result <= 7)
		return FAILED;
	return result == 15 ? RUNNING : STOPPED;
}

static bool scsi_extended(uint64_t code)
{
	return code == 2 || code == 6; /* background, foreground */
}

/* NVMe 1.4, figure 203: 3, 4, 8 and 9 are tests that something else has ended. */
static enum outcome nvme_outcome(uint64_t result)
{
	if (result == 0)
		return PASSED;
	return result >= 5 && result <= 7 ? FAILED : STOPPED;
}

static bool nvme_extended(uint64_t code)
{
	return code == 2;
}

static const struct field ata_fields[] = {
	{ "type", "type.string", FIELD_TEXT },
	{ "result", "status.string", FIELD_TEXT },
	{ "lifetime_hours", "lifetime_hours", FIELD_NUMBER },
	{ NULL, NULL, FIELD_TEXT },
};
static const struct field scsi_fields[] = {
	{ "type", "code.string", FIELD_TEXT },
	{ "result", "result.string", FIELD_TEXT },
	{ "lifetime_hours", "power_on_time.hours", FIELD_NUMBER },
	{ NULL, NULL, FIELD_TEXT },
};
static const struct field nvme_fields[] = {
	{ "type", "self_test_code.string", FIELD_TEXT },
	{ "result", "self_test_result.string", FIELD_TEXT },
	{ "lifetime_hours", "power_on_hours", FIELD_NUMBER },
	{ NULL, NULL, FIELD_TEXT },
};

static const struct protocol ata = { "type.value", "status.value", ata_fields,
				     ata_outcome, ata_extended };
static const struct protocol scsi = { "code.value", "result.value", scsi_fields,
				      scsi_outcome, scsi_extended };
static const struct protocol nvme = { "self_test_code.value", "self_test_result.value",
				      nvme_fields, nvme_outcome, nvme_extended };

static bool entry_read(const struct protocol *protocol, const json_t *at,
		       struct entry *entry)
{
	uint64_t result;

	if (!at || tool_json_u64(tool_json_at(at, protocol->result), &result))
		return false;
	*entry = (struct entry){ .at = at, .outcome = protocol->outcome(result) };
	if (tool_json_u64(tool_json_at(at, protocol->type), &entry->type))
		entry->type = UINT64_MAX;
	entry->extended = protocol->extended(entry->type);
	return true;
}

/* A test that was passed later outdates a failure if it has looked at as much: smartctl(8), -l
 * selftest, takes extended tests alone. */
static bool is_outdated(const struct entry *failed, const struct entry *later,
			size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (later[i].outcome == PASSED &&
		    (later[i].extended || later[i].type == failed->type))
			return true;
	return false;
}

static json_t *test_of(const struct protocol *protocol, const struct entry *entry)
{
	json_t *test = json_object();

	tool_json_fields(test, entry->at, protocol->fields);
	if (entry->outcome == PASSED || entry->outcome == FAILED)
		json_put(test, "passed", json_boolean(entry->outcome == PASSED));
	if (entry->outcome == RUNNING)
		json_put(test, "running", json_true());
	return test;
}

/* The log's entries, the newest first. */
static void put_log(json_t *props, const struct protocol *protocol,
		    const struct entry *entries, size_t count)
{
	if (count > 0 && !json_object_get(props, "self_test"))
		json_put(props, "self_test", test_of(protocol, &entries[0]));
	for (size_t i = 0; i < count; i++) {
		if (entries[i].outcome != FAILED || is_outdated(&entries[i], entries, i))
			continue;
		json_put(props, "self_test_failed", test_of(protocol, &entries[i]));
		json_object_del(json_object_get(props, "self_test_failed"), "passed");
		return;
	}
}

static size_t take_table(const struct protocol *protocol, const json_t *table,
			 struct entry *entries)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(table) && count < ENTRIES_MAX; i++)
		count += entry_read(protocol, json_array_get(table, i), &entries[count]);
	return count;
}

static void put_running(json_t *props, const json_t *words, json_t *remaining)
{
	json_t *test = json_object();

	json_put(test, "running", json_true());
	if (words)
		collect_json_text(test, "result", words);
	json_put(test, "remaining_percent", remaining);
	json_put(props, "self_test", test);
}

static json_t *remaining_of(const json_t *completed)
{
	uint64_t percent;

	if (tool_json_u64(completed, &percent) || percent > 100)
		return json_null();
	return collect_integer(100 - percent);
}

/*
 * The execution status, without a log to ask. 0 is "completed without error or never run" (ACS-4,
 * 9.20.6): nobody knows which.
 */
static void put_ata_status(json_t *props, const json_t *status, uint64_t value)
{
	enum outcome outcome = ata_outcome(value);
	json_t *test = json_object();

	if (outcome == PASSED)
		json_put(test, "result", json_null());
	else
		collect_json_text(test, "result", json_object_get(status, "string"));
	if (outcome == FAILED) {
		json_put(props, "self_test_failed", json_deep_copy(test));
		json_put(test, "passed", json_false());
	}
	json_put(props, "self_test", test);
}

static void put_ata(json_t *props, const json_t *root)
{
	const json_t *log = tool_json_at(root, "ata_smart_self_test_log.extended");
	const json_t *status = tool_json_at(root, "ata_smart_data.self_test.status");
	struct entry entries[ENTRIES_MAX];
	uint64_t value = 0;
	bool told = !tool_json_u64(json_object_get(status, "value"), &value);
	size_t count;

	if (!log)
		log = tool_json_at(root, "ata_smart_self_test_log.standard");
	count = take_table(&ata, json_object_get(log, "table"), entries);
	if (told && ata_outcome(value) == RUNNING)
		put_running(props, json_object_get(status, "string"),
			    collect_integer(10 * (value & 15)));
	put_log(props, &ata, entries, count);
	if (json_object_get(log, "error_count_total"))
		tool_json_put_number(props, "self_test_failed_count",
				     json_object_get(log, "error_count_total"));
	if (json_object_get(props, "self_test"))
		return;
	if (log && count == 0 && !(told && ata_outcome(value) == FAILED))
		json_put(props, "self_test", json_null()); /* never one */
	else if (told)
		put_ata_status(props, status, value);
}

static void put_scsi(json_t *props, const json_t *root)
{
	const json_t *status = tool_json_at(root, "scsi_self_test_status");
	struct entry entries[ENTRIES_MAX];
	size_t count = 0;

	for (unsigned i = 0; i < 20; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "scsi_self_test_%u", i);
		count += entry_read(&scsi, json_object_get(root, name), &entries[count]);
	}
	if (json_is_true(json_object_get(status, "in_progress")))
		put_running(props, NULL,
			    remaining_of(json_object_get(status, "completion_percent")));
	put_log(props, &scsi, entries, count);
}

static void put_nvme(json_t *props, const json_t *root)
{
	const json_t *log = tool_json_at(root, "nvme_self_test_log");
	const json_t *now = tool_json_at(log, "current_self_test_operation");
	struct entry entries[ENTRIES_MAX];
	uint64_t operation;

	if (!tool_json_u64(json_object_get(now, "value"), &operation) && operation)
		put_running(props, json_object_get(now, "string"),
			    remaining_of(json_object_get(
				    log, "current_self_test_completion_percent")));
	put_log(props, &nvme, entries,
		take_table(&nvme, json_object_get(log, "table"), entries));
}

void storage_smart_self_test(json_t *props, const json_t *root)
{
	put_ata(props, root);
	put_scsi(props, root);
	put_nvme(props, root);
}
