/* Runs every rule over every record it is for, and puts what fires in one order. */
#include "findings.h"

#include "amount.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 400  /* bytes */
#define LIST_WORDS_MAX 8 /* elements of a list that a message names */

const struct rule *const rule_tables[] = {
	rules_drive, rules_drive_state, rules_answer,  rules_array,       rules_raid,
	rules_pcie,  rules_gpu,         rules_memory,  rules_processor,   rules_network,
	rules_bmc,   rules_log,         rules_machine, rules_unexplained, NULL,
};

static const char *key_of(const json_t *record)
{
	return json_string_value(json_object_get(record, "key"));
}

static void write_value(FILE *to, const json_t *value)
{
	if (json_is_string(value))
		(void)fputs(json_string_value(value), to);
	else if (json_is_integer(value))
		(void)fprintf(to, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		(void)fprintf(to, "%.4g", json_real_value(value));
	else if (json_is_boolean(value))
		(void)fputs(json_is_true(value) ? "true" : "false", to);
	else
		(void)fputs(json_is_null(value) || !value ? "?" : "...", to);
}

static void write_list(FILE *to, const json_t *value)
{
	size_t size = json_array_size(value);

	if (!json_is_array(value)) {
		write_value(to, value);
		return;
	}
	for (size_t i = 0; i < size && i < LIST_WORDS_MAX; i++) {
		(void)fputs(i ? ", " : "", to);
		write_value(to, json_array_get(value, i));
	}
	if (size > LIST_WORDS_MAX)
		(void)fprintf(to, " and %zu more", size - LIST_WORDS_MAX);
}

/* The text up to `max` bytes, never with half a character at its end. */
static size_t cut_at(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

/* The end of "{name}" or "[...]" whose opening is at `at`. */
static size_t length_to(const char *at, const char *close)
{
	size_t len = strcspn(at, close);

	return len + (at[len] != '\0');
}

/* Whether all that a part between brackets names is known. */
static bool is_known(const char *part, size_t len, const json_t *evidence)
{
	for (size_t i = 0; i < len; i++) {
		char name[64];
		const json_t *value;

		if (part[i] != '{')
			continue;
		(void)snprintf(name, sizeof(name), "%.*s",
			       (int)strcspn(part + i + 1, "}"), part + i + 1);
		value = json_object_get(evidence, name);
		if (!value || json_is_null(value))
			return false;
	}
	return true;
}

/* "{visible_bytes}" as a person writes it: "476 GiB". */
static void write_named(FILE *to, const char *name, const json_t *value)
{
	static const char unit[] = "_bytes";
	size_t len = strlen(name);
	bool bytes = len > strlen(unit) && !strcmp(name + len - strlen(unit), unit) &&
		     json_is_integer(value) && json_integer_value(value) >= 0;
	AUTO_FREE char *amount =
		bytes ? amount_binary((uint64_t)json_integer_value(value)) : NULL;

	if (amount)
		(void)fputs(amount, to);
	else
		write_list(to, value);
}

/* Replaces each {name} by the evidence of that name; [a part] is left out where that is not known.
 */
static json_t *message_of(const struct rule *rule, const json_t *evidence)
{
	const char *at = rule->message;
	AUTO_FREE char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		errx(BEE_SOFTWARE, "out of memory");
	while (*at) {
		size_t plain = strcspn(at, "{[]"), len;
		char name[64];

		(void)fwrite(at, 1, plain, to);
		at += plain;
		if (*at == '{') {
			len = strcspn(at, "}");
			(void)snprintf(name, sizeof(name), "%.*s", (int)len - 1, at + 1);
			write_named(to, name, json_object_get(evidence, name));
			at += length_to(at, "}");
		} else if (*at) {
			len = length_to(at, "]");
			at += *at == ']' || is_known(at, len, evidence) ? 1 : len;
		}
	}
	if (fclose(to))
		errx(BEE_SOFTWARE, "out of memory");
	return json_stringn(text, cut_at(text, size, MESSAGE_MAX));
}

struct judging {
	const struct inventory *inventory;
	struct findings *findings;
};

static char *component_name(const char *type, const char *key)
{
	return xasprintf("%s/%s", type, key ? key : "");
}

/* Every finding counts, and its component's health knows it, also when the list is full. */
static void count_finding(struct findings *findings, const struct rule *rule,
			  const char *type, const char *key)
{
	AUTO_FREE char *name = component_name(type, key);
	const json_t *known = json_object_get(findings->worst, name);

	findings->counts[rule->severity]++;
	if (!known || json_integer_value(known) < (json_int_t)rule->severity)
		json_put(findings->worst, name, json_integer(rule->severity));
}

static void add_finding(struct judging *judging, const struct rule *rule,
			const char *type, const char *key, json_t *evidence)
{
	json_t *finding = json_object(), *component = json_object();

	json_put(component, "type", json_string(type));
	json_put(component, "key", key ? json_string(key) : json_null());
	json_put(finding, "id", json_string(rule->id));
	json_put(finding, "severity", json_string(severity_names[rule->severity]));
	json_put(finding, "component", component);
	json_put(finding, "message", message_of(rule, evidence));
	json_put(finding, "resolution", json_string(rule->resolution));
	json_put(finding, "evidence", json_incref(evidence));
	json_push(judging->findings->list, finding);
}

static void judge(struct judging *judging, const struct rule *rule, const char *type,
		  const char *key, const json_t *subject)
{
	AUTO_JSON json_t *evidence = json_object();
	struct judgement judgement = { rule, judging->inventory, subject, evidence };

	if (!rule->check(&judgement))
		return;
	count_finding(judging->findings, rule, type, key);
	if (json_array_size(judging->findings->list) == FINDINGS_MAX)
		return;
	for (int i = 0; i < FINDING_EVIDENCE_MAX && rule->evidence[i]; i++) {
		json_t *value = json_object_get(subject, rule->evidence[i]);

		if (value && !json_object_get(evidence, rule->evidence[i]))
			json_put(evidence, rule->evidence[i], json_incref(value));
	}
	add_finding(judging, rule, type, key, evidence);
}

static void judge_type(struct judging *judging, const struct rule *rule,
		       const struct record_type *type)
{
	const json_t *section = inventory_section_of(judging->inventory->document, type);

	if (json_is_object(section))
		judge(judging, rule, type->name, NULL, section);
	if (!json_is_array(section))
		return;
	if (rule->list) {
		judge(judging, rule, type->name, NULL, section);
		return;
	}
	for (size_t i = 0; i < json_array_size(section); i++) {
		const json_t *record = json_array_get(section, i);

		judge(judging, rule, type->name, key_of(record), record);
	}
}

/* Two steps may hang on one device: that is one finding. */
static void judge_jobs(struct judging *judging, const struct rule *rule)
{
	const json_t *jobs = json_object_get(judging->inventory->document, "collectors");
	AUTO_JSON json_t *told = json_object();

	for (size_t i = 0; i < json_array_size(jobs); i++) {
		const json_t *job = json_array_get(jobs, i);
		const char *key = rule_text(job, "instance"), *name = key ? key : "";
		unsigned before = judging->findings->counts[rule->severity];

		if (!rule_is(job, "collector", rule->jobs) || json_object_get(told, name))
			continue;
		judge(judging, rule, rule->type, key, job);
		if (judging->findings->counts[rule->severity] > before)
			json_put(told, name, json_true());
	}
}

/* Whether `types` has that word. */
static bool is_for(const char *types, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = types; at; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (!strncmp(at, name, len) && (!at[len] || at[len] == ' '))
			return true;
	}
	return !types;
}

static void judge_rule(struct judging *judging, const struct rule *rule)
{
	if (rule->jobs) {
		judge_jobs(judging, rule);
		return;
	}
	for (int t = 0; record_types[t].name; t++)
		if (is_for(rule->type, record_types[t].name))
			judge_type(judging, rule, &record_types[t]);
}

static int compare_texts(const json_t *a, const json_t *b, const char *property)
{
	const char *left = json_string_value(json_object_get(a, property));
	const char *right = json_string_value(json_object_get(b, property));

	return strcmp(left ? left : "", right ? right : "");
}

static int compare(const void *left, const void *right)
{
	const json_t *a = *(json_t *const *)left, *b = *(json_t *const *)right;
	enum severity worst_a = severity_find(rule_text(a, "severity"));
	enum severity worst_b = severity_find(rule_text(b, "severity"));
	const json_t *of_a = json_object_get(a, "component");
	const json_t *of_b = json_object_get(b, "component");
	int order;

	if (worst_a != worst_b)
		return worst_a > worst_b ? -1 : 1;
	order = compare_texts(a, b, "id");
	if (!order)
		order = compare_texts(of_a, of_b, "type");
	return order ? order : compare_texts(of_a, of_b, "key");
}

static void sort(struct findings *findings)
{
	size_t size = json_array_size(findings->list);
	void **all = xcalloc(size + 1, sizeof(void *));
	json_t *array = json_array();

	for (size_t i = 0; i < size; i++)
		all[i] = json_array_get(findings->list, i);
	qsort(all, size, sizeof(void *), compare);
	for (size_t i = 0; i < size; i++)
		json_push(array, json_incref(all[i]));
	free(all);
	json_decref(findings->list);
	findings->list = array;
}

enum severity findings_worst(const struct findings *findings, const char *type,
			     const char *key)
{
	AUTO_FREE char *name = component_name(type, key);
	const json_t *worst = json_object_get(findings->worst, name);

	return worst ? (enum severity)json_integer_value(worst) : SEVERITY_COUNT;
}

static void judge_unless_known(struct judging *judging, const struct rule *rule,
			       const struct record_type *type)
{
	const json_t *section = inventory_section_of(judging->inventory->document, type);
	size_t size = json_is_array(section) ? json_array_size(section) : 1;

	for (size_t i = 0; section && i < size; i++) {
		const json_t *record =
			json_is_array(section) ? json_array_get(section, i) : section;
		const char *key = key_of(record);
		enum severity worst = findings_worst(judging->findings, type->name, key);

		if (worst == SEVERITY_COUNT || worst < rule->severity)
			judge(judging, rule, type->name, key, record);
	}
}

/*
 * The rules of one severity. Last those for a record whose source calls it unwell, though no
 * rule knows why: health that no finding explains would make the rollup a riddle.
 */
static void judge_severity(struct judging *judging, enum severity severity)
{
	for (int t = 0; rule_tables[t]; t++)
		for (const struct rule *rule = rule_tables[t]; rule->id; rule++)
			if (rule->severity == severity &&
			    rule_tables[t] != rules_unexplained)
				judge_rule(judging, rule);
	for (const struct rule *rule = rules_unexplained; rule->id; rule++)
		for (int t = 0; rule->severity == severity && record_types[t].name; t++)
			judge_unless_known(judging, rule, &record_types[t]);
}

/* The worst first: a list that is full before the end has lost the least. */
void findings_build(struct findings *findings, const json_t *document)
{
	struct inventory inventory = inventory_open(document);
	struct judging judging = { &inventory, NULL };

	*findings = (struct findings){ .list = json_array(), .worst = json_object() };
	judging.findings = findings;
	for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
		judge_severity(&judging, (enum severity)s);
	inventory_close(&inventory);
	sort(findings);
}

void findings_done(struct findings *findings)
{
	json_decref(findings->list);
	json_decref(findings->worst);
	*findings = (struct findings){ .list = NULL };
}
