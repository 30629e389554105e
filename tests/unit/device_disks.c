/* SCSI, ATA and NVMe: which commands the patterns of a policy let through. */
#include "device_policy.h"

/* ACS-3: which commands, features and protocols ask and change nothing; written down once more. */
static bool ata_asks(unsigned command, unsigned features, unsigned protocol)
{
	if (command == 0xec || command == 0xa1)
		return features == 0 && protocol == 4;
	if (command == 0xe5)
		return features == 0 && protocol == 3;
	if (command != 0xb0)
		return false;
	return features == 0xda ? protocol == 3
				: protocol == 4 && (features == 0xd0 ||
						    features == 0xd1 || features == 0xd5);
}

/* Where in a CDB of 12, 16 and 32 bytes each of them is: SAT-4, 12.2.2.2 to 12.2.2.4. */
static const struct {
	uint8_t size, start[10], protocol, flags, features, count, mid, high, command;
} ata_cdbs[] = {
	{ 12, { 0xa1 }, 1, 2, 3, 4, 6, 7, 9 },
	{ 16, { 0x85 }, 1, 2, 4, 6, 10, 12, 14 },
	{ 32, { 0x7f, 0, 0, 0, 0, 0, 0, 0x18, 0x1f, 0xf0 }, 10, 11, 21, 23, 18, 17, 25 },
};

/* 256 commands x 256 features x 16 protocols x 3 lengths of CDB. */
static void test_every_ata(void)
{
	struct policy *policy = every_word("ata");
	static const uint8_t data[512];
	unsigned wrong = 0, through = 0;

	CHECK(policy);
	for (unsigned i = 0; i < 256 * 256 * 16 * 3; i++) {
		unsigned op = i & 0xff, features = i >> 8 & 0xff,
			 protocol = i >> 16 & 0xf, kind = i >> 20;
		unsigned direction = protocol == 3   ? COMMAND_NO_DATA
				     : protocol == 5 ? COMMAND_OUT
						     : COMMAND_IN;
		bool smart = op == 0xb0;
		struct command command = {
			.transport = COMMAND_SCSI,
			.direction = (uint8_t)direction,
			.size = ata_cdbs[kind].size,
			.length = direction ? 512 : 0,
		};
		uint8_t *cdb = command.bytes;
		bool passes;

		memcpy(cdb, ata_cdbs[kind].start, sizeof(ata_cdbs[kind].start));
		cdb[ata_cdbs[kind].protocol] = (uint8_t)(protocol << 1);
		cdb[ata_cdbs[kind].flags] = direction == COMMAND_NO_DATA ? 0x2c
					    : direction == COMMAND_IN    ? 0x2e
									 : 0x26;
		cdb[ata_cdbs[kind].features] = (uint8_t)features;
		cdb[ata_cdbs[kind].count] = direction ? 1 : 0;
		cdb[ata_cdbs[kind].mid] = smart ? 0x4f : 0;
		cdb[ata_cdbs[kind].high] = smart ? 0xc2 : 0;
		cdb[ata_cdbs[kind].command] = (uint8_t)op;
		passes = command_find(policy->steps[0].rules, &command, data);
		if (passes)
			CHECK_INT(command_key(&command),
				  COMMAND_KEY_ATA | op << 8 | features);
		wrong += passes != ata_asks(op, features, protocol);
		through += passes;
	}
	CHECK_INT(wrong, 0);
	CHECK_INT(through, 3 * 7);
	policy_free(policy);
}

/* SPC-5, 4.2.5.2 and table 31: byte 1 is a service action behind these operation codes, and behind no other. */
static void test_service_actions(void)
{
	static const uint8_t codes[] = { 0x5e, 0x5f, 0x9b, 0x9c, 0x9d, 0x9e,
					 0x9f, 0xa3, 0xa4, 0xa9, 0xab };

	for (unsigned code = 0; code < 256; code++) {
		struct command plain = { .transport = COMMAND_SCSI, .size = 16 },
			       other = plain;

		if (code == 0x7f || code == 0x85 || code == 0xa1)
			continue; /* whose keys have more */
		plain.bytes[0] = other.bytes[0] = (uint8_t)code;
		other.bytes[1] = 0x1f;
		CHECK_INT(command_key(&plain) != command_key(&other),
			  memchr(codes, (int)code, sizeof(codes)) != NULL);
	}
}

/* One bit more than a command that goes through: it does not, but where the name leaves it free. */
static unsigned free_bits(const struct policy *policy, struct command command)
{
	static const uint8_t data[COMMAND_DATA_MAX];
	unsigned count = 0;

	CHECK(command_find(policy->steps[0].rules, &command, data));
	for (unsigned i = 0; i < 8u * command.size; i++) {
		command.bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
		count += command_find(policy->steps[0].rules, &command, data) != NULL;
		command.bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	return count;
}

static void test_bits(void)
{
	struct policy *ata = every_word("ata"), *scsi = every_word("scsi"),
		      *nvme = every_word("nvme-admin");

	CHECK(ata);
	CHECK(scsi);
	CHECK(nvme);
	/* CK_COND, and four bits of the device byte. */
	CHECK_INT(
		free_bits(ata, (struct command){ .transport = COMMAND_SCSI,
						 .direction = COMMAND_IN,
						 .size = 16,
						 .length = 512,
						 .bytes = { 0x85, 8, 0x2e, 0, 0, 0, 1, 0,
							    0, 0, 0, 0, 0, 0, 0xec } }),
		1 + 4);
	CHECK_INT(free_bits(ata,
			    (struct command){ .transport = COMMAND_SCSI,
					      .direction = COMMAND_IN,
					      .size = 32,
					      .length = 512,
					      .bytes = { 0x7f, [7] = 0x18, 0x1f, 0xf0, 8,
							 0x2e, [23] = 1, [25] = 0xec } }),
		  1 + 4);
	/* page control and page, subpage, parameter pointer, allocation length */
	CHECK_INT(free_bits(scsi, (struct command){ .transport = COMMAND_SCSI,
						    .direction = COMMAND_IN,
						    .size = 10,
						    .length = 8,
						    .bytes = { 0x4d } }),
		  8 + 8 + 16 + 16);
	/* NSID, RAE, the offset's 64 bits. The log's number is one of two, 02h and 05h; the length is
	 * what the data's is. */
	CHECK_INT(free_bits(nvme,
			    (struct command){ .transport = COMMAND_NVME,
					      .direction = COMMAND_IN,
					      .size = 30,
					      .length = 512,
					      .bytes = { 2, 0, 0, 0, 0, 0, 2, 0, 127 } }),
		  32 + 1 + 64);
	policy_free(ata);
	policy_free(scsi);
	policy_free(nvme);
}

static const struct command_rule *log_page(const struct policy *policy, unsigned dwords,
					   uint32_t length)
{
	struct command command = { .transport = COMMAND_NVME,
				   .direction = COMMAND_IN,
				   .size = 30,
				   .length = length,
				   .bytes = { 2, 0, 0, 0, 0, 0, 2 } };

	for (unsigned i = 0; i < 4; i++)
		command.bytes[8 + i] = (uint8_t)((dwords - 1) >> (8 * i));
	return command_find(policy->steps[0].rules, &command, NULL);
}

static void test_lengths(void)
{
	struct policy *policy = every_word("nvme-admin");

	CHECK(policy);
	CHECK(log_page(policy, 128, 512));
	CHECK(!log_page(policy, 129, 512)); /* the controller would write past the end */
	CHECK(!log_page(policy, 127, 512));
	CHECK(!log_page(policy, 0x40000080,
			512)); /* four times that is 512, in 32 bits */
	CHECK(log_page(policy, 16384, 65536));
	CHECK(!log_page(policy, 16385, 65540));
	CHECK_INT(log_page(policy, 128, 512)->set[7], 0x80); /* RAE */
	policy_free(policy);
}

/* SPC-5, 4.2.5.6: an allocation length is the most that may come, so less can be asked for. */
static void test_allocation(void)
{
	struct policy *policy = every_word("scsi");
	unsigned asked = 0;

	CHECK(policy);
	for (unsigned i = 0; i < policy->steps[0].rules->count; i++) {
		const struct command_rule *rule = &policy->steps[0].rules->rules[i];
		struct command command = { .transport = rule->transport,
					   .direction = rule->direction,
					   .size = rule->size };

		if (rule->direction != COMMAND_IN)
			continue;
		memcpy(command.bytes, rule->value, rule->size);
		for (command.length = 1; command.length <= rule->length; command.length++)
			CHECK(command_find(policy->steps[0].rules, &command, NULL) ==
			      rule);
		CHECK(!command_find(policy->steps[0].rules, &command, NULL));
		asked++;
	}
	CHECK_INT(asked, 12);
	policy_free(policy);
}

/* NVM Express 1.4, figure 271: 01h to 18h and 80h to 84h, those without data alone; the rest is
 * reserved or a vendor's. */
static bool feature_without_data(unsigned feature)
{
	return (feature >= 0x01 && feature <= 0x18 && feature != 0x03 &&
		feature != 0x0c && feature != 0x0d && feature != 0x0e &&
		feature != 0x13 && feature != 0x16) ||
	       (feature >= 0x80 && feature <= 0x84 && feature != 0x81);
}

static void test_every_feature(void)
{
	for (unsigned feature = 0; feature < 256; feature++) {
		struct policy *policy;
		char text[512];

		(void)snprintf(text, sizeof(text),
			       HEAD DEVICE "nvme-admin Get_Features:%02xh\n", feature);
		policy = parse(text);
		if (!policy == feature_without_data(feature))
			(void)fprintf(stderr, "feature %02xh\n", feature);
		CHECK_INT(policy != NULL, feature_without_data(feature));
		policy_free(policy);
	}
}

/* SAT-4, 12.2: the count is of sectors; one that is longer than the buffer leaves the drive waiting. */
static void test_sectors(void)
{
	struct policy *policy = every_word("ata");
	struct command smart = { .transport = COMMAND_SCSI,
				 .direction = COMMAND_IN,
				 .size = 12,
				 .bytes = { 0xa1, 8, 0x2e, 0xd5, 0, 1, 0x4f, 0xc2, 0,
					    0xb0 } };
	struct command log = { .transport = COMMAND_SCSI,
			       .direction = COMMAND_IN,
			       .size = 16,
			       .bytes = { 0x85, 9, 0x2e, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0,
					  0x2f } };
	struct command wide = { .transport = COMMAND_SCSI,
				.direction = COMMAND_IN,
				.size = 32,
				.bytes = { 0x7f, [7] = 0x18, 0x1f, 0xf0, 9,
					   0x2e, [19] = 4, [25] = 0x2f } };
	static const struct {
		unsigned count;
		uint32_t length;
		bool good;
	} cases[] = { { 1, 512, true },     { 2, 512, false }, { 0, 512, false },
		      { 255, 512, false },  { 1, 1, false },   { 1, 1024, false },
		      { 2, 1024, true },    { 0, 0, false },   { 128, 65536, true },
		      { 129, 66048, false } };

	CHECK(policy);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		smart.bytes[4] = (uint8_t)cases[i].count;
		log.bytes[6] = wide.bytes[23] = (uint8_t)cases[i].count;
		smart.length = log.length = wide.length = cases[i].length;
		CHECK_INT(command_find(policy->steps[0].rules, &smart, NULL) != NULL,
			  cases[i].good);
		CHECK_INT(command_find(policy->steps[0].rules, &log, NULL) != NULL,
			  cases[i].good);
		CHECK_INT(command_find(policy->steps[0].rules, &wide, NULL) != NULL,
			  cases[i].good);
	}
	/* With EXTEND the count has 16 bits: 257 is no 1. */
	log.bytes[5] = log.bytes[6] = wide.bytes[22] = wide.bytes[23] = 1;
	log.length = wide.length = 512;
	CHECK(!command_find(policy->steps[0].rules, &log, NULL));
	CHECK(!command_find(policy->steps[0].rules, &wide, NULL));
	policy_free(policy);
}

/* ACS-3, 8.3: the orders of SCT, byte by byte. */
static void test_sct(void)
{
	struct policy *policy = every_word("ata");
	struct command command = { .transport = COMMAND_SCSI,
				   .direction = COMMAND_OUT,
				   .size = 16,
				   .length = 512,
				   .bytes = { 0x85, 0x0a, 0x26, 0, 0xd6, 0, 1, 0, 0xe0, 0,
					      0x4f, 0, 0xc2, 0, 0xb0 } };
	uint8_t data[512] = { 5, 0, 1, 0, 2 };
	unsigned through = 0;

	CHECK(policy);
	CHECK(command_find(policy->steps[0].rules, &command, data));
	for (unsigned i = 0; i < 512 * 8; i++) {
		data[i / 8] ^= (uint8_t)(1u << (i % 8));
		through += command_find(policy->steps[0].rules, &command, data) != NULL;
		data[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	CHECK_INT(through, 0);
	/* Write Same, action 2, erases; Error Recovery Control, function 1, sets. */
	data[0] = 2;
	CHECK(!command_find(policy->steps[0].rules, &command, data));
	data[0] = 3;
	CHECK(!command_find(policy->steps[0].rules, &command, data));
	data[2] = 2;
	CHECK(command_find(policy->steps[0].rules, &command, data));
	command.length = 1024;
	CHECK(!command_find(policy->steps[0].rules, &command, data));
	policy_free(policy);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "of all ATA commands those go through that ask", test_every_ata, 0 },
		{ "of their bits those are free that a name leaves", test_bits, 0 },
		{ "of all NVMe features those can be asked that have no data",
		  test_every_feature, 0 },
		{ "a controller is told of no more room than there is", test_lengths, 0 },
		{ "a SCSI command may ask for less than there is", test_allocation, 0 },
		{ "a drive is told of no more sectors than there is room for",
		  test_sectors, 0 },
		{ "service actions are told where there are any", test_service_actions,
		  0 },
		{ "SCT's orders are looked at whole", test_sct, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
