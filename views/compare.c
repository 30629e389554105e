/* One part of a machine, as two documents have it. */
#include "compare.h"

#include "json.h"

#include <stdlib.h>
#include <string.h>

/* Text that was loaded is escaped already: json_text would do it twice. */
static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

void change_add(json_t *changes, const char *word, const struct kind *kind,
		const char *part, const char *from, const char *to, char *detail)
{
	json_t *change = json_object();

	json_put(change, "change", json_string(word));
	json_put(change, "kind", text_or_null(kind ? kind->word : NULL));
	json_put(change, "type", text_or_null(kind ? kind->type : NULL));
	json_put(change, "part", text_or_null(part));
	json_put(change, "from", text_or_null(from));
	json_put(change, "to", text_or_null(to));
	json_put(change, "detail", text_or_null(detail));
	json_push(changes, change);
	free(detail);
}

char *part_described(const struct part *part)
{
	static const char *const words[ID_COUNT] = { "serial",    "uuid", "id",   "MAC",
						     "node GUID", "WWN",  "WWID", "id" };

	for (int id = 0; id < ID_COUNT; id++)
		if (part->ids[id])
			return xasprintf("%s%s%s %s", part->model,
					 *part->model ? ", " : "", words[id],
					 part->ids[id]);
	return xstrdup(part->model);
}

static char *finding_place(const json_t *component)
{
	return xasprintf("%s\n%s", record_text(component, "type") ?: "",
			 record_text(component, "key") ?: "");
}

json_t *findings_by_part(const json_t *document)
{
	const json_t *list = json_object_get(document, "findings");
	json_t *all = json_object(), *finding;
	size_t i;

	json_array_foreach(list, i, finding)
	{
		AUTO_FREE char *place =
			finding_place(json_object_get(finding, "component"));
		json_t *here = json_object_get(all, place);

		if (!here) {
			here = json_array();
			json_put(all, place, here);
		}
		json_push(here, json_incref(finding));
	}
	return all;
}

static const json_t *findings_of(const json_t *by_part, const struct part *part)
{
	AUTO_FREE char *place = xasprintf("%s\n%s", part->kind->type,
					  record_text(part->record, "key") ?: "");

	return json_object_get(by_part, place);
}

static bool has_rule(const json_t *findings, const char *id)
{
	json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding)
	{
		if (!strcmp(record_text(finding, "id") ?: "", id))
			return true;
	}
	return false;
}

/* What is said of it now and was not before: the first message, the worst. NULL: nothing. */
static const char *new_message(const json_t *before, const json_t *now)
{
	json_t *finding;
	size_t i;

	json_array_foreach(now, i, finding)
	{
		const char *severity = record_text(finding, "severity") ?: "OK";

		if (strcmp(severity, "OK") != 0 &&
		    !has_rule(before, record_text(finding, "id") ?: ""))
			return record_text(finding, "message");
	}
	return NULL;
}

/* 0: nobody judged it. */
static int rank_of(const json_t *record)
{
	static const char *const words[] = { "OK", "Warning", "Critical" };
	const char *health = record_text(record, "health_rollup") ?: "";

	for (int i = 0; i < (int)ARRAY_LEN(words); i++)
		if (!strcmp(words[i], health))
			return i + 1;
	return 0;
}

/* A change of health; false: there is none. */
static bool compare_health(const struct comparison *to, const struct part *a,
			   const struct part *b)
{
	int before = rank_of(a->record), now = rank_of(b->record);
	const char *was = record_text(a->record, "health_rollup");
	const char *is = record_text(b->record, "health_rollup");
	const char *message;
	bool worse = now > before;

	/* Of a part that nobody judged before, only what is bad now is news. */
	if (now == 0 || before == now || (before == 0 && now == 1))
		return false;
	message = worse ? new_message(findings_of(to->found_a, a),
				      findings_of(to->found_b, b))
			: new_message(findings_of(to->found_b, b),
				      findings_of(to->found_a, a));
	change_add(to->changes, worse ? "degraded" : "recovered", b->kind, b->name, was,
		   is,
		   xasprintf("%s -> %s%s%s%s", before ? was : "not judged", is,
			     message ? ": " : "", message && !worse ? "was: " : "",
			     message ?: ""));
	return true;
}

/* One value as words; lists of words too. Owned; NULL: it says nothing. */
static char *words_of(const json_t *value)
{
	if (json_is_string(value))
		return *json_string_value(value) ? xstrdup(json_string_value(value))
						 : NULL;
	if (json_is_integer(value))
		return xasprintf("%lld", (long long)json_integer_value(value));
	if (json_is_real(value))
		return xasprintf("%.6g", json_real_value(value));
	if (json_is_boolean(value))
		return xstrdup(json_is_true(value) ? "yes" : "no");
	return NULL;
}

static const char *const firmware[] = {
	"firmware_version",          "firmware_revision",     "vbios_version",
	"inforom_version",           "bios_version",          "version",
	"management_engine_version", "expansion_rom_version",
};

/* Whether this property is a version of firmware, and not of a board or a supply. */
static bool is_firmware(const struct kind *kind, const char *property)
{
	return strcmp(property, "version") != 0 || !strcmp(kind->type, "firmware");
}

static void compare_firmware(const struct comparison *to, const struct part *a,
			     const struct part *b)
{
	for (size_t i = 0; i < ARRAY_LEN(firmware); i++) {
		const char *was = record_text(a->record, firmware[i]);
		const char *is = record_text(b->record, firmware[i]);

		if (!was || !is || !strcmp(was, is) || !is_firmware(b->kind, firmware[i]))
			continue;
		change_add(to->changes, "firmware", b->kind, b->name, was, is,
			   xasprintf("%s -> %s", was, is));
	}
}

/* What is neither a counter nor a reading: it stays as it is unless somebody changes it. */
static const struct {
	const char *property, *words;
	bool less_is_worse;
} lasting[] = {
	{ "capacity_bytes", "bytes", true },
	{ "link_width_lanes", "lanes", true },
	{ "core_enabled", "cores", true },
	{ "configured_speed_mts", "MT/s", true },
	{ "memory_bytes", "bytes of memory", true },
	{ "member_count", "members", true },
	{ "max_link_width_lanes", "lanes at most", false },
	{ "power_capacity_watts", "W", false },
	{ "state", "state", false },
	{ "plugged_in", "plugged in", false },
	{ "array_state", "state", false },
	{ "raid_state", "RAID state", false },
	{ "device_state", "state", false },
	{ "level", "level", false },
	{ "link_status", "link", false },
	{ "speed_gbps", "Gb/s", false },
	{ "ecc_mode_enabled", "ECC", false },
	{ "mig_mode_enabled", "MIG", false },
	{ "driver", "driver", false },
};

static bool is_lasting(const char *property)
{
	for (size_t i = 0; i < ARRAY_LEN(lasting); i++)
		if (!strcmp(lasting[i].property, property))
			return true;
	return false;
}

/* `judged`: what made it worse has been told, in better words. */
static void compare_lasting(const struct comparison *to, const struct part *a,
			    const struct part *b, bool judged)
{
	for (size_t i = 0; i < ARRAY_LEN(lasting); i++) {
		const json_t *before = json_object_get(a->record, lasting[i].property);
		const json_t *now = json_object_get(b->record, lasting[i].property);
		AUTO_FREE char *was = words_of(before), *is = words_of(now);
		bool number = json_is_number(before) && json_is_number(now);
		const char *word = "changed";

		if (!was || !is || !strcmp(was, is))
			continue;
		if (lasting[i].less_is_worse && number) {
			bool less = json_number_value(now) < json_number_value(before);

			if (judged)
				continue;
			word = less ? "degraded" : "changed";
		}
		change_add(to->changes, word, b->kind, b->name, was, is,
			   number ? xasprintf("%s -> %s %s", was, is, lasting[i].words)
				  : xasprintf("%s: %s -> %s", lasting[i].words, was, is));
	}
}

/* 100 is 100.0, whoever wrote it. */
static bool same_number(const json_t *a, const json_t *b)
{
	double less = json_number_value(a) - json_number_value(b);

	if (json_is_integer(a) && json_is_integer(b))
		return json_integer_value(a) == json_integer_value(b);
	return !(less < 0) && !(less > 0);
}

static void compare_counters(const struct comparison *to, const struct part *a,
			     const struct part *b)
{
	const char *property;
	json_t *now;

	json_object_foreach((json_t *)(uintptr_t)b->record, property, now)
	{
		const json_t *before = json_object_get(a->record, property);
		json_t *counter;

		if (!json_is_number(now) || !json_is_number(before) ||
		    same_number(now, before) || is_lasting(property))
			continue;
		counter = json_object();
		json_put(counter, "kind", json_string(b->kind->word));
		json_put(counter, "type", json_string(b->kind->type));
		json_put(counter, "part", json_string(b->name));
		json_put(counter, "property", json_string(property));
		json_put(counter, "from", json_incref((json_t *)(uintptr_t)before));
		json_put(counter, "to", json_incref(now));
		json_push(to->counters, counter);
	}
}

/* Where nobody told of bridges this time, the way to a function is another; its address is not. */
static bool has_moved(const struct part *a, const struct part *b)
{
	if (!a->place || !b->place || !strcmp(a->place, b->place))
		return false;
	return !a->address || !b->address || strcmp(a->address, b->address) != 0;
}

void compare(const struct comparison *to, const struct part *a, const struct part *b)
{
	bool judged;

	if (b->covered) {
		compare_lasting(to, a, b, compare_health(to, a, b));
		return;
	}
	if (b->replaced) {
		AUTO_FREE char *was = part_described(a), *is = part_described(b);

		change_add(to->changes, "replaced", b->kind, b->name, was, is,
			   xasprintf("%s%s%s is now %s", b->spot ?: "",
				     b->spot ? ": " : "", *was ? was : "?",
				     *is ? is : "?"));
		(void)compare_health(to, a, b);
		return;
	}
	if (has_moved(a, b)) {
		AUTO_FREE char *which = part_described(b);

		change_add(to->changes, "moved", b->kind, b->name, a->spot, b->spot,
			   xasprintf("%s%sfrom %s to %s", which, *which ? ": " : "",
				     a->spot, b->spot));
	}
	compare_firmware(to, a, b);
	judged = compare_health(to, a, b);
	compare_lasting(to, a, b, judged);
	compare_counters(to, a, b);
}
