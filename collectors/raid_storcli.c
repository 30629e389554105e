/*
 * raid/storcli, raid/storcli-volumes and the same of perccli: MegaRAID controllers and their virtual
 * drives, as Broadcom's tool and Dell's copy of it tell in JSON.
 */
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

/* "2048MB" */
static void put_cache(json_t *props, const json_t *value)
{
	struct span text = raid_span(value);
	uint64_t mib;

	if (!value)
		return;
	if (text_take_u64(&text, &mib) && text_is(text_trim(text), "MB") &&
	    mib < 1u << 24)
		json_put(props, "cache_bytes", collect_integer(mib << 20));
	else
		raid_put_unread(props, "cache_bytes", value);
}

static size_t emit_controller(json_t *data, int number, struct output *out)
{
	json_t *props = json_object();
	const json_t *address = tool_json_at(data, "Basics.PCI Address");
	char key[16], size[32];

	if (!address)
		address = json_object_get(data, "PCI Address");
	if (!pci_address(address, key)) {
		collect_error(out, "storcli",
			      "controller %d has no PCI address: \"%.40s\"", number,
			      json_string_value(address) ?: "");
		json_decref(props);
		return 1; /* that has been told */
	}
	tool_json_fields(props, data, controller_fields);
	raid_put_identity(props, "serial_number",
			  tool_json_at(data, "Basics.Serial Number")
				  ?: json_object_get(data, "Serial Number"));
	raid_put_celsius(props, "battery_temperature_celsius",
			 tool_json_at(data, "Cachevault_Info.0.Temp")
				 ?: tool_json_at(data, "BBU_Info.0.Temp"));
	put_cache(props, tool_json_at(data, "HwCfg.On Board Memory Size"));
	(void)snprintf(size, sizeof(size), "c%d", number);
	if (number >= 0)
		json_put(props, "raid_controller", json_string(size));
	collect_record(out, STORAGE_CONTROLLERS, key, props);
	/* Here HBAs without RAID firmware tell all of their drives. */
	(void)raid_emit_drives(json_object_get(data, "Physical Device Information"),
			       number, out);
	(void)raid_emit_loose_drives(json_object_get(data, "PD LIST"), number, out);
	return 1;
}

void collect_raid_storcli(const struct input *in, const char *instance,
			  struct output *out)
{
	(void)instance;
	raid_each_controller(in, "storcli", emit_controller, out);
}

bool raid_drive_key(const json_t *row, int number, char key[64])
{
	struct span slot = raid_span(json_object_get(row, "EID:Slt")), enclosure;

	if (number < 0 || slot.len >= 20 || !text_cut(&slot, ':', &enclosure))
		return false;
	enclosure = text_trim(enclosure);
	if (enclosure.len > 0)
		(void)snprintf(key, 64, "c%d/e%.*s/s%.*s", number, (int)enclosure.len,
			       enclosure.at, (int)slot.len, slot.at);
	else
		(void)snprintf(key, 64, "c%d/s%.*s", number, (int)slot.len, slot.at);
	return true;
}

static json_t *members_of(const json_t *rows, int number)
{
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(rows) && i < RAID_LIST_MAX; i++) {
		const json_t *row = json_array_get(rows, i);
		json_t *member = json_object();
		char key[64];

		raid_put_slot(member, "slot", row);
		/* storcli2's "State" is whether it is configured. */
		raid_put_word(member, "state",
			      json_object_get(row, "Status")
				      ?: json_object_get(row, "State"));
		if (raid_drive_key(row, number, key))
			json_put(member, "drive", collect_json_key(key));
		json_push(list, member);
	}
	return list;
}

/* storcli2 says how large a block is; before it is the members' sector. */
static void put_volume_size(json_t *props, const json_t *properties,
			    const json_t *members)
{
	const json_t *blocks = json_object_get(properties, "Number of Blocks");
	const json_t *block = json_object_get(properties, "Block Size");
	const json_t *sectors = json_object_get(json_array_get(members, 0), "SeSz");
	uint64_t count = 0, sector, total;

	if (blocks && tool_json_u64(blocks, &count))
		raid_put_unread(props, "capacity_bytes", blocks);
	else if (count == 0 || (!block && !sectors))
		json_put(props, "capacity_bytes", json_null());
	else if (block ? tool_json_u64(block, &sector)
		       : !raid_sector_size(sectors, &sector))
		raid_put_unread(props, "capacity_bytes", block ?: sectors);
	else if (__builtin_mul_overflow(count, sector, &total))
		raid_put_unread(props, "capacity_bytes", blocks);
	else
		json_put(props, "capacity_bytes", collect_integer(total));
}

void raid_emit_volume(const char *key, int number, const json_t *row,
		      const json_t *members, const json_t *properties, struct output *out)
{
	json_t *props = json_object(), *list = members_of(members, number);

	raid_put_word(props, "level", json_object_get(row, "TYPE"));
	tool_json_put_text(props, "name", json_object_get(row, "Name"));
	raid_put_state(props, "array_state", raid_span(json_object_get(row, "State")),
		       volume_states);
	raid_put_word(props, "cache_policy",
		      json_object_get(row, "Cache")
			      ?: json_object_get(row, "CurrentCache"));
	raid_put_word(props, "device", json_object_get(properties, "OS Drive Name"));
	raid_put_word(props, "wwid", json_object_get(properties, "SCSI NAA Id"));
	raid_put_word(props, "active_operations",
		      json_object_get(properties, "Active Operations"));
	put_volume_size(props, properties, members);
	json_put(props, "member_count", collect_integer(json_array_size(list)));
	json_put(props, "members", list);
	collect_record(out, "storage.arrays", key, props);
}

/* `name` is "/c0/v0". */
static void emit_volume(json_t *data, int number, const char *name, const json_t *row,
			struct output *out)
{
	const char *volume = strchr(name + 1, '/') + 2;
	AUTO_FREE char *properties_name = xasprintf("VD%s Properties", volume);
	AUTO_FREE char *members_name = xasprintf("PDs for VD %s", volume);

	raid_emit_volume(name + 1, number, row, json_object_get(data, members_name),
			 json_object_get(data, properties_name), out);
}

static bool is_volume(const char *name)
{
	struct span rest = { name, strlen(name) };
	uint64_t number;

	return text_skip(&rest, "/c") && text_take_u64(&rest, &number) &&
	       text_skip(&rest, "/v") && text_take_u64(&rest, &number) && rest.len == 0;
}

static size_t emit_volumes(json_t *data, int number, struct output *out)
{
	size_t count = raid_emit_volume_list(json_object_get(data, "Virtual Drives"),
					     number, out);
	const char *name;
	json_t *value;

	json_object_foreach(data, name, value)
	{
		const json_t *row = json_array_get(value, 0);

		if (!is_volume(name))
			continue;
		if (json_is_object(row))
			emit_volume(data, number, name, row, out);
		else
			collect_error(out, "storcli", "%.60s is no list of one volume",
				      name);
		count++;
	}
	return count;
}

void collect_raid_volumes(const struct input *in, const char *instance,
			  struct output *out)
{
	(void)instance;
	raid_each_controller(in, "storcli", emit_volumes, out);
}
