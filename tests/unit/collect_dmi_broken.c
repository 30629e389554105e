/* dmidecode's text where it is cut off, forged, hostile or endless. */
#include "dmi_text.h"

static void repeated_handles(void)
{
	struct kept kept = run(collect_board_dmi,
			       HEAD "Handle 0x0002, DMI type 2, 15 bytes\nBase Board\n"
				    "\tProduct Name: A\n\n"
				    "Handle 0x0002, DMI type 3, 15 bytes\nChassis\n\n"
				    "Handle 0x0002, DMI type 2, 15 bytes\nBase Board\n"
				    "\tProduct Name: B\n\n");

	CHECK_STR(kept_value(kept_props(&kept, "baseboards", "0x0002"), "product"),
		  "\"A\"");
	CHECK_STR(kept_value(kept_props(&kept, "baseboards", "0x0002#2"), "product"),
		  "\"B\"");
	CHECK(kept_props(&kept, "chassis", "0x0002") != NULL);
	CHECK(!kept.out.unreadable);
}

static void broken_texts(void)
{
	static const char *const broken[] = {
		"",
		"\n",
		"bash: dmidecode: command not found\n",
		"# dmidecode 3.4\n\nMemory Device\n\tSize: 1 GB\n",
		HEAD
		"Handle 0x0011, DMI type 17, 40 bytes\nMemory Device\n\tSize: 16 GB\n",
		HEAD "Handle 0x0011, DMI type 17, 40 bytes\n\t<TRUNCATED>\n\n",
		HEAD "Handle 0xZZZZ, DMI type 17, 40 bytes\nMemory Device\n\n",
		HEAD "Handle 0x0011, DMI type 256, 40 bytes\nMemory Device\n\n",
		HEAD "Handle 0xFFFFF, DMI type 17, 40 bytes\nMemory Device\n\n",
		HEAD "Invalid entry length (0). DMI table is broken! Stop.\n\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		struct kept kept = run(collect_memory_dmi, broken[i]);

		if (!kept.out.unreadable)
			tap_fail(__FILE__, __LINE__, "taken: %s", broken[i]);
	}
}

/* The same table as different versions print it, and as it looks when pasted. */
static void layouts(void)
{
	static const char *const same[] = {
		/* 2.0 to 2.6 */
		"# dmidecode 2.3\nSMBIOS 2.3 present.\n2 structures occupying 99 bytes.\n"
		"Handle 0x0010\n\tDMI type 16, 15 bytes.\n\tPhysical Memory Array\n"
		"\t\tUse: System Memory\n"
		"Handle 0x0011\n\tDMI type 17, 27 bytes.\n\tMemory Device\n"
		"\t\tArray Handle: 0x0010\n\t\tSize: 512 MB\n\t\tLocator: A1\n"
		"Handle 0x0012\n\tDMI type 17, 27 bytes.\n\tMemory Device\n"
		"\t\tArray Handle: 0x0010\n\t\tSize: No Module Installed\n",
		/* 2.7 */
		"# dmidecode 2.7\nSMBIOS 2.3 present.\n\n"
		"Handle 0x0010, DMI type 16, 15 bytes.\nPhysical Memory Array\n"
		"\tUse: System Memory\n\n"
		"Handle 0x0011, DMI type 17, 27 bytes.\nMemory Device\n"
		"\tArray Handle: 0x0010\n\tSize: 512 MB\n\tLocator: A1\n\n"
		"Handle 0x0012, DMI type 17, 27 bytes.\nMemory Device\n"
		"\tArray Handle: 0x0010\n\tSize: No Module Installed\n\n",
		/* pasted, with CR LF */
		"  # dmidecode 3.4\r\n  SMBIOS 2.3 present.\r\n  \r\n"
		"  Handle 0x0010, DMI type 16, 15 bytes\r\n  Physical Memory Array\r\n"
		"          Use: System Memory\r\n \r\n"
		"  Handle 0x0011, DMI type 17, 27 bytes\r\n  Memory Device\r\n"
		"          Array Handle: 0x0010\r\n          Size: 512 MB\r\n"
		"          Locator: A1\r\n\r\n"
		"  Handle 0x0012, DMI type 17, 27 bytes\r\n  Memory Device\r\n"
		"          Array Handle: 0x0010\r\n"
		"          Size: No Module Installed\r\n  \r\n"
		"  Handle 0x0013, DMI type 127, 4 bytes\r\n  End Of Table",
	};

	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		struct kept kept = run(collect_memory_dmi, same[i]);
		json_t *first = kept_props(&kept, "memory.modules", "0x0011"),
		       *second = kept_props(&kept, "memory.modules", "0x0012");

		CHECK(!kept.out.unreadable);
		CHECK_STR(kept_value(first, "capacity_bytes"), "536870912");
		CHECK_STR(kept_value(first, "locator"), "\"A1\"");
		CHECK_STR(kept_value(first, "system_memory"), "true");
		CHECK_STR(kept_value(second, "state"), "\"Absent\"");
	}
}

/* A firmware's string stands alone on a line in lists only, below their keys. */
static void forged_handles(void)
{
	struct kept kept =
		run(collect_memory_dmi, HEAD "Handle 0x0001, DMI type 221, 40 bytes\n"
					     "OEM-specific Type\n\tStrings:\n"
					     "\t\tHandle 0x0011, DMI type 17, 40 bytes\n"
					     "\t\t\tSize: 1 GB\n\n");

	CHECK(kept_props(&kept, "memory.modules", NULL) == NULL);

	/* dmidecode -q: it is the first that looks like one. */
	kept = run(collect_memory_dmi, "OEM-specific Type\n\tStrings:\n\t\t \n"
				       "\t\tHandle 0x0011, DMI type 17, 40 bytes\n"
				       "\t\t\tSize: 1 GB\n\n");
	CHECK(kept_props(&kept, "memory.modules", NULL) == NULL);
	CHECK(kept.out.unreadable);
}

static void half_a_list(void)
{
	struct kept kept = run(collect_board_dmi, HEAD
			       "Handle 0x0000, DMI type 0, 26 bytes\nBIOS Information\n"
			       "\tCharacteristics:\n\t\tUEFI is supported\n");
	const json_t *props = kept_props(&kept, "firmware", "bios");

	CHECK(kept.out.unreadable);
	CHECK_STR(kept_value(props, "uefi_supported"), "true");
	CHECK_STR(kept_value(props, "virtual_machine"), "null");
}

static void half_a_line(void)
{
	struct kept kept = run(collect_memory_dmi, HEAD
			       "Handle 0x0011, DMI type 17, 40 bytes\nMemory Device\n"
			       "\tRank: 2\n\tSerial Number: 12");
	json_t *props = kept_props(&kept, "memory.modules", "0x0011");

	CHECK(kept.out.unreadable);
	CHECK_STR(kept_value(props, "rank_count"), "2");
	CHECK_STR(kept_value(props, "serial_number"), "(none)");
}

static void hostile_bytes(void)
{
	static const char text[] =
		HEAD "Handle 0x0011, DMI type 17, 40 bytes\r\n"
		     "Memory Device\r\n\tManufacturer: a\0b\xff\x1b[2J\r\n"
		     "\tLocator: Handle 0x0012, DMI type 17, 40 bytes\r\n"
		     "\r\n";
	struct kept kept = kept_run(collect_memory_dmi, text, sizeof(text) - 1);
	json_t *props = kept_props(&kept, "memory.modules", "0x0011");

	CHECK(!kept.out.unreadable);
	CHECK_STR(kept_value(props, "manufacturer"), "\"a\\\\x00b\\\\xff\\\\x1b[2J\"");
	CHECK_STR(kept_value(props, "escaped"), "[\"manufacturer\"]");
	CHECK(kept_props(&kept, "memory.modules", "0x0012") == NULL);
}

/* The words of an error; a cut between the bytes of a letter would be no text at all. */
static void told_words(void)
{
	static const struct {
		const char *size, *told;
	} cases[] = {
		{ "16 Gi", "\"16 Gi\"" },
		{ "1\x1b[2J\\x41", "\"1\\x1b[2J\\x5cx41\"" },
		{ "a \"b\" \\", "\"a \\\"b\\\" \\\"" },
		{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\u00e9"
		  "\u00e9",
		  "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\u00e9" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_FREE char *text =
			xasprintf(HEAD "Handle 0x0011, DMI type 17, 40 bytes\n"
				       "Memory Device\n\tSize: %s\n\n",
				  cases[i].size);
		AUTO_FREE char *told =
			xasprintf("capacity_bytes is not understood: %s", cases[i].told);
		struct kept kept = run(collect_memory_dmi, text);
		const json_t *props = kept_props(&kept, "errors", "0x0011");

		CHECK_STR(json_string_value(json_object_get(props, "message")), told);
	}
}

static void many_structures(void)
{
	const size_t count = 70000;
	static const char one[] = "Handle 0x0001, DMI type 4, 4 bytes\n\n";
	AUTO_FREE char *text = xcalloc(count + 1, sizeof(one) - 1);
	struct kept kept;

	for (size_t i = 0; i < count; i++)
		memcpy(text + i * (sizeof(one) - 1), one, sizeof(one) - 1);
	kept = kept_run(collect_cpu_dmi, text, count * (sizeof(one) - 1));
	CHECK(kept.out.unreadable);
	CHECK_INT(json_array_size(kept.records), 65536 + 1);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "structures with the same handle are both kept", repeated_handles, 0 },
		{ "a broken text is an error", broken_texts, 0 },
		{ "every version's layout is read, pasted ones too", layouts, 0 },
		{ "a string that looks like a handle is none", forged_handles, 0 },
		{ "half a line is not believed", half_a_line, 0 },
		{ "what half a list does not have is not known", half_a_list, 0 },
		{ "hostile bytes are escaped and forge nothing", hostile_bytes, 0 },
		{ "what is not understood is told in its own words, escaped once",
		  told_words, 0 },
		{ "more structures than handles are cut off", many_structures, 30 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
