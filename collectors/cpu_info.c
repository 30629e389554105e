/* cpu/info: what the first processor calls itself and can do, /proc/cpuinfo (arch/x86/kernel/cpu/proc.c).
 * Where SMBIOS lists no processor this is all there is of its name. */
#include "tree.h"

#include <string.h>

#define CPUINFO "/proc/cpuinfo"
#define FLAGS_MAX 1024u

/* "model name\t: Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz" */
static bool field_of(struct span line, struct span *name, struct span *value)
{
	if (!text_cut(&line, ':', name))
		return false;
	*name = text_trim(*name);
	*value = text_trim(line);
	return name->len > 0;
}

static json_t *words_of(struct span text)
{
	json_t *list = json_array();
	struct span word;

	for (unsigned i = 0; i < FLAGS_MAX && text_cut(&text, ' ', &word); i++)
		if (word.len)
			json_push(list, json_text(word.at, word.len, NULL));
	return list;
}

static void put_field(json_t *props, struct span name, struct span value)
{
	static const struct {
		const char *name, *prop;
	} texts[] = { { "model name", "model" }, { "vendor_id", "vendor_id" } },
	  numbers[] = { { "cpu family", "family_number" },
			{ "model", "model_number" },
			{ "stepping", "stepping" } };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (text_is(name, texts[i].name))
			collect_span(props, texts[i].prop, value);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (text_is(name, numbers[i].name))
			collect_u64(props, numbers[i].prop, value);
	if (text_is(name, "flags") || text_is(name, "Features")) /* arm64's word */
		json_put(props, "flags", words_of(value));
}

/* A block for each processor, with an empty line at its end; bee-read may cut the last ones off. */
void collect_cpu_info(const struct input *in, const char *instance, struct output *out)
{
	json_t *props = json_object();
	struct span name, value;
	struct tree tree;

	(void)instance;
	tree_open(&tree, in, "cpu/info", out);
	for (size_t i = 0; i < tree.count; i++) {
		const struct tree_line *line = &tree.lines[i];

		if (line->kind != 'v' || !text_is(line->path, CPUINFO))
			continue;
		if (!text_trim(line->content).len)
			break;
		if (field_of(line->content, &name, &value))
			put_field(props, name, value);
	}
	tree_close(&tree);
	if (json_object_size(props) > 0)
		collect_record(out, "cpu", "cpu", props);
	else
		json_decref(props);
}
