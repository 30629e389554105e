/* Runs every rule over every record it is for, and puts what fires in one order. */
#include "findings.h"

#include "record.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 400    /* bytes */
#define LIST_WORDS_MAX 8   /* elements of a list that a message names */
#define PORTS_ABOVE_MAX 16 /* PCIe switches one behind the other */

const char *const severity_names[SEVERITY_COUNT] = { "OK", "Warning", "Critical" };

const struct rule *const rule_tables[] = {
	rules_drive, rules_array,   rules_raid,        rules_pcie,
	rules_gpu,   rules_memory,  rules_processor,   rules_network,
	rules_bmc,   rules_machine, rules_unexplained, NULL,
};

enum severity severity_find(const char *name)
{
	for (int s = 0; name && s < SEVERITY_COUNT; s++)
		if (!strcmp(name, severity_names[s]))
			return (enum severity)s;
	return SEVERITY_COUNT;
}

static const json_t *section_of(const json_t *document, const struct record_type *type)
{
	const json_t *parent =
		type->group ? json_object_get(document, type->group) : document;

	return json_object_get(parent, type->member);
}

const json_t *inventory_section(const json_t *document, const char *type)
{
	int index = record_type_find(type);

	return index < 0 ? NULL : section_of(document, &record_types[index]);
}

static const char *key_of(const json_t *record)
{
	return json_string_value(json_object_get(record, "key"));
}

json_t *inventory_by_key(const json_t *document, const char *type)
{
	const json_t *list = inventory_section(document, type);
	json_t *index = json_object();

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *record = json_array_get(list, i);
		const char *key = key_of(record);

		if (key)
			json_put(index, key, json_incref(record));
	}
	return index;
}

/* A display controller at rest slows its link, and so do the ports it hangs on. */
static json_t *display_chains(const json_t *list, const json_t *index)
{
	json_t *chains = json_object();

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *device = json_array_get(list, i);
		const char *class = rule_text(device, "class_code"),
			   *key = key_of(device);

		if (!key || !class || strncmp(class, "0x03", 4) != 0)
			continue;
		for (int up = 0; key && up < PORTS_ABOVE_MAX; up++) {
			json_put(chains, key, json_true());
			key = rule_text(json_object_get(index, key), "upstream_port");
		}
	}
	return chains;
}

static bool job_answered(const json_t *document, const char *name)
{
	const json_t *jobs = json_object_get(document, "collectors");

	for (size_t i = 0; i < json_array_size(jobs); i++) {
		const json_t *job = json_array_get(jobs, i);

		if (rule_is(job, "job", name))
			return rule_is(job, "status", "ok") ||
			       rule_is(job, "status", "partial");
	}
	return false;
}

static struct inventory inventory_open(const json_t *document)
{
	struct inventory inventory = { .document = document };

	inventory.pcie = inventory_by_key(document, "pcie.devices");
	inventory.displays = display_chains(inventory_section(document, "pcie.devices"),
					    inventory.pcie);
	inventory.gpus = inventory_by_key(document, "gpus");
	inventory.gpus_listed = job_answered(document, "nvidia/smi");
	return inventory;
}

static void inventory_close(struct inventory *inventory)
{
	json_decref(inventory->pcie);
	json_decref(inventory->displays);
	json_decref(inventory->gpus);
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

/* Replaces each {name} by the evidence of that name. */
static json_t *message_of(const struct rule *rule, const json_t *evidence)
{
	const char *at = rule->message;
	AUTO_FREE char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		errx(BEE_SOFTWARE, "out of memory");
	while (*at) {
		size_t plain = strcspn(at, "{"), len;
		char name[64];

		(void)fwrite(at, 1, plain, to);
		at += plain;
		if (!*at)
			break;
		len = strcspn(++at, "}");
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, at);
		write_list(to, json_object_get(evidence, name));
		at += len + (at[len] == '}');
	}
	if (fclose(to))
		errx(BEE_SOFTWARE, "out of memory");
	return json_stringn(text, cut_at(text, size, MESSAGE_MAX));
}

struct builder {
	const struct inventory *inventory;
	struct findings *findings;
};

static char *component_name(const char *type, const char *key)
{
	return xasprintf("%s/%s", type, key ? key : "");
}

/* False when the list is full: then it is counted, and the component's health knows. */
static bool has_room(struct builder *builder, const struct rule *rule, const char *type,
		     const char *key)
{
	AUTO_FREE char *name = component_name(type, key);
	const json_t *known = json_object_get(builder->findings->worst, name);

	builder->findings->counts[rule->severity]++;
	if (!known || json_integer_value(known) < (json_int_t)rule->severity)
		json_put(builder->findings->worst, name, json_integer(rule->severity));
	return json_array_size(builder->findings->list) < FINDINGS_MAX;
}

static void add_finding(struct builder *builder, const struct rule *rule,
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
	json_push(builder->findings->list, finding);
}

static void judge(struct builder *builder, const struct rule *rule, const char *type,
		  const char *key, const json_t *subject)
{
	AUTO_JSON json_t *evidence = json_object();
	struct judgement judgement = { rule, builder->inventory, subject, evidence };

	if (!rule->check(&judgement) || !has_room(builder, rule, type, key))
		return;
	for (int i = 0; i < FINDING_EVIDENCE_MAX && rule->evidence[i]; i++) {
		json_t *value = json_object_get(subject, rule->evidence[i]);

		if (value && !json_object_get(evidence, rule->evidence[i]))
			json_put(evidence, rule->evidence[i], json_incref(value));
	}
	add_finding(builder, rule, type, key, evidence);
}

static void judge_type(struct builder *builder, const struct rule *rule,
		       const struct record_type *type)
{
	const json_t *section = section_of(builder->inventory->document, type);

	if (json_is_object(section))
		judge(builder, rule, type->name, NULL, section);
	if (!json_is_array(section))
		return;
	if (rule->list) {
		judge(builder, rule, type->name, NULL, section);
		return;
	}
	for (size_t i = 0; i < json_array_size(section); i++) {
		const json_t *record = json_array_get(section, i);

		judge(builder, rule, type->name, key_of(record), record);
	}
}

/* Two steps may hang on one device: that is one finding. */
static void judge_jobs(struct builder *builder, const struct rule *rule)
{
	const json_t *jobs = json_object_get(builder->inventory->document, "collectors");
	AUTO_JSON json_t *told = json_object();

	for (size_t i = 0; i < json_array_size(jobs); i++) {
		const json_t *job = json_array_get(jobs, i);
		const char *key = rule_text(job, "instance"), *name = key ? key : "";
		unsigned before = builder->findings->counts[rule->severity];

		if (!rule_is(job, "collector", rule->jobs) || json_object_get(told, name))
			continue;
		judge(builder, rule, rule->type, key, job);
		if (builder->findings->counts[rule->severity] > before)
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

static void judge_rule(struct builder *builder, const struct rule *rule)
{
	if (rule->jobs) {
		judge_jobs(builder, rule);
		return;
	}
	for (int t = 0; record_types[t].name; t++)
		if (is_for(rule->type, record_types[t].name))
			judge_type(builder, rule, &record_types[t]);
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

static void judge_unless_known(struct builder *builder, const struct rule *rule,
			       const struct record_type *type)
{
	const json_t *section = section_of(builder->inventory->document, type);
	size_t size = json_is_array(section) ? json_array_size(section) : 1;

	for (size_t i = 0; section && i < size; i++) {
		const json_t *record =
			json_is_array(section) ? json_array_get(section, i) : section;
		const char *key = key_of(record);
		enum severity worst = findings_worst(builder->findings, type->name, key);

		if (worst == SEVERITY_COUNT || worst < rule->severity)
			judge(builder, rule, type->name, key, record);
	}
}

/*
 * The rules of one severity. Last those for a record whose source calls it unwell, though no
 * rule knows why: health that no finding explains would make the rollup a riddle.
 */
static void judge_severity(struct builder *builder, enum severity severity)
{
	for (int t = 0; rule_tables[t]; t++)
		for (const struct rule *rule = rule_tables[t]; rule->id; rule++)
			if (rule->severity == severity &&
			    rule_tables[t] != rules_unexplained)
				judge_rule(builder, rule);
	for (const struct rule *rule = rules_unexplained; rule->id; rule++)
		for (int t = 0; rule->severity == severity && record_types[t].name; t++)
			judge_unless_known(builder, rule, &record_types[t]);
}

/* The worst first: a list that is full before the end has lost the least. */
void findings_build(struct findings *findings, const json_t *document)
{
	struct inventory inventory = inventory_open(document);
	struct builder builder = { &inventory, NULL };

	*findings = (struct findings){ .list = json_array(), .worst = json_object() };
	builder.findings = findings;
	for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
		judge_severity(&builder, (enum severity)s);
	inventory_close(&inventory);
	sort(findings);
}

void findings_done(struct findings *findings)
{
	json_decref(findings->list);
	json_decref(findings->worst);
	*findings = (struct findings){ .list = NULL };
}
