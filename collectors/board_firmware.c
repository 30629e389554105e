/* board/dmi: the TPM (SMBIOS 3.6, 7.44) and what other firmware the machine has (7.46). */
#include "board.h"
#include "dmi_props.h"

#define COMPONENTS_MAX 256 /* the count is a byte */

/* TCG TPM Vendor ID Registry 1.06, the TPM Capabilities Vendor IDs; dmidecode ends the four
 * characters at a NUL. */
static const struct dmi_word makers[] = {
	{ "AMD", "AMD" },
	{ "ATML", "Atmel" },
	{ "BRCM", "Broadcom" },
	{ "GOOG", "Google" },
	{ "HPE", "HPE" },
	{ "IBM", "IBM" },
	{ "IFX", "Infineon" },
	{ "INTC", "Intel" },
	{ "LEN", "Lenovo" },
	{ "MSFT", "Microsoft" },
	{ "NSM", "National Semiconductor" },
	{ "NTC", "Nuvoton Technology" },
	{ "NTZ", "Nationz" },
	{ "QCOM", "Qualcomm" },
	{ "SMSN", "Samsung" },
	{ "SNS", "Sinosun" },
	{ "STM", "STMicroelectronics" },
	{ "TXN", "Texas Instruments" },
	{ "WEC", "Winbond" },
	{ NULL, NULL },
};

/* The description, where a firmware has left the id empty: the chip's maker in capitals. */
static const struct dmi_word described[] = {
	{ "AMD", "AMD" },
	{ "INFINEON", "Infineon" },
	{ "INTEL", "Intel" },
	{ "NUVOTON", "Nuvoton Technology" },
	{ "STMICRO", "STMicroelectronics" },
	{ NULL, NULL },
};

static bool put_maker(json_t *props, struct span text, const struct dmi_word *words)
{
	for (; words->theirs; words++) {
		if (!text_is_word(text, words->theirs))
			continue;
		json_put(props, "manufacturer", json_string(words->ours));
		return true;
	}
	return false;
}

/* 7.44, 08h and 0Ah. All ones is a structure that nobody filled in. */
static void put_versions(const struct dmi_structure *s, json_t *props)
{
	struct span value;

	if (dmi_value(s, "Specification Version", &value)) {
		if (text_is(value, "1.2") || text_is(value, "2.0"))
			collect_span(props, "version", value);
		else
			dmi_put_nothing(props, "version", value);
	}
	if (dmi_value(s, "Firmware Revision", &value) && text_is(value, "65535.65535"))
		json_put(props, "firmware_version", json_null());
	else
		dmi_put_name(s, props, "Firmware Revision", "firmware_version");
}

void board_put_tpm(const struct dmi_structure *s, const struct input *in,
		   struct output *out)
{
	json_t *props = json_object();
	struct span id, text;

	(void)in;
	dmi_put_name(s, props, "Vendor ID", "vendor_id");
	put_versions(s, props);
	dmi_put_name(s, props, "Description", "smbios_description");
	if ((!dmi_value(s, "Vendor ID", &id) || !put_maker(props, id, makers)) &&
	    (!dmi_value(s, "Description", &text) || !put_maker(props, text, described)))
		json_put(props, "manufacturer", json_null());
	json_put(props, "smbios_handle", json_string(dmi_key(s).text));
	collect_record(out, "tpm", "tpm", props);
}

/* "Updatable: Yes": 7.46.2, as dmidecode lists it. */
static void put_characteristics(const struct dmi_structure *s, json_t *props)
{
	static const struct {
		const char *key, *prop;
	} bits[] = { { "Updatable: ", "updatable" },
		     { "Write-Protect: ", "write_protected" } };
	struct dmi_list list;
	struct span item;

	dmi_list(s, "Characteristics", &list);
	while (dmi_item(&list, &item)) {
		for (size_t i = 0; i < ARRAY_LEN(bits); i++) {
			struct span value = item;

			if (!text_skip(&value, bits[i].key))
				continue;
			if (text_is(value, "Yes") || text_is(value, "No"))
				json_put(props, bits[i].prop,
					 json_boolean(text_is(value, "Yes")));
			else
				dmi_put_nothing(props, bits[i].prop, value);
		}
	}
}

/* "Associated Components: 2", and below it their handles. */
static void put_components(const struct dmi_structure *s, json_t *props)
{
	struct dmi_structure other = { .repeat = 1 };
	struct dmi_list list;
	struct span item;
	json_t *handles;

	dmi_list(s, "Associated Components", &list);
	if (!list.below.at)
		return;
	handles = json_array();
	json_put(props, "components", handles);
	list.value.len = 0;
	while (json_array_size(handles) < COMPONENTS_MAX && dmi_item(&list, &item))
		if (dmi_handle_parse(item, &other.handle))
			json_push(handles, json_string(dmi_key(&other).text));
}

void board_put_firmware_component(const struct dmi_structure *s, const struct input *in,
				  struct output *out)
{
	/* 7.46.4 in dmidecode's words, to Redfish's State where it has one. */
	static const struct dmi_word states[] = {
		{ "Stand-by Offline", "StandbyOffline" },
		{ "Stand-by Spare", "StandbySpare" },
		{ "Unavailable Offline", "UnavailableOffline" },
		{ NULL, NULL },
	};
	json_t *props = json_object();
	struct span date;

	(void)in;
	dmi_put_name(s, props, "Firmware Component Name", "name");
	dmi_put_name(s, props, "Firmware Version", "version");
	dmi_put_identity(s, props, "Firmware ID", "firmware_id");
	if (dmi_value(s, "Release Date", &date))
		board_date(props, date);
	dmi_put_name(s, props, "Manufacturer", "manufacturer");
	dmi_put_name(s, props, "Lowest Supported Firmware Version",
		     "lowest_supported_version");
	dmi_put_bytes(s, props, "Image Size", "image_size_bytes");
	put_characteristics(s, props);
	dmi_put_word(s, props, "State", "state", states);
	put_components(s, props);
	/* Versions of dmidecode that do not know the type print its bytes alone. */
	if (json_object_size(props) > 0)
		collect_record(out, "smbios.firmware", dmi_key(s).text, props);
	else
		json_decref(props);
}
