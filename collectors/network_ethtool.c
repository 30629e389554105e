/* network/ethtool and network/module: what bee-ethtool printed of one interface. */
#include "network.h"
#include "placeholder_put.h"

#include <string.h>

#define MODULE_BYTES_MAX 1024u

/*
 * Mb/s of the link modes, by their bits in ETHTOOL_LINK_MODE_* (linux/ethtool.h). Bits
 * that are no speed are left out: autonegotiation, connectors, pause, error correction.
 */
static const struct {
	uint8_t first, last;
	uint32_t mbps;
} modes[] = {
	{ 0, 1, 10 },         { 2, 3, 100 },        { 4, 5, 1000 },
	{ 12, 12, 10000 },    { 15, 15, 2500 },     { 17, 17, 1000 },
	{ 18, 20, 10000 },    { 21, 22, 20000 },    { 23, 26, 40000 },
	{ 27, 30, 56000 },    { 31, 33, 25000 },    { 34, 35, 50000 },
	{ 36, 39, 100000 },   { 40, 40, 50000 },    { 41, 41, 1000 },
	{ 42, 46, 10000 },    { 47, 47, 2500 },     { 48, 48, 5000 },
	{ 52, 56, 50000 },    { 57, 61, 100000 },   { 62, 66, 200000 },
	{ 67, 67, 100 },      { 68, 68, 1000 },     { 69, 73, 400000 },
	{ 75, 79, 100000 },   { 80, 84, 200000 },   { 85, 89, 400000 },
	{ 90, 91, 100 },      { 92, 92, 10 },       { 93, 98, 800000 },
	{ 99, 102, 10 },      { 103, 108, 200000 }, { 109, 114, 400000 },
	{ 115, 120, 800000 },
};

#define MODES 121u /* bits of which it is known what they are, speeds or not */

/* The fastest mode in words of 32 bits, the lowest first; 0 for none. False: one of them is not known. */
static bool fastest(struct span text, uint32_t *best)
{
	uint32_t words[4] = { 0 };
	struct span word;
	uint64_t bits;

	for (size_t i = 0; text_cut(&text, ' ', &word); i++) {
		if (text_hex(word, UINT32_MAX, &bits) ||
		    (bits &&
		     (i >= ARRAY_LEN(words) || (i == MODES / 32 && bits >> MODES % 32))))
			return false;
		if (i < ARRAY_LEN(words))
			words[i] = (uint32_t)bits;
	}
	*best = 0;
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		for (unsigned bit = modes[i].first; bit <= modes[i].last; bit++)
			if ((words[bit / 32] >> bit % 32 & 1) && modes[i].mbps > *best)
				*best = modes[i].mbps;
	return true;
}

/* "16.35.3006 (MT_0000000010)": mlx5_core adds the PSID, which says what board the firmware is for
 * (drivers/net/ethernet/mellanox/mlx5/core/en_ethtool.c). */
static void take_psid(json_t *props, struct span *firmware)
{
	const char *driver = json_string_value(json_object_get(props, "driver"));
	struct span rest = *firmware, version;

	if (!driver || strncmp(driver, "mlx5", 4) != 0 || !text_ends(rest, ")") ||
	    !text_cut(&rest, '(', &version) || !text_ends(version, " ") || rest.len < 2)
		return;
	*firmware = text_trim(version);
	placeholder_put(props, "psid", rest.at, rest.len - 1, PLACEHOLDER_IDENTITY);
}

static void put_text(json_t *props, struct span key, struct span value)
{
	static const struct {
		const char *key, *prop;
	} texts[] = {
		{ "driver", "driver" },
		{ "version", "driver_version" },
		{ "firmware", "firmware_version" },
		{ "expansion_rom", "expansion_rom_version" },
	};
	uint8_t bytes[64];

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct span rest = key;

		if (!text_skip(&rest, texts[i].key) ||
		    (rest.len > 0 && !text_is(rest, ".hex")))
			continue;
		if (rest.len > 0) {
			value.len = text_unhex(value, bytes, sizeof(bytes));
			value.at = (const char *)bytes;
		}
		/* A driver without an option ROM has nothing to say of it. */
		if (value.len == 0 && i == 3)
			continue;
		if (i == 2)
			take_psid(props, &value);
		placeholder_put(props, texts[i].prop, value.at, value.len,
				PLACEHOLDER_WORDS);
	}
}

static json_t *speed_of(uint64_t number)
{
	if (number == 0 || number == UINT32_MAX) /* SPEED_UNKNOWN */
		return json_null();
	return number < INT32_MAX ? collect_milli(number) : NULL;
}

/* DUPLEX_UNKNOWN is ffh. */
static json_t *flag_of(uint64_t number)
{
	if (number == 0xff)
		return json_null();
	return number <= 1 ? json_boolean(number) : NULL;
}

/* Whatever a driver has for "yes". */
static json_t *link_of(uint64_t number)
{
	return json_boolean(number);
}

/* PORT_NONE, PORT_OTHER */
static json_t *port_of(uint64_t number)
{
	static const char *const ports[] = { "TP",    "AUI", "MII",
					     "FIBRE", "BNC", "DirectAttach" };

	if (number == 0xef || number == 0xff)
		return json_null();
	return number < ARRAY_LEN(ports) ? json_string(ports[number]) : NULL;
}

/* Numbers of linux/ethtool.h; false: `key` is none of them. */
static bool put_number(json_t *props, struct span key, struct span value)
{
	static const struct {
		const char *key, *prop;
		json_t *(*of)(uint64_t number); /* NULL: no number of that kind */
	} numbers[] = {
		{ "speed", "speed_gbps", speed_of },
		{ "duplex", "full_duplex", flag_of },
		{ "port", "port_type", port_of },
		{ "autoneg", "auto_negotiation", flag_of },
		{ "link", "link_detected", link_of },
	};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		json_t *read = NULL;
		uint64_t number;

		if (!text_is(key, numbers[i].key))
			continue;
		if (!text_u64(value, &number))
			read = numbers[i].of(number);
		if (read)
			json_put(props, numbers[i].prop, read);
		else
			collect_unread_span(props, numbers[i].prop, value);
		return true;
	}
	return false;
}

static void put_modes(json_t *props, struct span key, struct span words)
{
	static const struct {
		const char *key, *prop;
	} masks[] = {
		{ "supported", "max_speed_gbps" },
		{ "advertised", "max_advertised_speed_gbps" },
		{ "partner", "max_partner_speed_gbps" },
	};

	for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
		uint32_t mbps;

		if (!text_is(key, masks[i].key))
			continue;
		if (!fastest(words, &mbps))
			collect_unread_span(props, masks[i].prop, words);
		else if (mbps)
			json_put(props, masks[i].prop, collect_milli(mbps));
	}
}

/* What a driver has no answer for is no error; what it cannot answer is one. */
static void put_error(json_t *props, struct span value)
{
	struct span question;
	char note[96];
	int n;

	if (!text_cut(&value, '\t', &question) || text_is(value, "EOPNOTSUPP") ||
	    question.len > 32 || value.len > 32)
		return;
	n = snprintf(note, sizeof(note), "%.*s: %.*s", (int)question.len, question.at,
		     (int)value.len, value.at);
	if (!json_object_get(props, "read_errors"))
		json_put(props, "read_errors", json_array());
	json_push(json_object_get(props, "read_errors"),
		  json_text(note, (size_t)n, NULL));
}

static void put_module(json_t *props, struct span digits, struct output *out)
{
	uint8_t bytes[MODULE_BYTES_MAX];
	size_t len = text_unhex(digits, bytes, sizeof(bytes));

	if (len)
		json_put(props, "module", network_module(bytes, len));
	else
		collect_error(out, "network/module", "the module's bytes are not such");
}

static void put_line(json_t *props, struct span key, struct span value,
		     struct output *out)
{
	if (text_is(key, "error"))
		put_error(props, value);
	else if (text_is(key, "module.hex"))
		put_module(props, value, out);
	else if (text_is(key, "permanent_address"))
		placeholder_put(props, "permanent_mac_address", value.at, value.len,
				PLACEHOLDER_IDENTITY);
	else if (!put_number(props, key, value))
		put_modes(props, key, value);
	put_text(props, key, value);
}

static void collect(const struct input *in, const char *instance, const char *where,
		    struct output *out)
{
	struct span rest = { in->text, in->len }, line, key;
	json_t *props = json_object();
	size_t bad = 0;

	while (text_line(&rest, &line)) {
		if (rest.len == 0 && in->text[in->len - 1] != '\n') {
			collect_error(out, where, "the input ends inside a line");
			break;
		}
		if (!text_cut(&line, '\t', &key) || key.at[key.len] != '\t')
			bad++;
		else
			put_line(props, key, line, out);
	}
	if (bad)
		collect_error(out, where, "%zu lines that bee-ethtool does not print",
			      bad);
	network_doubt_duplex(props);
	if (json_object_size(props) > 0)
		collect_record(out, NETWORK_INTERFACES, instance, props);
	else
		json_decref(props);
}

void collect_network_ethtool(const struct input *in, const char *instance,
			     struct output *out)
{
	collect(in, instance, "network/ethtool", out);
}

void collect_network_module(const struct input *in, const char *instance,
			    struct output *out)
{
	collect(in, instance, "network/module", out);
}
