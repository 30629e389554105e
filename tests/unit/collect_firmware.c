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

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a TPM's maker is told by its id, else by its description", tpm_makers,
		  0 },
		{ "a component's state and handles are read", components, 0 },
		{ "bytes that an older dmidecode prints are no component", unknown_type,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
