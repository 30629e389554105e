/* The identity a transceiver or cable holds: SFF-8472, SFF-8636 and CMIS. */
#include "network.h"
#include "placeholder_put.h"

/* Where each standard keeps the same things; 0 is "it does not". Bytes. */
struct layout {
	const char *standard;
	size_t size; /* without so many bytes there is no identity */
	size_t vendor, oui, part, revision, serial, date;
	size_t revision_len;
	size_t connector;
	size_t base, base_end; /* the sum of these stands at base_end */
};

/* SFF-8472 12.4, table 4-1; SFF-8636 2.10a, table 6-14; CMIS 5.0, table 8-23. */
static const struct layout sfp = {
	"SFF-8472", 96, 20, 37, 40, 56, 68, 84, 4, 2, 0, 63,
};
static const struct layout qsfp = {
	"SFF-8636", 224, 148, 165, 168, 184, 196, 212, 2, 130, 128, 191,
};
static const struct layout cmis = {
	"CMIS", 223, 129, 145, 148, 164, 166, 182, 2, 203, 128, 222,
};

/*
 * SFF-8024 4.11, table 4-1. Without a layout: the memory map is another one, and what is plugged in
 * has a name at least.
 */
static const struct module_kind {
	uint8_t identifier;
	const char *name;
	const struct layout *layout;
} kinds[] = {
	{ 0x01, "GBIC", NULL },
	{ 0x02, "Soldered", &sfp },
	{ 0x03, "SFP", &sfp },
	{ 0x04, "XBI", NULL },
	{ 0x05, "XENPAK", NULL },
	{ 0x06, "XFP", NULL },
	{ 0x07, "XFF", NULL },
	{ 0x08, "XFP-E", NULL },
	{ 0x09, "XPAK", NULL },
	{ 0x0a, "X2", NULL },
	{ 0x0b, "DWDM-SFP", &sfp },
	{ 0x0c, "QSFP", &qsfp },
	{ 0x0d, "QSFP+", &qsfp },
	{ 0x0e, "CXP", NULL },
	{ 0x0f, "MiniSAS-HD4", NULL },
	{ 0x10, "MiniSAS-HD8", NULL },
	{ 0x11, "QSFP28", &qsfp },
	{ 0x12, "CXP2", NULL },
	{ 0x13, "CDFP", NULL },
	{ 0x14, "MiniSAS-HD4-Fanout", NULL },
	{ 0x15, "MiniSAS-HD8-Fanout", NULL },
	{ 0x16, "CDFP3", NULL },
	{ 0x17, "microQSFP", &qsfp },
	{ 0x18, "QSFP-DD", &cmis },
	{ 0x19, "OSFP", &cmis },
	{ 0x1a, "SFP-DD", &cmis },
	{ 0x1b, "DSFP", &cmis },
	{ 0x1c, "MiniLink4", NULL },
	{ 0x1d, "MiniLink8", NULL },
	{ 0x1e, "QSFP-CMIS", &cmis },
	{ 0x1f, "SFP-DD-CMIS", &cmis },
	{ 0x20, "SFP-CMIS", &cmis },
	{ 0x21, "OSFP-XD", &cmis },
	{ 0x22, "ELSFP", &cmis },
	{ 0x23, "CDFP4-CMIS", &cmis },
	{ 0x24, "CDFP8-CMIS", &cmis },
	{ 0x25, "CDFP16-CMIS", &cmis },
};

/* SFF-8024 4.11, table 4-3. */
static const struct {
	uint8_t number;
	const char *name;
} connectors[] = {
	{ 0x01, "SC" },
	{ 0x02, "FibreChannel1" },
	{ 0x03, "FibreChannel2" },
	{ 0x04, "BNC" },
	{ 0x05, "FibreChannelCoax" },
	{ 0x06, "FiberJack" },
	{ 0x07, "LC" },
	{ 0x08, "MT-RJ" },
	{ 0x09, "MU" },
	{ 0x0a, "SG" },
	{ 0x0b, "OpticalPigtail" },
	{ 0x0c, "MPO" },
	{ 0x0d, "MPO2x16" },
	{ 0x20, "HSSDC-II" },
	{ 0x21, "CopperPigtail" },
	{ 0x22, "RJ45" },
	{ 0x23, "NoSeparableConnector" },
	{ 0x24, "MXC2x16" },
	{ 0x25, "CS" },
	{ 0x26, "SN" },
	{ 0x27, "MPO2x12" },
	{ 0x28, "MPO1x16" },
};

/* A number that neither table has; 0 is "unknown" in both. */
static void put_unread(json_t *module, const char *prop, uint8_t number)
{
	char text[8];
	int n = snprintf(text, sizeof(text), "0x%02x", number);

	if (number == 0)
		json_put(module, prop, json_null());
	else
		collect_unread(module, prop, json_stringn(text, (size_t)n));
}

static const struct module_kind *kind_of(uint8_t identifier)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].identifier == identifier)
			return &kinds[i];
	return NULL;
}

static void put_connector(json_t *module, uint8_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(connectors); i++) {
		if (connectors[i].number != number)
			continue;
		json_put(module, "connector", json_string(connectors[i].name));
		return;
	}
	put_unread(module, "connector", number);
}

static void put_name(json_t *module, const char *prop, const uint8_t *bytes, size_t len)
{
	placeholder_put(module, prop, (const char *)bytes, len, PLACEHOLDER_IDENTITY);
}

static void put_oui(json_t *module, const uint8_t *bytes)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%02x:%02x:%02x", bytes[0], bytes[1],
			 bytes[2]);

	json_put(module, "manufacturer_oui",
		 bytes[0] | bytes[1] | bytes[2] ? json_stringn(text, (size_t)n)
						: json_null());
}

/* "yymmddvv" with two bytes of the vendor's own, as yyyy-mm-dd; anything else as it is.
 */
static void put_date(json_t *module, const uint8_t *bytes)
{
	char text[16];
	int n;

	for (size_t i = 0; i < 6; i++) {
		if (bytes[i] >= '0' && bytes[i] <= '9')
			continue;
		put_name(module, "manufacturing_date", bytes, 8);
		return;
	}
	n = snprintf(text, sizeof(text), "20%c%c-%c%c-%c%c", bytes[0], bytes[1], bytes[2],
		     bytes[3], bytes[4], bytes[5]);
	json_put(module, "manufacturing_date", json_stringn(text, (size_t)n));
}

static bool sum_is_right(const struct layout *layout, const uint8_t *bytes)
{
	unsigned sum = 0;

	for (size_t i = layout->base; i < layout->base_end; i++)
		sum += bytes[i];
	return (sum & 0xff) == bytes[layout->base_end];
}

/*
 * In 1/256 degrees, signed. SFF-8472, 9.7: only where byte 92 says that the second page,
 * which ethtool puts behind the first 256 bytes, has calibrated readings. 0 in the others
 * is no reading: they are in range everywhere but at rest.
 */
static void put_temperature(json_t *module, const struct layout *layout,
			    const uint8_t *bytes, size_t len)
{
	size_t at = layout == &sfp ? 256 + 96 : layout == &qsfp ? 22 : 14;
	int celsius;

	if (len < at + 2)
		return;
	if (layout == &sfp && (!(bytes[92] & 0x40) || !(bytes[92] & 0x20)))
		return;
	celsius = (bytes[at] & 0x80 ? bytes[at] - 256 : bytes[at]);
	if (celsius || bytes[at + 1])
		json_put(module, "temperature_celsius", json_integer(celsius));
}

json_t *network_module(const uint8_t *bytes, size_t len)
{
	json_t *module = json_object();
	const struct module_kind *kind = len ? kind_of(bytes[0]) : NULL;
	const struct layout *layout = kind ? kind->layout : NULL;

	if (kind)
		json_put(module, "type", json_string(kind->name));
	else
		put_unread(module, "type", len ? bytes[0] : 0);
	if (!layout || len < layout->size)
		return module;
	json_put(module, "standard", json_string(layout->standard));
	put_name(module, "manufacturer", bytes + layout->vendor, 16);
	put_oui(module, bytes + layout->oui);
	put_name(module, "part_number", bytes + layout->part, 16);
	put_name(module, "revision", bytes + layout->revision, layout->revision_len);
	put_name(module, "serial_number", bytes + layout->serial, 16);
	put_date(module, bytes + layout->date);
	put_connector(module, bytes[layout->connector]);
	json_put(module, "checksum_valid", json_boolean(sum_is_right(layout, bytes)));
	put_temperature(module, layout, bytes, len);
	network_optics(module,
		       layout == &sfp    ? NETWORK_SFP
		       : layout == &qsfp ? NETWORK_QSFP
					 : NETWORK_CMIS,
		       bytes, len);
	return module;
}
