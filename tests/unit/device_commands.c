/* Device commands of policies: names, the patterns they become, and what those let through. */
#include "device_commands.h"
#include "parser.h"
#include "tap.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#define HEAD                                                                             \
	"policy 1\ncollector t\nemits system\nopen read-only\n[s] each /sys/block/sd*\n" \
	"run x\n" /* lines 1 to 6 */
#define NET                                                                              \
	"policy 1\ncollector t\nemits system\nopen read-only\n[s] each "                 \
	"/sys/class/net/*\nrun x\nnetwork host\n" /* lines 1 to 7 */
#define DEVICE "device /dev/{instance} read\n"

static char said[16384];

static struct policy *parse(const char *text)
{
	FILE *errors = fmemopen(said, sizeof(said), "w");
	struct policy *policy;

	CHECK(errors);
	memset(said, 0, sizeof(said));
	policy = policy_parse("t", text, strlen(text), errors);
	CHECK_INT(fclose(errors), 0);
	return policy;
}

static void test_errors(void)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ HEAD DEVICE "scsi INQUIRE\n",
		  "t:8:6: unknown command 'INQUIRE': is it 'INQUIRY'?\n" },
		{ HEAD DEVICE "scsi IDENTIFY_DEVICE\n",
		  "t:8:6: unknown command 'IDENTIFY_DEVICE'\n" },
		{ HEAD DEVICE "ata SCT:ERC_SET\n",
		  "t:8:5: unknown command 'SCT:ERC_SET': is it 'SCT:ERC_GET'?\n" },
		{ HEAD DEVICE "scsi INQUIRY\nscsi INQUIRY\n",
		  "t:9:6: INQUIRY is there twice, first on line 8\n" },
		{ HEAD DEVICE "scsi INQUIRY:01h\n",
		  "t:8:6: nothing may follow INQUIRY\n" },
		{ HEAD DEVICE "nvme-admin Get_Log_Page\n",
		  "t:8:12: Get_Log_Page needs to be told which log: "
		  "Get_Log_Page:02h,03h\n" },
		{ HEAD DEVICE "nvme-admin Get_Log_Page:\n",
		  "t:8:12: Get_Log_Page needs to be told which log: "
		  "Get_Log_Page:02h,03h\n" },
		{ HEAD DEVICE "nvme-admin Get_Log_Page:02h,3h\n",
		  "t:8:29: '3h' is no log: two digits and h\n" },
		{ HEAD DEVICE "nvme-admin Get_Log_Page:0xh\n",
		  "t:8:25: '0xh' is no log: two digits and h\n" },
		{ HEAD DEVICE "nvme-admin Get_Features:06h,0eh\n",
		  "t:8:29: Get_Features does not ask for the feature 0eh\n" },
		{ HEAD DEVICE "nvme-admin Get_Features:00h\n",
		  "t:8:25: Get_Features does not ask for the feature 00h\n" },
		{ HEAD "scsi INQUIRY\n",
		  "t:7:1: device commands need one 'device', which they go to\n" },
		{ HEAD DEVICE "device /dev/sg0 read\nscsi INQUIRY\n",
		  "t:9:1: device commands need one 'device', which they go to\n" },
		{ HEAD "device? /dev/sg0 read\nscsi INQUIRY\n",
		  "t:7:1: with device commands a step has one device\n"
		  "t:8:1: device commands need one 'device', which they go to\n" },
		{ HEAD DEVICE "mfi PD_GET_LISTS\n",
		  "t:8:5: unknown command 'PD_GET_LISTS': is it 'PD_GET_LIST'?\n" },
		{ HEAD DEVICE "mfi LD_DELETE\n", "t:8:5: unknown command 'LD_DELETE'\n" },
		{ HEAD DEVICE "mfi PD_SCSI_IO PD_GET_LIST\n",
		  "t:8:1: disks behind a controller are asked by 'mfi PD_SCSI_IO', "
		  "what is said by 'scsi' and 'ata' lines: one is there without the "
		  "other\n" },
		{ HEAD DEVICE "ata IDENTIFY_DEVICE\nmfi PD_GET_LIST\n",
		  "t:8:1: disks behind a controller are asked by 'mfi PD_SCSI_IO', "
		  "what is said by 'scsi' and 'ata' lines: one is there without the "
		  "other\n" },
		{ HEAD DEVICE "nvme-admin Identify\nmfi PD_GET_LIST\n",
		  "t:8:1: MFI commands and NVMe admin commands are not for one "
		  "device\n" },
		{ HEAD DEVICE "scsi INQUIRY\nmfi PD_SCSI_IO\n"
			      "ioctl MEGASAS_IOC_FIRMWARE=0xc1944d01\n",
		  "t:10:1: MEGASAS_IOC_FIRMWARE is decided by 'mfi' lines\n" },
		{ HEAD DEVICE "scsi INQUIRY\ncaps CAP_SYS_RAWIO\n",
		  "t:9:1: with device commands the tool needs no capability\n" },
		{ HEAD DEVICE "scsi INQUIRY\nuid 0\n",
		  "t:9:1: with device commands the tool needs no uid 0\n" },
		{ HEAD DEVICE "scsi INQUIRY\nnvme-admin Identify\n",
		  "t:9:1: SCSI commands and NVMe admin commands are not for one "
		  "device\n" },
		{ HEAD DEVICE "ata IDENTIFY_DEVICE\nioctl SG_IO=0x2285\n",
		  "t:9:1: SG_IO is decided by 'ata' lines\n" },
		{ HEAD DEVICE "scsi INQUIRY\nsyscalls setpriority\n",
		  "t:9:1: with device commands a step cannot have setpriority: who "
		  "copies them has its uid\n" },
		{ "policy 1\ncollector t\nemits system\nscsi INQUIRY\n",
		  "t:4:1: 'scsi' belongs in a step, below a [name]\n"
		  "t:4:1: no [step]\n" },
		{ HEAD "ethtool GMODULEINFO\n",
		  "t:7:1: ethtool commands go to the interface of a step with 'each "
		  "/sys/class/net/*' and 'network host', and no 'device'\n" },
		{ NET DEVICE "ethtool GMODULEINFO\n",
		  "t:9:1: ethtool commands go to the interface of a step with 'each "
		  "/sys/class/net/*' and 'network host', and no 'device'\n" },
		{ NET "ethtool GMODULEINFO\nioctl SIOCETHTOOL=0x8946\n",
		  "t:9:1: SIOCETHTOOL is decided by 'ethtool' lines\n" },
		{ NET "ethtool SFLAGS\n", "t:8:9: unknown command 'SFLAGS'\n" },
		{ HEAD DEVICE "scsi\n", "t:8:1: 'scsi' needs SCSI commands\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK(!parse(cases[i].text));
		CHECK_STR(said, cases[i].said);
	}
}

/* Beside who copies its commands a tool is of the same uid: signals, priorities, processors, memory. */
static void test_reaching(void)
{
	static const char *const calls[] = {
		"kill",
		"tkill",
		"rt_sigqueueinfo",
		"rt_tgsigqueueinfo",
		"pidfd_open",
		"pidfd_send_signal",
		"pidfd_getfd",
		"setpriority",
		"ioprio_set",
		"sched_setaffinity",
		"sched_setattr",
		"sched_setparam",
		"sched_setscheduler",
		"process_madvise",
		"process_mrelease",
		"migrate_pages",
		"move_pages",
		"kcmp",
		"setpgid",
		"ptrace",
		"process_vm_readv",
		"process_vm_writev",
	};

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		AUTO_FREE char *text =
			xasprintf(HEAD DEVICE "scsi INQUIRY\nsyscalls %s\n", calls[i]);

		if (parse(text))
			tap_fail(__FILE__, __LINE__, "%s is granted", calls[i]);
		if (!strstr(said, calls[i]))
			tap_fail(__FILE__, __LINE__, "of %s is said: %s", calls[i], said);
	}
}

static void test_step(void)
{
	struct policy *policy =
		parse(HEAD DEVICE "scsi INQUIRY LOG_SENSE # why\nata CHECK_POWER_MODE\n");
	const struct step *step;
	unsigned count;

	CHECK(policy);
	step = &policy->steps[0];
	CHECK_INT(step->command_count, 3);
	CHECK_STR(step->commands[1].reason, "why");
	CHECK(!step->commands[2].reason);
	CHECK_INT(step->limits.helpers, 2);
	CHECK_INT(policy_performer_caps(step), INT64_C(1) << CAP_SYS_RAWIO);
	CHECK_INT(policy_requests(step, &count)[0], 0x2285);
	CHECK_INT(count, 1);
	CHECK_INT(step->rules->count, 5); /* ATA's by 12, 16 and 32 bytes */
	policy_free(policy);
	policy = parse(HEAD DEVICE "scsi INQUIRY\n");
	CHECK(policy);
	CHECK_INT(policy_performer_caps(&policy->steps[0]), 0);
	policy_free(policy);
}

/* Each pattern of each table can be read. */
static void test_tables(void)
{
	uint8_t value[COMMAND_BYTES], mask[COMMAND_BYTES], set[COMMAND_BYTES];

	for (const struct command_table *t = command_tables; t->word; t++)
		for (const struct command_name *n = t->names; n->name; n++) {
			CHECK(n->patterns[0] || !strcmp(n->name, COMMAND_CARRIES));
			for (unsigned i = 0; i < COMMAND_PATTERNS_MAX && n->patterns[i];
			     i++)
				CHECK(command_pattern(n->patterns[i], 0, value, mask,
						      set));
			CHECK((n->head != NULL) == (n->direction == COMMAND_OUT));
			if (n->head)
				CHECK(command_pattern(n->head, 0, value, mask, set) <=
				      COMMAND_HEAD_BYTES);
		}
	CHECK_INT(command_pattern("1z", 0, value, mask, set), 0);
	CHECK_INT(command_pattern("123", 0, value, mask, set), 0);
	CHECK_INT(command_pattern("##sb?Bht", 0x5a, value, mask, set), 4);
	CHECK_INT(value[0], 0x5a);
	CHECK_INT(mask[0], 0xff);
	CHECK_INT(mask[1], 0x7e);
	CHECK_INT(set[1], 0x80);
	CHECK_INT(value[2], 0x0b);
	CHECK_INT(mask[2], 0x0f);
	CHECK_INT(mask[3], 0x7d);
}

struct free_bits {
	const char *name;
	unsigned bits[COMMAND_PATTERNS_MAX], head;
};

/*
 * How much of each command a name leaves to the tool, written down once more: SPC-4, SBC-3 (pages,
 * page control, allocation lengths; a bit 0 or 1), ACS-3 and SAT-4 (CK_COND and a nibble of the device
 * byte: 5; count and LBA low), NVM Express 1.4 (NSID, an offset), IPMI 2.0 (the request's data).
 */
static const struct free_bits free_of_names[] = {
	{ "TEST_UNIT_READY", { 0 }, 0 },
	{ "REQUEST_SENSE", { 1 + 8 }, 0 },
	{ "INQUIRY", { 1 + 8 + 16 }, 0 },
	{ "MODE_SENSE_6", { 1 + 16 + 8 }, 0 },
	{ "MODE_SENSE_10", { 2 + 16 + 16 }, 0 },
	{ "LOG_SENSE", { 16 + 16 + 16 }, 0 },
	{ "READ_CAPACITY_10", { 0 }, 0 },
	{ "READ_CAPACITY_16", { 32 }, 0 },
	{ "REPORT_LUNS", { 8 + 32 }, 0 },
	{ "RECEIVE_DIAGNOSTIC_RESULTS", { 1 + 8 + 16 }, 0 },
	{ "READ_DEFECT_DATA_10", { 8 + 16 }, 0 },
	{ "READ_DEFECT_DATA_12", { 5 + 32 + 32 }, 0 },
	{ "REPORT_SUPPORTED_OPERATION_CODES", { 8 + 8 + 16 + 32 }, 0 },
	{ "IDENTIFY_DEVICE", { 5, 5, 5 }, 0 },
	{ "IDENTIFY_PACKET_DEVICE", { 5, 5, 5 }, 0 },
	{ "CHECK_POWER_MODE", { 5, 5, 5 }, 0 },
	{ "SMART_READ_DATA", { 5, 5, 5 }, 0 },
	{ "SMART_READ_THRESHOLDS", { 6, 6, 6 }, 0 },
	{ "SMART_READ_LOG", { 5 + 8 + 8, 5 + 8 + 8, 5 + 8 + 8 }, 0 },
	{ "SMART_RETURN_STATUS", { 5, 5, 5 }, 0 },
	{ "READ_LOG_EXT", { 5 + 16 + 8 + 16, 5 + 16 + 8 + 16 }, 0 },
	{ "SCT:READ_DATA_TABLE", { 5, 5, 5 }, 0 },
	{ "SCT:ERC_GET", { 5, 5, 5 }, 8 },
	{ "SCT:FEATURE_GET", { 5, 5, 5 }, 8 + 1 },
	{ "Identify", { 32 + 24 + 32 }, 0 },
	{ "Get_Log_Page", { 32 + 1 + 16 + 16 + 64 }, 0 },
	{ "Get_Features", { 32 + 1 }, 0 },
	{ "Get_Chassis_Status", { 0, 0 }, 0 },
	{ "Get_Sensor_Reading", { 2 + 8, 0 }, 0 },
	{ "Get_Device_ID", { 0, 0 }, 0 },
	{ "Get_Self_Test_Results", { 0, 0 }, 0 },
	{ "Get_System_GUID", { 0, 0 }, 0 },
	{ "Get_Channel_Info", { 8, 0 }, 0 },
	{ "Get_FRU_Inventory_Area_Info", { 8, 0 }, 0 },
	{ "Read_FRU_Data", { 32, 0 }, 0 },
	{ "Get_SDR_Repository_Info", { 0, 0 }, 0 },
	{ "Reserve_SDR_Repository", { 0, 0 }, 0 },
	{ "Get_SDR", { 48, 0 }, 0 },
	{ "Get_SEL_Info", { 0, 0 }, 0 },
	{ "Get_SEL_Entry", { 48, 0 }, 0 },
	{ "Get_SEL_Time", { 0, 0 }, 0 },
	{ "Get_PICMG_Properties", { 0, 0 }, 0 },
	{ "Get_VSO_Capabilities", { 0, 0 }, 0 },
	{ "Get_LAN_Configuration_Parameters", { 8 + 16, 0 }, 0 },
	/* The name is filled in where the interface is known: test_interface(). */
	{ "GMODULEINFO", { 128 }, 0 },
	{ "GMODULEEEPROM", { 32 + 128 }, 0 },
	/* The mailbox: a disk has 16 bits, a volume 8. */
	{ "CTRL_GET_INFO", { 1 }, 0 },
	{ "PD_GET_LIST", { 0 }, 0 },
	{ "PD_GET_INFO", { 16 }, 0 },
	{ "LD_GET_LIST", { 0 }, 0 },
	{ "LD_GET_INFO", { 8 }, 0 },
	{ "LD_GET_PROP", { 8 }, 0 },
	{ "CFG_READ", { 0 }, 0 },
	{ "BBU_STATUS", { 0 }, 0 },
	{ "PD_SCSI_IO", { 0 }, 0 },
};

static unsigned free_bits_of(const char *pattern)
{
	uint8_t value[COMMAND_BYTES], mask[COMMAND_BYTES], set[COMMAND_BYTES];
	unsigned size = command_pattern(pattern, 0, value, mask, set), count = 0;

	for (unsigned i = 0; i < size; i++)
		count += 8 - (unsigned)__builtin_popcount(mask[i]);
	return count;
}

static void test_free(void)
{
	size_t at = 0;

	for (const struct command_table *t = command_tables; t->word; t++)
		for (const struct command_name *n = t->names; n->name; n++, at++) {
			CHECK(at < ARRAY_LEN(free_of_names));
			CHECK_STR(n->name, free_of_names[at].name);
			for (unsigned i = 0; i < COMMAND_PATTERNS_MAX && n->patterns[i];
			     i++)
				if (free_bits_of(n->patterns[i]) !=
				    free_of_names[at].bits[i])
					tap_fail(__FILE__, __LINE__,
						 "%s: %u bits are free", n->name,
						 free_bits_of(n->patterns[i]));
			CHECK_INT(n->head ? free_bits_of(n->head) : 0,
				  free_of_names[at].head);
		}
	CHECK_INT(at, ARRAY_LEN(free_of_names));
}

/* Whether there is a command that both patterns let through. */
static bool overlap(const struct command_name *a, unsigned i,
		    const struct command_name *b, unsigned k)
{
	uint8_t value[2][COMMAND_BYTES], mask[2][COMMAND_BYTES], set[COMMAND_BYTES];
	unsigned size = command_pattern(a->patterns[i], 2, value[0], mask[0], set);

	if (a->direction != b->direction ||
	    command_pattern(b->patterns[k], 2, value[1], mask[1], set) != size)
		return false;
	for (unsigned n = 0; n < size; n++)
		if ((value[0][n] ^ value[1][n]) & mask[0][n] & mask[1][n])
			return false;
	if (!a->head || !b->head)
		return true;
	size = command_pattern(a->head, 2, value[0], mask[0], set);
	if (command_pattern(b->head, 2, value[1], mask[1], set) < size)
		size = command_pattern(b->head, 2, value[1], mask[1], set);
	for (unsigned n = 0; n < size; n++)
		if ((value[0][n] ^ value[1][n]) & mask[0][n] & mask[1][n])
			return false;
	return true;
}

/* A list of what may be sent says each thing once. But for the taking of an answer, that all have. */
static void test_apart(void)
{
	for (const struct command_table *t = command_tables; t->word; t++)
		for (const struct command_name *a = t->names; a->name; a++)
			for (const struct command_name *b = a + 1; b->name; b++)
				for (unsigned i = 0;
				     i < COMMAND_PATTERNS_MAX && a->patterns[i]; i++)
					for (unsigned k = 0;
					     k < COMMAND_PATTERNS_MAX && b->patterns[k];
					     k++)
						if (strcmp(a->patterns[i], "ff") != 0 &&
						    overlap(a, i, b, k))
							tap_fail(__FILE__, __LINE__,
								 "%s and %s", a->name,
								 b->name);
}

static struct policy *every_word(const char *word)
{
	const struct command_table *t = command_tables;
	char text[4096];
	size_t len;

	while (strcmp(t->word, word) != 0)
		t++;
	len = (size_t)snprintf(text, sizeof(text), "%s%s%s", HEAD, DEVICE, word);
	for (const struct command_name *n = t->names; n->name; n++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %s%s", n->name,
					n->choice ? ":02h,05h" : "");
	(void)snprintf(text + len, sizeof(text) - len, "\n");
	return parse(text);
}

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

static void test_labels(void)
{
	static const struct {
		int transport;
		uint32_t key;
		const char *word, *detail;
	} cases[] = {
		{ COMMAND_SCSI, 0x2a00, "scsi", "2ah WRITE_10" },
		{ COMMAND_SCSI, 0x1200, "scsi", "12h INQUIRY" },
		{ COMMAND_SCSI, 0x9e10, "scsi", "9eh 10h READ_CAPACITY_16" },
		{ COMMAND_SCSI, 0xff00, "scsi", "ffh" },
		{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0da, "ata",
		  "b0h dah SMART_RETURN_STATUS" },
		{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0d6, "ata",
		  "b0h d6h SMART_WRITE_LOG" },
		{ COMMAND_NVME, 0x0202, "nvme-admin", "02h 02h Get_Log_Page" },
		{ COMMAND_NVME, 0x0100, "nvme-admin", "01h Create_IO_Submission_Queue" },
		{ COMMAND_NVME, 0x8007, "nvme-admin", "80h 07h Format_NVM" },
		{ COMMAND_IPMI, 0x0a11, "ipmi", "0ah 11h Read_FRU_Data" },
		{ COMMAND_IPMI, 0x0002, "ipmi", "00h 02h Chassis_Control" },
		{ COMMAND_MFI, 0x02010000, "mfi", "02010000h PD_GET_LIST" },
		{ COMMAND_MFI, 0x01050000, "mfi", "01050000h CTRL_SHUTDOWN" },
		{ COMMAND_MFI, 0x81050000, "mfi", "81050000h" },
		{ COMMAND_MFI, 2, "mfi", "02h LD_WRITE" },
		{ COMMAND_MFI_SCSI, 0x2a00, "scsi", "2ah WRITE_10" },
		{ COMMAND_MFI_SCSI, COMMAND_KEY_ATA | 0xb0da, "ata",
		  "b0h dah SMART_RETURN_STATUS" },
		{ 77, 0, "device", "00h" },
	};
	char word[32], detail[64];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		command_label(cases[i].transport, cases[i].key, word, sizeof(word),
			      detail, sizeof(detail));
		CHECK_STR(word, cases[i].word);
		CHECK_STR(detail, cases[i].detail);
	}
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

/* SPC-5 and SBC-4, ACS-4, NVMe 2.0 (figure 138), IPMI 2.0 (appendix G): what no policy can grant is told by
 * the name that an operator finds there. */
static void test_others(void)
{
	static const struct {
		int transport;
		uint32_t key;
		const char *name;
	} cases[] = {
		{ COMMAND_SCSI, 0x0400, "FORMAT_UNIT" },
		{ COMMAND_SCSI, 0x0a00, "WRITE_6" },
		{ COMMAND_SCSI, 0x1500, "MODE_SELECT_6" },
		{ COMMAND_SCSI, 0x1b00, "START_STOP_UNIT" },
		{ COMMAND_SCSI, 0x1d00, "SEND_DIAGNOSTIC" },
		{ COMMAND_SCSI, 0x2800, "READ_10" },
		{ COMMAND_SCSI, 0x2a00, "WRITE_10" },
		{ COMMAND_SCSI, 0x3b00, "WRITE_BUFFER" },
		{ COMMAND_SCSI, 0x4100, "WRITE_SAME_10" },
		{ COMMAND_SCSI, 0x4200, "UNMAP" },
		{ COMMAND_SCSI, 0x4800, "SANITIZE" },
		{ COMMAND_SCSI, 0x4c00, "LOG_SELECT" },
		{ COMMAND_SCSI, 0x5500, "MODE_SELECT_10" },
		{ COMMAND_SCSI, 0x8800, "READ_16" },
		{ COMMAND_SCSI, 0x8a00, "WRITE_16" },
		{ COMMAND_SCSI, 0x9300, "WRITE_SAME_16" },
		{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0d6, "SMART_WRITE_LOG" },
		{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0d8, "SMART_ENABLE_OPERATIONS" },
		{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0d9, "SMART_DISABLE_OPERATIONS" },
		{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0d4, "SMART_EXECUTE_OFFLINE" },
		{ COMMAND_SCSI, COMMAND_KEY_ATA | 0xb0d2, "SMART_AUTOSAVE" },
		{ COMMAND_NVME, 0x0000, "Delete_IO_Submission_Queue" },
		{ COMMAND_NVME, 0x0100, "Create_IO_Submission_Queue" },
		{ COMMAND_NVME, 0x0400, "Delete_IO_Completion_Queue" },
		{ COMMAND_NVME, 0x0500, "Create_IO_Completion_Queue" },
		{ COMMAND_NVME, 0x0800, "Abort" },
		{ COMMAND_NVME, 0x0900, "Set_Features" },
		{ COMMAND_NVME, 0x1000, "Firmware_Commit" },
		{ COMMAND_NVME, 0x1100, "Firmware_Image_Download" },
		{ COMMAND_NVME, 0x1400, "Device_Self-test" },
		{ COMMAND_NVME, 0x8000, "Format_NVM" },
		{ COMMAND_NVME, 0x8100, "Security_Send" },
		{ COMMAND_NVME, 0x8400, "Sanitize" },
		{ COMMAND_IPMI, 0xff00, "(an answer)" },
		{ COMMAND_IPMI, 0x0002, "Chassis_Control" },
		{ COMMAND_IPMI, 0x0008, "Set_System_Boot_Options" },
		{ COMMAND_IPMI, 0x0602, "Cold_Reset" },
		{ COMMAND_IPMI, 0x0603, "Warm_Reset" },
		{ COMMAND_IPMI, 0x0622, "Reset_Watchdog_Timer" },
		{ COMMAND_IPMI, 0x0624, "Set_Watchdog_Timer" },
		{ COMMAND_IPMI, 0x0634, "Send_Message" },
		{ COMMAND_IPMI, 0x0645, "Set_User_Name" },
		{ COMMAND_IPMI, 0x0647, "Set_User_Password" },
		{ COMMAND_IPMI, 0x0652, "Master_Write-Read" },
		{ COMMAND_IPMI, 0x0a12, "Write_FRU_Data" },
		{ COMMAND_IPMI, 0x0a47, "Clear_SEL" },
		{ COMMAND_IPMI, 0x0c01, "Set_LAN_Configuration_Parameters" },
	};
	char word[32], detail[64];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *name;

		command_label(cases[i].transport, cases[i].key, word, sizeof(word),
			      detail, sizeof(detail));
		name = strstr(detail, "h ");
		while (name && strlen(name) >= 4 && name[4] == 'h')
			name = strstr(name + 2, "h ");
		CHECK_STR(name ? name + 2 : NULL, cases[i].name);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what cannot be said of device commands is told", test_errors, 0 },
		{ "no call that reaches others of its uid goes with device commands",
		  test_reaching, 0 },
		{ "what can be becomes rules, ioctls and a capability", test_step, 0 },
		{ "each pattern of the tables can be read", test_tables, 0 },
		{ "of all ATA commands those go through that ask", test_every_ata, 0 },
		{ "of all NVMe features those can be asked that have no data",
		  test_every_feature, 0 },
		{ "of their bits those are free that a name leaves", test_bits, 0 },
		{ "a controller is told of no more room than there is", test_lengths, 0 },
		{ "a SCSI command may ask for less than there is", test_allocation, 0 },
		{ "a drive is told of no more sectors than there is room for",
		  test_sectors, 0 },
		{ "a driver is asked of the step's own interface", test_interface, 0 },
		{ "what a name leaves to the tool is what is written down here",
		  test_free, 0 },
		{ "no two names stand for one command", test_apart, 0 },
		{ "service actions are told where there are any", test_service_actions,
		  0 },
		{ "SCT's orders are looked at whole", test_sct, 0 },
		{ "of all IPMI commands those go through that read", test_every_ipmi, 0 },
		{ "of all DCMDs those go through that read", test_every_mfi, 0 },
		{ "a disk behind a controller is asked by it", test_behind, 0 },
		{ "commands have names for people", test_labels, 0 },
		{ "so have those that no policy can grant", test_others, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
