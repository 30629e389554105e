/* The header of an order: what is refused, whom it is for, and what the policy of an image leaves it. */
#include "grants.h"
#include "identity.h"
#include "tap.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "#!/bin/sh\n#bee-order 1\n"
#define SEQUENCE "#bee-sequence 7\n"
#define TARGET "#bee-target id=node\n"
#define UNTIL "#bee-not-after 2027-01-01T00:00:00Z\n"
#define LIMIT "#bee-time-limit 60\n"
#define END "#bee-end\necho\n"

static int read_order(const char *text, struct order *order)
{
	struct said said = { "" };
	int result = order_read(text, strlen(text), order, &said);

	CHECK_INT(result != 0, *said.text != '\0');
	return result;
}

static void orders(void)
{
	static const char *const bad[] = {
		"",
		"#!/bin/bash\n#bee-order 1\n" SEQUENCE TARGET UNTIL LIMIT END,
		"#!/bin/sh\n#bee-order 2\n" SEQUENCE TARGET UNTIL LIMIT END,
		"#!/bin/sh\r\n#bee-order 1\n" SEQUENCE TARGET UNTIL LIMIT END,
		HEAD TARGET UNTIL LIMIT END,
		HEAD SEQUENCE UNTIL LIMIT END,
		HEAD SEQUENCE TARGET LIMIT END,
		HEAD SEQUENCE TARGET UNTIL END,
		HEAD SEQUENCE SEQUENCE TARGET UNTIL LIMIT END,
		HEAD SEQUENCE TARGET UNTIL UNTIL LIMIT END,
		HEAD SEQUENCE TARGET UNTIL LIMIT LIMIT END,
		HEAD SEQUENCE TARGET UNTIL LIMIT "\n" END,
		HEAD SEQUENCE TARGET UNTIL LIMIT "#comment\n" END,
		HEAD SEQUENCE TARGET UNTIL LIMIT "#bee-\n" END,
		HEAD SEQUENCE TARGET UNTIL LIMIT "#bee-end",
		HEAD SEQUENCE TARGET UNTIL LIMIT "#bee-need \n" END,
		HEAD SEQUENCE TARGET UNTIL LIMIT "#bee-need a\377\n" END,
		HEAD SEQUENCE "#bee-target any\n" TARGET UNTIL LIMIT END,
		HEAD SEQUENCE "#bee-target all\n" UNTIL LIMIT END,
		HEAD SEQUENCE "#bee-target id=\n" UNTIL LIMIT END,
		HEAD SEQUENCE "#bee-target uid=x\n" UNTIL LIMIT END,
		HEAD "#bee-sequence 0\n" TARGET UNTIL LIMIT END,
		HEAD "#bee-sequence 07\n" TARGET UNTIL LIMIT END,
		HEAD "#bee-sequence -7\n" TARGET UNTIL LIMIT END,
		HEAD "#bee-sequence 99999999999999999999\n" TARGET UNTIL LIMIT END,
		HEAD SEQUENCE TARGET UNTIL "#bee-time-limit 86401\n" END,
		HEAD SEQUENCE TARGET UNTIL LIMIT "#bee-run twice\n" END,
		HEAD SEQUENCE TARGET UNTIL LIMIT "#bee-run once\n#bee-run once\n" END,
	};
	struct order order;

	CHECK(!read_order(HEAD SEQUENCE TARGET UNTIL LIMIT "#bee-need net\n" END,
			  &order));
	CHECK_INT(order.sequence, 7);
	CHECK_INT(order.time_limit, 60);
	CHECK_INT(order.need_count, 1);
	CHECK(!order.any);
	CHECK(!order.once);
	CHECK(!read_order(HEAD SEQUENCE TARGET UNTIL LIMIT "#bee-run once\n" END,
			  &order));
	CHECK(order.once);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (!read_order(bad[i], &order))
			tap_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
	}
}

/* What fits is taken, one more is not. */
static void order_bounds(void)
{
	static const struct {
		const char *line;
		int max;
	} lines[] = {
		{ "#bee-need see /a\n", ORDER_NEEDS_MAX },
		{ "#bee-target id=a\n", ORDER_TARGETS_MAX - 1 },
		{ "#bee-file a%02d "
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
		  ORDER_FILES_MAX },
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		for (int more = 0; more < 2; more++) {
			AUTO_FREE char *text = xcalloc(1, 65536);
			size_t at =
				strlen(strcpy(text, HEAD SEQUENCE TARGET UNTIL LIMIT));
			struct order order;

			for (int k = 0; k < lines[i].max + more; k++) {
				AUTO_FREE char *line = xstrdup(lines[i].line);
				char *number = strstr(line, "%02d");
				char digits[3] = { (char)('0' + k / 10),
						   (char)('0' + k % 10), '\0' };

				if (number)
					memmove(number + 2, number + 4,
						strlen(number + 4) + 1),
						memcpy(number, digits, 2);
				at += (size_t)sprintf(text + at, "%s", line);
			}
			strcpy(text + at, END);
			CHECK_INT(read_order(text, &order), -more);
		}
}

/* Of the script as well: a shell does not stop at a NUL, and others do. */
static void order_bytes(void)
{
	static const char text[] = HEAD SEQUENCE TARGET UNTIL LIMIT END;
	AUTO_FREE char *bytes = xcalloc(1, ORDER_MAX + 2);
	struct said said = { "" };
	struct order order;

	memset(bytes, '#', ORDER_MAX + 1);
	memcpy(bytes, text, sizeof(text) - 1);
	CHECK(!order_read(bytes, ORDER_MAX, &order, &said));
	CHECK(order_read(bytes, ORDER_MAX + 1, &order, &said));
	bytes[ORDER_MAX - 1] = '\0';
	CHECK(order_read(bytes, ORDER_MAX, &order, &said));
}

static void targets(void)
{
	struct identity us = { .id = "node", .serial = "S1", .mac_count = 1 };
	struct identity nameless = { .id = "" };
	static const struct {
		const char *target;
		bool ours;
	} rows[] = {
		{ "any", true },
		{ "id=node", true },
		{ "id=NODE", false },
		{ "id=nod", false },
		{ "serial=S1", true },
		{ "serial=s1", false },
		{ "serial=node", false },
		{ "mac=52:54:00:12:34:56", true },
		{ "mac=52:54:00:12:34:57", false },
		{ "uuid=4C4C4544-0042-1010-8046-B4C04F334632", true },
		{ "uuid=4c4c4544-0042-1010-8046-b4c04f334633", false },
	};

	memcpy(us.uuid, "4c4c4544-0042-1010-8046-b4c04f334632", 37);
	memcpy(us.macs[0], "52:54:00:12:34:56", 18);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_FREE char *text = xasprintf(
			HEAD SEQUENCE "#bee-target %s\n" UNTIL LIMIT END, rows[i].target);
		struct order order;

		CHECK(!read_order(text, &order));
		if (order_is_for(&order, &us) != rows[i].ours)
			tap_fail(__FILE__, __LINE__, "%s", rows[i].target);
		CHECK_INT(order_is_for(&order, &nameless), i == 0);
	}
}

/* Of vendors' DMI tables: what they leave in place of a serial or UUID. */
static void placeholders(void)
{
	/* Those that a document has in its placeholders: tests/unit/collect_placeholder.c has their sources. */
	static const char *const serials[] = {
		"To Be Filled By O.E.M.", "SystemSerialNumb",
		"SN0123456789",           "123456789",
		"Not Applicable",         "OEM Define 3",
		"2020202020202020",       "AAAAAAAA",
		"0123456789ABCDEF",
	};
	static const char *const uuids[] = {
		"01010101-0101-0101-0101-010101010101",
		"4C4C4544-0000-2010-8020-80C04F202020",
		"6AB5B300-538D-1014-9FB5-B0684D007B53",
		"03020100-0504-0706-0809-0a0b0c0d0e0f",
		"00020003-0004-0005-0006-000700080009",
	};
	static const char *const macs[] = {
		"",
		"00:00:00:00:00:00",
		"ff:ff:ff:ff:ff:ff",
		"00:11:22:33:44:55",
		"12:34:56:78:9A:BC",
		"aa:bb:cc:dd:ee:ff",
		"00:01:02:03:04:05",
		"01:00:5e:12:34:56",
		"52:54:00:12:34",
		"52-54-00-12-34-56",
		"00:00:00:00:fe:80:00:00:00",
	};

	CHECK_STR(identity_serial("To be filled by O.E.M."), "");
	CHECK_STR(identity_serial("Default string"), "");
	CHECK_STR(identity_serial("0000000000"), "");
	CHECK_STR(identity_serial(""), "");
	CHECK_STR(identity_serial("JX1K2T3"), "JX1K2T3");
	for (size_t i = 0; i < ARRAY_LEN(serials); i++)
		if (*identity_serial(serials[i]))
			tap_fail(__FILE__, __LINE__, "names a machine: %s", serials[i]);
	for (size_t i = 0; i < ARRAY_LEN(uuids); i++)
		if (*identity_uuid(uuids[i]))
			tap_fail(__FILE__, __LINE__, "names a machine: %s", uuids[i]);
	for (size_t i = 0; i < ARRAY_LEN(macs); i++)
		if (*identity_mac(macs[i]))
			tap_fail(__FILE__, __LINE__, "names a machine: %s", macs[i]);
	CHECK_STR(identity_mac("52:54:00:12:34:56"), "52:54:00:12:34:56");
	CHECK_STR(identity_mac("00:1b:21:3c:9d:f8"), "00:1b:21:3c:9d:f8");
	CHECK_STR(identity_uuid("03000200-0400-0500-0006-000700080009"), "");
	CHECK_STR(identity_uuid("00000000-0000-0000-0000-000000000000"), "");
	CHECK_STR(identity_uuid("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"), "");
	CHECK_STR(identity_uuid("not a uuid"), "");
	CHECK_STR(identity_uuid("4c4c4544-0042-1010-8046-b4c04f334632"),
		  "4c4c4544-0042-1010-8046-b4c04f334632");
}

static void command_lines(void)
{
	static const char line[] =
		"BOOT_IMAGE=/vmlinuz root=/dev/sda1 password=x bee.key=y quiet\n";
	AUTO_FREE char *some = request_cmdline(line, false),
		       *all = request_cmdline(line, true);

	CHECK_STR(some, "BOOT_IMAGE=/vmlinuz root=/dev/sda1 password bee.key quiet");
	CHECK_STR(all, "BOOT_IMAGE=/vmlinuz root=/dev/sda1 password=x bee.key=y quiet");
}

static void no_error(void *arg, unsigned line, const char *words)
{
	(void)arg;
	tap_fail(__FILE__, __LINE__, "%u: %s", line, words);
}

static void grants(void)
{
	static const char policy[] = "allow see /var/log\n";
	static const struct {
		const char *need;
		bool granted;
	} rows[] = {
		{ "see /var/log", true },
		{ "see /var/log/apt", true },
		{ "see /var/logs", false },
		{ "see /var", false },
		{ "see /var/log/../x", false },
		{ "see /var/log/./x", false },
		{ "see /var/log//x", false },
		{ "see /var/log/", false },
		{ "see var/log", false },
		{ "see /", false },
		{ "net", false },
		{ "net host", false },
		{ "see", false },
		{ "disk S1", false },
		{ "write S1", false },
		{ "key", false },
	};
	struct grants read;

	CHECK(!grants_read(policy, strlen(policy), &read, no_error, NULL));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct said said = { "" };
		struct need need;

		if (!grants_check(&read, rows[i].need, &need, &said) != rows[i].granted)
			tap_fail(__FILE__, __LINE__, "%s", rows[i].need);
	}
	read.proved = true;
	CHECK(!grants_check(&read, "key", &(struct need){ NEED_NET, "" },
			    &(struct said){ "" }));
	CHECK(grants_check(&read, "key S1", &(struct need){ NEED_NET, "" },
			   &(struct said){ "" }));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "orders with a wrong header are refused", orders, 0 },
		{ "an order's lists have a bound", order_bounds, 0 },
		{ "so has its script, in which there is no NUL", order_bytes, 0 },
		{ "an order is for whom it says", targets, 0 },
		{ "placeholders of firmware name no machine", placeholders, 0 },
		{ "values of unknown words do not leave the machine", command_lines, 0 },
		{ "an order has what the policy names and what is below", grants, 0 },
		{ NULL, NULL, 0 },
	};

	if (sodium_init() < 0)
		return 1;
	return tap_main(tests);
}
