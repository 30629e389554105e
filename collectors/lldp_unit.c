/* An LLDPDU taken apart: IEEE 802.1AB-2016, clause 8; names in Redfish's words (Port.LLDPReceive). */
#include "lldp_unit.h"

#include <arpa/inet.h>

#define TYPES 128u        /* seven bits */
#define ADDRESSES_MAX 32u /* of one neighbor */
#define OTHER_MAX 256u    /* TLVs */
#define VALUE_MAX 511u    /* nine bits */
#define ORGANIZATION 127u

enum { TLV_END, TLV_CHASSIS, TLV_PORT, TLV_TTL };

enum form { FORM_TEXT, FORM_MAC, FORM_NETWORK };

struct lldp_identity {
	const char *word;
	enum form form;
};

void lldp_put_mac(json_t *props, const char *prop, const uint8_t *address)
{
	char text[18];
	int n = snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", address[0],
			 address[1], address[2], address[3], address[4], address[5]);

	json_put(props, prop, json_stringn(text, (size_t)n));
}

static void put_digits(json_t *props, const char *prop, struct lldp_bytes value)
{
	char text[2 * VALUE_MAX + 1] = "";
	size_t len = value.len < VALUE_MAX ? value.len : VALUE_MAX;

	for (size_t i = 0; i < len; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", value.at[i]);
	json_put(props, prop, json_stringn(text, 2 * len));
}

/* ianaAddressFamilyNumbers: 1 IPv4, 2 IPv6, 6 all802. Others in hexadecimal, with the family. */
static void put_address(json_t *props, const char *prop, struct lldp_bytes value)
{
	char text[INET6_ADDRSTRLEN];
	const uint8_t *address = value.at + 1;

	if (value.len == 1 + 4 && value.at[0] == 1 &&
	    inet_ntop(AF_INET, address, text, sizeof(text)))
		json_put(props, prop, json_string(text));
	else if (value.len == 1 + 16 && value.at[0] == 2 &&
		 inet_ntop(AF_INET6, address, text, sizeof(text)))
		json_put(props, prop, json_string(text));
	else if (value.len == 1 + 6 && value.at[0] == 6)
		lldp_put_mac(props, prop, address);
	else
		put_digits(props, prop, value);
}

/* A chassis' or a port's identity: its subtype, then what that says (8.5.2, 8.5.3). */
static bool put_identity(json_t *props, const char *prop, const char *type_prop,
			 const struct lldp_identity *kinds, struct lldp_bytes value)
{
	struct lldp_bytes id = { value.at + 1, value.len - 1 };
	const struct lldp_identity *kind;

	if (value.len < 2)
		return false;
	kind = value.at[0] < 8 ? &kinds[value.at[0]] : &kinds[0];
	if (kind->word)
		json_put(props, type_prop, json_string(kind->word));
	else /* reserved */
		collect_unread(props, type_prop, json_integer(value.at[0]));
	if (kind->form == FORM_MAC && id.len == 6)
		lldp_put_mac(props, prop, id.at);
	else if (kind->form == FORM_NETWORK)
		put_address(props, prop, id);
	else if (kind->form == FORM_TEXT)
		collect_text(props, prop, (const char *)id.at, id.len);
	else
		put_digits(props, prop, id);
	return true;
}

static bool put_chassis(json_t *props, struct lldp_bytes value)
{
	static const struct lldp_identity kinds[8] = {
		{ NULL, FORM_TEXT },      { "ChassisComp", FORM_TEXT },
		{ "IfAlias", FORM_TEXT }, { "PortComp", FORM_TEXT },
		{ "MacAddr", FORM_MAC },  { "NetworkAddr", FORM_NETWORK },
		{ "IfName", FORM_TEXT },  { "LocalAssign", FORM_TEXT },
	};

	return put_identity(props, "chassis_id", "chassis_id_type", kinds, value);
}

static bool put_port(json_t *props, struct lldp_bytes value)
{
	static const struct lldp_identity kinds[8] = {
		{ NULL, FORM_TEXT },
		{ "IfAlias", FORM_TEXT },
		{ "PortComp", FORM_TEXT },
		{ "MacAddr", FORM_MAC },
		{ "NetworkAddr", FORM_NETWORK },
		{ "IfName", FORM_TEXT },
		{ "AgentId", FORM_TEXT },
		{ "LocalAssign", FORM_TEXT },
	};

	return put_identity(props, "port_id", "port_id_type", kinds, value);
}

static bool put_ttl(json_t *props, struct lldp_bytes value)
{
	if (value.len < 2)
		return false;
	json_put(props, "ttl_seconds", json_integer(lldp_word(value.at)));
	return true;
}

static bool put_port_description(json_t *props, struct lldp_bytes value)
{
	collect_text(props, "port_description", (const char *)value.at, value.len);
	return true;
}

static bool put_system_name(json_t *props, struct lldp_bytes value)
{
	collect_text(props, "system_name", (const char *)value.at, value.len);
	return true;
}

static bool put_system_description(json_t *props, struct lldp_bytes value)
{
	collect_text(props, "system_description", (const char *)value.at, value.len);
	return true;
}

static void put_words(json_t *props, const char *prop, unsigned bits)
{
	/* 8.5.8.1, the lowest bit first. */
	static const char *const words[] = { "Other",
					     "Repeater",
					     "Bridge",
					     "WLANAccessPoint",
					     "Router",
					     "Telephone",
					     "DOCSISCableDevice",
					     "Station",
					     "CVLAN",
					     "SVLAN",
					     "TwoPortMACRelay" };
	json_t *list = json_array();
	char text[24];

	for (unsigned i = 0; i < 16; i++) {
		if (!(bits >> i & 1))
			continue;
		(void)snprintf(text, sizeof(text), "capability %u", i);
		json_push(list, json_string(i < ARRAY_LEN(words) ? words[i] : text));
	}
	json_put(props, prop, list);
}

static bool put_capabilities(json_t *props, struct lldp_bytes value)
{
	if (value.len < 4)
		return false;
	put_words(props, "capabilities", lldp_word(value.at));
	put_words(props, "enabled_capabilities", lldp_word(value.at + 2));
	return true;
}

/* 8.5.9.5: 1 is "unknown", and then the number says nothing. */
static void put_interface(json_t *entry, const uint8_t *at)
{
	static const char *const numberings[] = { NULL, NULL, "ifIndex",
						  "SystemPortNumber" };

	if (at[0] >= ARRAY_LEN(numberings) || at[0] == 0) {
		collect_unread(entry, "interface_numbering", json_integer(at[0]));
	} else if (numberings[at[0]]) {
		json_put(entry, "interface_numbering", json_string(numberings[at[0]]));
		json_put(entry, "interface_number",
			 json_integer((json_int_t)lldp_word(at + 1) << 16 |
				      lldp_word(at + 3)));
	}
}

/* 8.5.9: length, family and address; what kind of number the interface has, and the number. */
static bool put_management(json_t *props, struct lldp_bytes value)
{
	json_t *list = json_object_get(props, "management_addresses"), *entry;
	struct lldp_bytes address = { value.at + 1, value.len > 0 ? value.at[0] : 0 };
	const uint8_t *after = address.at + address.len;

	if (address.len < 2 || address.len > 32 || value.len < 1 + address.len + 5)
		return false;
	if (!list) {
		list = json_array();
		json_put(props, "management_addresses", list);
	}
	if (json_array_size(list) >= ADDRESSES_MAX)
		return false;
	entry = json_object();
	put_address(entry, "address", address);
	put_interface(entry, after);
	json_push(list, entry);
	return true;
}

static const struct {
	bool (*put)(json_t *props, struct lldp_bytes value);
	bool many;
} kinds[TYPES] = {
	[TLV_CHASSIS] = { put_chassis, false },
	[TLV_PORT] = { put_port, false },
	[TLV_TTL] = { put_ttl, false },
	[4] = { put_port_description, false },
	[5] = { put_system_name, false },
	[6] = { put_system_description, false },
	[7] = { put_capabilities, false },
	[8] = { put_management, true },
	[ORGANIZATION] = { lldp_organization, true },
};

/* "12", "00-12-bb-1": the type, or whose it is and its subtype; "12/3" when that is there already.
 * False: there are too many. */
static bool keep_other(json_t *props, unsigned type, struct lldp_bytes value)
{
	json_t *other = json_object_get(props, "other_tlvs");
	char name[40];
	size_t len;

	if (!other) {
		other = json_object();
		json_put(props, "other_tlvs", other);
	}
	if (type == ORGANIZATION && value.len >= 4) {
		(void)snprintf(name, sizeof(name), "%02x-%02x-%02x-%u", value.at[0],
			       value.at[1], value.at[2], value.at[3]);
		value = (struct lldp_bytes){ value.at + 4, value.len - 4 };
	} else {
		(void)snprintf(name, sizeof(name), "%u", type);
	}
	len = strlen(name);
	if (json_object_size(other) >= OTHER_MAX)
		return false;
	if (json_object_get(other, name))
		(void)snprintf(name + len, sizeof(name) - len, "/%zu",
			       json_object_size(other));
	put_digits(other, name, value);
	return true;
}

const char *lldp_unit(json_t *props, struct lldp_bytes unit)
{
	bool seen[TYPES] = { false };
	const char *trouble = NULL;

	for (unsigned number = 1; unit.len > 0; number++) {
		unsigned head = unit.len >= 2 ? lldp_word(unit.at) : 0;
		unsigned type = head >> 9;
		struct lldp_bytes value = { unit.at + 2, head & VALUE_MAX };
		bool known;

		if (unit.len < 2 || value.len > unit.len - 2)
			return "a frame ends inside a TLV";
		/* What comes after the end fills a short frame up. */
		if (type == TLV_END)
			break;
		if (number <= TLV_TTL && type != number)
			trouble = "a frame does not begin with chassis, port and time to "
				  "live";
		known = kinds[type].put && (!seen[type] || kinds[type].many) &&
			kinds[type].put(props, value);
		if (!known && !keep_other(props, type, value))
			trouble = "a frame has too many unknown TLVs";
		seen[type] |= known;
		unit = (struct lldp_bytes){ value.at + value.len,
					    unit.len - 2 - value.len };
	}
	if (!seen[TLV_CHASSIS] || !seen[TLV_PORT] || !seen[TLV_TTL])
		trouble = "a frame lacks its chassis, port or time to live";
	return trouble;
}
