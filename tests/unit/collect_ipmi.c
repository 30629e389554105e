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
		{ "a state has its name, and one nobody knows is not well",
		  discrete_states, 0 },
		{ "a BMC that says no is no error, one that says nothing is", unread, 0 },
		{ "lines of another form are errors", strange_lines, 0 },
		{ "ipmitool's text is still read", both_kinds, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
