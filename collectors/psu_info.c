/* psu/info: the BMC itself, its network, and what it says of the chassis. */
#include "ipmi_lines.h"

#include <arpa/inet.h>

#define CHANNELS 16

static const char where[] = "psu/info";

/* A LAN channel, from its configuration parameters (IPMI 2.0, table 23-4). */
struct lan {
	json_t *props; /* owned until it is in the list; NULL: not met */
};

static void put_words(json_t *props, const char *prop, unsigned bits,
		      const char *const *words, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		if (bits >> i & 1 && words[i])
			json_push(list, json_string(words[i]));
	json_put(props, prop, list);
}

/* 20.1: Get Device ID. */
static void put_device_id(json_t *props, const uint8_t *id, size_t len)
{
	char text[32];

	json_put(props, "device_id", json_integer(id[0]));
	json_put(props, "device_revision", json_integer(id[1] & 15));
	json_put(props, "provides_device_sdrs", json_boolean(id[1] & 0x80));
	json_put(props, "available", json_boolean(!(id[2] & 0x80)));
	/* The minor revision is BCD, and hexadecimal on BMCs that do not know. */
	(void)snprintf(text, sizeof(text), "%u.%02x", id[2] & 0x7fu, id[3]);
	json_put(props, "firmware_version", json_string(text));
	(void)snprintf(text, sizeof(text), "%u.%u", id[4] & 15u, (unsigned)id[4] >> 4);
	json_put(props, "ipmi_version", json_string(text));
	json_put(props, "manufacturer_id",
		 json_integer(id[6] | id[7] << 8 | (id[8] & 15) << 16));
	json_put(props, "product_id", json_integer(id[9] | id[10] << 8));
	if (len >= 15) {
		(void)snprintf(text, sizeof(text), "%02x%02x%02x%02x", id[11], id[12],
			       id[13], id[14]);
		json_put(props, "auxiliary_firmware_hex", json_string(text));
	}
}

/* 20.4: what the last test found; none is started. FFh is reserved, all codes but these are failures
 * of which the BMC's maker knows. */
static void put_self_test(json_t *props, const uint8_t *result, size_t len)
{
	static const struct {
		uint8_t code;
		const char *word, *health;
	} results[] = {
		{ 0x55, "passed", "OK" },
		{ 0x56, "not implemented", NULL },
		{ 0x57, "corrupted or inaccessible data", "Warning" },
		{ 0x58, "fatal hardware error", "Critical" },
	};

	char text[40];

	(void)len;
	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		if (results[i].code != result[0])
			continue;
		json_put(props, "self_test", json_string(results[i].word));
		if (results[i].health)
			json_put(props, "health", json_string(results[i].health));
		return;
	}
	if (result[0] == 0xff) {
		collect_unread(props, "self_test", json_string("0xff"));
		return;
	}
	(void)snprintf(text, sizeof(text), "device-specific failure 0x%02x", result[0]);
	json_put(props, "self_test", json_string(text));
	json_put(props, "health", json_string("Warning"));
}

/* 20.8: 16 bytes, the last one first in the text; BMCs that copy SMBIOS's order exist. */
static void put_guid(json_t *props, const uint8_t *guid, size_t len)
{
	char text[37] = "", hex[33] = "";
	size_t n = 0;
	bool blank = true;

	(void)len;
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[n++] = '-';
		(void)snprintf(text + n, 3, "%02x", guid[15 - i]);
		n += 2;
		(void)snprintf(hex + 2 * i, 3, "%02x", guid[i]);
		blank &= guid[i] == 0x00 || guid[i] == 0xff;
	}
	json_put(props, "guid", blank ? json_null() : json_string(text));
	json_put(props, "guid_hex", json_string(hex));
}

/* 28.2: Get Chassis Status. */
static void put_chassis(json_t *props, const uint8_t *status, size_t len)
{
	static const char *const policies[] = { "AlwaysOff", "LastState", "AlwaysOn",
						NULL };
	static const char *const power[] = { NULL, "power overload", "power interlock",
					     "power fault", "power control fault" };
	static const char *const misc[] = { "chassis intrusion", NULL, "drive fault",
					    "cooling fault" };
	static const char *const events[] = { "AC failed", "power overload",
					      "power interlock", "power fault",
					      "powered on by IPMI" };

	(void)len;
	json_put(props, "power_state", json_string(status[0] & 1 ? "On" : "Off"));
	collect_word(props, "power_restore_policy", policies, ARRAY_LEN(policies),
		     status[0] >> 5 & 3);
	put_words(props, "chassis_faults", status[0], power, ARRAY_LEN(power));
	for (size_t i = 0; i < ARRAY_LEN(misc); i++)
		if (status[2] >> i & 1 && misc[i])
			json_push(json_object_get(props, "chassis_faults"),
				  json_string(misc[i]));
	put_words(props, "last_power_events", status[1], events, ARRAY_LEN(events));
}

/* `data` begins after the parameter's revision. All zeros is nothing, all ones no MAC. */
static void put_lan(json_t *props, struct span name, const uint8_t *data)
{
	static const char *const origins[] = { NULL, "Static", "DHCP", "BIOS", "Other" };
	static const struct {
		const char *name, *prop;
		size_t len;
	} addresses[] = {
		{ "lan3", "address", 4 },
		{ "lan5", "mac_address", 6 },
		{ "lan6", "subnet_mask", 4 },
		{ "lan12", "gateway", 4 },
	};
	char text[24];

	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		bool blank = true, ones = addresses[i].len == 6;

		if (!text_is(name, addresses[i].name))
			continue;
		for (size_t k = 0; k < addresses[i].len; k++) {
			blank &= data[k] == 0;
			ones &= data[k] == 0xff;
		}
		if (addresses[i].len == 4)
			(void)snprintf(text, sizeof(text), "%u.%u.%u.%u", data[0],
				       data[1], data[2], data[3]);
		else
			(void)snprintf(text, sizeof(text),
				       "%02x:%02x:%02x:%02x:%02x:%02x", data[0], data[1],
				       data[2], data[3], data[4], data[5]);
		json_put(props, addresses[i].prop,
			 blank || ones ? json_null() : json_string(text));
	}
	if (text_is(name, "lan4"))
		collect_word(props, "address_origin", origins, ARRAY_LEN(origins),
			     data[0] & 15);
	/* Null: VLANs are off. */
	if (text_is(name, "lan20"))
		json_put(props, "vlan_id",
			 data[1] & 0x80 ? json_integer(ipmi_le16(data) & 0xfff)
					: json_null());
}

/*
 * Table 23-4, parameters 56 and 59: the set, where it is from (and bit 7, whether a static one is
 * on), 16 bytes, the prefix's length, the state. Words as in Redfish's IPv6Addresses, and two that
 * it has not.
 */
static void put_address6(json_t *props, bool dynamic, const uint8_t *data)
{
	static const char *const states[] = { "Preferred", "Disabled",   "Tentative",
					      "Failed",    "Deprecated", "Invalid" };
	static const char *const origins[] = { "Static", "SLAAC", "DHCPv6" };
	unsigned origin = data[1] & 15;
	json_t *address, *list = json_object_get(props, "ipv6_addresses");
	char text[INET6_ADDRSTRLEN];
	bool blank = true;

	for (size_t i = 0; i < 16; i++)
		blank &= data[2 + i] == 0;
	if (blank || !inet_ntop(AF_INET6, data + 2, text, sizeof(text)))
		return;
	if (!list) {
		list = json_array();
		json_put(props, "ipv6_addresses", list);
	}
	address = json_object();
	json_put(address, "address", json_string(text));
	if (data[18] <= 128)
		json_put(address, "prefix_length", json_integer(data[18]));
	else
		collect_unread(address, "prefix_length", json_integer(data[18]));
	if (!dynamic)
		origin = 0;
	/* RFC 4291, 2.5.6 */
	if (data[2] == 0xfe && (data[3] & 0xc0) == 0x80)
		json_put(address, "address_origin", json_string("LinkLocal"));
	else
		collect_word(address, "address_origin", origins, ARRAY_LEN(origins),
			     origin);
	if (!dynamic && !(data[1] & 0x80))
		json_put(address, "address_state", json_string("Disabled"));
	else
		collect_word(address, "address_state", states, ARRAY_LEN(states),
			     data[19]);
	json_push(list, address);
}

static void put_lan6(json_t *props, struct span name, const uint8_t *data)
{
	static const char *const modes[] = { "IPv4", "IPv6", "Both" };

	if (text_is(name, "lan51"))
		collect_word(props, "addressing", modes, ARRAY_LEN(modes), data[0]);
	/* Room for none at all is nothing to list. */
	if (text_is(name, "lan55") && (data[0] | data[1]) &&
	    !json_object_get(props, "ipv6_addresses"))
		json_put(props, "ipv6_addresses", json_array());
	if (text_is(name, "lan56") || text_is(name, "lan59"))
		put_address6(props, text_is(name, "lan59"), data);
}

/* What is asked, and how many bytes an answer has at least; of a LAN's parameters with the revision
 * before them. */
static const struct answer {
	const char *name;
	size_t least;
	void (*put)(json_t *props, const uint8_t *bytes, size_t len); /* NULL: a LAN's */
} answers[] = {
	{ "device-id", 11, put_device_id },
	{ "self-test", 1, put_self_test },
	{ "guid", 16, put_guid },
	{ "chassis", 3, put_chassis },
	{ "lan3", 5, NULL },
	{ "lan4", 2, NULL },
	{ "lan5", 7, NULL },
	{ "lan6", 5, NULL },
	{ "lan12", 5, NULL },
	{ "lan20", 3, NULL },
	{ "lan51", 2, NULL },
	{ "lan55", 3, NULL },
	{ "lan56", 21, NULL },
	{ "lan59", 21, NULL },
};

static void lan_read(struct lan *lans, const struct ipmi_line *line, struct output *out)
{
	struct lan *lan = &lans[line->number % CHANNELS];

	if (line->number >= CHANNELS) {
		collect_error(out, where, "%.*s: there is no channel %u",
			      (int)(line->name.len & 31), line->name.at, line->number);
		return;
	}
	if (!lan->props) {
		lan->props = json_object();
		json_put(lan->props, "channel", json_integer(line->number));
	}
	put_lan(lan->props, line->name, line->bytes + 1);
	put_lan6(lan->props, line->name, line->bytes + 1);
}

static void line_read(json_t *props, struct lan *lans, const struct ipmi_line *line,
		      struct output *out)
{
	for (const struct answer *a = answers; a < answers + ARRAY_LEN(answers); a++) {
		if (!text_is(line->name, a->name) ||
		    ipmi_lines_short(line, a->least, where, out))
			continue;
		if (a->put)
			a->put(props, line->bytes, line->len);
		else
			lan_read(lans, line, out);
	}
}

void collect_psu_info(const struct input *in, const char *instance, struct output *out)
{
	struct lan lans[CHANNELS] = { { NULL } };
	json_t *props = json_object(), *list = json_array();
	struct ipmi_reader reader;
	struct ipmi_line line;

	(void)instance;
	ipmi_lines_open(&reader, in);
	while (ipmi_lines_next(&reader, &line)) {
		if (line.why.len == 0)
			line_read(props, lans, &line, out);
		else if (line.why.len > 2)
			collect_error(out, where, "%.*s: %.*s", (int)(line.name.len & 31),
				      line.name.at, (int)line.why.len, line.why.at);
	}
	for (size_t i = 0; i < CHANNELS; i++)
		if (lans[i].props)
			json_push(list, lans[i].props);
	if (json_object_size(props) > 0 || json_array_size(list) > 0) {
		json_put(props, "interfaces", list);
		collect_record(out, "bmc", "bmc", props);
	} else {
		json_decref(props);
		json_decref(list);
	}
	ipmi_lines_close(&reader, where, out);
}
