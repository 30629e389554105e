/* Rules about memory: errors, and modules that do not match. */
#include "rules.h"

#include <ctype.h>
#include <string.h>

#define MODULES "memory.modules"
#define GROUP_MAX 96 /* bytes of a channel's name */
#define WORD_MAX 32  /* bytes of a maker's first word */

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

/* "Hynix/Hyundai", "SK Hynix", "HYNIX SEMICONDUCTOR": the word in front is enough, but for these.
 */
static const char *maker_of(const char *text, char word[WORD_MAX])
{
	static const char *const known[] = { "samsung", "hynix",    "hyundai",
					     "micron",  "kingston", "nanya" };
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcasestr(text, known[i]))
			return !strcmp(known[i], "hyundai") ? "hynix" : known[i];
	for (; len < WORD_MAX - 1 && isalnum((unsigned char)text[len]); len++)
		word[len] = (char)tolower((unsigned char)text[len]);
	word[len] = '\0';
	return len > 0 ? word : text;
}

/* How many values a property has among the modules, as {value: modules}. A new reference. */
static json_t *values_of(const json_t *modules, const char *property)
{
	json_t *values = json_object();

	for (size_t i = 0; i < json_array_size(modules); i++) {
		const json_t *module = json_array_get(modules, i);
		const char *text = rule_text(module, property);
		double number;
		char word[WORD_MAX];

		if (!is_counted(module))
			continue;
		if (text && !strcmp(property, "manufacturer"))
			rule_count(values, maker_of(text, word), 1);
		else if (text)
			rule_count(values, text, 1);
		else if (rule_number(module, property, &number) && number < 1e15) {
			(void)snprintf(word, sizeof(word), "%.0f", number);
			rule_count(values, word, 1);
		}
	}
	return values;
}

/* One note for all that differs: another part number mostly has another maker and speed. */
static bool modules_mixed(const struct judgement *j)
{
	static const char *const properties[] = { "capacity_bytes", "rated_speed_mts",
						  "manufacturer", "part_number" };
	AUTO_JSON json_t *differ = json_array();

	for (size_t i = 0; i < ARRAY_LEN(properties); i++) {
		AUTO_JSON json_t *values = values_of(j->subject, properties[i]);

		if (json_object_size(values) < 2)
			continue;
		json_push(differ, json_string(properties[i]));
		json_put(j->evidence, properties[i], json_incref(values));
	}
	if (json_array_size(differ) == 0)
		return false;
	json_put(j->evidence, "differ", json_incref(differ));
	return true;
}

/* Where "channel" or the CH of "P0_MC0_DIM_CH_A0" stands, after it; NULL without. */
static const char *channel_word(const char *text)
{
	static const char *const words[] = { "channel", "chan", "_ch_" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *at = strcasestr(text, words[i]);

		if (at)
			return at + strlen(words[i]);
	}
	return NULL;
}

/*
 * The part of a locator that names the channel: up to what follows "Channel", or in
 * "P1-DIMMA1" and "DIMM_A1" up to the letter, where the board's maker means that by it. False
 * where the text has neither.
 */
static bool channel_of(const char *text, bool by_letter, char group[GROUP_MAX])
{
	const char *at = text ? channel_word(text) : NULL;
	size_t len;

	if (at) {
		at += strspn(at, " _-");
		if (!isalnum((unsigned char)*at))
			return false;
	} else {
		at = text && by_letter ? strcasestr(text, "dimm") : NULL;
		if (!at)
			return false;
		at += strlen("dimm");
		at += strspn(at, " _-");
		if (at[0] == 'P' && isdigit((unsigned char)at[1]) && at[2] == '_')
			at += 3; /* DIMM_P0_A1 */
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

/*
 * Whose letter is the channel, by the manuals of their boards: of Supermicro's X9 to X13 and H11
 * to H13, ASUS's Z9 to Z13, ASRock Rack's, Gigabyte's MZ, MD and R series, Intel's S2600. Dell's is
 * the processor and HPE's neither (it tells the order of filling).
 */
static bool letter_is_channel(const json_t *document)
{
	static const char *const makers[] = { "Supermicro", "Super Micro", "ASUS",
					      "ASRock",     "GIGABYTE",    "Giga Comp",
					      "Intel" };
	const json_t *boards = inventory_section(document, "baseboards");
	const char *maker = rule_text(json_array_get(boards, 0), "manufacturer");

	if (!maker)
		maker = rule_text(inventory_section(document, "system"), "manufacturer");
	for (size_t i = 0; maker && i < ARRAY_LEN(makers); i++)
		if (strcasestr(maker, makers[i]))
			return true;
	return false;
}

/*
 * "P0_Node0_Channel0_Dimm0" in either, "BANK 0" or "NODE 1" in the other. A node or
 * processor that only the bank names is a part of the channel's name: each has a channel
 * A.
 */
static bool module_channel(const json_t *module, bool by_letter, char name[2 * GROUP_MAX])
{
	static const char *const sockets[] = { "node", "cpu", "proc", "socket" };
	const char *bank = rule_text(module, "bank_locator");
	char group[GROUP_MAX];
	bool names_socket = false;

	if (channel_of(bank, by_letter, group)) {
		(void)snprintf(name, 2 * GROUP_MAX, "%s", group);
		return true;
	}
	if (!channel_of(rule_text(module, "locator"), by_letter, group))
		return false;
	for (size_t i = 0; bank && i < ARRAY_LEN(sockets); i++)
		names_socket = names_socket || strcasestr(bank, sockets[i]);
	(void)snprintf(name, 2 * GROUP_MAX, "%.*s%s%s", GROUP_MAX - 2,
		       names_socket ? bank : "", names_socket ? "/" : "", group);
	return true;
}

/* Whether a module could be put anywhere else. */
static bool has_empty_slot(const json_t *modules)
{
	for (size_t i = 0; i < json_array_size(modules); i++) {
		const json_t *module = json_array_get(modules, i);

		if (rule_is_absent(module) &&
		    !json_is_false(json_object_get(module, "system_memory")))
			return true;
	}
	return false;
}

/* Filled channels of different size: interleaving then covers only a part of the memory.
 */
static bool is_unbalanced(const struct judgement *j)
{
	AUTO_JSON json_t *channels = json_object();
	bool by_letter = letter_is_channel(j->inventory->document);
	bool differ = false;
	json_t *bytes;
	json_int_t first = -1;
	const char *name;

	for (size_t i = 0; i < json_array_size(j->subject); i++) {
		const json_t *module = json_array_get(j->subject, i);
		char group[2 * GROUP_MAX];
		double capacity;

		if (!is_counted(module))
			continue;
		/* One module whose channel is not known: nothing can be said of any. */
		if (!module_channel(module, by_letter, group) ||
		    !rule_number(module, "capacity_bytes", &capacity) || capacity > 1e15)
			return false;
		rule_count(channels, group, (json_int_t)capacity);
	}
	json_object_foreach(channels, name, bytes)
	{
		if (first >= 0 && json_integer_value(bytes) != first)
			differ = true;
		first = json_integer_value(bytes);
	}
	if (!differ || !has_empty_slot(j->subject))
		return false;
	json_put(j->evidence, "capacity_bytes", json_incref(channels));
	return true;
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
			json_push(keys, json_string(key));
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

/*
 * Errors stand with the module where the kernel's label told which it is, else with the
 * place on its controller; the controller itself speaks for those of no known place.
 */
static const char *errors_name(const json_t *record, bool corrected)
{
	if (json_object_get(record, "unplaced_corrected_error_count"))
		return corrected ? "unplaced_corrected_error_count"
				 : "unplaced_uncorrected_error_count";
	if (rule_text(record, "module"))
		return NULL;
	return corrected ? "corrected_error_count" : "uncorrected_error_count";
}

static bool errors_over(const struct judgement *j, bool corrected, double over,
			double most)
{
	const char *name = errors_name(j->subject, corrected);
	double count;

	if (!name || !rule_number(j->subject, name, &count) || count <= over ||
	    count > most)
		return false;
	json_put(j->evidence, "count", json_incref(json_object_get(j->subject, name)));
	return true;
}

static bool has_uncorrected(const struct judgement *j)
{
	return errors_over(j, false, 0, 1e30);
}

static bool has_many_corrected(const struct judgement *j)
{
	return errors_over(j, true, j->rule->limit - 1, 1e30);
}

static bool has_corrected(const struct judgement *j)
{
	return errors_over(j, true, 0, j->rule->limit - 1);
}

/* Flash and Optane modules are no memory the kernel would have to see. */
static bool all_are_dram(const json_t *modules, double *smallest)
{
	for (size_t i = 0; i < json_array_size(modules); i++) {
		const json_t *module = json_array_get(modules, i);
		const char *technology = rule_text(module, "memory_technology");
		double bytes;

		if (technology && strcmp(technology, "DRAM") != 0)
			return false;
		if (is_counted(module) && rule_number(module, "capacity_bytes", &bytes) &&
		    (*smallest <= 0 || bytes < *smallest))
			*smallest = bytes;
	}
	return *smallest > 0;
}

/*
 * The kernel's own tables take 1.6 % (64 bytes a page), firmware and a crash kernel some
 * hundred megabytes: a module is missing when its size is, and 4 % of all.
 */
static bool memory_is_missing(const struct judgement *j)
{
	const json_t *modules = inventory_section(j->inventory->document, MODULES);
	double installed, visible, smallest = 0;

	return rule_number(j->subject, "installed_bytes", &installed) &&
	       rule_number(j->subject, "visible_bytes", &visible) &&
	       all_are_dram(modules, &smallest) && installed - visible >= smallest &&
	       installed - visible > installed * 0.04;
}

#define ERRORS_EVIDENCE                                                                  \
	"locator", "bank_locator", "label", "probable_module", "part_number",            \
		"counting_seconds"
#define ERRORS_OF "memory.modules memory.edac memory.controllers"

const struct rule rules_memory[] = {
	{ .id = "memory-uncorrected-errors",
	  .severity = SEVERITY_CRITICAL,
	  .type = ERRORS_OF,
	  .check = has_uncorrected,
	  .evidence = { ERRORS_EVIDENCE },
	  .condition = "`uncorrected_error_count` over 0 (of a controller: "
		       "`unplaced_uncorrected_error_count`)",
	  .message = "memory errors that could not be corrected: {count}",
	  .resolution =
		  "Replace the module; where none is named, look into the firmware's "
		  "log.",
	  .source = "Linux, Documentation/admin-guide/RAS, EDAC" },
	{ .id = "memory-many-corrected-errors",
	  .severity = SEVERITY_WARNING,
	  .type = ERRORS_OF,
	  .check = has_many_corrected,
	  .limit = 100,
	  .evidence = { ERRORS_EVIDENCE },
	  .condition = "`corrected_error_count` 100 or more (of a controller: "
		       "`unplaced_corrected_error_count`)",
	  .message = "memory errors that were corrected since the start: {count}",
	  .resolution = "Reseat the module; replace it where they go on.",
	  .source = "Linux, Documentation/admin-guide/RAS, EDAC; experience" },
	{ .id = "memory-corrected-errors",
	  .severity = SEVERITY_OK,
	  .type = ERRORS_OF,
	  .check = has_corrected,
	  .limit = 100,
	  .evidence = { ERRORS_EVIDENCE },
	  .condition = "`corrected_error_count` from 1 to 99 (of a controller: "
		       "`unplaced_corrected_error_count`)",
	  .message = "memory errors that were corrected since the start: {count}",
	  .resolution = "Nothing, unless the count grows: then the module.",
	  .source = "Linux, Documentation/admin-guide/RAS, EDAC" },
	{ .id = "memory-not-visible",
	  .severity = SEVERITY_WARNING,
	  .type = "memory.summary",
	  .check = memory_is_missing,
	  .evidence = { "installed_bytes", "visible_bytes" },
	  .condition = "`visible_bytes` is less than `installed_bytes` by at least the "
		       "smallest module and by more than 4 %, and all modules are DRAM",
	  .message = "the kernel sees {visible_bytes} of {installed_bytes} installed",
	  .resolution =
		  "Look into the firmware's log for modules it has disabled, and into "
		  "its set-up for mirroring.",
	  .source = "experience" },
	{ .id = "memory-unbalanced",
	  .severity = SEVERITY_WARNING,
	  .share = 1.4,
	  .type = MODULES,
	  .list = true,
	  .check = is_unbalanced,
	  .condition =
		  "the channel of every module is known (a locator says "
		  "\"channel\", or the board's maker names channels by letters), two "
		  "filled channels differ in size, and a slot is empty",
	  .message = "the memory channels do not hold the same amount",
	  .resolution =
		  "Move modules so that every filled channel holds the same: else a part "
		  "of the memory has a part of the speed.",
	  .source = "the board's manual, memory population; SMBIOS 3.6, 7.18" },
	{ .id = "memory-modules-mixed",
	  .severity = SEVERITY_OK,
	  .share = 21.8,
	  .type = MODULES,
	  .list = true,
	  .check = modules_mixed,
	  .condition = "filled slots differ in `capacity_bytes`, `rated_speed_mts`, "
		       "`manufacturer` (by its first word) or `part_number`; evidence: "
		       "each of "
		       "them that differs, `differ`",
	  .message = "the modules are not all of one kind: {differ}",
	  .resolution = "Nothing, where it was meant so: all run at the slowest speed.",
	  .source = "SMBIOS 3.6, 7.18" },
	{ .id = "memory-below-rated-speed",
	  .severity = SEVERITY_OK,
	  .share = 31.3,
	  .type = MODULES,
	  .list = true,
	  .check = some_run_slow,
	  .condition = "`configured_speed_mts` of a module more than 1 % below its "
		       "`rated_speed_mts`",
	  .message =
		  "modules for {rated_speed_mts} MT/s run at {configured_speed_mts} MT/s",
	  .resolution = "Nothing: processor, population and firmware decide the speed.",
	  .source = "SMBIOS 3.6, 7.18.4" },
	{ .id = NULL },
};
