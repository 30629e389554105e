/* BMCs, disk controllers and network cards: which commands the patterns of a policy let through. */
#include "device_policy.h"

#include <linux/capability.h>

/* IPMI 2.0: which commands read, written down once more: network function, command, bytes of data. */
static const uint8_t ipmi_reads[][3] = {
	{ 0x00, 0x01, 0 }, { 0x04, 0x2d, 1 }, { 0x06, 0x01, 0 }, { 0x06, 0x04, 0 },
	{ 0x06, 0x37, 0 }, { 0x06, 0x42, 1 }, { 0x0a, 0x10, 1 }, { 0x0a, 0x11, 4 },
	{ 0x0a, 0x20, 0 }, { 0x0a, 0x22, 0 }, { 0x0a, 0x23, 6 }, { 0x0a, 0x40, 0 },
	{ 0x0a, 0x43, 6 }, { 0x0a, 0x48, 0 }, { 0x0c, 0x02, 4 }, { 0x2c, 0x00, 1 },
};

static bool ipmi_reading(const struct command *command)
{
	for (size_t i = 0; i < ARRAY_LEN(ipmi_reads); i++)
		if (ipmi_reads[i][0] == command->bytes[0] &&
		    ipmi_reads[i][1] == command->bytes[1] &&
		    ipmi_reads[i][2] + 3 == command->size)
			return command->bytes[0] != 0x0c || command->bytes[4] == 2 ||
			       command->bytes[4] == 5;
	return false;
}

/* Each network function, command, length of data, and parameter of a LAN. */
static void test_every_ipmi(void)
{
	struct policy *policy = every_word("ipmi");
	unsigned wrong = 0, through = 0, lun = 0;

	CHECK(policy);
	for (unsigned i = 0; i < 256 * 256 * 8; i++)
		for (unsigned parameter = 0; parameter < 7; parameter++) {
			struct command command = {
				.transport = COMMAND_IPMI,
				.direction = COMMAND_IN,
				.size = (uint8_t)(3 + (i >> 16)),
				.bytes = { (uint8_t)i, (uint8_t)(i >> 8), 0, 0,
					   (uint8_t)parameter },
			};
			bool passes =
				command_find(policy->steps[0].rules, &command, NULL);

			wrong += passes != ipmi_reading(&command);
			through += passes;
		}
	CHECK_INT(wrong, 0);
	CHECK_INT(through, 15 * 7 + 2);
	for (unsigned i = 0; i < 256; i++) {
		struct command command = { .transport = COMMAND_IPMI,
					   .direction = COMMAND_IN,
					   .size = 4,
					   .bytes = { 4, 0x2d, (uint8_t)i, 9 } };

		lun += command_find(policy->steps[0].rules, &command, NULL) != NULL;
	}
	CHECK_INT(lun, 4);
	policy_free(policy);
}

/* FreeBSD's mfireg.h: which DCMDs read, written down once more. */
static const uint32_t mfi_reads[] = { 0x01010000, 0x02010000, 0x02020000, 0x03010000,
				      0x03020000, 0x03030000, 0x04010000, 0x05010000 };

static bool mfi_passes(const struct command_rules *rules, uint32_t opcode,
		       unsigned direction)
{
	struct command command = { .transport = COMMAND_MFI,
				   .direction = (uint8_t)direction,
				   .size = 16,
				   .length = direction ? 512 : 0 };
	static const uint8_t data[512];

	memcpy(command.bytes, &opcode, sizeof(opcode));
	return command_find(rules, &command, data);
}

/* Each opcode of a DCMD whose lower half is a number that any has; then each lower half of those that read. */
static void test_every_mfi(void)
{
	static const uint16_t low[] = { 0x0000, 0x0001, 0x0100, 0x0101, 0x0200, 0x0201,
					0x0202, 0x0300, 0x0400, 0x0500, 0x1000, 0xe100 };
	struct policy *policy =
		parse(HEAD DEVICE "mfi CTRL_GET_INFO PD_GET_LIST PD_GET_INFO LD_GET_LIST "
				  "LD_GET_INFO LD_GET_PROP CFG_READ BBU_STATUS\n");
	const struct command_rules *rules;
	unsigned through = 0, wrong = 0;

	CHECK(policy);
	rules = policy->steps[0].rules;
	for (uint32_t high = 0; high < 1u << 16; high++)
		for (size_t i = 0; i < ARRAY_LEN(low); i++)
			through += mfi_passes(rules, high << 16 | low[i], COMMAND_IN);
	CHECK_INT(through, ARRAY_LEN(mfi_reads));
	for (size_t i = 0; i < ARRAY_LEN(mfi_reads); i++) {
		CHECK(mfi_passes(rules, mfi_reads[i], COMMAND_IN));
		CHECK(!mfi_passes(rules, mfi_reads[i], COMMAND_OUT));
		CHECK(!mfi_passes(rules, mfi_reads[i], COMMAND_NO_DATA));
		for (uint32_t other = 1; other < 1u << 16; other++)
			wrong += mfi_passes(rules, mfi_reads[i] ^ other, COMMAND_IN);
	}
	CHECK_INT(wrong, 0);
	policy_free(policy);
}

/* What goes to a disk behind a controller is for it alone, and by the controller's right. */
static void test_behind(void)
{
	struct policy *policy =
		parse(HEAD DEVICE "scsi INQUIRY\nata IDENTIFY_DEVICE\n"
				  "mfi PD_SCSI_IO PD_GET_LIST\nexec /bin/true\n");
	struct command inquiry = { .transport = COMMAND_MFI_SCSI,
				   .direction = COMMAND_IN,
				   .size = 6,
				   .length = 36,
				   .bytes = { 0x12 } };
	struct command_rules rules = { .count = 5 };
	struct command list = { .transport = COMMAND_MFI,
				.direction = COMMAND_IN,
				.size = 16,
				.length = 512,
				.bytes = { 0, 0, 1, 2 } };
	struct command_rule *behind;
	char line[96];
	unsigned count;

	CHECK(policy);
	CHECK_INT(policy->steps[0].rules->count, rules.count);
	behind = policy_rules(&policy->steps[0], "sda");
	memcpy(rules.rules, behind, rules.count * sizeof(*behind));
	free(behind);
	CHECK(command_find(&rules, &inquiry, NULL));
	CHECK(mfi_passes(&rules, 0x02010000, COMMAND_IN));
	/* What is learned of them. */
	CHECK(command_line_of(&inquiry, NULL, line, sizeof(line)));
	CHECK_STR(line, "scsi INQUIRY");
	CHECK(command_line_of(&list, NULL, line, sizeof(line)));
	CHECK_STR(line, "mfi PD_GET_LIST");
	inquiry.transport = COMMAND_SCSI;
	CHECK(!command_find(&rules, &inquiry, NULL));
	inquiry.transport = COMMAND_MFI_SCSI;
	inquiry.bytes[0] = 0x2a;
	CHECK(!command_find(&rules, &inquiry, NULL));
	CHECK_INT(policy_performer_caps(&policy->steps[0]), INT64_C(1) << CAP_SYS_ADMIN);
	CHECK_INT(policy_requests(&policy->steps[0], &count)[0], 0xc1944d01);
	CHECK_INT(count, 1);
	policy_free(policy);
}

/* A question to a driver is of the step's own interface, by its whole name. */
static void test_interface(void)
{
	static const char *const names[] = {
		"eth0", "eth", "eth00", "eth1", "", "a-name-of-15-ch", "a-name-of-16-cha"
	};
	struct policy *policy = parse(NET "ethtool GMODULEINFO GMODULEEEPROM\n");

	CHECK(policy);
	CHECK_INT(policy_performer_caps(&policy->steps[0]), 1 << CAP_NET_ADMIN);
	for (size_t own = 0; own < ARRAY_LEN(names); own++)
		for (size_t asked = 0; asked < ARRAY_LEN(names); asked++) {
			struct command_rules rules = {
				.count = policy->steps[0].rules->count
			};
			struct command_rule *of =
				policy_rules(&policy->steps[0], names[own]);
			/* ETHTOOL_GMODULEEEPROM, struct ethtool_eeprom and 256 bytes */
			struct command command = { .transport = COMMAND_ETHTOOL,
						   .direction = COMMAND_IN,
						   .size = 24,
						   .length = 16 + 256,
						   .bytes = { 0x43 } };

			memcpy(rules.rules, of, rules.count * sizeof(*of));
			free(of);
			memcpy(command.bytes + 8, names[asked],
			       strnlen(names[asked], 16));
			CHECK_INT(command_find(&rules, &command, NULL) != NULL,
				  own == asked && strlen(names[own]) < 16);
			command.length = 16 + 1025;
			CHECK(!command_find(&rules, &command, NULL));
		}
	policy_free(policy);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a driver is asked of the step's own interface", test_interface, 0 },
		{ "of all IPMI commands those go through that read", test_every_ipmi, 0 },
		{ "of all DCMDs those go through that read", test_every_mfi, 0 },
		{ "a disk behind a controller is asked by it", test_behind, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
