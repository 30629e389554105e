/*
 * raid/storcli, raid/storcli-volumes and the same of perccli: MegaRAID controllers and their virtual
 * drives, as Broadcom's tool and Dell's copy of it tell in JSON.
 */
#include "placeholder.h"
#include "raid.h"

#include <string.h>

/* The states of a virtual drive (Storage Command Line Tool User Guide). */
static const struct raid_state volume_states[] = {
	{ "Optl", "OK", NULL },
	{ "Optimal", "OK", NULL },
	{ "Cac", "OK", NULL },
	{ "Rec", NULL, NULL },
	{ "Pdgd", "Critical", "members are missing; one more may be lost" },
	{ "Dgrd", "Critical", "members are missing" },
	{ "OfLn", "Critical", "too many members are missing" },
	{ "HD", NULL, NULL },
	{ "TRANS", NULL, NULL },
	{ NULL, NULL, NULL },
};

static const struct field controller_fields[] = {
	{ "model", "Basics.Model", FIELD_TEXT },
	{ "model", "Product Name", FIELD_TEXT },
	{ "sas_address", "Basics.SAS Address", FIELD_TEXT },
	{ "sas_address", "SAS Address", FIELD_TEXT },
	{ "firmware_package_version", "Version.Firmware Package Build", FIELD_TEXT },
	{ "firmware_package_version", "FW Package Build", FIELD_TEXT },
	{ "firmware_version", "Version.Firmware Version", FIELD_TEXT },
	{ "firmware_version", "FW Version", FIELD_TEXT },
	{ "bios_version", "Version.Bios Version", FIELD_TEXT },
	{ "bios_version", "BIOS Version", FIELD_TEXT },
	{ "driver", "Version.Driver Name", FIELD_TEXT },
	{ "controller_status", "Status.Controller Status", FIELD_TEXT },
	{ "memory_correctable_errors", "Status.Memory Correctable Errors", FIELD_NUMBER },
	{ "memory_uncorrectable_errors", "Status.Memory Uncorrectable Errors",
	  FIELD_NUMBER },
	{ "temperature_celsius", "HwCfg.ROC temperature(Degree Celsius)", FIELD_NUMBER },
	{ "temperature_celsius", "HwCfg.ROC temperature(Degree Celcius)", FIELD_NUMBER },
	{ "battery", "HwCfg.BBU", FIELD_TEXT },
	{ "battery_model", "Cachevault_Info.0.Model", FIELD_TEXT },
	{ "battery_model", "BBU_Info.0.Model", FIELD_TEXT },
	{ "battery_status", "Cachevault_Info.0.State", FIELD_TEXT },
	{ "battery_status", "BBU_Info.0.State", FIELD_TEXT },
	{ NULL, NULL, 0 },
};

struct span raid_span(const json_t *value)
{
	const char *text = json_string_value(value);

	return text_trim(
		(struct span){ text ?: "", text ? json_string_length(value) : 0 });
}

/* What the tool says for "nothing": it means that the value is not known. */
static bool is_nothing(struct span text)
{
	return text.len == 0 || text_is(text, "-") || text_is(text, "NA") ||
	       text_is(text, "N/A");
}

void raid_put_word(json_t *props, const char *prop, const json_t *value)
{
	struct span text = raid_span(value);

	if (is_nothing(text))
		json_put(props, prop, json_null());
	else
		collect_span(props, prop, text);
}

void raid_put_identity(json_t *props, const char *prop, const json_t *value)
{
	struct span text = raid_span(value);

	if (is_nothing(text))
		json_put(props, prop, json_null());
	else
		placeholder_put(props, prop, text.at, text.len, PLACEHOLDER_IDENTITY);
}

/* " 28C (82.40 F)", "33C". */
void raid_put_celsius(json_t *props, const char *prop, const json_t *value)
{
	struct span text = raid_span(value);
	uint64_t degrees;

	if (value)
		json_put(props, prop,
			 text_take_u64(&text, &degrees) && text_starts(text, "C")
				 ? collect_integer(degrees)
				 : json_null());
}

/* "512B", "4 KB". */
bool raid_sector_size(const json_t *value, uint64_t *bytes)
{
	struct span text = raid_span(value);

	if (!text_take_u64(&text, bytes))
		return false;
	text = text_trim(text);
	if (text_is(text, "KB"))
		*bytes *= 1024;
	else if (!text_is(text, "B"))
		return false;
	return *bytes >= 512 && *bytes <= 65536;
}

/* "00:03:00:00" (domain, bus, device, function; two digits of each) as lspci writes it. */
static bool pci_address(const json_t *value, char key[16])
{
	struct span text = raid_span(value), part;
	uint64_t numbers[4];
	size_t count = 0;

	while (text_cut(&text, ':', &part)) {
		if (count == ARRAY_LEN(numbers) ||
		    text_hex(part, count ? 0xff : 0xffff, &numbers[count]))
			return false;
		count++;
	}
	if (count != ARRAY_LEN(numbers) || numbers[2] > 31 || numbers[3] > 7)
		return false;
	(void)snprintf(key, 16, "%04x:%02x:%02x.%x", (unsigned)numbers[0],
		       (unsigned)numbers[1], (unsigned)numbers[2], (unsigned)numbers[3]);
	return true;
}

/* The number of a controller in the tool's own reply, for keys; -1: it says none. */
static int controller_number(const json_t *controller)
{
	const json_t *number = tool_json_at(controller, "Command Status.Controller");

	return json_is_integer(number) && json_integer_value(number) >= 0 &&
			       json_integer_value(number) < 1024
		       ? (int)json_integer_value(number)
		       : -1;
}

/* Failures that are answers: there is none of what was asked for. */
static bool means_none(const char *why)
{
	static const char *const words[] = { "not found", "No Controller", "No VD",
					     "No drive", "Un-supported command" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strstr(why, words[i]))
			return true;
	return false;
}

/* A controller's "Response Data", for each that did not fail. */
void raid_each_controller(const struct input *in, const char *where,
			  raid_controller_fn *run, struct output *out)
{
	AUTO_JSON json_t *root = tool_json_load(in, where, out);
	const json_t *list = json_object_get(root, "Controllers");
	const char *version = json_string_value(
		tool_json_at(root, "Controllers.0.Command Status.CLI Version"));

	if (!root)
		return;
	if (version)
		collect_tool_version(out, where, version, strlen(version));
	if (!json_is_array(list)) {
		collect_error(out, where, "the JSON has no list of controllers");
		return;
	}
	for (size_t i = 0; i < json_array_size(list) && i < RAID_LIST_MAX; i++) {
		const json_t *controller = json_array_get(list, i);
		json_t *data = json_object_get(controller, "Response Data");
		const char *why = json_string_value(
			tool_json_at(controller, "Command Status.Description"));

		if (json_is_object(data))
			run(data, controller_number(controller), out);
		else if (why && !means_none(why))
			collect_error(out, where, "a controller's answer is: %.100s",
				      why);
	}
}

static void emit_controller(json_t *data, int number, struct output *out)
{
	json_t *props = json_object();
	const json_t *address = tool_json_at(data, "Basics.PCI Address");
	struct span status;
	char key[16], size[32];
	uint64_t memory;

	if (!address)
		address = json_object_get(data, "PCI Address");
	if (!pci_address(address, key)) {
		collect_error(out, "storcli", "controller %d has no PCI address", number);
		json_decref(props);
		return;
	}
	tool_json_fields(props, data, controller_fields);
	raid_put_identity(props, "serial_number",
			  tool_json_at(data, "Basics.Serial Number")
				  ?: json_object_get(data, "Serial Number"));
	raid_put_celsius(props, "battery_temperature_celsius",
			 tool_json_at(data, "Cachevault_Info.0.Temp")
				 ?: tool_json_at(data, "BBU_Info.0.Temp"));
	status = raid_span(tool_json_at(data, "HwCfg.On Board Memory Size"));
	/* "2048MB" */
	if (text_take_u64(&status, &memory) && text_is(status, "MB") && memory < 1u << 24)
		json_put(props, "cache_bytes", collect_integer(memory << 20));
	(void)snprintf(size, sizeof(size), "c%d", number);
	if (number >= 0)
		json_put(props, "raid_controller", json_string(size));
	collect_record(out, STORAGE_CONTROLLERS, key, props);
	/* Here HBAs without RAID firmware tell all of their drives. */
	raid_emit_drives(json_object_get(data, "Physical Device Information"), number,
			 out);
	raid_emit_loose_drives(json_object_get(data, "PD LIST"), number, out);
}

void collect_raid_storcli(const struct input *in, const char *instance,
			  struct output *out)
{
	(void)instance;
	raid_each_controller(in, "storcli", emit_controller, out);
}

/* "252:0"; on a backplane without an enclosure " :3", which is kept without the blank. */
void raid_put_slot(json_t *props, const char *prop, const json_t *row)
{
	struct span slot = raid_span(json_object_get(row, "EID:Slt"));

	if (slot.len > 0)
		collect_span(props, prop, slot);
}

static json_t *members_of(const json_t *rows, int number)
{
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(rows) && i < RAID_LIST_MAX; i++) {
		const json_t *row = json_array_get(rows, i);
		struct span slot = raid_span(json_object_get(row, "EID:Slt")), enclosure;
		json_t *member = json_object();
		char key[64], where[32] = "";

		raid_put_slot(member, "slot", row);
		collect_json_text(member, "state", json_object_get(row, "State"));
		if (number >= 0 && slot.len < 20 && text_cut(&slot, ':', &enclosure)) {
			enclosure = text_trim(enclosure);
			if (enclosure.len > 0)
				(void)snprintf(where, sizeof(where), "/e%.*s",
					       (int)enclosure.len, enclosure.at);
			(void)snprintf(key, sizeof(key), "c%d%s/s%.*s", number, where,
				       (int)slot.len, slot.at);
			json_put(member, "drive", collect_json_key(key));
		}
		json_push(list, member);
	}
	return list;
}

/* `name` is "/c0/v0". */
static void emit_volume(json_t *data, int number, const char *name, const json_t *row,
			struct output *out)
{
	const char *volume = strchr(name + 1, '/') + 2;
	AUTO_FREE char *properties_name = xasprintf("VD%s Properties", volume);
	AUTO_FREE char *members_name = xasprintf("PDs for VD %s", volume);
	const json_t *properties = json_object_get(data, properties_name);
	const json_t *members = json_object_get(data, members_name);
	const json_t *blocks = json_object_get(properties, "Number of Blocks");
	json_t *props = json_object(), *list = members_of(members, number);
	uint64_t sector, total;

	collect_json_text(props, "level", json_object_get(row, "TYPE"));
	collect_json_text(props, "name", json_object_get(row, "Name"));
	raid_put_state(props, "array_state", raid_span(json_object_get(row, "State")),
		       volume_states);
	collect_json_text(props, "cache_policy", json_object_get(row, "Cache"));
	collect_json_text(props, "device", json_object_get(properties, "OS Drive Name"));
	collect_json_text(props, "wwid", json_object_get(properties, "SCSI NAA Id"));
	collect_json_text(props, "active_operations",
			  json_object_get(properties, "Active Operations"));
	if (json_is_integer(blocks) && json_integer_value(blocks) > 0 &&
	    raid_sector_size(json_object_get(json_array_get(members, 0), "SeSz"),
			     &sector) &&
	    !__builtin_mul_overflow((uint64_t)json_integer_value(blocks), sector, &total))
		json_put(props, "capacity_bytes", collect_integer(total));
	else
		json_put(props, "capacity_bytes", json_null());
	json_put(props, "member_count", collect_integer(json_array_size(list)));
	json_put(props, "members", list);
	collect_record(out, "storage.arrays", name + 1, props);
}

static bool is_volume(const char *name)
{
	struct span rest = { name, strlen(name) };
	uint64_t number;

	return text_skip(&rest, "/c") && text_take_u64(&rest, &number) &&
	       text_skip(&rest, "/v") && text_take_u64(&rest, &number) && rest.len == 0;
}

static void emit_volumes(json_t *data, int number, struct output *out)
{
	const char *name;
	json_t *value;

	json_object_foreach(data, name, value)
	{
		const json_t *row = json_array_get(value, 0);

		if (is_volume(name) && json_is_object(row))
			emit_volume(data, number, name, row, out);
	}
}

void collect_raid_volumes(const struct input *in, const char *instance,
			  struct output *out)
{
	(void)instance;
	raid_each_controller(in, "storcli", emit_volumes, out);
}
