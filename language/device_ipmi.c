/*
 * IPMI commands that read (IPMI 2.0, chapters 20 to 35), to the BMC itself: address type and channel
 * are checked where the request is copied. Bytes: network function, command, LUN, the request's data.
 */
#include "device_commands.h"

/* Beside the command, taking an answer: any that has come, as the driver queues them. */
#define ASK(name, bytes, choice)                                                         \
	{                                                                                \
		name, COMMAND_IN, COMMAND_UP_TO, COMMAND_IPMI_ANSWER, { bytes, "ff" },   \
			NULL, choice                                                     \
	}

static const struct command_choice parameter = { "parameter", NULL };

const struct command_name commands_ipmi[] = {
	ASK("Get_Chassis_Status", "000100", NULL),
	ASK("Get_Sensor_Reading", "042d0q??", NULL),
	ASK("Get_Device_ID", "060100", NULL),
	ASK("Get_Self_Test_Results", "060400", NULL), /* no test is started */
	ASK("Get_System_GUID", "063700", NULL),
	ASK("Get_Channel_Info", "064200??", NULL),
	ASK("Get_FRU_Inventory_Area_Info", "0a1000??", NULL),
	ASK("Read_FRU_Data", "0a1100????????", NULL),
	ASK("Get_SDR_Repository_Info", "0a2000", NULL),
	ASK("Reserve_SDR_Repository", "0a2200", NULL),
	ASK("Get_SDR", "0a2300????????????", NULL),
	ASK("Get_SEL_Info", "0a4000", NULL),
	ASK("Get_SEL_Entry", "0a4300????????????", NULL),
	ASK("Get_SEL_Time", "0a4800", NULL),
	/* Group extensions, by the body's number: whether it is a PICMG or VITA system. */
	ASK("Get_PICMG_Properties", "2c000000", NULL),
	ASK("Get_VSO_Capabilities", "2c000003", NULL),
	/* A LAN's parameters hold SNMP communities as well (23.2, table 23-4). */
	ASK("Get_LAN_Configuration_Parameters", "0c0200??##????", &parameter),
	{ NULL, 0, 0, 0, { NULL }, NULL, NULL },
};
