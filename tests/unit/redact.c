/* What is replaced, in which spellings; and that the table of fields knows every one that could identify. */
#include "redact.h"
#include "tap.h"

#include "json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char key[REDACT_KEY] = "thirty-two bytes of a test's key";

static char *after(struct redact *redact, const char *text)
{
	size_t len = 0;

	return redact_apply(redact, text, strlen(text), &len);
}

static bool has_shape(const char *text, const char *of)
{
	if (strlen(text) != strlen(of))
		return false;
	for (; *text; text++, of++)
		if (isdigit((unsigned char)*of)   ? !isdigit((unsigned char)*text)
		    : isupper((unsigned char)*of) ? !isupper((unsigned char)*text)
		    : islower((unsigned char)*of) ? !islower((unsigned char)*text)
						  : *of != *text)
			return false;
	return true;
}

static void test_text(void)
{
	struct redact *redact = redact_new(key);
	AUTO_FREE char *one = NULL, *two = NULL, *low = NULL;

	redact_learn(redact, "EXSN-01-abc", REDACT_TEXT);
	redact_settle(redact);
	one = after(redact, "EXSN-01-abc");
	two = after(redact, "a EXSN-01-abc.");
	low = after(redact, "exsn-01-abc");
	CHECK(has_shape(one, "EXSN-01-abc"));
	CHECK(strcmp(one, "EXSN-01-abc") != 0);
	CHECK(!strncmp(two + 2, one, strlen(one)) && !strcmp(two + 2 + strlen(one), "."));
	CHECK(!strcasecmp(low, one) && has_shape(low, "exsn-01-abc"));
	redact_free(redact);
}

static void test_key(void)
{
	static const unsigned char other[REDACT_KEY] = "another";
	const unsigned char *const keys[] = { key, key, other };
	AUTO_FREE char *got[3] = { NULL };

	for (size_t i = 0; i < 3; i++) {
		struct redact *redact = redact_new(keys[i]);

		redact_learn(redact, "0123ABCDEF99", REDACT_TEXT);
		redact_settle(redact);
		got[i] = after(redact, "0123ABCDEF99");
		redact_free(redact);
	}
	CHECK_STR(got[0], got[1]);
	CHECK(strcmp(got[0], got[2]) != 0);
	free(got[1]);
	free(got[2]);
}

/* `spelled` has nothing of the original, and what became of each spelling is one number: `digits` of it,
 * in the order of `order`, or as they stand. */
static void check_hex(const char *original, const char *spelled, const char *kept)
{
	struct redact *redact = redact_new(key);
	AUTO_FREE char *text = NULL;

	redact_learn(redact, original, REDACT_HEX);
	redact_settle(redact);
	text = after(redact, spelled);
	if (!strcmp(text, spelled) || strncmp(text, kept, strlen(kept)) != 0)
		tap_fail(__FILE__, __LINE__, "%s became %s", spelled, text);
	CHECK_INT(strlen(text), strlen(spelled));
	redact_free(redact);
}

static void test_hex(void)
{
	/* The maker's bytes stay: IEEE 802's OUI, NAA 5 with its own. */
	check_hex("3c:ec:ef:12:34:56", "3c:ec:ef:12:34:56", "3c:ec:ef:");
	check_hex("3c:ec:ef:12:34:56", "3C-EC-EF-12-34-56", "3C-EC-EF-");
	check_hex("3c:ec:ef:12:34:56", "3cec.ef12.3456", "3cec.ef");
	check_hex("3c:ec:ef:12:34:56", "enx3cecef123456", "enx3cecef");
	check_hex("3c:ec:ef:12:34:56", "frame 3cecef123456aa", "frame 3cecef");
	check_hex("0x5000c500deadbe01", "naa.5000c500deadbe01", "naa.5000c50");
	check_hex("0x5000c500deadbe01", "35000c500deadbe01", "35000c50");
	check_hex("ec0d:9a03:0012:3456", "fe80:0000:0000:0000:ec0d:9a03:0012:3456",
		  "fe80:0000:0000:0000:ec0d:9a");
	/* SMBIOS and EFI write the first fields with the low byte first; IPMI all of it. */
	check_hex("8c1f3b62-94d7-4e0a-b1c5-20a4f7de9310",
		  "8C1F3B62-94D7-4E0A-B1C5-20A4F7DE9310", "");
	check_hex("8c1f3b62-94d7-4e0a-b1c5-20a4f7de9310",
		  "623b1f8cd7940a4eb1c520a4f7de9310", "");
	check_hex("8c1f3b62-94d7-4e0a-b1c5-20a4f7de9310",
		  "1093def7a420c5b10a4ed794623b1f8c", "");
}

/* smartctl -j tells the last nine digits of 0x5000c500deadbe01 as a number, 0x0deadbe01. */
static void test_number(void)
{
	struct redact *redact = redact_new(key);
	AUTO_FREE char *text = NULL, *wwn = NULL;
	uint64_t number = 0, digits = 1;

	redact_learn(redact, "0x5000c500deadbe01", REDACT_HEX);
	redact_settle(redact);
	text = after(redact, "3735928321");
	wwn = after(redact, "5000c500deadbe01");
	CHECK(!parse_u64(text, UINT64_MAX, &number) &&
	      !parse_hex(wwn + 7, UINT64_MAX, &digits));
	CHECK(number == digits && number != 3735928321);
	CHECK_INT(strlen(text), 10);
	redact_free(redact);
}

static void test_bytes(void)
{
	struct redact *redact = redact_new(key);
	AUTO_FREE char *text = NULL, *hex = NULL, *wide = NULL;
	const char utf16[] = "E\0X\0S\0N\0"
			     "0\0"
			     "1\0";
	size_t len = 0;

	redact_learn(redact, "EXSN01", REDACT_TEXT);
	redact_settle(redact);
	text = after(redact, "EXSN01");
	hex = after(redact, "ff4558534e3031ff");
	wide = redact_apply(redact, utf16, sizeof(utf16) - 1, &len);
	CHECK_INT(len, sizeof(utf16) - 1);
	for (size_t i = 0; i < 6; i++) {
		const char pair[3] = { hex[2 + 2 * i], hex[3 + 2 * i], '\0' };
		uint64_t byte = 0;

		CHECK(!parse_hex(pair, 255, &byte));
		CHECK_INT(byte, text[i]);
		CHECK_INT(wide[2 * i], text[i]);
	}
	redact_free(redact);
}

static void test_left(void)
{
	static const char *const same[] = {
		"1234 packets",
		"10EXSN",
		"PCI 0000:3b:00.0",
		"Not Specified",
		"To Be Filled By O.E.M.",
		"00:00:00:00:00:00",
		"ff:ff:ff:ff:ff:ff",
		"8be4df61-93ca-11d2-aa0d-00e098032b8c",
		"01:80:c2:00:00:0e",
		"version 1.2.3.4",
		"0123456789",
	};
	struct redact *redact = redact_new(key);

	redact_keep(redact, "CPU1_A0_AssetTag");
	redact_learn(redact, "CPU1_A0_AssetTag", REDACT_TEXT);
	redact_learn(redact, "1234", REDACT_TEXT);
	redact_learn(redact, "EXS", REDACT_TEXT);
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		redact_find(redact, same[i], strlen(same[i]));
	}
	redact_find(redact, "Serial Number: To Be Filled By O.E.M.\nAsset Tag: NO DIMM\n",
		    58);
	redact_settle(redact);
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		AUTO_FREE char *text = after(redact, same[i]);

		CHECK_STR(text, same[i]);
	}
	AUTO_FREE char *kept = after(redact, "Asset Tag: CPU1_A0_AssetTag, NO DIMM");

	CHECK_STR(kept, "Asset Tag: CPU1_A0_AssetTag, NO DIMM");
	redact_free(redact);
}

/* Lines of tools, and the value in each that has to go. */
static void test_find(void)
{
	static const char *const lines[][2] = {
		{ "\tSerial Number: 4C530001\n", "4C530001" },
		{ "\tAsset Tag: IT-00421\n", "IT-00421" },
		{ "  \"serial_number\" : \"Z1X2Y3W4\",\n", "Z1X2Y3W4" },
		{ "{\"a\":1,\"sn\":\"S4EVNX0R1   \",\"mn\":\"x\"}\n", "S4EVNX0R1" },
		{ "    GPU UUID      : GPU-11112222-3333-4444-5555-666677778888\n",
		  "11112222-3333-4444-5555-666677778888" },
		{ "v\t/sys/class/nvme/nvme0/serial\tS4EVNX0R2\n", "S4EVNX0R2" },
		{ "v\t/sys/block/sda/device/wwid\tt10.ATA     EXAMPLE SSD     S4EVNX0R3  "
		  "    \n",
		  "S4EVNX0R3" },
		{ "v\t/sys/class/net/enx3cecef123456/address\t3c:ec:ef:12:34:56\n",
		  "3cecef123456" },
		{ "6,1204,412000000,-;usb 1-1: SerialNumber: 4C53000107\n",
		  "4C53000107" },
		{ "6,1204,412000000,-;nfs: server 10.0.0.5 not responding, timed out\n",
		  "10.0.0.5" },
		{ "<6>[    1.0] e1000e: (PCI Express:2.5GT/s) 00:1b:21:aa:bb:cc\n",
		  "00:1b:21:aa:bb:cc" },
		{ "Device Serial Number 00-1b-21-ff-ff-aa-bb-cc\n",
		  "00-1b-21-ff-ff-aa-bb-cc" },
		{ "LU WWN Device Id: 0x5000c5001234abcd\n", "0x5000c5001234abcd" },
		{ "v\t/sys/block/nvme0n1/wwid\teui.0025385b71b0a1c2\n",
		  "0025385b71b0a1c2" },
		{ "root=UUID=8c1f3b62-94d7-4e0a-b1c5-20a4f7de9310 ro\n",
		  "8c1f3b62-94d7-4e0a-b1c5-20a4f7de9310" },
		{ "systemd[1]: Hostname: rack7-db\n", "rack7-db" },
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct redact *redact = redact_new(key);
		AUTO_FREE char *text = NULL;

		redact_find(redact, lines[i][0], strlen(lines[i][0]));
		redact_settle(redact);
		text = after(redact, lines[i][0]);
		if (strcasestr(text, lines[i][1]))
			tap_fail(__FILE__, __LINE__, "%s is left: %s", lines[i][1], text);
		/* An address has as many groups, not digits. */
		if (!strchr(lines[i][1], '.'))
			CHECK_INT(strlen(text), strlen(lines[i][0]));
		redact_free(redact);
	}
}

/* A ProLiant DL585 G1, unit-tests/private of python-dmidecode: its UUID is its serial number and blanks. */
static void test_uuid_of_text(void)
{
	struct redact *redact = redact_new(key);
	AUTO_FREE char *serial = NULL, *uuid = NULL;

	redact_learn(redact, "HXDZPGK16B", REDACT_TEXT);
	redact_learn(redact, "4858445a-5047-4b31-3642-202020202020", REDACT_HEX);
	redact_settle(redact);
	serial = after(redact, "\tSerial Number: HXDZPGK16B      \n");
	uuid = after(redact, "\tUUID: 4858445A-5047-4B31-3642-202020202020\n");
	CHECK(!strncmp(serial, "\tSerial Number: ", 16));
	CHECK(strspn(serial + 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == 10);
	CHECK_STR(serial + 26, "      \n");
	CHECK(strstr(serial, "HXDZPGK16B") == NULL);
	CHECK(strcasestr(uuid, "4858445a-5047") == NULL);
	redact_free(redact);
}

static void test_two(void)
{
	struct redact *redact = redact_new(key);
	json_t *seen = json_object();

	/* Of four-digit tags a third of the thousand would share one by chance. */
	for (unsigned i = 0; i < 1000; i++) {
		AUTO_FREE char *tag = xasprintf("T%03u", i);

		redact_learn(redact, tag, REDACT_TEXT);
	}
	redact_settle(redact);
	for (unsigned i = 0; i < 1000; i++) {
		AUTO_FREE char *tag = xasprintf("T%03u", i), *text = after(redact, tag);

		json_put(seen, text, json_true());
	}
	CHECK_INT(json_object_size(seen), 1000);
	json_decref(seen);
	redact_free(redact);
}

static bool sounds_identifying(const char *name)
{
	static const char *const parts[] = { "serial",  "mac_addr", "uuid",   "guid",
					     "wwn",     "wwid",     "asset",  "nqn",
					     "eui",     "unique",   "host",   "tracer",
					     "gateway", "address",  "string", "extra",
					     "_hex",    "tlv",      "_name",  "_id" };

	if (!strcmp(name, "id") || !strcmp(name, "name") || !strcmp(name, "alias"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strstr(name, parts[i]))
			return true;
	return false;
}

/* Every property that doc/fields.md tells of, in backquotes or in a list in braces, and the schema. */
static void check_page(const char *path, const char *marks)
{
	FILE *file = fopen(path, "re");
	AUTO_FREE char *text = xcalloc(1, 1 << 20);
	unsigned asked = 0;
	char *save;

	if (!file)
		tap_skip("not run from the source tree");
	(void)!fread(text, 1, (1 << 20) - 1, file);
	(void)fclose(file);
	for (char *word = strtok_r(text, marks, &save); word;
	     word = strtok_r(NULL, marks, &save)) {
		/* The schema's own word for a type. */
		if (!strcmp(word, "string") ||
		    word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_")] ||
		    !sounds_identifying(word))
			continue;
		asked++;
		if (!redact_field_find("", word)) {
			bool found = false;

			for (const struct redact_field *field = redact_fields;
			     field->property; field++)
				found = found || !strcmp(field->property, word);
			if (!found)
				tap_fail(__FILE__, __LINE__,
					 "%s: \"%s\" may identify a machine: "
					 "report/redact_fields.c "
					 "has to say",
					 path, word);
		}
	}
	CHECK(asked > 20);
}

static void test_fields(void)
{
	check_page("doc/fields.md", "`");
	check_page("doc/schema/bee-audit-1.json", "\"");
	for (const struct redact_field *field = redact_fields; field->property; field++)
		CHECK((field->kind == REDACT_KEEP) == (field->why != NULL));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a serial number becomes one of its shape, everywhere the same",
		  test_text, 0 },
		{ "by a key, and by another key another one", test_key, 0 },
		{ "numbers of computers are found in every spelling, and keep their "
		  "maker",
		  test_hex, 0 },
		{ "also as smartctl writes the end of a WWN", test_number, 0 },
		{ "texts are found as bytes: in frames, and as EFI writes them",
		  test_bytes, 0 },
		{ "placeholders, counts and what is the same everywhere stay", test_left,
		  0 },
		{ "what no field has is found by its form or its label", test_find, 0 },
		{ "a UUID made of a serial number leaves that a text", test_uuid_of_text,
		  0 },
		{ "no two originals become one", test_two, 0 },
		{ "every property that sounds like it is in the table", test_fields, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
