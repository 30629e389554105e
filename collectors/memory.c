/* Memory arrays and their slots, filled or not (SMBIOS types 16 and 17). */
#include "dmi_props.h"
#include "jedec.h"

/* SMBIOS 3.6, 7.17.3, to Redfish's ErrorCorrection where it has a word. */
static const struct dmi_word corrections[] = {
	{ "None", "NoECC" },
	{ "Single-bit ECC", "SingleBitECC" },
	{ "Multi-bit ECC", "MultiBitECC" },
	{ NULL, NULL },
};

/*
 * SMBIOS 3.6, 7.18.2, in dmidecode's words, which are Redfish's for what is built today ("DDR4",
 * "HBM2"). "Other", and "DRAM" since there is a word for each kind of it, do not say which.
 */
static void put_type(const struct dmi_structure *s, json_t *props)
{
	struct span value;

	if (!dmi_value(s, "Type", &value))
		return;
	if (text_is(value, "Other") || text_is(value, "DRAM")) {
		json_put(props, "memory_device_type", json_null());
		placeholder_keep(props, "placeholders", "memory_device_type", value.at,
				 value.len);
	} else {
		dmi_put_word(s, props, "Type", "memory_device_type", NULL);
	}
}

/* SMBIOS 3.6, 7.18.3: dmidecode separates them by blanks, which some contain. */
static const char *const type_details[] = {
	"Other",
	"Unknown",
	"Fast-paged",
	"Static Column",
	"Pseudo-static",
	"RAMBus",
	"RAMBUS",
	"Synchronous",
	"CMOS",
	"EDO",
	"Window DRAM",
	"Cache DRAM",
	"Non-Volatile",
	"Registered (Buffered)",
	"Unbuffered (Unregistered)",
	"LRDIMM",
	NULL,
};

/* SMBIOS 3.6, 7.18.7 */
static const char *const operating_modes[] = {
	"Other",
	"Unknown",
	"Volatile memory",
	"Byte-accessible persistent memory",
	"Block-accessible persistent memory",
	NULL,
};

enum use { USE_UNKNOWN, USE_SYSTEM, USE_OTHER };

static void put_array(const struct dmi_structure *s, struct output *out)
{
	json_t *props = json_object();

	dmi_put_word(s, props, "Location", "location", NULL);
	dmi_put_word(s, props, "Use", "use", NULL);
	dmi_put_word(s, props, "Error Correction Type", "error_correction", corrections);
	dmi_put_bytes(s, props, "Maximum Capacity", "max_capacity_bytes");
	dmi_put_number(s, props, "Number Of Devices", "slots", "", NULL);
	collect_record(out, "memory.arrays", dmi_key(s).text, props);
}

/* What an array's modules are for; two with one handle that disagree say nothing. */
static void note_use(const struct dmi_structure *s, uint8_t *uses)
{
	struct span value;
	enum use use = USE_UNKNOWN;

	if (dmi_value(s, "Use", &value) && !dmi_is_unknown(value) && value.at[0] != '<')
		use = text_is(value, "System Memory") ? USE_SYSTEM : USE_OTHER;
	if (s->repeat > 1 && uses[s->handle] != use)
		use = USE_UNKNOWN;
	uses[s->handle] = (uint8_t)use;
}

/* Size says whether there is a module at all. */
static void put_capacity(const struct dmi_structure *s, json_t *props)
{
	struct span value;

	if (!dmi_value(s, "Size", &value))
		return;
	if (text_is(value, "No Module Installed") || text_is(value, "Not Installed")) {
		json_put(props, "state", json_string("Absent"));
		json_put(props, "capacity_bytes", json_null());
		return;
	}
	json_put(props, "state",
		 dmi_is_unknown(value) ? json_null() : json_string("Enabled"));
	dmi_put_bytes(s, props, "Size", "capacity_bytes");
}

static bool is_rom(struct span type)
{
	static const char *const types[] = { "ROM", "Flash", "EEPROM", "FEPROM",
					     "EPROM" };

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (text_is(type, types[i]))
			return true;
	return false;
}

static void put_array_of(const struct dmi_structure *s, json_t *props,
			 const uint8_t *uses)
{
	struct span value;
	unsigned array;
	enum use use = USE_UNKNOWN;

	/* The firmware's own chip, which some list among the modules: SMBIOS 3.6, table 77. */
	if (dmi_value(s, "Type", &value) && is_rom(value))
		json_put(props, "system_memory", json_false());
	if (!dmi_value(s, "Array Handle", &value))
		return;
	dmi_put_handle(s, props, "Array Handle", "array");
	if (dmi_handle_parse(value, &array))
		use = uses[array];
	if (!json_object_get(props, "system_memory"))
		json_put(props, "system_memory",
			 use == USE_UNKNOWN ? json_null()
					    : json_boolean(use == USE_SYSTEM));
}

/* dmidecode up to 3.1 says "Configured Clock Speed", and "MHz" for MT/s. */
static void put_speeds(const struct dmi_structure *s, json_t *props)
{
	struct span value;

	dmi_put_number(s, props, "Speed", "rated_speed_mts", "MT/s", "MHz");
	if (dmi_value(s, "Configured Memory Speed", &value))
		dmi_put_number(s, props, "Configured Memory Speed",
			       "configured_speed_mts", "MT/s", "MHz");
	else
		dmi_put_number(s, props, "Configured Clock Speed", "configured_speed_mts",
			       "MT/s", "MHz");
}

static void put_persistent(const struct dmi_structure *s, json_t *props)
{
	dmi_put_word(s, props, "Memory Technology", "memory_technology", NULL);
	dmi_put_words(s, props, "Memory Operating Mode Capability", "operating_modes",
		      operating_modes);
	dmi_put_name(s, props, "Firmware Version", "firmware_version");
	dmi_put_word(s, props, "Module Manufacturer ID", "module_manufacturer_id", NULL);
	dmi_put_word(s, props, "Module Product ID", "module_product_id", NULL);
	dmi_put_word(s, props, "Memory Subsystem Controller Manufacturer ID",
		     "controller_manufacturer_id", NULL);
	dmi_put_word(s, props, "Memory Subsystem Controller Product ID",
		     "controller_product_id", NULL);
	dmi_put_bytes(s, props, "Non-Volatile Size", "non_volatile_size_bytes");
	dmi_put_bytes(s, props, "Volatile Size", "volatile_size_bytes");
	dmi_put_bytes(s, props, "Cache Size", "cache_size_bytes");
	dmi_put_bytes(s, props, "Logical Size", "logical_size_bytes");
}

/* Firmware that knows no names copies the maker's code from the module. */
static void put_maker(const struct dmi_structure *s, json_t *props)
{
	struct span value;
	const char *maker = NULL;

	dmi_put_name(s, props, "Manufacturer", "manufacturer");
	if (dmi_value(s, "Manufacturer", &value))
		maker = jedec_maker(value);
	if (!maker)
		return;
	json_put(props, "manufacturer", json_string(maker));
	collect_text(props, "manufacturer_code", value.at, value.len);
}

#define PART_MIN 8  /* bytes: fewer may be a number */
#define PART_MAX 30 /* JESD400-5: 521 to 550; 20 of DDR4, 18 of those before */

/* The text that "0x4F435A32..." spells, without the blanks behind it; 0: it spells none. */
static size_t part_spelt(struct span digits, char *text)
{
	bool marked = text_skip(&digits, "0x");
	size_t len = digits.len / 2;

	if (!marked || digits.len % 2 || len < PART_MIN || len > PART_MAX)
		return 0;
	for (size_t i = 0; i < len; i++) {
		uint64_t byte;

		if (text_hex((struct span){ digits.at + 2 * i, 2 }, UINT8_MAX, &byte))
			return 0;
		text[i] = (char)byte;
	}
	/* Annexes K and L fill up with blanks, some makers with NUL. */
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\0'))
		len--;
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return 0;
	return len;
}

/* Firmware that copies the part number's bytes, too. */
static void put_part(const struct dmi_structure *s, json_t *props)
{
	struct span value;
	char text[PART_MAX];
	size_t len;

	dmi_put_identity(s, props, "Part Number", "part_number");
	len = dmi_value(s, "Part Number", &value) ? part_spelt(value, text) : 0;
	if (len == 0)
		return;
	placeholder_put(props, "part_number", text, len, PLACEHOLDER_IDENTITY);
	collect_text(props, "part_number_code", value.at, value.len);
}

static void put_module(const struct dmi_structure *s, const uint8_t *uses,
		       struct output *out)
{
	json_t *props = json_object();

	put_array_of(s, props, uses);
	put_capacity(s, props);
	dmi_put_name(s, props, "Locator", "locator");
	dmi_put_name(s, props, "Bank Locator", "bank_locator");
	dmi_put_word(s, props, "Form Factor", "form_factor", NULL);
	put_type(s, props);
	dmi_put_words(s, props, "Type Detail", "type_detail", type_details);
	put_speeds(s, props);
	put_maker(s, props);
	dmi_put_identity(s, props, "Serial Number", "serial_number");
	put_part(s, props);
	dmi_put_identity(s, props, "Asset Tag", "asset_tag");
	dmi_put_number(s, props, "Rank", "rank_count", "", NULL);
	dmi_put_number(s, props, "Data Width", "data_width_bits", "bits", NULL);
	dmi_put_number(s, props, "Total Width", "total_width_bits", "bits", NULL);
	dmi_put_volts(s, props, "Minimum Voltage", "minimum_voltage_volts");
	dmi_put_volts(s, props, "Maximum Voltage", "maximum_voltage_volts");
	dmi_put_volts(s, props, "Configured Voltage", "configured_voltage_volts");
	put_persistent(s, props);
	collect_record(out, "memory.modules", dmi_key(s).text, props);
}

void collect_memory_dmi(const struct input *in, const char *instance, struct output *out)
{
	struct dmi_reader reader;
	struct dmi_structure structure;
	AUTO_FREE uint8_t *uses = xcalloc(UINT16_MAX + 1, sizeof(*uses));

	(void)instance;
	dmi_check(in, "memory/dmi", out);
	dmi_open(&reader, in, 16);
	while (dmi_next(&reader, &structure)) {
		put_array(&structure, out);
		note_use(&structure, uses);
	}
	dmi_close(&reader);
	dmi_open(&reader, in, 17);
	while (dmi_next(&reader, &structure))
		put_module(&structure, uses, out);
	dmi_close(&reader);
}
