/* The tables of device commands: each pattern, and how much of a command it leaves to the tool. */
#include "device_policy.h"

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

int main(void)
{
	static const struct tap_test tests[] = {
		{ "each pattern of the tables can be read", test_tables, 0 },
		{ "what a name leaves to the tool is what is written down here",
		  test_free, 0 },
		{ "no two names stand for one command", test_apart, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
