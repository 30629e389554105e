/* LLDP where goldens do not reach: every cut of a frame. */
#include "kept.h"
#include "lldp_unit.h"

/* Chassis, port, time to live, name, an address, a VLAN, a frame size; then the end. */
static const uint8_t unit[] = {
	0x02, 0x07, 4,    2,    0x11, 0x22, 0x33, 0x44, 0x00, 0x04, 0x04, 5,
	'e',  't',  '7',  0x06, 0x02, 0,    120,  0x0a, 0x03, 's',  'w',  '1',
	0x10, 0x0c, 5,    1,    192,  0,    2,    12,   2,    0,    0,    0,
	1,    0,    0xfe, 0x09, 0x00, 0x80, 0xc2, 3,    0,    100,  2,    'o',
	'k',  0xfe, 0x06, 0x00, 0x12, 0x0f, 4,    0x24, 0x14, 0x00, 0x00,
};

static const char *const wanted[][2] = {
	{ "chassis_id", "\"02:11:22:33:44:00\"" },
	{ "chassis_id_type", "\"MacAddr\"" },
	{ "port_id", "\"et7\"" },
	{ "ttl_seconds", "120" },
	{ "system_name", "\"sw1\"" },
	{ "management_addresses", "[{\"address\":\"192.0.2.12\",\"interface_number\":1,"
				  "\"interface_numbering\":\"ifIndex\"}]" },
	{ "vlans", "[{\"id\":100,\"name\":\"ok\"}]" },
	{ "max_frame_bytes", "9236" },
};

/* A copy of just this size, so that a step beyond it is seen. */
static const char *take(json_t *props, size_t len)
{
	AUTO_FREE uint8_t *bytes = xcalloc(len ? len : 1, 1);

	memcpy(bytes, unit, len);
	return lldp_unit(props, (struct lldp_bytes){ bytes, len });
}

static void whole(void)
{
	json_t *props = kept_own(json_object());

	CHECK(take(props, sizeof(unit)) == NULL);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		CHECK_STR(kept_value(props, wanted[i][0]), wanted[i][1]);
	CHECK(!json_object_get(props, "other_tlvs"));
}

static void every_cut(void)
{
	/* Where a TLV ends after the first three, a frame without an end is whole too. */
	static const size_t ends[] = { 19, 24, 38, 49, 57, sizeof(unit) };
	size_t sound = 0;

	for (size_t cut = 0; cut <= sizeof(unit); cut++) {
		json_t *props = kept_own(json_object());
		const char *trouble = take(props, cut);

		for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
			if (json_object_get(props, wanted[i][0]))
				CHECK_STR(kept_value(props, wanted[i][0]), wanted[i][1]);
		if (trouble)
			continue;
		CHECK(sound < ARRAY_LEN(ends));
		CHECK_INT(cut, ends[sound]);
		sound++;
	}
	CHECK_INT(sound, ARRAY_LEN(ends));
}

/* IEEE 802.1AB-2016, 8.2: one of a kind but addresses and organizations'; what comes again is kept apart. */
static void again(void)
{
	static const uint8_t mandatory[] = { 0x02, 0x04, 7,   'a',  'b',  'c', 0x04, 0x03,
					     7,    'p',  '1', 0x06, 0x02, 0,   120 };

	for (unsigned type = 1; type <= 7; type++) {
		uint8_t bytes[sizeof(mandatory) + 2 * 6];
		json_t *props = kept_own(json_object());
		uint8_t *at = bytes + sizeof(mandatory);
		char name[8];

		memcpy(bytes, mandatory, sizeof(mandatory));
		for (int i = 0; i < 2; i++, at += 6)
			memcpy(at, (uint8_t[]){ (uint8_t)(type << 1), 4, 7, 'x', 0, 0 },
			       6);
		(void)lldp_unit(props, (struct lldp_bytes){ bytes, sizeof(bytes) });
		(void)snprintf(name, sizeof(name), "%u", type);
		CHECK(json_object_get(json_object_get(props, "other_tlvs"), name));
		CHECK_STR(kept_value(props, "chassis_id"), "\"abc\"");
		CHECK_STR(kept_value(props, "ttl_seconds"), "120");
	}
}

/* IEEE 802.1AB-2016, 8.2: the first three are these, in this order. */
static void first_three(void)
{
	static const struct {
		uint8_t types[4];
		bool good;
	} cases[] = {
		{ { 1, 2, 3 }, true },     { { 1, 2, 3, 5 }, true },
		{ { 2, 1, 3 }, false },    { { 1, 3, 2 }, false },
		{ { 5, 1, 2, 3 }, false }, { { 1, 2, 5, 3 }, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t bytes[4 * 5];
		json_t *props = kept_own(json_object());
		size_t len = 0;

		for (size_t t = 0; t < 4 && cases[i].types[t]; t++, len += 5)
			memcpy(bytes + len,
			       (uint8_t[]){ (uint8_t)(cases[i].types[t] << 1), 3, 7, 'x',
					    'y' },
			       5);
		CHECK_STR(lldp_unit(props, (struct lldp_bytes){ bytes, len }),
			  cases[i].good ? NULL
					: "a frame does not begin with chassis, port and "
					  "time to live");
		CHECK_STR(kept_value(props, "chassis_id"), "\"xy\"");
	}
}

/* A unit of one TLV. */
static json_t *props_of(unsigned type, const uint8_t *value, size_t len)
{
	json_t *props = kept_own(json_object());
	AUTO_FREE uint8_t *bytes = xcalloc(len + 2, 1);

	bytes[0] = (uint8_t)(type << 1);
	bytes[1] = (uint8_t)len;
	memcpy(bytes + 2, value, len);
	(void)lldp_unit(props, (struct lldp_bytes){ bytes, len + 2 });
	return props;
}

/* 8.5.2.3, with IANA's numbers of address families: 1 IPv4, 2 IPv6, 6 all802; 3 is NSAP. */
static void addresses(void)
{
	static const struct {
		uint8_t value[20];
		size_t len;
		const char *wanted;
	} cases[] = {
		{ { 5, 1, 192, 0, 2, 1 }, 6, "\"192.0.2.1\"" },
		{ { 5, 2, 0x20, 1, 0xd, 0xb8, [17] = 1 }, 18, "\"2001:db8::1\"" },
		{ { 5, 6, 2, 0, 0, 0xaa, 0xbb, 1 }, 8, "\"02:00:00:aa:bb:01\"" },
		{ { 5, 3, 1, 2 }, 4, "\"030102\"" },
		{ { 5, 6, 1, 2 }, 4, "\"060102\"" },
		{ { 5, 1, 1, 2 }, 4, "\"010102\"" },
		{ { 5, 3, 1, 2, 3, 4, 5, 6 }, 8, "\"03010203040506\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_STR(kept_value(props_of(1, cases[i].value, cases[i].len),
				     "chassis_id"),
			  cases[i].wanted);
}

/* Numbers that the standards reserve: 8.5.2.2 and 8.5.3.2 (subtypes), 8.5.8.1 (capabilities), 8.5.9.5
 * (numbering; 1 is "unknown"), IEEE 802.1Q-2018, table 9-2 (VLAN FFFh). */
static void reserved(void)
{
	static const struct {
		unsigned type;
		uint8_t value[16];
		size_t len;
		const char *prop, *wanted, *unparsed;
	} cases[] = {
		{ 1, { 8, 'x' }, 2, "chassis_id", "\"x\"", "{\"chassis_id_type\":8}" },
		{ 2, { 0, 'x' }, 2, "port_id", "\"x\"", "{\"port_id_type\":0}" },
		{ 127,
		  { 0, 0x80, 0xc2, 1, 0x0f, 0xff },
		  6,
		  "port_vlan_id",
		  "null",
		  "{\"port_vlan_id\":4095}" },
		{ 127, { 0, 0x80, 0xc2, 1, 0, 0 }, 6, "port_vlan_id", "null", "(none)" },
		{ 7,
		  { 0x88, 0x04, 0, 0x04 },
		  4,
		  "capabilities",
		  "[\"Bridge\",\"capability 11\",\"capability 15\"]",
		  "(none)" },
		{ 8,
		  { 5, 1, 192, 0, 2, 1, 1, 0, 0, 0, 9, 0 },
		  12,
		  "management_addresses",
		  "[{\"address\":\"192.0.2.1\"}]",
		  "(none)" },
		{ 8,
		  { 5, 1, 192, 0, 2, 1, 4, 0, 0, 0, 9, 0 },
		  12,
		  "management_addresses",
		  "[{\"address\":\"192.0.2.1\",\"interface_numbering\":null,"
		  "\"unparsed\":{\"interface_numbering\":4}}]",
		  "(none)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *props = props_of(cases[i].type, cases[i].value, cases[i].len);

		CHECK_STR(kept_value(props, cases[i].prop), cases[i].wanted);
		CHECK_STR(kept_value(props, "unparsed"), cases[i].unparsed);
	}
}

/* What nobody knows is kept as it came, under whose it is. */
static void others(void)
{
	static const uint8_t value[] = { 2, 0, 0, 9, 0xaa, 0xbb, 0xcc };

	CHECK_STR(kept_value(props_of(127, value, sizeof(value)), "other_tlvs"),
		  "{\"02-00-00-9\":\"aabbcc\"}");
	CHECK_STR(kept_value(props_of(12, value, 2), "other_tlvs"), "{\"12\":\"0200\"}");
}

/* 4,607 TLVs of no bytes: what a frame may hold, and no record without bound. */
static void many(void)
{
	AUTO_FREE uint8_t *bytes = xcalloc(9214, 1);
	json_t *props = kept_own(json_object());

	for (size_t i = 0; i < 9214; i += 2)
		bytes[i] = 0x20;
	CHECK(lldp_unit(props, (struct lldp_bytes){ bytes, 9214 }) != NULL);
	CHECK_INT(json_object_size(json_object_get(props, "other_tlvs")), 256);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a frame is read", whole, 0 },
		{ "of a frame that is cut no value is another one", every_cut, 0 },
		{ "what comes again does not replace what was there", again, 0 },
		{ "a frame begins with the three that each has", first_three, 0 },
		{ "an address has the form of its family", addresses, 0 },
		{ "a number that is reserved is told", reserved, 0 },
		{ "what nobody knows is kept as it came", others, 0 },
		{ "TLVs without end are bounded and told", many, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
