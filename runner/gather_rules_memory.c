/* Rules about memory modules and processors: mostly what does not match what. */
#include "gather_findings.h"

#include "gather_merge.h"
#include "util.h"

#include <ctype.h>
#include <string.h>

#define MODULES "memory.modules"
#define PROCESSORS "processors"
#define GROUP_MAX 96 /* bytes of a channel's name */

/* A module that the system's memory is made of: no flash, no empty slot, no Optane. */
static bool is_counted(const json_t *module)
{
	const char *technology = rule_text(module, "memory_technology");
	double bytes;

	return rule_is(module, "state", "Enabled") &&
	       !json_is_false(json_object_get(module, "system_memory")) &&
	       (!technology || !strcmp(technology, "DRAM")) &&
	       rule_number(module, "capacity_bytes", &bytes) && bytes > 0;
}

static bool is_there(const json_t *processor)
{
	return rule_is(processor, "state", "Enabled");
}

/* Adds one to object[name]. */
static void count_up(json_t *object, const char *name, json_int_t by)
{
	json_int_t before = json_integer_value(json_object_get(object, name));

	if (__builtin_add_overflow(before, by, &before))
		before = INT64_MAX;
	json_put(object, name, json_integer(before));
}

static void count_value(json_t *counts, const json_t *value)
{
	AUTO_FREE char *digits = NULL;

	if (json_is_string(value) && json_string_length(value) > 0) {
		count_up(counts, json_string_value(value), 1);
	} else if (json_is_integer(value)) {
		digits = xasprintf("%lld", (long long)json_integer_value(value));
		count_up(counts, digits, 1);
	}
}

/* More than one value of evidence[0] among the records that count: {value: how many}. */
static bool is_mixed(const struct judgement *j, bool (*counts)(const json_t *))
{
	const char *property = j->rule->evidence[0];
	AUTO_JSON json_t *values = json_object();

	for (size_t i = 0; i < json_array_size(j->subject); i++) {
		const json_t *record = json_array_get(j->subject, i);

		if (counts(record))
			count_value(values, json_object_get(record, property));
	}
	if (json_object_size(values) < 2)
		return false;
	json_put(j->evidence, property, json_incref(values));
	return true;
}

static bool modules_mixed(const struct judgement *j)
{
	return is_mixed(j, is_counted);
}

static bool processors_mixed(const struct judgement *j)
{
	return is_mixed(j, is_there);
}

/*
 * The part of a locator that names the channel: up to what follows "Channel", or in
 * "P1-DIMMA1" and "DIMM_A1" up to the letter. False where the text has neither.
 */
static bool channel_of(const char *text, char group[GROUP_MAX])
{
	const char *at = text ? strcasestr(text, "channel") : NULL;
	size_t len;

	if (at) {
		at += strlen("channel");
		at += strspn(at, " _-");
		if (!isalnum((unsigned char)*at))
			return false;
	} else {
		at = text ? strcasestr(text, "dimm") : NULL;
		if (!at)
			return false;
		at += strlen("dimm");
		at += strspn(at, " _-");
		if (!isupper((unsigned char)at[0]) || !isdigit((unsigned char)at[1]))
			return false;
	}
	len = (size_t)(at - text) + 1;
	if (len >= GROUP_MAX)
		return false;
	memcpy(group, text, len);
	group[len] = '\0';
	return true;
}

/* Bank and locator together: "P0_Node0_Channel0_Dimm0" in either, "BANK 0" in the other.
 */
static bool module_channel(const json_t *module, char group[GROUP_MAX])
{
	return channel_of(rule_text(module, "bank_locator"), group) ||
	       channel_of(rule_text(module, "locator"), group);
}

/* Filled channels of different size: interleaving then covers only a part of the memory.
 */
static bool is_unbalanced(const struct judgement *j)
{
	AUTO_JSON json_t *channels = json_object();
	bool differ = false;
	json_t *bytes;
	json_int_t first = -1;
	const char *name;

	for (size_t i = 0; i < json_array_size(j->subject); i++) {
		const json_t *module = json_array_get(j->subject, i);
		char group[GROUP_MAX];
		double capacity;

		if (!is_counted(module))
			continue;
		/* One module whose channel is not known: nothing can be said of any. */
		if (!module_channel(module, group) ||
		    !rule_number(module, "capacity_bytes", &capacity) || capacity > 1e15)
			return false;
		count_up(channels, group, (json_int_t)capacity);
	}
	json_object_foreach(channels, name, bytes)
	{
		if (first >= 0 && json_integer_value(bytes) != first)
			differ = true;
		first = json_integer_value(bytes);
	}
	if (differ)
		json_put(j->evidence, "capacity_bytes", json_incref(channels));
	return differ;
}

/* 2666 and 2667 are one speed: firmware rounds either way. */
static bool runs_slow(const json_t *module)
{
	double rated, configured;

	return is_counted(module) && rule_number(module, "rated_speed_mts", &rated) &&
	       rule_number(module, "configured_speed_mts", &configured) &&
	       configured > 0 && configured < rated * 0.99;
}

static bool some_run_slow(const struct judgement *j)
{
	AUTO_JSON json_t *keys = json_array();
	const json_t *first = NULL;

	for (size_t i = 0; i < json_array_size(j->subject); i++) {
		const json_t *module = json_array_get(j->subject, i);
		const char *key = rule_text(module, "key");

		if (!runs_slow(module))
			continue;
		first = first ? first : module;
		if (key)
			merge_push(keys, json_string(key));
	}
	if (!first)
		return false;
	json_put(j->evidence, "modules", json_incref(keys));
	json_put(j->evidence, "rated_speed_mts",
		 json_incref(json_object_get(first, "rated_speed_mts")));
	json_put(j->evidence, "configured_speed_mts",
		 json_incref(json_object_get(first, "configured_speed_mts")));
	return true;
}

static bool disabled_by_firmware(const struct judgement *j)
{
	return rule_is(j->subject, "status", "Populated, Disabled By BIOS");
}

static bool disabled_by_user(const struct judgement *j)
{
	return rule_is(j->subject, "status", "Populated, Disabled By User");
}

static bool cores_are_off(const struct judgement *j)
{
	double all, enabled;

	return is_there(j->subject) && rule_number(j->subject, "core_count", &all) &&
	       rule_number(j->subject, "core_enabled", &enabled) && enabled > 0 &&
	       enabled < all;
}

#define MIXED_IS_FINE "Nothing, where it was meant so."

const struct rule rules_memory[] = {
	{ .id = "memory-unbalanced",
	  .severity = SEVERITY_WARNING,
	  .type = MODULES,
	  .list = true,
	  .check = is_unbalanced,
	  .condition = "the channel of every module is known from its locators, and two "
		       "filled channels differ in size",
	  .message = "the memory channels do not hold the same amount",
	  .resolution =
		  "Move modules so that every filled channel holds the same: else a part "
		  "of the memory has a part of the speed.",
	  .source = "the board's manual, memory population; SMBIOS 3.6, 7.18" },
	{ .id = "memory-capacity-mixed",
	  .severity = SEVERITY_OK,
	  .type = MODULES,
	  .list = true,
	  .check = modules_mixed,
	  .evidence = { "capacity_bytes" },
	  .condition = "filled slots differ in `capacity_bytes`",
	  .message = "modules of different capacity",
	  .resolution = MIXED_IS_FINE,
	  .source = "SMBIOS 3.6, 7.18" },
	{ .id = "memory-speed-mixed",
	  .severity = SEVERITY_OK,
	  .type = MODULES,
	  .list = true,
	  .check = modules_mixed,
	  .evidence = { "rated_speed_mts" },
	  .condition = "filled slots differ in `rated_speed_mts`",
	  .message = "modules of different rated speed: all run at the slowest",
	  .resolution = MIXED_IS_FINE,
	  .source = "SMBIOS 3.6, 7.18" },
	{ .id = "memory-manufacturer-mixed",
	  .severity = SEVERITY_OK,
	  .type = MODULES,
	  .list = true,
	  .check = modules_mixed,
	  .evidence = { "manufacturer" },
	  .condition = "filled slots differ in `manufacturer`",
	  .message = "modules of different makers",
	  .resolution = MIXED_IS_FINE,
	  .source = "SMBIOS 3.6, 7.18" },
	{ .id = "memory-part-mixed",
	  .severity = SEVERITY_OK,
	  .type = MODULES,
	  .list = true,
	  .check = modules_mixed,
	  .evidence = { "part_number" },
	  .condition = "filled slots differ in `part_number`",
	  .message = "modules of different part numbers",
	  .resolution = MIXED_IS_FINE,
	  .source = "SMBIOS 3.6, 7.18" },
	{ .id = "memory-below-rated-speed",
	  .severity = SEVERITY_OK,
	  .type = MODULES,
	  .list = true,
	  .check = some_run_slow,
	  .condition = "`configured_speed_mts` of a module more than 1 % below its "
		       "`rated_speed_mts`",
	  .message =
		  "modules for {rated_speed_mts} MT/s run at {configured_speed_mts} MT/s",
	  .resolution = "Nothing: processor, population and firmware decide the speed.",
	  .source = "SMBIOS 3.6, 7.18.4" },
	{ .id = "processor-disabled-by-firmware",
	  .severity = SEVERITY_CRITICAL,
	  .type = PROCESSORS,
	  .check = disabled_by_firmware,
	  .evidence = { "status", "socket", "model" },
	  .condition =
		  "`status` is \"Populated, Disabled By BIOS\": an error at start-up",
	  .message = "the firmware has disabled the processor in {socket}",
	  .resolution =
		  "Look into the firmware's log; reseat the processor, then replace it.",
	  .source = "SMBIOS 3.6, 7.5, offset 18h" },
	{ .id = "processor-disabled",
	  .severity = SEVERITY_OK,
	  .type = PROCESSORS,
	  .check = disabled_by_user,
	  .evidence = { "status", "socket", "model" },
	  .condition = "`status` is \"Populated, Disabled By User\"",
	  .message = "the processor in {socket} is switched off",
	  .resolution = "Nothing, where it was meant so: it is in the firmware's set-up.",
	  .source = "SMBIOS 3.6, 7.5, offset 18h" },
	{ .id = "processors-mixed",
	  .severity = SEVERITY_WARNING,
	  .type = PROCESSORS,
	  .list = true,
	  .check = processors_mixed,
	  .evidence = { "model" },
	  .condition = "enabled processors differ in `model`",
	  .message = "processors of different models",
	  .resolution = "Fit processors of one model: no maker supports others.",
	  .source = "SMBIOS 3.6, 7.5" },
	{ .id = "processor-cores-off",
	  .severity = SEVERITY_OK,
	  .type = PROCESSORS,
	  .check = cores_are_off,
	  .evidence = { "core_enabled", "core_count", "socket" },
	  .condition = "`core_enabled` below `core_count`",
	  .message = "{core_enabled} of {core_count} cores are enabled",
	  .resolution = "Nothing, where it was meant so: it is in the firmware's set-up.",
	  .source = "SMBIOS 3.6, 7.5.6 and 7.5.7" },
	{ .id = NULL },
};
