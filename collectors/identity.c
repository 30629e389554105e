/* identity/host: what the system on the machine calls itself. Opt-in: it says something of an owner. */
#include "tree.h"

#define MACHINE_ID_DIGITS 32u

static bool is_machine_id(struct span text)
{
	size_t zeros = 0;

	if (text.len != MACHINE_ID_DIGITS)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
			return false;
		zeros += c == '0';
	}
	return zeros < text.len;
}

/* "uninitialized" before the first boot, machine-id(5). */
static void put_machine_id(json_t *props, struct span text, struct output *out)
{
	if (is_machine_id(text)) {
		collect_span(props, "machine_id", text);
		return;
	}
	json_put(props, "machine_id", json_null());
	if (text.len && !text_is(text, "uninitialized"))
		collect_error(out, "identity/host", "/etc/machine-id is no machine-id");
}

/* NAME=value or NAME="value", os-release(5). */
static bool assigned(struct span line, const char *name, struct span *value)
{
	if (!text_skip(&line, name) || !text_skip(&line, "="))
		return false;
	line = text_trim(line);
	if (line.len >= 2 && (line.at[0] == '"' || line.at[0] == '\'') &&
	    line.at[line.len - 1] == line.at[0])
		line = (struct span){ line.at + 1, line.len - 2 };
	*value = line;
	return true;
}

void collect_identity_host(const struct input *in, const char *instance,
			   struct output *out)
{
	json_t *props = json_object();
	struct tree tree;

	(void)instance;
	tree_open(&tree, in, "identity/host", out);
	for (size_t i = 0; i < tree.count; i++) {
		const struct tree_line *line = &tree.lines[i];
		struct span text = text_trim(line->content), value;

		if (line->kind != 'v')
			continue;
		if (text_is(line->path, "/etc/machine-id") &&
		    !json_object_get(props, "machine_id"))
			put_machine_id(props, text, out);
		/* hostname(5): lines that begin with # are comments. */
		else if (text_is(line->path, "/etc/hostname") && text.len &&
			 text.at[0] != '#' && !json_object_get(props, "name"))
			collect_span(props, "name", text);
		else if (text_is(line->path, "/usr/lib/os-release") &&
			 assigned(text, "PRETTY_NAME", &value))
			collect_span(props, "operating_system", value);
	}
	tree_close(&tree);
	if (json_object_size(props) > 0)
		collect_record(out, "host", "host", props);
	else
		json_decref(props);
}
