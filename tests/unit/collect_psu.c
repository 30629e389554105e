/* ipmitool's FRU text: what is a power supply, what is absent, what is forged. */
#include "kept.h"

static struct kept run(const char *text)
{
	return kept_run(collect_psu_fru, text, strlen(text));
}

static void a_supply(void)
{
	struct kept kept = run("FRU Device Description : PSU1 FRU (ID 2)\n"
			       " Board Mfg             : Maker\n"
			       " Board Serial          : B-1\n"
			       " Product Name          : X-800\n"
			       " Product Serial        : To be filled by O.E.M.\n"
			       " Power Supply Record\n"
			       "  Capacity                   : 800 W\n\n");
	json_t *props = kept_props(&kept, "power_supplies", "fru2");

	CHECK(!kept.out.unreadable);
	CHECK_STR(kept_value(props, "manufacturer"), "\"Maker\"");
	CHECK_STR(kept_value(props, "model"), "\"X-800\"");
	CHECK_STR(kept_value(props, "serial_number"), "\"B-1\"");
	CHECK_STR(kept_value(props, "power_capacity_watts"), "800");
	CHECK_STR(kept_value(props, "state"), "\"Enabled\"");
	CHECK_STR(kept_value(props, "version"), "(none)");
	CHECK(kept_props(&kept, "fru.devices", "fru2") != NULL);
}

/* The same text beside what bee-ipmi read: it adds to FRUs, and makes no supply and no double. */
static void beside(void)
{
	static const char text[] =
		"FRU Device Description : PSU1 (ID 2)\n"
		" Board Mfg Date        : Mon Jan  8 09:00:00 2024 UTC\n"
		" Product Serial        : S\n\n"
		"FRU Device Description : PSU1 (ID 2)\n"
		" Product Serial        : FORGED\n\n"
		"FRU Device Description : PSU3 (ID 3)\n"
		" Board Mfg Date        : Mon Jam  8 09:00:00 2024 UTC\n";
	struct kept kept = kept_run(collect_psu_ipmitool, text, strlen(text));
	json_t *props = kept_props(&kept, "fru.devices", "fru2");

	CHECK_STR(kept_value(props, "board_mfg_date"), "\"2024-01-08T09:00:00Z\"");
	CHECK_STR(kept_value(props, "product_serial_number"), "\"S\"");
	CHECK(!kept_props(&kept, "fru.devices", "fru2#2"));
	CHECK(!kept_props(&kept, "power_supplies", NULL));
	CHECK(kept.out.unreadable);
	props = kept_props(&kept, "fru.devices", "fru3");
	CHECK_STR(kept_value(props, "board_mfg_date"),
		  "\"Mon Jam  8 09:00:00 2024 UTC\"");
}

static void names(void)
{
	static const char *const supplies[] = {
		"PSU1",         "psu_2",          "PS 1",         "PS_1",
		"PS#2",         "Power Supply 1", "PwrSupply 2",  "PowerSupply",
		"Pwr Supply 1", "FRU_PSU0",       "PWS-2K05A-1R", "PS1 Status",
	};
	static const char *const others[] = {
		"PS",
		"PS/2 port",
		"PSU Backplane",
		"Power Distribution",
		"Supply",
		"PDB PSU1",
		"Builtin FRU Device",
		"CAPSU",
		"PSX 1",
		"Power Supply Cage",
		"",
	};

	for (size_t i = 0; i < ARRAY_LEN(supplies) + ARRAY_LEN(others); i++) {
		bool wanted = i < ARRAY_LEN(supplies);
		const char *name = wanted ? supplies[i] : others[i - ARRAY_LEN(supplies)];
		AUTO_FREE char *text = xasprintf("FRU Device Description : %s (ID 1)\n"
						 " Product Serial        : S\n",
						 name);
		struct kept kept = run(text);

		if ((kept_props(&kept, "power_supplies", NULL) != NULL) != wanted)
			tap_fail(__FILE__, __LINE__, "%s: %s", name,
				 wanted ? "not taken" : "taken");
	}
}

static void states(void)
{
	static const struct {
		const char *line, *state;
	} states[] = {
		{ " Device not present (Requested sensor, data, or record not found)",
		  "\"Absent\"" },
		{ " Device not present (Node busy)", "null" },
		{ "", "null" },
		{ " Product Name          : X", "\"Enabled\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		AUTO_FREE char *text = xasprintf(
			"FRU Device Description : PSU1 (ID 1)\n%s\n", states[i].line);
		struct kept kept = run(text);

		CHECK_STR(
			kept_value(kept_props(&kept, "power_supplies", "fru1"), "state"),
			states[i].state);
		CHECK(!kept.out.unreadable);
	}
}

static void forged(void)
{
#define ONE "FRU Device Description : A (ID 1)\n"
	static const char *const forged[] = {
		ONE "FRU Device Description : B (ID 1)\n",
		ONE " Board Serial : 1\n Board Serial : 2\n",
		ONE " Board Serial : 1\nrest of it\n",
		ONE " \x1b[2J : x\n",
		"FRU Device Description : A (ID 256)\n",
		"FRU Device Description : A (ID 1) \n",
		"FRU Device Description : A (ID -1)\n",
	};
	struct kept kept;

	for (size_t i = 0; i < ARRAY_LEN(forged); i++)
		if (!run(forged[i]).out.unreadable)
			tap_fail(__FILE__, __LINE__, "taken: %s", forged[i]);
	kept = run(forged[0]);
	CHECK_STR(kept_value(kept_props(&kept, "fru.devices", "fru1"), "description"),
		  "\"A\"");
	CHECK_STR(kept_value(kept_props(&kept, "fru.devices", "fru1#2"), "description"),
		  "\"B\"");
	kept = run(forged[1]);
	CHECK_STR(kept_value(kept_props(&kept, "fru.devices", "fru1"),
			     "board_serial_number"),
		  "\"1\"");
}

static void broken_texts(void)
{
	struct kept kept;

	CHECK(run("").out.unreadable);
	CHECK(run("Could not open device\n").out.unreadable);
	CHECK(run("FRU Device Description : A (ID 1)\n FRU Read failed\n")
		      .out.unreadable);
	CHECK(!run("\n\n").out.unreadable);
	kept = run(
		"FRU Device Description : A (ID 1)\n Board Mfg : M\n Board Serial : 12");
	CHECK(kept.out.unreadable);
	CHECK_STR(kept_value(kept_props(&kept, "fru.devices", "fru1"),
			     "board_manufacturer"),
		  "\"M\"");
	CHECK_STR(kept_value(kept_props(&kept, "fru.devices", "fru1"),
			     "board_serial_number"),
		  "(none)");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a power supply has Redfish's properties", a_supply, 0 },
		{ "text beside the bytes adds to FRUs alone", beside, 0 },
		{ "power supplies are known by their names", names, 0 },
		{ "absent, read and unknown are told apart", states, 0 },
		{ "what a FRU's string forges is reported", forged, 0 },
		{ "a broken text is an error, and what came before it is kept",
		  broken_texts, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
