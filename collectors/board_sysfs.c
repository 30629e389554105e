/*
 * board/sysfs and board/efi-vars: what the kernel kept of SMBIOS, for machines whose
 * tables cannot be read, and how the machine was booted.
 */
#include "board.h"
#include "placeholder_put.h"
#include "tree_props.h"

#include <string.h>

#define DMI "/sys/class/dmi"
#define FIRMWARE "/sys/firmware"
#define EFIVARS "/sys/firmware/efi/efivars"
#define ACPI "/sys/bus/acpi/devices"
#define RTC "/sys/class/rtc"
#define RUN_BEE "/run/bee"
#define ESRT "/sys/firmware/efi/esrt/entries"
#define MEI "/sys/class/mei"
#define ESRT_MAX 256u
/* UEFI 2.10, 3.3: the vendor GUID of the variables the standard defines. */
#define GLOBAL "-8be4df61-93ca-11d2-aa0d-00e098032b8c"

struct identity {
	const char *attribute, *prop;
	enum placeholder_kind kind;
};

static const struct identity system_ids[] = {
	{ "sys_vendor", "manufacturer", PLACEHOLDER_WORDS },
	{ "product_name", "model", PLACEHOLDER_WORDS },
	{ "product_version", "version", PLACEHOLDER_WORDS },
	{ "product_serial", "serial_number", PLACEHOLDER_IDENTITY },
	{ "product_uuid", "uuid", PLACEHOLDER_IDENTITY },
	{ "product_sku", "sku", PLACEHOLDER_IDENTITY },
	{ "product_family", "family", PLACEHOLDER_WORDS },
	{ NULL, NULL, PLACEHOLDER_WORDS },
};

static const struct identity bios_ids[] = {
	{ "bios_vendor", "vendor", PLACEHOLDER_WORDS },
	{ "bios_version", "version", PLACEHOLDER_WORDS },
	{ "bios_release", "bios_revision", PLACEHOLDER_WORDS },
	{ "ec_firmware_release", "firmware_revision", PLACEHOLDER_WORDS },
	{ NULL, NULL, PLACEHOLDER_WORDS },
};

static const struct identity board_ids[] = {
	{ "board_vendor", "manufacturer", PLACEHOLDER_WORDS },
	{ "board_name", "product", PLACEHOLDER_WORDS },
	{ "board_version", "version", PLACEHOLDER_WORDS },
	{ "board_serial", "serial_number", PLACEHOLDER_IDENTITY },
	{ "board_asset_tag", "asset_tag", PLACEHOLDER_IDENTITY },
	{ NULL, NULL, PLACEHOLDER_WORDS },
};

static const struct identity chassis_ids[] = {
	{ "chassis_vendor", "manufacturer", PLACEHOLDER_WORDS },
	{ "chassis_version", "version", PLACEHOLDER_WORDS },
	{ "chassis_serial", "serial_number", PLACEHOLDER_IDENTITY },
	{ "chassis_asset_tag", "asset_tag", PLACEHOLDER_IDENTITY },
	{ NULL, NULL, PLACEHOLDER_WORDS },
};

static void put_ids(json_t *props, const struct tree_device *dmi,
		    const struct identity *ids)
{
	struct span value;

	for (; ids->attribute; ids++)
		if (tree_text(dmi, ids->attribute, &value))
			placeholder_put(props, ids->prop, value.at, value.len, ids->kind);
}

static void emit(const char *type, const char *key, json_t *props, struct output *out)
{
	if (json_object_size(props) > 0)
		collect_record(out, type, key, props);
	else
		json_decref(props);
}

static void emit_ids(const char *type, const char *key, const struct tree_device *dmi,
		     const struct identity *ids, struct output *out)
{
	json_t *props = json_object();

	put_ids(props, dmi, ids);
	emit(type, key, props, out);
}

/* IPI0001 is a BMC's system interface (IPMI 2.0, C3.1), whether its driver found one or not. */
static void emit_bmc(const struct tree *tree, struct output *out)
{
	struct tree_device device = { tree, ACPI, { NULL, 0 } };
	json_t *props = json_object();
	size_t at = 0;

	if (tree_next(tree, ACPI, &at, &device.name))
		tree_put_text(props, "acpi_hid", &device, "hid");
	emit("bmc", "bmc", props, out);
}

/* The clock that runs while the machine is off, as it is now (Linux, drivers/rtc/sysfs.c). */
static void emit_system(const struct tree_device *dmi, const struct tree_device *rtc,
			struct output *out)
{
	struct tree_device media = { dmi->tree, RUN_BEE, { "media", 5 } };
	json_t *props = json_object();

	put_ids(props, dmi, system_ids);
	/* What `bee remote media` has said, if somebody has plugged in a part of the configuration. */
	tree_put_text(props, "configuration_medium", &media, "said");
	tree_put_number(props, "rtc_unix_seconds", rtc, "since_epoch");
	emit("system", "system", props, out);
}

/* UEFI 2.10, 23.4: what the firmware can update, itself and devices. */
static json_t *resource_of(const struct tree_device *entry)
{
	static const char *const types[] = { NULL, "System", "Device", "UefiDriver" };
	json_t *resource = json_object();
	uint64_t type;

	tree_put_text(resource, "class", entry, "fw_class");
	if (tree_number(entry, "fw_type", &type) && type < ARRAY_LEN(types))
		json_put(resource, "type",
			 types[type] ? json_string(types[type]) : json_null());
	else
		tree_put_unread(resource, "type", entry, "fw_type");
	tree_put_number(resource, "version", entry, "fw_version");
	tree_put_number(resource, "lowest_supported_version", entry,
			"lowest_supported_fw_version");
	tree_put_number(resource, "last_attempt_version", entry, "last_attempt_version");
	tree_put_number(resource, "last_attempt_status", entry, "last_attempt_status");
	return resource;
}

static void put_resources(json_t *props, const struct tree *tree)
{
	struct tree_device entry = { tree, ESRT, { NULL, 0 } };
	size_t at = 0;

	while (tree_next(tree, ESRT, &at, &entry.name)) {
		json_t *list = json_object_get(props, "efi_resources");

		if (!list) {
			list = json_array();
			json_put(props, "efi_resources", list);
		}
		if (json_array_size(list) == ESRT_MAX)
			break;
		json_push(list, resource_of(&entry));
	}
}

/*
 * "0:11.8.50.3399", the platform and the version; the lines after it are of the same
 * engine's other images (Linux, Documentation/ABI/testing/sysfs-class-mei).
 */
static void put_engine(json_t *props, const struct tree *tree)
{
	struct tree_device engine = { tree, MEI, { NULL, 0 } };
	size_t at = 0;
	struct span value, platform;

	while (tree_next(tree, MEI, &at, &engine.name)) {
		if (!tree_text(&engine, "fw_ver", &value))
			continue;
		if (text_cut(&value, ':', &platform))
			collect_span(props, "management_engine_version", value);
		return;
	}
}

/* A PC has a memory map of its firmware in any case, and an efi folder if that is UEFI.
 */
static void put_boot_mode(json_t *props, const struct tree *tree)
{
	struct tree_device efi = { tree, FIRMWARE, { "efi", 3 } };
	struct tree_device map = { tree, FIRMWARE, { "memmap", 6 } };
	struct span value;

	if (tree_text(&efi, "fw_platform_size", &value)) {
		json_put(props, "boot_mode", json_string("UEFI"));
		collect_u64(props, "efi_platform_bits", value);
	} else if (tree_text(&map, "0/type", &value)) {
		json_put(props, "boot_mode", json_string("BIOS"));
	}
}

void collect_board_sysfs(const struct input *in, const char *instance, struct output *out)
{
	struct tree tree;
	struct tree_device dmi = { &tree, DMI, { "id", 2 } };
	struct tree_device rtc = { &tree, RTC, { "rtc0", 4 } };
	json_t *props = json_object();
	struct span date;

	(void)instance;
	tree_open(&tree, in, "board/sysfs", out);
	put_ids(props, &dmi, bios_ids);
	if (tree_text(&dmi, "bios_date", &date))
		board_date(props, date);
	put_boot_mode(props, &tree);
	put_resources(props, &tree);
	put_engine(props, &tree);
	emit("firmware", "bios", props, out);
	emit_bmc(&tree, out);
	emit_system(&dmi, &rtc, out);
	emit_ids("baseboards", "dmi-id", &dmi, board_ids, out);
	emit_ids("chassis", "dmi-id", &dmi, chassis_ids, out);
	tree_close(&tree);
}

/* Linux, Documentation/filesystems/efivarfs.rst: four bytes of attributes, then the data.
 */
static void put_variable(json_t *props, const char *prop, const struct tree *tree,
			 const char *variable)
{
	struct span name = { variable, strlen(variable) };
	const struct tree_line *line = tree_find(tree, EFIVARS, name, "");

	if (!line)
		return;
	if (line->kind == 'v' && line->content.len == 5 &&
	    (unsigned char)line->content.at[4] <= 1)
		json_put(props, prop, json_boolean(line->content.at[4]));
	else
		json_put(props, prop, json_null());
}

void collect_board_efi_vars(const struct input *in, const char *instance,
			    struct output *out)
{
	struct tree tree;
	json_t *props = json_object();

	(void)instance;
	tree_open(&tree, in, "board/efi-vars", out);
	put_variable(props, "secure_boot", &tree, "SecureBoot" GLOBAL);
	put_variable(props, "secure_boot_setup_mode", &tree, "SetupMode" GLOBAL);
	emit("firmware", "bios", props, out);
	tree_close(&tree);
}
