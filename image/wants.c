/* What an audited machine needs of a kernel. */
#include "wants.h"
#include "json.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VIRTIO_VENDOR 0x1af4 /* virtio 1.2, 4.1.2 */
#define VIRTIO_MODERN                                                                    \
	0x1040 /* a device's id is this and its type; older ones have it beside */

static const char *text_of(const json_t *record, const char *prop)
{
	const char *text = json_string_value(json_object_get(record, prop));

	return text ? text : "";
}

static uint64_t hex_of(const json_t *record, const char *prop)
{
	uint64_t value;

	return parse_hex(text_of(record, prop), UINT32_MAX, &value) ? 0 : value;
}

/*
 * `needed`: there is a driver, though the record has none. No text of a document has a tab or newline of its own: json_load_hostile
 * escapes both.
 */
static void put(FILE *out, const char *bus, const json_t *record, const char *modalias,
		bool needed)
{
	const char *model = text_of(record, "model");
	const char *module = text_of(record, "driver_module");
	bool own = !needed && !*module && *text_of(record, "driver");

	if (!*module && !*modalias)
		return;
	(void)fprintf(out, "%s %s%s%s\t%s\t%s\t%s\n", bus, text_of(record, "key"),
		      *model ? " " : "", model,
		      needed || *module ? "needed"
		      : own             ? "own"
					: "",
		      module, modalias);
}

/* An audit before `modalias` has the ids that it is made of (pci-sysfs.c, modalias_show). */
static char *pci_modalias(const json_t *device)
{
	unsigned class = (unsigned)hex_of(device, "class_code");
	const char *given = text_of(device, "modalias");

	if (*given)
		return xstrdup(given);
	if (!*text_of(device, "vendor_id"))
		return xstrdup("");
	return xasprintf("pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X",
			 (unsigned)hex_of(device, "vendor_id"),
			 (unsigned)hex_of(device, "device_id"),
			 (unsigned)hex_of(device, "subsystem_vendor_id"),
			 (unsigned)hex_of(device, "subsystem_id"), class >> 16 & 0xff,
			 class >> 8 & 0xff, class & 0xff);
}

/* Behind virtio's PCI function is a device of a bus of its own, which no record has. */
static void put_virtio(FILE *out, const json_t *device)
{
	uint64_t id = hex_of(device, "device_id");
	uint64_t type =
		id >= VIRTIO_MODERN ? id - VIRTIO_MODERN : hex_of(device, "subsystem_id");
	AUTO_FREE char *modalias =
		xasprintf("virtio:d%08Xv%08X", (unsigned)type,
			  (unsigned)hex_of(device, "subsystem_vendor_id"));

	if (hex_of(device, "vendor_id") == VIRTIO_VENDOR)
		put(out, "virtio", device, modalias, true);
}

static void put_pcie(FILE *out, const json_t *device)
{
	AUTO_FREE char *modalias = pci_modalias(device);

	put(out, "pcie", device, modalias, false);
	put_virtio(out, device);
}

static void put_plain(FILE *out, const json_t *device)
{
	put(out, "platform", device, text_of(device, "modalias"), false);
}

static void put_usb(FILE *out, const json_t *device)
{
	size_t i;
	const json_t *interface;

	json_array_foreach(json_object_get(device, "interfaces"), i, interface)
	{
		AUTO_JSON json_t *one = json_deep_copy(interface);

		json_put(one, "key", json_string(text_of(device, "key")));
		json_put(one, "model", json_string(text_of(device, "model")));
		put(out, "usb", one, text_of(one, "modalias"), false);
	}
}

/* SCSI's device types, SPC-4 6.4.2: the kernel's names say which (sd.c, sr.c). */
static void put_drive(FILE *out, const json_t *drive)
{
	static const struct {
		const char *name, *modalias;
	} types[] = { { "sd", "scsi:t-0x00" }, { "sr", "scsi:t-0x05" } };

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (!strncmp(text_of(drive, "key"), types[i].name, 2))
			put(out, "storage", drive, types[i].modalias, true);
}

static void each(FILE *out, const json_t *document, const char *group, const char *list,
		 void (*one)(FILE *out, const json_t *record))
{
	const json_t *records = json_object_get(json_object_get(document, group), list);

	for (size_t i = 0; i < json_array_size(records); i++)
		one(out, json_array_get(records, i));
}

int wants_of(const char *json, size_t json_len, char **text, size_t *len)
{
	char reason[256];
	unsigned repairs;
	AUTO_JSON json_t *document =
		json_load_hostile(json, json_len, NULL, &repairs, reason, sizeof(reason));
	FILE *out;

	if (!json_is_object(json_object_get(document, "pcie")))
		return -EBADMSG;
	out = open_memstream(text, len);
	if (!out)
		errx(BEE_OSERR, "out of memory");
	each(out, document, "pcie", "devices", put_pcie);
	each(out, document, "platform", "devices", put_plain);
	each(out, document, "usb", "devices", put_usb);
	each(out, document, "storage", "drives", put_drive);
	each(out, document, "storage", "others", put_drive);
	/* On most machines nothing loads these by itself; the audit asks by way of them. */
	if (json_is_object(json_object_get(document, "bmc")))
		(void)fprintf(out,
			      "bmc\tneeded\tipmi_si\t\nbmc\tneeded\tipmi_devintf\t\n");
	if (fclose(out))
		errx(BEE_OSERR, "out of memory");
	return 0;
}

bool wants_next(char **text, struct want *want)
{
	char *line = strsep(text, "\n"), *what;

	if (!line || !*line)
		return false;
	want->device = strsep(&line, "\t");
	what = strsep(&line, "\t");
	want->module = strsep(&line, "\t");
	want->modalias = line;
	want->needed = what && !strcmp(what, "needed");
	want->own = what && !strcmp(what, "own");
	return want->module && want->modalias;
}
