/* What dmidecode calls a thing in one version and another: the record is the same. */
#include "kept.h"

#define HEAD "# dmidecode 3.7\nSMBIOS 3.2.1 present.\n"

static struct kept run(collect_fn *collect, const char *text)
{
	return kept_run(collect, text, strlen(text));
}

/* The message of the first error, "" for none. */
static const char *error_of(const struct kept *kept)
{
	const json_t *props = kept_props(kept, "errors", NULL);

	return props ? json_string_value(json_object_get(props, "message")) : "";
}

static struct kept structure(collect_fn *collect, unsigned type, const char *lines)
{
	AUTO_FREE char *text = xasprintf(
		HEAD "\nHandle 0x0009, DMI type %u, 60 bytes\nTitle\n%s\n", type, lines);

	return run(collect, text);
}

/*
 * dmidecode.c: dmi_slot_bus_width and dmi_slot_type, whose words 3.4 prints in one line and 3.6 and
 * 3.7 in two; 3.3 to 3.5 print a byte under the later name.
 */
static void slot_widths(void)
{
	static const struct {
		const char *lines, *type, *lanes, *bits, *error;
	} rows[] = {
		{ "\tType: x8 PCI Express 3 x16\n", "\"PCI Express 3 x16\"", "8",
		  "(none)", "" },
		{ "\tType: x8 PCI Express 3 x16\n\tData Bus Width: 13\n",
		  "\"PCI Express 3 x16\"", "8", "(none)", "" },
		{ "\tType: PCI Express 3 x16\n\tData Bus Width: 8x or x8\n",
		  "\"PCI Express 3 x16\"", "8", "(none)", "" },
		{ "\tType: PCI Express 4 x16\n\tData Bus Width: 16x or x16\n",
		  "\"PCI Express 4 x16\"", "16", "(none)", "" },
		{ "\tType: x4 M.2 Socket 3\n", "\"M.2 Socket 3\"", "4", "(none)", "" },
		{ "\tType: M.2 Socket 3\n\tData Bus Width: 4x or x4\n",
		  "\"M.2 Socket 3\"", "4", "(none)", "" },
		{ "\tType: 32-bit PCI\n", "\"PCI\"", "(none)", "32", "" },
		{ "\tType: PCI\n\tData Bus Width: 32 bit\n", "\"PCI\"", "(none)", "32",
		  "" },
		{ "\tType: AGP 8x\n", "\"AGP 8x\"", "(none)", "(none)", "" },
		{ "\tType: x8 <OUT OF SPEC>\n", "null", "8", "(none)", "" },
		{ "\tType: PCI Express\n\tData Bus Width: Unknown\n", "\"PCI Express\"",
		  "null", "(none)", "" },
		{ "\tType: PCI Express\n\tData Bus Width: Other\n", "\"PCI Express\"",
		  "(none)", "(none)", "" },
		{ "\tType: PCI Express 7\n\tData Bus Width: eight\n", "\"PCI Express 7\"",
		  "null", "(none)", "lanes is not understood: \"eight\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kept kept = structure(collect_board_dmi, 9, rows[i].lines);
		const json_t *props = kept_props(&kept, "pcie.slots", NULL);

		CHECK_STR(kept_value(props, "type"), rows[i].type);
		CHECK_STR(kept_value(props, "lanes"), rows[i].lanes);
		CHECK_STR(kept_value(props, "width_bits"), rows[i].bits);
		CHECK_STR(error_of(&kept), rows[i].error);
		CHECK_INT(kept.out.unreadable, *rows[i].error != '\0');
	}
}

static void firmware_names(void)
{
	struct kept old = structure(collect_board_dmi, 0,
				    "\tBIOS Revision: 5.14\n\tFirmware Revision: 1.40\n");
	struct kept new = structure(collect_board_dmi, 0,
				    "\tROM Size: 32 MiB\n"
				    "\tCharacteristics:\n\t\tPCI is supported\n"
				    "\t\tFirmware is upgradeable\n"
				    "\tPlatform Firmware Revision: 5.14\n"
				    "\tEmbedded Controller Firmware Revision: 1.40\n");
	const json_t *props = kept_props(&new, "firmware", NULL);

	CHECK_STR(kept_value(props, "characteristics"),
		  "[\"PCI is supported\",\"BIOS is upgradeable\"]");
	CHECK_STR(kept_value(props, "bios_revision"), "\"5.14\"");
	CHECK_STR(kept_value(props, "firmware_revision"), "\"1.40\"");
	CHECK_STR(kept_value(props, "rom_size_bytes"), "33554432");
	props = kept_props(&old, "firmware", NULL);
	CHECK_STR(kept_value(props, "bios_revision"), "\"5.14\"");
	CHECK_STR(kept_value(props, "firmware_revision"), "\"1.40\"");
}

/* SMBIOS 3.6, 7.5, offset 18h: the words of 3.4 and 3.7 give one record. */
static void processor_states(void)
{
	static const struct {
		const char *word, *status, *state;
		bool unread;
	} rows[] = {
		{ "Populated, Disabled By BIOS", "\"Populated, Disabled By BIOS\"",
		  "\"Disabled\"", false },
		{ "Populated, Disabled by firmware", "\"Populated, Disabled By BIOS\"",
		  "\"Disabled\"", false },
		{ "Populated, Disabled by user", "\"Populated, Disabled By User\"",
		  "\"Disabled\"", false },
		{ "Populated, Unknown", "\"Populated, Unknown\"", "null", false },
		{ "Populated, Asleep", "\"Populated, Asleep\"", "null", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_FREE char *line = xasprintf("\tStatus: %s\n", rows[i].word);
		struct kept kept = structure(collect_cpu_dmi, 4, line);
		const json_t *props = kept_props(&kept, "processors", NULL);

		CHECK_STR(kept_value(props, "status"), rows[i].status);
		CHECK_STR(kept_value(props, "state"), rows[i].state);
		CHECK_INT(kept.out.unreadable, rows[i].unread);
	}
}

/* CPUID 80000002h to 80000004h: 48 bytes, filled up with blanks wherever the vendor likes. */
static void processor_names(void)
{
	struct kept kept = structure(
		collect_cpu_dmi, 4,
		"\tVersion:        Intel(R) Xeon(R) CPU           X5650  @ 2.67GHz\n");

	CHECK_STR(kept_value(kept_props(&kept, "processors", NULL), "model"),
		  "\"Intel(R) Xeon(R) CPU X5650 @ 2.67GHz\"");
}

/* SMBIOS 3.6, 7.40, offset 0Ch; dmi_power_supply_power up to dmidecode 2.11 */
static void supply_watts(void)
{
	static const struct {
		const char *word, *watts;
	} rows[] = {
		{ "460 W", "460" },
		{ "0.460 W", "460" },
		{ "1.200 W", "1200" },
		{ "Unknown", "null" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_FREE char *line =
			xasprintf("\tMax Power Capacity: %s\n", rows[i].word);
		struct kept kept = structure(collect_psu_dmi, 39, line);

		CHECK_STR(kept_value(kept_props(&kept, "power_supplies", NULL),
				     "power_capacity_watts"),
			  rows[i].watts);
		CHECK(!kept.out.unreadable);
	}
}

/* dmi_fixup_type_34 and dmi_table_decode in dmidecode.c */
static void complaints(void)
{
	struct kept mended = structure(collect_board_dmi, 34,
				       "\nInvalid entry length (16). Fixed up to 11.\n");
	struct kept broken =
		run(collect_board_dmi,
		    HEAD "3 structures occupying 99 bytes.\n\n"
			 "Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\n"
			 "Invalid entry length (0). DMI table is broken! Stop.\n\n");
	struct kept short_by_one =
		run(collect_board_dmi,
		    HEAD "3 structures occupying 99 bytes.\n\n"
			 "Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\n"
			 "Handle 0x007F, DMI type 127, 4 bytes\nEnd Of Table\n\n");
	char *all;

	CHECK(!mended.out.unreadable);
	CHECK(!short_by_one.out.unreadable);
	CHECK(broken.out.unreadable);
	CHECK_STR(error_of(&broken),
		  "dmidecode says: Invalid entry length (0). DMI table is broken! Stop.");
	all = json_dumps(broken.records, 0);
	CHECK(strstr(all, "1 of 3 structures came") != NULL);
	free(all);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a slot's width is read from both places", slot_widths, 0 },
		{ "dmidecode's new names of revisions are the old ones", firmware_names,
		  0 },
		{ "a socket's state is one word in every version", processor_states, 0 },
		{ "blanks in the middle of a processor's name are one", processor_names,
		  0 },
		{ "a supply's watts are watts where dmidecode took them for mW",
		  supply_watts, 0 },
		{ "what dmidecode mended is no trouble, what it lost is counted",
		  complaints, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
