/* Which texts of firmware stand for "nothing here", and which are real. */
#include "placeholder.h"
#include "tap.h"

#include <string.h>

static bool identity(const char *text)
{
	return placeholder_is(text, strlen(text), PLACEHOLDER_IDENTITY);
}

static bool word(const char *text)
{
	return placeholder_is(text, strlen(text), PLACEHOLDER_WORDS);
}

static const char *const fill[] = {
	"",
	"To Be Filled By O.E.M.",
	"to be filled by O.E.M. by More",
	"None",
	"Default string",
	"System Serial Number",
	"N/A",
	"0123456789",
	"........",
	"00000000",
	"FFFFFFFF",
	"0",
	"xxxx",
	"Type2 - Board Asset Tag",
	"A1_SerNum12",
	"OEM_Define3",
	"----",
	"0x00000000",
	"00000000-0000-0000-0000-000000000000",
	"ffffffff-ffff-ffff-ffff-ffffffffffff",
	"03000200-0400-0500-0006-000700080009",
	"4C4C4544-0000-2010-8020-80C04F202020",
	"123456",
	"1234567890",
	"12345678901234567890",
	"0123456789ABCDEF",
	"123456789abcdef",
	"11111111",
	"AAAAAAAA",
	"P1-DIMMB2_AssetTag (date:30/01)",
	"CPU2_DIMM_A0_AssetTag",
	"BANK 1 CHANNEL B DIMM 0 AssetTag",
	"B0_PartNum3",
	"To be set by OEM",
	".PCIE2",
	"Part Number not set",
	"FEDCBA9876543211FEDCBA9876543211",
	"SYS-1234567890",
	"(null string)",
	"DIMM_A1 SN",
	"Product Serial Number",
	"Serial Number xxxxxx",
	"SystemSerialNumb",
	"OEM Default string000",
	"ToBeFilledByO.E.M.",
	"1234567890ABCDEF",
	"01010101-0101-0101-0101-010101010101",
	"FEFEFEFE-FEFE-FEFE-FEFE-FEFEFEFEFEFE",
	"11111111-1111-1111-1111-111111111111",
	"6AB5B300-538D-1014-9FB5-B0684D007B53",
	"0000000000000",
	"0x0000000000000000",
	"GPU-00000000-0000-0000-0000-000000000000",
	"Default string 2",
	/* By shape: AMI's, Insyde's and Phoenix's words in any order. */
	"OEM Define 3",
	"OEM Define0",
	"TBD by ODM",
	"Not Supported by CPU",
	"PSU_Manufacturer_Name_String",
	"No Serial Number",
	"Chassis Serial Number 1",
	"Enter Board Serial Number",
	"\\x20",
	"\\x20\\x20\\x20",
	"\\xFF",
	"2020202020202020",
	"0x20202020",
	"987654321",
	"SN0123456789",
	"S/N 123456789",
	"123-456-789",
	"12-34-56-78",
};
static const char *const real[] = {
	"0123456789AB",
	/* as vendors give them: Dell, HPE, Supermicro, Lenovo, drives, modules, GPUs */
	"4C4C4544-0044-4A10-8033-B8C04F4E3332",
	"37363030-3135-4D32-3235-303330344D59",
	"7F2K9X2",
	"CN7016341E00AB",
	"MXQ12345AB",
	"VM154S012345",
	"J100ABCD",
	"06DB0000",
	"1000000A",
	"80CE000000001234",
	"S3Z8NB0K123456X",
	"WD-WCC4N0000000",
	"ZA10000A0000C000ABCD",
	"PHLJ000000AA1P0FGN",
	"1320000000001",
	"0x5002538e00000000",
	"M393A8G40BB4-CWE",
	"36ASF4G72PZ-2G9E2",
	"900-2G133-0000-000",
	"XSN",
	"\\x41",
	"\\x2",
	"20202021",
	"202020",
	"543210",
	"SN0123457",
	"SNX01234567",
	"OEM Server 7",
	"Serial 7F2K9X2",
	"A1-SN",
	"01010101-0101-0101-0101-010101010102",
	"SET-1",
	"EVALU8",
	"0987654322",
	"NONE-1",
	"00000001",
	"FFF",
	"X",
	"A1_SerNum",
	"00000000-0000-0000-0000-0cc47a133878",
	"OEM7",
	"0a",
	"12345",
	"123457",
	"2345678",
	"1234567899",
	"AAAAAAAB",
	"P1-DIMMB2",
	"00000000-0000-0000-0000-ac1f6b000001",
};

static void fillers(void)
{
	for (size_t i = 0; i < ARRAY_LEN(fill); i++)
		if (!identity(fill[i]))
			tap_fail(__FILE__, __LINE__, "real: %s", fill[i]);
	for (size_t i = 0; i < ARRAY_LEN(real); i++)
		if (identity(real[i]))
			tap_fail(__FILE__, __LINE__, "filler: %s", real[i]);
	CHECK(!word("0.0"));
	CHECK(!word("00.00.0000"));
	CHECK(!word("F4"));
	CHECK(word("0000"));
	CHECK(!word("000"));
	CHECK(word("Type2 - Board Product Name1"));
	CHECK(word("System Version"));
	CHECK(word("Not Specified"));
	/* Names of places and parts. */
	CHECK(!word("System Board"));
	CHECK(!word("Power Supply 1"));
	CHECK(!word("CPU 1"));
	CHECK(!word("No. 3"));
	CHECK(!word("Memory Module"));
	CHECK(!word("OEM"
		    "7"));
	CHECK(!word("ThinkSystem SR650"));
	CHECK(!word("Default \xe9"
		    "crit"));
	CHECK(!word("123-456-789"));
	CHECK(word("x.x"));
	CHECK(word("00000000"));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "placeholders are told from real serials", fillers, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
