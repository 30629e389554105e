/* The machine itself: firmware, system, baseboards, chassis and slots (SMBIOS types 0 to
 * 3, 9, 11, 41, 43 and 45). */
#include "board.h"
#include "dmi_props.h"
#include "tree_props.h"

#define OEM_STRINGS_MAX 255u /* the count is a byte */

static const char where[] = "board/dmi";

/* SMBIOS 3.6, 7.4.1, to Redfish's ChassisType where it has a word; others stay. */
static const struct dmi_word chassis_types[] = {
	{ "Desktop", "StandAlone" },
	{ "Low Profile Desktop", "StandAlone" },
	{ "Mini Tower", "StandAlone" },
	{ "Tower", "StandAlone" },
	{ "Expansion Chassis", "Expansion" },
	{ "Bus Expansion Chassis", "Expansion" },
	{ "RAID Chassis", "StorageEnclosure" },
	{ "Rack Mount Chassis", "RackMount" },
	{ "Blade", "Blade" },
	{ "Blade Enclosing", "Enclosure" },
	{ NULL, NULL },
};

static bool two_digits(const char *at, unsigned *value)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return false;
	*value = (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
	return true;
}

void board_date(json_t *props, struct span value)
{
	unsigned month, day, high = 19, low;
	char date[16];

	if ((value.len != 10 && value.len != 8) || value.at[2] != '/' ||
	    value.at[5] != '/' || !two_digits(value.at, &month) ||
	    !two_digits(value.at + 3, &day) ||
	    !two_digits(value.at + value.len - 2, &low) ||
	    (value.len == 10 && !two_digits(value.at + 6, &high)) || month < 1 ||
	    month > 12 || day < 1 || day > 31) {
		placeholder_put(props, "release_date", value.at, value.len,
				PLACEHOLDER_WORDS);
		return;
	}
	(void)snprintf(date, sizeof(date), "%02u%02u-%02u-%02u", high % 100, low % 100,
		       month % 100, day % 100);
	json_put(props, "release_date", json_string(date));
}

/* Is it among the characteristics? Without any list, or with half of one, nobody knows. */
static void put_characteristic(const struct dmi_structure *structure, json_t *props,
			       const char *prop, const char *word)
{
	struct dmi_list list;
	struct span item;
	bool found = false;

	dmi_list(structure, "Characteristics", &list);
	while (!found && dmi_item(&list, &item))
		found = text_is(item, word);
	if (json_object_get(props, "characteristics"))
		json_put(props, prop,
			 !found && (structure->cut || json_is_null(json_object_get(
							      props, "characteristics")))
				 ? json_null()
				 : json_boolean(found));
}

static void put_firmware(const struct dmi_structure *s, const struct input *in,
			 struct output *out)
{
	json_t *props = json_object();
	struct span value;

	dmi_put_name(s, props, "Vendor", "vendor");
	dmi_put_name(s, props, "Version", "version");
	if (dmi_value(s, "Release Date", &value))
		board_date(props, value);
	/* The second name of each is dmidecode's from 3.7 on. */
	dmi_put_name(s, props, "BIOS Revision", "bios_revision");
	dmi_put_name(s, props, "Platform Firmware Revision", "bios_revision");
	dmi_put_name(s, props, "Firmware Revision", "firmware_revision");
	dmi_put_name(s, props, "Embedded Controller Firmware Revision",
		     "firmware_revision");
	dmi_put_bytes(s, props, "ROM Size", "rom_size_bytes");
	dmi_put_list(s, props, "Characteristics", "characteristics");
	put_characteristic(s, props, "uefi_supported", "UEFI is supported");
	put_characteristic(s, props, "virtual_machine", "System is a virtual machine");
	if (dmi_smbios_version(in, &value))
		collect_text(props, "smbios_version", value.at, value.len);
	collect_record(out, "firmware", "bios", props);
}

static void put_system(const struct dmi_structure *s, const struct input *in,
		       struct output *out)
{
	json_t *props = json_object();

	(void)in;
	dmi_put_name(s, props, "Manufacturer", "manufacturer");
	dmi_put_name(s, props, "Product Name", "model");
	dmi_put_name(s, props, "Version", "version");
	dmi_put_identity(s, props, "Serial Number", "serial_number");
	dmi_put_identity(s, props, "UUID", "uuid");
	dmi_put_identity(s, props, "SKU Number", "sku");
	dmi_put_name(s, props, "Family", "family");
	dmi_put_word(s, props, "Wake-up Type", "wake_up_type", NULL);
	collect_record(out, "system", "system", props);
}

static void put_baseboard(const struct dmi_structure *s, const struct input *in,
			  struct output *out)
{
	json_t *props = json_object();

	(void)in;
	dmi_put_name(s, props, "Manufacturer", "manufacturer");
	dmi_put_name(s, props, "Product Name", "product");
	dmi_put_name(s, props, "Version", "version");
	dmi_put_identity(s, props, "Serial Number", "serial_number");
	dmi_put_identity(s, props, "Asset Tag", "asset_tag");
	dmi_put_name(s, props, "Location In Chassis", "location_in_chassis");
	dmi_put_list(s, props, "Features", "features");
	dmi_put_word(s, props, "Type", "type", NULL);
	dmi_put_handle(s, props, "Chassis Handle", "chassis");
	collect_record(out, "baseboards", dmi_key(s).text, props);
}

static void put_chassis(const struct dmi_structure *s, const struct input *in,
			struct output *out)
{
	json_t *props = json_object();

	(void)in;
	dmi_put_name(s, props, "Manufacturer", "manufacturer");
	dmi_put_word(s, props, "Type", "chassis_type", chassis_types);
	dmi_put_word(s, props, "Type", "smbios_type", NULL);
	dmi_put_name(s, props, "Version", "version");
	dmi_put_identity(s, props, "Serial Number", "serial_number");
	dmi_put_identity(s, props, "Asset Tag", "asset_tag");
	dmi_put_number(s, props, "Height", "height_u", "U", NULL);
	dmi_put_number(s, props, "Number Of Power Cords", "power_cord_count", "", NULL);
	dmi_put_word(s, props, "Boot-up State", "boot_up_state", NULL);
	dmi_put_word(s, props, "Power Supply State", "power_supply_state", NULL);
	dmi_put_word(s, props, "Thermal State", "thermal_state", NULL);
	dmi_put_identity(s, props, "SKU Number", "sku");
	collect_record(out, "chassis", dmi_key(s).text, props);
}

/*
 * Connector and data bus width (SMBIOS 3.6, 7.10.1 and 7.10.2). dmidecode up to 3.5 has both in one
 * line, "x8 PCI Express 4 x16" or "32-bit PCI", where the second number is the connector's; later the
 * width has a line of its own, "8x or x8" or "32 bit". From 3.3 to 3.5 a line of that name has the
 * base width of a slot that is divided, as its bare code.
 */
static void put_type(const struct dmi_structure *s, json_t *props)
{
	struct span type, rest;
	uint64_t count;

	if (!dmi_value(s, "Type", &type))
		return;
	rest = type;
	if (text_skip(&rest, "x") && text_take_u64(&rest, &count) &&
	    text_skip(&rest, " ")) {
		json_put(props, "lanes", collect_integer(count));
		type = rest;
	} else if (rest = type,
		   text_take_u64(&rest, &count) && text_skip(&rest, "-bit ")) {
		json_put(props, "width_bits", collect_integer(count));
		type = rest;
	}
	dmi_put_text(props, "type", type);
}

static void put_width(const struct dmi_structure *s, json_t *props)
{
	struct span width, rest;
	uint64_t count;

	if (!dmi_value(s, "Data Bus Width", &width) || !text_u64(width, &count) ||
	    text_is(width, "Other"))
		return;
	rest = width;
	if (!text_take_u64(&rest, &count))
		count = 0;
	if (count > 0 && text_starts(rest, "x or x"))
		json_put(props, "lanes", collect_integer(count));
	else if (count > 0 && text_is(rest, " bit"))
		json_put(props, "width_bits", collect_integer(count));
	else
		dmi_put_nothing(props, "lanes", width);
}

/* All ones: a slot without an address. SMBIOS 3.6, 7.10.8. */
static void put_bus_address(const struct dmi_structure *s, json_t *props)
{
	struct span value;

	if (!dmi_value(s, "Bus Address", &value))
		return;
	if (text_ends(value, ":ff:1f.7"))
		json_put(props, "bus_address", json_null());
	else if (!tree_is_pci_address(value))
		dmi_put_nothing(props, "bus_address", value);
	else
		collect_span(props, "bus_address", value);
}

static void put_slot(const struct dmi_structure *s, const struct input *in,
		     struct output *out)
{
	static const struct dmi_word usages[] = {
		{ "In Use", "Enabled" },
		{ "Available", "Absent" },
		{ "Unavailable", "UnavailableOffline" },
		{ NULL, NULL },
	};
	json_t *props = json_object();

	(void)in;
	dmi_put_name(s, props, "Designation", "designation");
	put_type(s, props);
	put_width(s, props);
	dmi_put_word(s, props, "Current Usage", "state", usages);
	dmi_put_word(s, props, "Length", "length", NULL);
	dmi_put_word(s, props, "ID", "id", NULL);
	dmi_put_list(s, props, "Characteristics", "characteristics");
	put_bus_address(s, props);
	collect_record(out, "pcie.slots", dmi_key(s).text, props);
}

/* SMBIOS 3.6, 7.42: what is soldered on, and whether the firmware has it switched on. */
static void put_onboard(const struct dmi_structure *s, const struct input *in,
			struct output *out)
{
	json_t *props = json_object();

	(void)in;
	dmi_put_name(s, props, "Reference Designation", "designation");
	dmi_put_word(s, props, "Type", "type", NULL);
	dmi_put_word(s, props, "Status", "state", NULL);
	dmi_put_number(s, props, "Type Instance", "type_instance", "", NULL);
	put_bus_address(s, props);
	collect_record(out, "onboard_devices", dmi_key(s).text, props);
}

/* SMBIOS 3.6, 7.12: free texts of the maker, in its own order. */
static void put_oem_strings(const struct dmi_structure *s, const struct input *in,
			    struct output *out)
{
	json_t *props = json_object(), *strings = json_array();
	struct span value;
	char key[16];

	(void)in;
	for (unsigned i = 1; i <= OEM_STRINGS_MAX; i++) {
		(void)snprintf(key, sizeof(key), "String %u", i);
		if (dmi_value(s, key, &value))
			json_push(strings, json_text(value.at, value.len, NULL));
	}
	json_put(props, "strings", strings);
	collect_record(out, "oem_strings", dmi_key(s).text, props);
}

void collect_board_dmi(const struct input *in, const char *instance, struct output *out)
{
	/* "single": SMBIOS allows one per machine; the first is taken. */
	static const struct {
		unsigned type;
		bool single;
		void (*put)(const struct dmi_structure *s, const struct input *in,
			    struct output *out);
	} types[] = {
		{ 0, true, put_firmware },
		{ 1, true, put_system },
		{ 2, false, put_baseboard },
		{ 3, false, put_chassis },
		{ 9, false, put_slot },
		{ 11, false, put_oem_strings },
		{ 41, false, put_onboard },
		{ 43, false, board_put_tpm },
		{ 45, false, board_put_firmware_component },
	};
	struct dmi_reader reader;
	struct dmi_structure structure;

	(void)instance;
	dmi_check(in, where, out);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		unsigned count = 0;

		dmi_open(&reader, in, types[i].type);
		while (dmi_next(&reader, &structure))
			if (count++ == 0 || !types[i].single)
				types[i].put(&structure, in, out);
		dmi_close(&reader);
		if (types[i].single && count > 1)
			collect_error(out, where,
				      "%u structures of type %u: the first is taken",
				      count, types[i].type);
	}
}
