/* The BMC's bytes: FRU storage, sensor records, events, and bytes that lie about them. */
#include "fru.h"
#include "ipmi_lines.h"
#include "kept.h"

static struct kept run(collect_fn *collect, const char *lines)
{
	AUTO_FREE char *text = xasprintf("bee-ipmi\t1\n%send\t0\t\n", lines);

	return kept_run(collect, text, strlen(text));
}

static void decoding(void)
{
	static const struct {
		unsigned kind;
		const char *bytes;
		size_t len;
		const char *text;
	} texts[] = {
		{ 0, "\xde\xad", 2, "dead" },
		{ 1, "\x12\xab\xc0", 3, "12 -.0" },
		/* FRU 1.3, 13.2: "IPMI" is 29 DC A6. */
		{ 2, "\x29\xdc\xa6", 3, "IPMI" },
		{ 2, "\x29", 1, "I" },
		{ 3, "Abc", 3, "Abc" },
		{ 2, "", 0, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char pool[16], got[16];
		struct span text =
			fru_decode(texts[i].kind, (const uint8_t *)texts[i].bytes,
				   texts[i].len, pool);

		CHECK(text.len <= 2 * texts[i].len);
		CHECK_STR(text_copy(text, got, sizeof(got)), texts[i].text);
	}
}

static void times(void)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} list[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 820454400, "1996-01-01T00:00:00Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ 1709251199, "2024-02-29T23:59:59Z" },
		{ 1735689599, "2024-12-31T23:59:59Z" },
		{ 4102444800, "2100-01-01T00:00:00Z" },
		{ 4107542400, "2100-03-01T00:00:00Z" },
		{ UINT32_MAX, "2106-02-07T06:28:15Z" },
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		char text[IPMI_TIME_SIZE];

		ipmi_time(text, list[i].seconds);
		CHECK_STR(text, list[i].text);
	}
}

/* Every cut and every flipped byte of a FRU is read without a step beyond it (ASan). */
static void broken_frus(void)
{
	static const uint8_t good[] = {
		1,    0,    0,    0,    1,    5,    0,    0xf9, 1,    4,
		0x19, 0xc3, 'A',  'B',  'C',  0x84, 0x29, 0xdc, 0xa6, 0x00,
		0x42, 0x12, 0x34, 0x02, 0xde, 0xad, 0xc0, 0xc2, 'S',  '1',
		0xc0, 0xc0, 0xc1, 0,    0,    0,    0,    0,    0,    0x9e,
		0xc0, 0x82, 4,    0,    0,    1,    2,    3,    4,
	};

	for (size_t len = 0; len <= sizeof(good); len++)
		for (unsigned bit = 0; bit <= 8 * len; bit++) {
			uint8_t *bytes = xcalloc(len + 1, 1);
			uint8_t *exact = len > 0 ? malloc(len) : NULL;
			char *pool = xcalloc(6 * len + 1, 1);
			struct kept kept = { .out.emit = kept_emit,
					     .records = kept_own(json_array()) };
			struct fru fru;

			memcpy(bytes, good, len);
			if (bit < 8 * len)
				bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
			if (exact)
				memcpy(exact, bytes, len);
			fru_begin(&fru, 1, 1, (struct span){ "X", 1 });
			fru_parse(&fru, exact ? exact : bytes, len, pool);
			fru_end(&fru, &kept.out);
			CHECK(kept_props(&kept, "fru.devices", "fru1") != NULL);
			free(exact);
			free(bytes);
			free(pool);
		}
}

/* The faults of FRU 0 with a product area of these 37 bytes behind its header. */
static const char *product_faults(const char *fields, size_t len)
{
	uint8_t bytes[8 + 40] = { 1, 0, 0, 0, 1, 0, 0, 0xfe, 1, 5, 0x19 };
	char pool[6 * sizeof(bytes) + 1];
	struct kept kept = { .out.emit = kept_emit, .records = kept_own(json_array()) };
	struct fru fru;
	uint8_t sum = 0;

	memcpy(bytes + 11, fields, len);
	for (size_t i = 8; i < sizeof(bytes) - 1; i++)
		sum = (uint8_t)(sum + bytes[i]);
	bytes[sizeof(bytes) - 1] = (uint8_t)-sum;
	fru_begin(&fru, 0, 1, (struct span){ "X", 1 });
	fru_parse(&fru, bytes, sizeof(bytes), pool);
	fru_end(&fru, &kept.out);
	return kept_value(kept_props(&kept, "fru.devices", "fru0"), "faults");
}

/* FRU 1.3, 13: C1h ends an area, so no string has one character; zeros follow. */
static void end_marks(void)
{
	static const char told[] = "[\"bytes follow the end mark of the product area: a "
				   "string of one character? (FRU 1.3, 13)\"]";

	CHECK_STR(product_faults("\xc4"
				 "ACME"
				 "\xc1",
				 6),
		  "(none)");
	CHECK_STR(product_faults("\xc4"
				 "ACME"
				 "\xc1\xff\xff",
				 8),
		  "(none)");
	CHECK_STR(product_faults("\xc4"
				 "ACME"
				 "\xc1"
				 "1"
				 "\xc2"
				 "SN"
				 "\xc1",
				 11),
		  told);
}

static void conversion(void)
{
	/* 43.1, from the owner on; M = 6, Rexp = -2: 12.06 V is 201. */
	static const char sdr[] =
		"sdr\t3\t030051012e20003103017f680201ff7fff7f3f3f000400000600000000"
		"e007283c0aff00dcd7d2b4b9be0202000000c3313256\n";
	AUTO_FREE char *text = xasprintf("%sreading\t3\tc9c000\n", sdr);
	struct kept kept = run(collect_psu_sdr, text);
	const json_t *props = kept_props(&kept, "sensors", "ipmi/0x31");

	CHECK_STR(kept_value(props, "reading_volts"), "12.06");
	CHECK_STR(kept_value(props, "upper_critical_volts"), "12.9");
	CHECK_STR(kept_value(props, "health"), "\"OK\"");
	CHECK_STR(kept_value(props, "name"), "\"12V\"");
}

/* A compact record (43.2) of this sensor type and event type, and its reading's two bytes of bits.
 */
static const char *discrete(unsigned type, unsigned event, unsigned bits,
			    const char *prop)
{
	AUTO_FREE char *text = xasprintf("sdr\t1\t010051022b200001230167"
					 "40%02x%02xff0fff0fff0fc000000100000000000000c1"
					 "58\nreading\t1\t00c0%02x%02x\n",
					 type, event, bits & 0xff, 0x80 | bits >> 8);
	struct kept kept = run(collect_psu_sdr, text);

	return kept_value(kept_props(&kept, "sensors", "ipmi/0x01"), prop);
}

/* IPMI 2.0, tables 42-2 (by event type) and 42-3 (6Fh: by sensor type). */
static void discrete_states(void)
{
	static const struct {
		unsigned type, event, bits;
		const char *states, *health;
	} list[] = {
		{ 0x20, 0x6f, 1u << 1, "[\"run-time critical stop\"]", "\"Critical\"" },
		{ 0x21, 0x6f, 1u << 0, "[\"fault\"]", "\"Critical\"" },
		{ 0x07, 0x6f, 1u << 12, "[\"correctable machine check error\"]",
		  "\"Warning\"" },
		{ 0x1b, 0x6f, 1u << 1, "[\"configuration error\"]", "\"Warning\"" },
		{ 0x22, 0x6f, 1u << 14, "[\"unknown\"]", "null" },
		{ 0x23, 0x6f, 1u << 8, "[\"timer interrupt\"]", "\"Warning\"" },
		{ 0x23, 0x6f, 1u << 5, "[\"state 5\"]", "null" },
		{ 0x2b, 0x6f, 1u << 2, "[\"hardware incompatible\"]", "\"Critical\"" },
		{ 0x04, 0x05, 1u << 1, "[\"limit exceeded\"]", "\"Warning\"" },
		{ 0x04, 0x06, 1u << 1, "[\"performance lags\"]", "\"Warning\"" },
		{ 0x04, 0x0a, 1u << 8, "[\"install error\"]", "\"Critical\"" },
		{ 0x19, 0x03, 1u << 1, "[\"state asserted\"]", "null" },
		{ 0x19, 0x03, 0, "[]", "null" },
		{ 0x04, 0x0a, 0, "[]", "\"OK\"" },
		{ 0x04, 0x08, 1u << 1, "[\"present\"]", "\"OK\"" },
		/* No table has these: an OEM's event type and sensor type, a reserved offset. */
		{ 0x07, 0x70, 1u << 0, "[\"state 0\"]", "null" },
		{ 0xc0, 0x6f, 0, "[]", "null" },
		{ 0x08, 0x6f, 1u << 9 | 1, "[\"present\",\"state 9\"]", "null" },
		{ 0x08, 0x6f, 1u << 9 | 2, "[\"failure\",\"state 9\"]", "\"Critical\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		CHECK_STR(discrete(list[i].type, list[i].event, list[i].bits, "states"),
			  list[i].states);
		CHECK_STR(discrete(list[i].type, list[i].event, list[i].bits, "health"),
			  list[i].health);
	}
}

#define CURVE(formula)                                                                   \
	"sdr\t3\t030051012e20003103017f680201ff7fff7f0000000400" formula                 \
	"01000000000007283c0aff00dcd7d2b4b9be0202000000c3313256\n"

/* 43.1, byte 24, of a record whose raw value is its number of volts: what L makes of this raw. */
static void formulas(void)
{
	static const struct {
		unsigned formula, raw;
		const char *value;
	} list[] = {
		{ 0, 100, "100" }, { 1, 100, "4.60517" }, { 2, 100, "2" },
		{ 3, 64, "6" },    { 4, 2, "7.389056" },  { 5, 2, "100" },
		{ 6, 5, "32" },    { 7, 8, "0.125" },     { 7, 0, "null" },
		{ 8, 12, "144" },  { 9, 5, "125" },       { 10, 81, "9" },
		{ 11, 27, "3" },   { 1, 0, "null" },
	};
	static const char *const unknown[] = { "0c", "70", "7f" };

	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		AUTO_FREE char *text = xasprintf(CURVE("%02x") "reading\t3\t%02xc000\n",
						 list[i].formula, list[i].raw);
		struct kept kept = run(collect_psu_sdr, text);

		CHECK_STR(kept_value(kept_props(&kept, "sensors", NULL), "reading_volts"),
			  list[i].value);
		CHECK(!kept.out.unreadable);
	}
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		AUTO_FREE char *text =
			xasprintf(CURVE("%s") "reading\t3\t10c000\n", unknown[i]);
		AUTO_FREE char *told = xasprintf(
			"{\"reading_volts\":\"0x10 by formula 0x%s\"}", unknown[i]);
		struct kept kept = run(collect_psu_sdr, text);

		CHECK_STR(kept_value(kept_props(&kept, "sensors", NULL), "unparsed"),
			  told);
		CHECK(kept.out.unreadable);
	}
}

#define SDR "sdr\t1\t010051022b20000123016740086fff0fff0fff0fc000000100000000000000c158\n"

/* Codes that the standard reserves, and answers that are too short for what they are to say. */
static void not_understood(void)
{
	static const struct {
		collect_fn *run;
		const char *lines, *error;
	} list[] = {
		{ collect_psu_info, "device-id\t0\t20\n",
		  "device-id 0: an answer of 1 bytes" },
		{ collect_psu_info, "chassis\t0\t2100\n",
		  "chassis 0: an answer of 2 bytes" },
		{ collect_psu_info, "guid\t0\t2100\n", "guid 0: an answer of 2 bytes" },
		{ collect_psu_info, "self-test\t0\tff00\n",
		  "self_test is not understood: \"0xff\"" },
		{ collect_psu_info, "lan3\t1\t11c0a800\n",
		  "lan3 1: an answer of 4 bytes" },
		{ collect_psu_info, "lan4\t1\t1109\n",
		  "address_origin is not understood: 9" },
		{ collect_psu_info, "lan51\t1\t1103\n",
		  "addressing is not understood: 3" },
		{ collect_psu_info,
		  "lan59\t1\t11000320010db8000000000000000000000001400000\n",
		  "address_origin is not understood: 3" },
		{ collect_psu_info,
		  "lan59\t1\t11000120010db8000000000000000000000001810000\n",
		  "prefix_length is not understood: 129" },
		{ collect_psu_info,
		  "lan59\t1\t11000120010db8000000000000000000000001400600\n",
		  "address_state is not understood: 6" },
		{ collect_psu_info, "lan3\t16\t11c0a80001\n",
		  "lan3: there is no channel 16" },
		{ collect_psu_sel, "sel-info\t0\t5101\n",
		  "sel-info 0: an answer of 2 bytes" },
		{ collect_psu_sel, "sel-time\t0\t5101\n",
		  "sel-time 0: an answer of 2 bytes" },
		{ collect_psu_sel, "sel\t7\t0700\n", "sel 7: an answer of 2 bytes" },
		{ collect_psu_sdr, "sdr\t7\t0700\n", "sdr 7: an answer of 2 bytes" },
		{ collect_psu_sdr, "sdr\t7\t070051112b\n",
		  "sdr 7: an answer of 5 bytes" },
		{ collect_psu_sdr, SDR "reading\t1\t00\n",
		  "state is not understood: \"a reading without flags\"" },
		{ collect_psu_sdr, SDR "reading\t1\t!ETIMEDOUT\n",
		  "reading 1: ETIMEDOUT" },
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		struct kept kept = run(list[i].run, list[i].lines);

		CHECK_STR(json_string_value(json_object_get(
				  kept_props(&kept, "errors", NULL), "message")),
			  list[i].error);
	}
}

/* What the standard has a meaning for is no trouble: a maker's record may be short (43.12). */
static void understood(void)
{
	struct kept kept = run(collect_psu_info, "self-test\t0\t5a01\n"
						 "chassis\t0\t610000\nlan4\t1\t1100\n");

	CHECK(!kept.out.unreadable);
	CHECK_STR(kept_value(kept_props(&kept, "bmc", NULL), "self_test"),
		  "\"device-specific failure 0x5a\"");
	CHECK_STR(kept_value(kept_props(&kept, "bmc", NULL), "health"), "\"Warning\"");
	CHECK_STR(kept_value(kept_props(&kept, "bmc", NULL), "power_restore_policy"),
		  "null");
	kept = run(collect_psu_sdr,
		   "sdr\t7\t070051c00357014101\n" SDR "reading\t1\t!d5\n");
	CHECK(!kept.out.unreadable);
	CHECK_STR(kept_value(kept_props(&kept, "sensors", NULL), "read_error"),
		  "\"code d5h\"");
	kept = run(collect_psu_sel, "sel\t1\t010002000000602000042d016f00ffff\n");
	CHECK_STR(kept_value(kept_props(&kept, "event_log", NULL), "count_by_type"),
		  "{\"Unknown\":1}");
	CHECK_STR(kept_value(json_array_get(
				     json_object_get(kept_props(&kept, "event_log", NULL),
						     "recent"),
				     0),
			     "sensor_type_code"),
		  "45");
}

static void unread(void)
{
	struct kept kept = kept_run(collect_psu_sel, "bee-ipmi\t1\n", 11);

	CHECK(kept.out.unreadable);
	CHECK(!kept_props(&kept, "event_log", NULL));
	kept = run(collect_psu_info, "device-id\t0\t!ETIMEDOUT\n");
	CHECK(kept.out.unreadable);
	CHECK(!kept_props(&kept, "bmc", NULL));
	kept = run(collect_psu_info, "channel\t1\t010401803d1b000000\n"
				     "lan5\t1\t11ffffffffffff\n");
	CHECK_STR(kept_value(kept_props(&kept, "bmc", NULL), "interfaces"),
		  "[{\"channel\":1,\"mac_address\":null}]");
	kept = run(collect_psu_info, "guid\t0\t!c1\n");
	CHECK(!kept.out.unreadable);
	kept = run(collect_psu_fru, "fru-info\t0\t!cb\n");
	CHECK(!kept.out.unreadable);
	CHECK(!kept_props(&kept, "fru.devices", NULL));
}

static void strange_lines(void)
{
	static const char *const lines[] = {
		"\n",          "fru\n",         "fru\t0\n",     "fru\t-1\t00\n",
		"fru\t1\t0\n", "fru\t1\t0G\n",  "fru\t1\tAA\n", "fru\t65536\t00\n",
		"fru\t1\t!\n", "fru\t1 \t00\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct kept kept = run(collect_psu_fru, lines[i]);

		if (!kept.out.unreadable && i != 2)
			tap_fail(__FILE__, __LINE__, "taken: %s", lines[i]);
	}
}

static void both_kinds(void)
{
	static const char text[] = "FRU Device Description : PSU1 (ID 1)\n"
				   " Product Serial        : S-1\n\n";
	struct kept kept = kept_run(collect_psu_fru, text, strlen(text));

	CHECK_STR(
		kept_value(kept_props(&kept, "power_supplies", "fru1"), "serial_number"),
		"\"S-1\"");
	CHECK(!kept.out.unreadable);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "the four kinds of text are decoded", decoding, 0 },
		{ "times are those of the calendar", times, 0 },
		{ "a FRU cut off or with a bit flipped anywhere is read", broken_frus,
		  60 },
		{ "what follows the end of an area is told", end_marks, 0 },
		{ "a reading follows its record's formula", conversion, 0 },
		{ "each formula of the standard is one", formulas, 0 },
		{ "what the standard reserves or leaves no room for is told",
		  not_understood, 0 },
		{ "what the standard has a meaning for is not", understood, 0 },
		{ "a state has its name, and one nobody knows is not well",
		  discrete_states, 0 },
		{ "a BMC that says no is no error, one that says nothing is", unread, 0 },
		{ "lines of another form are errors", strange_lines, 0 },
		{ "ipmitool's text is still read", both_kinds, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
