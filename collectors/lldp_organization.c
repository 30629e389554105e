/* LLDP's TLVs of IEEE 802.1 (802.1Q-2018, annex D) and IEEE 802.3 (802.3-2018, clause 79). */
#include "lldp_unit.h"

#define VLANS_MAX 256u /* of one neighbor */

/* 0: the port has none (D.2.1.1, D.2.6.1). From 4095 on they are reserved (802.1Q, table 9-2). */
static void put_vlan_id(json_t *props, const char *prop, const uint8_t *at)
{
	unsigned id = lldp_word(at);

	if (id < 4095)
		json_put(props, prop, id ? json_integer(id) : json_null());
	else
		collect_unread(props, prop, json_integer(id));
}

static bool put_port_vlan(json_t *props, struct lldp_bytes info)
{
	put_vlan_id(props, "port_vlan_id", info.at);
	return true;
}

static bool put_management_vlan(json_t *props, struct lldp_bytes info)
{
	put_vlan_id(props, "management_vlan_id", info.at);
	return true;
}

/* D.2.3: id, length of the name, name. */
static bool put_vlan_name(json_t *props, struct lldp_bytes info)
{
	json_t *list = json_object_get(props, "vlans"), *vlan;

	if (info.at[2] > info.len - 3)
		return false;
	if (!list) {
		list = json_array();
		json_put(props, "vlans", list);
	}
	if (json_array_size(list) >= VLANS_MAX)
		return false;
	vlan = json_object();
	put_vlan_id(vlan, "id", info.at);
	collect_text(vlan, "name", (const char *)info.at + 3, info.at[2]);
	json_push(list, vlan);
	return true;
}

/* D.2.7 and, older, 79.3.3: bit 0 capable, bit 1 aggregated; the aggregated port's number. */
static bool put_aggregation(json_t *props, struct lldp_bytes info)
{
	json_put(props, "aggregation_capable", json_boolean(info.at[0] & 1));
	json_put(props, "aggregation_enabled", json_boolean(info.at[0] & 2));
	json_put(props, "aggregation_port",
		 json_integer((json_int_t)lldp_word(info.at + 1) << 16 |
			      lldp_word(info.at + 3)));
	return true;
}

/* 79.3.1: bit 0 supported, bit 1 enabled; what is advertised; dot3MauType (IANA-MAU-MIB). */
static bool put_mac_phy(json_t *props, struct lldp_bytes info)
{
	json_put(props, "auto_negotiation_supported", json_boolean(info.at[0] & 1));
	json_put(props, "auto_negotiation", json_boolean(info.at[0] & 2));
	json_put(props, "mau_type", json_integer(lldp_word(info.at + 3)));
	return true;
}

static bool put_frame_size(json_t *props, struct lldp_bytes info)
{
	json_put(props, "max_frame_bytes", json_integer(lldp_word(info.at)));
	return true;
}

static const struct {
	uint8_t oui[3], subtype;
	size_t least; /* bytes of information */
	bool (*put)(json_t *props, struct lldp_bytes info);
} kinds[] = {
	{ { 0x00, 0x80, 0xc2 }, 1, 2, put_port_vlan },
	{ { 0x00, 0x80, 0xc2 }, 3, 3, put_vlan_name },
	{ { 0x00, 0x80, 0xc2 }, 6, 2, put_management_vlan },
	{ { 0x00, 0x80, 0xc2 }, 7, 5, put_aggregation },
	{ { 0x00, 0x12, 0x0f }, 1, 5, put_mac_phy },
	{ { 0x00, 0x12, 0x0f }, 3, 5, put_aggregation },
	{ { 0x00, 0x12, 0x0f }, 4, 2, put_frame_size },
};

bool lldp_organization(json_t *props, struct lldp_bytes value)
{
	struct lldp_bytes info;

	if (value.len < 4)
		return false;
	info = (struct lldp_bytes){ value.at + 4, value.len - 4 };
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!memcmp(value.at, kinds[i].oui, 3) &&
		    value.at[3] == kinds[i].subtype && info.len >= kinds[i].least)
			return kinds[i].put(props, info);
	return false;
}
