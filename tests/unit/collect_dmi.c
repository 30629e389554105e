/* dmidecode's text: structures, lists, units, placeholders. */
#include "dmi_text.h"

/* The property; what was not understood in the record, and that alone, is an error. */
static const char *read_value(const struct kept *kept, const char *type, const char *key,
			      const char *prop)
{
	const json_t *props = kept_props(kept, type, key);

	CHECK_INT(kept->out.unreadable, json_object_get(props, "unparsed") != NULL);
	return kept_value(props, prop);
}

/* One memory module with these lines; its property as JSON text. */
static const char *module(const char *lines, const char *prop)
{
	AUTO_FREE char *text = xasprintf(
		HEAD "Handle 0x0011, DMI type 17, 40 bytes\nMemory Device\n%s\n", lines);
	struct kept kept = run(collect_memory_dmi, text);

	return read_value(&kept, "memory.modules", "0x0011", prop);
}

static const char *processor(const char *lines, const char *prop)
{
	AUTO_FREE char *text = xasprintf(
		HEAD "Handle 0x0004, DMI type 4, 48 bytes\nProcessor Information\n%s\n",
		lines);
	struct kept kept = run(collect_cpu_dmi, text);

	return read_value(&kept, "processors", "0x0004", prop);
}

static void sizes(void)
{
	CHECK_STR(module("\tSize: 16384 MB\n", "capacity_bytes"), "17179869184");
	CHECK_STR(module("\tSize: 16 GB\n", "capacity_bytes"), "17179869184");
	CHECK_STR(module("\tSize: 2 TB\n", "capacity_bytes"), "2199023255552");
	CHECK_STR(module("\tSize: 512 kB\n", "capacity_bytes"), "524288");
	CHECK_STR(module("\tSize: Unknown\n", "capacity_bytes"), "null");
	CHECK_STR(module("\tSize: 7 EB\n", "capacity_bytes"), "8070450532247928832");
	CHECK_STR(module("\tSize: 8 EB\n", "capacity_bytes"), "null");
	CHECK_STR(module("\tSize: 16 \n", "capacity_bytes"), "null");
	CHECK_STR(module("\tSize: -1 MB\n", "unparsed"),
		  "{\"capacity_bytes\":\"-1 MB\"}");
	CHECK_STR(module("\tVolatile Size: None\n", "volatile_size_bytes"), "0");
	/* dmi_print_memory_size in dmidecode 3.7, and dmi_memory_device_size in 2.0 */
	CHECK_STR(module("\tSize: 512 KiB\n", "capacity_bytes"), "524288");
	CHECK_STR(module("\tSize: 16 GiB\n", "capacity_bytes"), "17179869184");
	CHECK_STR(module("\tSize: 2 TiB\n", "capacity_bytes"), "2199023255552");
	CHECK_STR(module("\tSize: 256 Mbyte\n", "capacity_bytes"), "268435456");
	CHECK_STR(module("\tSize: 16 Gi\n", "unparsed"),
		  "{\"capacity_bytes\":\"16 Gi\"}");
}

static void slots(void)
{
	CHECK_STR(module("\tSize: No Module Installed\n", "state"), "\"Absent\"");
	CHECK_STR(module("\tSize: No Module Installed\n", "capacity_bytes"), "null");
	CHECK_STR(module("\tSize: 8 GB\n", "state"), "\"Enabled\"");
	CHECK_STR(module("\tSize: Unknown\n", "state"), "null");
	CHECK_STR(module("\tLocator: A1\n", "state"), "(none)");
}

static void speeds(void)
{
	CHECK_STR(module("\tSpeed: 3200 MT/s\n", "rated_speed_mts"), "3200");
	CHECK_STR(module("\tSpeed: 1333 MHz\n", "rated_speed_mts"), "1333");
	CHECK_STR(module("\tSpeed: 667 MHz (1.5 ns)\n", "rated_speed_mts"), "667");
	CHECK_STR(module("\tSpeed: Unknown\n", "rated_speed_mts"), "null");
	CHECK_STR(module("\tConfigured Clock Speed: 1333 MHz\n", "configured_speed_mts"),
		  "1333");
	CHECK_STR(
		module("\tConfigured Memory Speed: 2933 MT/s\n", "configured_speed_mts"),
		"2933");
	CHECK_STR(module("\tConfigured Voltage: 1.2 V\n", "configured_voltage_volts"),
		  "1.2");
	CHECK_STR(module("\tConfigured Voltage: 1.25 V\n", "configured_voltage_volts"),
		  "1.25");
	CHECK_STR(module("\tConfigured Voltage: Unknown\n", "configured_voltage_volts"),
		  "null");
}

static void type_details(void)
{
	CHECK_STR(module("\tType Detail: Synchronous Registered (Buffered)\n",
			 "type_detail"),
		  "[\"Synchronous\",\"Registered (Buffered)\"]");
	CHECK_STR(module("\tType Detail: Fast-paged Novel Thing EDO\n", "type_detail"),
		  "[\"Fast-paged\",\"Novel Thing EDO\"]");
	CHECK_STR(module("\tType Detail: None\n", "type_detail"), "[]");
	CHECK_STR(module("\tType Detail: Unknown\n", "type_detail"), "null");
	CHECK_STR(module("\tType Detail: EDOX\n", "type_detail"), "[\"EDOX\"]");
}

/* SMBIOS 3.6, 7.18.2: 01h, 03h and 14h of dmidecode's table */
static void types(void)
{
	CHECK_STR(module("\tType: DDR4\n", "memory_device_type"), "\"DDR4\"");
	CHECK_STR(module("\tType: DDR2 FB-DIMM\n", "memory_device_type"),
		  "\"DDR2 FB-DIMM\"");
	CHECK_STR(module("\tType: Unknown\n", "memory_device_type"), "null");
	CHECK_STR(module("\tType: Other\n", "memory_device_type"), "null");
	CHECK_STR(module("\tType: DRAM\n", "memory_device_type"), "null");
	CHECK_STR(module("\tType: DRAM\n", "placeholders"),
		  "{\"memory_device_type\":\"DRAM\"}");
}

static void arrays(void)
{
	struct kept kept =
		run(collect_memory_dmi, HEAD
		    "Handle 0x0051, DMI type 17, 40 bytes\nMemory Device\n"
		    "\tArray Handle: 0x0050\n\n"
		    "Handle 0x0053, DMI type 17, 40 bytes\nMemory Device\n"
		    "\tArray Handle: 0x0052\n\n"
		    "Handle 0x0055, DMI type 17, 40 bytes\nMemory Device\n"
		    "\tArray Handle: 0x00FF\n\n"
		    "Handle 0x0056, DMI type 17, 40 bytes\nMemory Device\n"
		    "\tArray Handle: 0x0050\n\tType: Flash\n\n"
		    "Handle 0x0050, DMI type 16, 23 bytes\nPhysical Memory Array\n"
		    "\tUse: System Memory\n\tError Correction Type: Multi-bit ECC\n\n"
		    "Handle 0x0052, DMI type 16, 23 bytes\nPhysical Memory Array\n"
		    "\tUse: Flash Memory\n\tError Correction Type: None\n\n");

	CHECK_STR(kept_value(kept_props(&kept, "memory.modules", "0x0051"),
			     "system_memory"),
		  "true");
	CHECK_STR(kept_value(kept_props(&kept, "memory.modules", "0x0053"),
			     "system_memory"),
		  "false");
	CHECK_STR(kept_value(kept_props(&kept, "memory.modules", "0x0056"),
			     "system_memory"),
		  "false");
	CHECK_STR(kept_value(kept_props(&kept, "memory.modules", "0x0055"),
			     "system_memory"),
		  "null");
	CHECK_STR(kept_value(kept_props(&kept, "memory.arrays", "0x0050"),
			     "error_correction"),
		  "\"MultiBitECC\"");
	CHECK_STR(kept_value(kept_props(&kept, "memory.arrays", "0x0052"),
			     "error_correction"),
		  "\"NoECC\"");
}

static void sockets(void)
{
	CHECK_STR(processor("\tStatus: Populated, Enabled\n", "state"), "\"Enabled\"");
	CHECK_STR(processor("\tStatus: Unpopulated\n", "state"), "\"Absent\"");
	CHECK_STR(processor("\tStatus: Populated, Disabled By BIOS\n", "state"),
		  "\"Disabled\"");
	CHECK_STR(processor("\tStatus: Populated, <OUT OF SPEC>\n", "state"), "null");
	CHECK_STR(processor("\tVoltage: 1.8 V\n", "voltage_volts"), "1.8");
	CHECK_STR(processor("\tVoltage: 5.0 V 3.3 V\n", "voltage_volts"), "null");
	CHECK_STR(processor("\tVoltage: 5.0 V 3.3 V\n", "voltage_capability"),
		  "\"5.0 V 3.3 V\"");
	CHECK_STR(processor("\tCore Count: 64\n", "core_count"), "64");
	CHECK_STR(processor("\tCharacteristics:\n\t\t64-bit capable\n\t\tMulti-Core\n"
			    "\tAsset Tag: x1\n\t\tnot an item\n",
			    "characteristics"),
		  "[\"64-bit capable\",\"Multi-Core\"]");
	CHECK_STR(processor("\tCharacteristics:\n", "characteristics"), "[]");
}

static void placeholders_are_kept(void)
{
	struct kept kept =
		run(collect_board_dmi, HEAD "Handle 0x0001, DMI type 1, 27 bytes\n"
					    "System Information\n"
					    "\tSerial Number: System Serial Number\n"
					    "\tVersion: <BAD INDEX>\n\tFamily: \n\n");
	json_t *props = kept_props(&kept, "system", "system");

	CHECK_STR(kept_value(props, "serial_number"), "null");
	CHECK_STR(kept_value(props, "placeholders"),
		  "{\"serial_number\":\"System Serial Number\",\"version\":\"<BAD "
		  "INDEX>\"}");
	CHECK_STR(kept_value(props, "family"), "null");
	CHECK_STR(kept_value(props, "model"), "(none)");
}

static void dates(void)
{
	static const struct {
		const char *theirs, *ours;
	} dates[] = {
		{ "12/06/2013", "\"2013-12-06\"" }, { "01/02/98", "\"1998-01-02\"" },
		{ "25/11/2008", "\"25/11/2008\"" }, { "Not Specified", "null" },
		{ "1/2/2003", "\"1/2/2003\"" },     { "12/06/20a3", "\"12/06/20a3\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
		AUTO_FREE char *text =
			xasprintf(HEAD "Handle 0x0000, DMI type 0, 24 bytes\n"
				       "BIOS Information\n\tRelease Date: %s\n\n",
				  dates[i].theirs);
		struct kept kept = run(collect_board_dmi, text);

		CHECK_STR(
			kept_value(kept_props(&kept, "firmware", "bios"), "release_date"),
			dates[i].ours);
	}
}

/* The first two are HPE's and AIC's own, the others are like them. */
static void numbered_supplies(void)
{
	static const char *const numbers[] = {
		"Power Supply 2", "Power supply 1",        "PSU1", "PS_2", "Power Supply",
		"PWR 2",          "System Power Supply #1"
	};
	static const char *const models[] = { "PS-2112-5Q", "PS-2112", "PWS-1K21P-1R",
					      "PWR SPLY,750W,RDNT,DELTA", "12" };

	for (size_t i = 0; i < ARRAY_LEN(numbers) + ARRAY_LEN(models); i++) {
		bool number = i < ARRAY_LEN(numbers);
		const char *name = number ? numbers[i] : models[i - ARRAY_LEN(numbers)];
		AUTO_FREE char *text = xasprintf(
			HEAD "Handle 0x003A, DMI type 39, 22 bytes\nSystem Power Supply\n"
			     "\tName: %s\n\n",
			name);
		AUTO_FREE char *wanted = xasprintf("\"%s\"", name);
		struct kept kept = run(collect_psu_dmi, text);
		const json_t *props = kept_props(&kept, "power_supplies", "0x003A");

		CHECK_STR(kept_value(props, "name"), number ? wanted : "(none)");
		CHECK_STR(kept_value(props, "model"), number ? "null" : wanted);
	}
}

static void no_records(void)
{
	struct kept kept =
		run(collect_board_dmi, "# dmidecode 3.4\n"
				       "# No SMBIOS nor DMI entry point found, sorry.\n");

	CHECK_INT(json_array_size(kept.records), 2);
	CHECK_STR(kept_value(kept_props(&kept, "tool", "dmidecode"), "version"),
		  "\"3.4\"");
	CHECK_STR(kept_value(kept_props(&kept, "errors", "board/dmi"), "message"),
		  "\"dmidecode says: No SMBIOS nor DMI entry point found, sorry.\"");
	CHECK(kept.out.unreadable);
}

/* JEP-106: bank 1 CEh, ADh and 2Ch, bank 2 98h, bank 4 0Bh, bank 5 B0h; odd parity throughout. */
static void makers_by_code(void)
{
	static const struct {
		const char *text, *maker;
	} codes[] = {
		{ "00CE00B300CE", "\"Samsung\"" },
		{ "80CE", "\"Samsung\"" },
		{ "CE80", "\"Samsung\"" },
		{ "CE00B300CE00", "\"Samsung\"" },
		{ "0x80AD", "\"SK hynix\"" },
		{ "802C869D802C", "\"Micron\"" },
		{ "0198", "\"Kingston\"" },
		{ "9801", "\"Kingston\"" },
		{ "0x7F98000000000000", "\"Kingston\"" },
		{ "7F7F7F0B00000000", "\"Nanya\"" },
		{ "0x830B", "\"Nanya\"" },
		{ "0x7F7F7F7FB0000000", "\"OCZ\"" },
		{ "CE00000000000000", "\"Samsung\"" },
		{ "JEDEC ID:80 AD", "\"SK hynix\"" },
		/* No maker's, or no code at all. */
		{ "A3F", "\"A3F\"" },
		{ "1323", "\"1323\"" },
		{ "057F000000AD", "\"057F000000AD\"" },
		{ "Samsung", "\"Samsung\"" },
		{ "00CE00", "\"00CE00\"" },
		{ "7F7F7F7F7F7F7F7F", "\"7F7F7F7F7F7F7F7F\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		AUTO_FREE char *line = xasprintf("\tManufacturer: %s\n", codes[i].text);

		CHECK_STR(module(line, "manufacturer"), codes[i].maker);
	}
	CHECK_STR(module("\tManufacturer: 80CE\n", "manufacturer_code"), "\"80CE\"");
	CHECK_STR(module("\tManufacturer: Samsung\n", "manufacturer_code"), "(none)");
}

/* Bytes 73 to 90 of a module's SPD (JESD21-C, 4.1.2.10) as a board's firmware writes them down, and what is none. */
static void part_codes(void)
{
	static const struct {
		const char *text, *part;
	} parts[] = {
		{ "0x4F435A325031303636324720202020202020", "\"OCZ2P10662G\"" },
		{ "0x393930353332312D3033322E4130304C4600", "\"9905321-032.A00LF\"" },
		/* 20 bytes of DDR4 (annex L, 329 to 348), 30 of DDR5 (JESD400-5). */
		{ "0x4d33393341344734334242342d43574520202020", "\"M393A4G43BB4-CWE\"" },
		{ "0x4D3332315234474133424236302D43514B202020202020202020202020",
		  "\"M321R4GA3BB60-CQK\"" },
		/* No text, too short to be one, no digits, one digit missing. */
		{ "0x2C0F00000000000031", "\"0x2C0F00000000000031\"" },
		{ "0x41424344", "\"0x41424344\"" },
		{ "0x4F435A32503130363632472Z202020202020",
		  "\"0x4F435A32503130363632472Z202020202020\"" },
		{ "0x4F435A3250313036363247202020202020202",
		  "\"0x4F435A3250313036363247202020202020202\"" },
		{ "4F435A325031303636324720202020202020",
		  "\"4F435A325031303636324720202020202020\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		AUTO_FREE char *line = xasprintf("\tPart Number: %s\n", parts[i].text);

		CHECK_STR(module(line, "part_number"), parts[i].part);
	}
	CHECK_STR(module("\tPart Number: 0x4F435A325031303636324720202020202020\n",
			 "part_number_code"),
		  "\"0x4F435A325031303636324720202020202020\"");
	CHECK_STR(module("\tPart Number: M393A4G43BB4-CWE\n", "part_number_code"),
		  "(none)");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "sizes are in bytes, with every unit dmidecode has", sizes, 0 },
		{ "a slot is Enabled, Absent, or not said", slots, 0 },
		{ "speeds and voltages are numbers, with old labels too", speeds, 0 },
		{ "type details are told apart", type_details, 0 },
		{ "a type that names no kind of memory is null", types, 0 },
		{ "a module knows whether its array is system memory", arrays, 0 },
		{ "a socket's state, voltage and lists are read", sockets, 0 },
		{ "a placeholder is null and its text is kept", placeholders_are_kept,
		  0 },
		{ "a date is ISO 8601 when it is the standard's", dates, 0 },
		{ "a power supply's number is no model", numbered_supplies, 0 },
		{ "a module's maker is told by JEDEC's code", makers_by_code, 0 },
		{ "a part number spelt in hexadecimal is read", part_codes, 0 },
		{ "a machine without SMBIOS gives dmidecode's words alone", no_records,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
