/* What the firmware tells of the TPM, of other firmware and of what it starts. */
#include "kept.h"

static struct kept run(collect_fn *collect, const char *text)
{
	return kept_run(collect, text, strlen(text));
}

#define TPM(id, description)                                                             \
	"# dmidecode 3.4\nSMBIOS 3.3.0 present.\n\n"                                     \
	"Handle 0x0030, DMI type 43, 31 bytes\nTPM Device\n\tVendor ID: " id             \
	"\n\tSpecification Version: 2.0\n\tFirmware Revision: "                          \
	"5.62\n\tDescription: " description "\n\nEnd Of Table\n"

/* TCG's registry; firmware that leaves the id empty is common (8 of 29 servers). */
static void tpm_makers(void)
{
	static const struct {
		const char *text, *maker;
	} rows[] = {
		{ TPM("IFX", "INFINEON"), "\"Infineon\"" },
		{ TPM("STM ", "HPE Trusted Platform Module"), "\"STMicroelectronics\"" },
		{ TPM("", "NUVOTON"), "\"Nuvoton Technology\"" },
		{ TPM("....", "INFINEON"), "\"Infineon\"" },
		{ TPM("XYZ", "something"), "null" },
		{ TPM("AMD", "INTEL"), "\"AMD\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kept kept = run(collect_board_dmi, rows[i].text);
		const json_t *props = kept_props(&kept, "tpm", "tpm");

		CHECK_STR(kept_value(props, "manufacturer"), rows[i].maker);
		CHECK_STR(kept_value(props, "firmware_version"), "\"5.62\"");
		CHECK_STR(kept_value(props, "version"), "\"2.0\"");
	}
}

#define COMPONENT(state, below)                                                          \
	"# dmidecode 3.4\nSMBIOS 3.5.0 present.\n\n"                                     \
	"Handle 0x0030, DMI type 45, 26 bytes\nFirmware Inventory Information\n"         \
	"\tFirmware Component Name: BMC Firmware\n\tFirmware Version: "                  \
	"13.05\n\tState: " state "\n\tAssociated Components: " below                     \
	"\n\nEnd Of Table\n"

/* dmi_firmware_state() of dmidecode 3.4: "Stand-by", not as Redfish spells it. */
static void components(void)
{
	static const struct {
		const char *text, *state, *components;
	} rows[] = {
		{ COMPONENT("Stand-by Spare", "2\n\t\t0x0006\n\t\t0x00FF"),
		  "\"StandbySpare\"", "[\"0x0006\",\"0x00FF\"]" },
		{ COMPONENT("Stand-by Offline", "0"), "\"StandbyOffline\"", "[]" },
		{ COMPONENT("Unavailable Offline", "1\n\t\t0x10006"),
		  "\"UnavailableOffline\"", "[]" },
		{ COMPONENT("Unknown", ""), "null", "[]" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kept kept = run(collect_board_dmi, rows[i].text);
		const json_t *props = kept_props(&kept, "smbios.firmware", "0x0030");

		CHECK_STR(kept_value(props, "state"), rows[i].state);
		CHECK_STR(kept_value(props, "components"), rows[i].components);
	}
}

/* dmidecode before 3.4 knows no type 45 and prints its bytes. */
static void unknown_type(void)
{
	struct kept kept = run(collect_board_dmi,
			       "# dmidecode 3.2\nSMBIOS 3.5.0 present.\n\n"
			       "Handle 0x001F, DMI type 45, 26 bytes\nUnknown Type\n"
			       "\tHeader and Data:\n\t\t2D 1A 1F 00\n"
			       "\tStrings:\n\t\tBMC Firmware\n\nEnd Of Table\n");

	CHECK(!kept_props(&kept, "smbios.firmware", NULL));
	CHECK(!kept.out.unreadable);
}

#define VARIABLE "v\t/sys/firmware/efi/efivars/"
#define GLOBAL "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define LINE(name) VARIABLE name GLOBAL "\t"

static const json_t *boot(const char *text, size_t len)
{
	struct kept kept = kept_run(collect_board_efi_boot, text, len);

	return kept_props(&kept, "firmware", "bios");
}

/* Boot000A is 0Ah 00h; in the middle and at the end a byte of a variable is a line's end. */
static void newline_bytes(void)
{
	static const char first[] =
		LINE("BootOrder") "\7\0\0\0\n" LINE("BootOrder") "\0\1\0\n";
	static const char last[] = LINE("BootNext") "\7\0\0\0\0\n";
	static const char both[] = LINE("BootOrder") "\7\0\0\0\n" LINE("BootOrder") "\n";

	CHECK_STR(kept_value(boot(first, sizeof(first) - 1), "boot_order"),
		  "[\"Boot000A\",\"Boot0001\"]");
	CHECK_STR(kept_value(boot(last, sizeof(last) - 1), "boot_next"), "\"Boot0A00\"");
	CHECK_STR(kept_value(boot(both, sizeof(both) - 1), "boot_order"),
		  "[\"Boot0A0A\"]");
}

/* A name with a character above U+FFFF (RFC 2781: U+1F41D is D83Dh DC1Dh), and half of one. */
static void names(void)
{
	static const char pair[] =
		LINE("Boot0001") "\7\0\0\0\1\0\0\0\4\0\x3d\xd8\x1d\xdc\0\0\x7f\xff\4\0\n";
	static const char half[] = LINE("Boot0001") "\7\0\0\0\1\0\0\0\4\0\x3d\xd8"
						    "A\0\0\0\x7f\xff\4\0\n";
	const json_t *option = json_array_get(
		json_object_get(boot(pair, sizeof(pair) - 1), "boot_options"), 0);

	CHECK_STR(kept_value(option, "display_name"), "\"\xf0\x9f\x90\x9d\"");
	CHECK_STR(kept_value(option, "uefi_device_path"), "null");
	option = json_array_get(
		json_object_get(boot(half, sizeof(half) - 1), "boot_options"), 0);
	CHECK_STR(kept_value(option, "display_name"), "\"\\\\xed\\\\xa0\\\\xbdA\"");
	CHECK_STR(kept_value(option, "escaped"), "[\"display_name\"]");
}

/* A path of nothing but heads is three times its bytes as text. */
static void long_path(void)
{
	enum { NODES = 1000 };
	static char text[8 * NODES];
	size_t n = sizeof(LINE("Boot0001") "\7\0\0\0\1\0\0\0\0\0\0\0") - 1;
	const json_t *option, *props;

	memcpy(text, LINE("Boot0001") "\7\0\0\0\1\0\0\0\0\0\0\0", n);
	text[n - 4] = (char)(4 * (NODES + 1) & 0xff);
	text[n - 3] = (char)(4 * (NODES + 1) >> 8);
	for (size_t i = 0; i < NODES; i++, n += 4)
		memcpy(text + n, "\x55\xaa\4", 4);
	memcpy(text + n, "\x7f\xff\4", 4);
	n += 4;
	text[n++] = '\n';
	props = boot(text, n);
	option = json_array_get(json_object_get(props, "boot_options"), 0);
	CHECK_STR(kept_value(option, "uefi_device_path"), "null");
	CHECK_INT(json_string_length(json_object_get(json_object_get(option, "unparsed"),
						     "uefi_device_path")),
		  2048);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a TPM's maker is told by its id, else by its description", tpm_makers,
		  0 },
		{ "a component's state and handles are read", components, 0 },
		{ "bytes that an older dmidecode prints are no component", unknown_type,
		  0 },
		{ "a variable's byte may be a line's end", newline_bytes, 0 },
		{ "names are in UTF-16", names, 0 },
		{ "a path that is too long is told as such", long_path, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
