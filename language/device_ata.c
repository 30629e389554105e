/*
 * ATA commands that ask and change nothing, in SCSI's ATA PASS-THROUGH of 12, of 16 and of 32 bytes
 * (SAT-4, 12.2; ACS-3). Protocol, direction and features are the name's. Byte 2 has CK_COND alone to
 * choose; a device byte may have the bits that ATA calls obsolete or ignores.
 */
#include "device_commands.h"

/* 12 bytes: features, count, LBA low, mid, high, device, command. */
#define NO_DATA_12(features, count, low, mid, high, command)                             \
	"a106tc" features count low mid high "?0" command "0000"
#define NO_DATA_16(features, count, low, mid, high, command)                             \
	"8506tc00" features "00" count "00" low "00" mid "00" high "?0" command "00"
#define IN_12(features, count, low, mid, high, command)                                  \
	"a108te" features count low mid high "?0" command "0000"
#define IN_16(features, count, low, mid, high, command)                                  \
	"8508te00" features "00" count "00" low "00" mid "00" high "?0" command "00"
#define OUT_12(features, count, low, mid, high, command)                                 \
	"a10at6" features count low mid high "?0" command "0000"
#define OUT_16(features, count, low, mid, high, command)                                 \
	"850at600" features "00" count "00" low "00" mid "00" high "?0" command "00"
/* 32 bytes, 18h of them behind the first eight; LBA, features and count high byte first. */
#define ANY_32(how, features, count, low, mid, high, command)                            \
	"7f00000000000018"                                                               \
	"1ff0" how "0000"                                                                \
	"000000" high mid low "00" features "00" count "?0" command "00"                 \
	"00"                                                                             \
	"00000000"

#define NO_DATA(...)                                                                     \
	{                                                                                \
		NO_DATA_12(__VA_ARGS__), NO_DATA_16(__VA_ARGS__),                        \
			ANY_32("06tc", __VA_ARGS__)                                      \
	}
#define IN(...)                                                                          \
	{                                                                                \
		IN_12(__VA_ARGS__), IN_16(__VA_ARGS__), ANY_32("08te", __VA_ARGS__)      \
	}
/* SMART WRITE LOG of log E0h, SCT's; what it orders is in the 512 bytes. */
#define SCT                                                                              \
	{                                                                                \
		OUT_12("d6", "01", "e0", "4f", "c2", "B0"),                              \
			OUT_16("d6", "01", "e0", "4f", "c2", "B0"),                      \
			ANY_32("0at6", "d6", "01", "e0", "4f", "c2", "B0")               \
	}

#define SECTOR COMMAND_EXACT, 512
#define SECTORS COMMAND_SECTORS, 0

const struct command_name commands_ata[] = {
	{ "IDENTIFY_DEVICE", COMMAND_IN, SECTOR, IN("00", "01", "00", "00", "00", "ec"),
	  NULL, NULL },
	{ "IDENTIFY_PACKET_DEVICE", COMMAND_IN, SECTOR,
	  IN("00", "01", "00", "00", "00", "a1"), NULL, NULL },
	{ "CHECK_POWER_MODE", COMMAND_NO_DATA, COMMAND_EXACT, 0,
	  NO_DATA("00", "00", "00", "00", "00", "e5"), NULL, NULL },
	{ "SMART_READ_DATA", COMMAND_IN, SECTOR, IN("d0", "01", "00", "4f", "c2", "B0"),
	  NULL, NULL },
	{ "SMART_READ_THRESHOLDS", COMMAND_IN, SECTOR,
	  IN("d1", "01", "0b", "4f", "c2", "B0"), NULL, NULL },
	{ "SMART_READ_LOG", COMMAND_IN, SECTORS, IN("d5", "??", "??", "4f", "c2", "B0"),
	  NULL, NULL },
	{ "SMART_RETURN_STATUS", COMMAND_NO_DATA, COMMAND_EXACT, 0,
	  NO_DATA("da", "00", "00", "4f", "c2", "B0"), NULL, NULL },
	/* Features 0: of log 11h another would reset the counters. 48 bits: LBA 7:0 is the log,
	 * 15:8 and 39:32 the page. */
	{ "READ_LOG_EXT",
	  COMMAND_IN,
	  SECTORS,
	  { "8509te0000????00??????0000?02f00", "7f00000000000018"
						"1ff009te0000"
						"00??0000????0000????"
						"?02f0000"
						"00000000" },
	  NULL,
	  NULL },
	/* ACS-3, 8.3: action, function, and the table or feature that is asked for. smartctl 7.3
	 * writes 2 for a state that function 2, which asks, does not look at. */
	{ "SCT:READ_DATA_TABLE", COMMAND_OUT, SECTOR, SCT, "050001000200", NULL },
	{ "SCT:ERC_GET", COMMAND_OUT, SECTOR, SCT, "03000200??00", NULL },
	{ "SCT:FEATURE_GET", COMMAND_OUT, SECTOR, SCT, "04000200??000t00", NULL },
	{ NULL, 0, 0, 0, { NULL }, NULL, NULL },
};
