/* kernel/pstore: what earlier starts left when they crashed (Documentation/ABI/testing/pstore). */
#include "kernel.h"

#include "tree.h"

#include <stdlib.h>
#include <string.h>

#define PSTORE "/sys/fs/pstore"
#define CRASHES_MAX 256u

/* The lines of one file again, as one text; the caller frees it. *error: what could not be read. */
static char *text_of(const struct tree *tree, size_t *at, size_t *len, struct span *error)
{
	struct span path = tree->lines[*at].path;
	char *text = NULL;
	FILE *to = open_memstream(&text, len);

	if (!to)
		abort();
	for (; *at < tree->count; (*at)++) {
		const struct tree_line *line = &tree->lines[*at];

		if (line->path.len != path.len ||
		    memcmp(line->path.at, path.at, path.len) != 0)
			break;
		if (line->kind == 'e')
			*error = line->content;
		if (line->kind != 'v')
			continue;
		(void)fwrite(line->content.at, 1, line->content.len, to);
		(void)fputc('\n', to);
	}
	if (fclose(to))
		abort();
	return text;
}

/* "Panic#1 Part2": pstore_dump, fs/pstore/platform.c. False: it is something else, as what could not be
 * decompressed ("dmesg-efi-1.enc.z": pstore_mkfile, fs/pstore/inode.c). */
static bool put_reason(json_t *props, struct span line)
{
	struct span reason;
	uint64_t number;

	if (!memchr(line.at, '#', line.len) || !text_cut(&line, '#', &reason) ||
	    reason.len > 20 || !text_take_u64(&line, &number) ||
	    !text_skip(&line, " Part"))
		return false;
	collect_span(props, "reason", reason);
	json_put(props, "crash_number", collect_integer(number));
	if (text_take_u64(&line, &number))
		json_put(props, "part", collect_integer(number));
	return true;
}

/* "dmesg-erst-6402881": the kind of record, and who kept it. */
static struct span kind_of(struct span name)
{
	struct span kind = { "", 0 };

	(void)text_cut(&name, '-', &kind);
	return kind;
}

static void put_kind(json_t *props, struct span name)
{
	struct span kind, backend;

	if (!text_cut(&name, '-', &kind) || !text_cut(&name, '-', &backend))
		return;
	collect_span(props, "kind", kind);
	collect_span(props, "kept_by", backend);
}

static void emit_crash(struct span path, struct span text, struct span error,
		       struct output *out)
{
	static struct kernel_line line;
	struct kernel_events events;
	struct span first = text, head;
	json_t *props = json_object();
	uint64_t lines = 0;
	enum kernel_text kind;
	char plain[128];
	AUTO_JSON json_t *escaped = NULL;
	const char *name;

	/* Its name is part of other records: it has to be text. */
	text_copy(tree_base(path), plain, sizeof(plain));
	escaped = json_text(plain, strlen(plain), NULL);
	name = json_string_value(escaped);
	kernel_events_init(&events);
	put_kind(props, tree_base(path));
	json_put(props, "reason", json_null());
	if (text_line(&first, &head) && !put_reason(props, head) &&
	    text_is(kind_of(tree_base(path)), "dmesg"))
		collect_unread(props, "reason", json_text(head.at, head.len, NULL));
	while ((kind = kernel_line_next(&text, &line)) != KERNEL_END) {
		lines += kind == KERNEL_LINE;
		if (kind == KERNEL_LINE)
			kernel_events_add(&events, &line);
	}
	if (error.len)
		collect_span(props, "read_error", error);
	json_put(props, "record_count", collect_integer(lines));
	json_put(props, "unknown_errors", json_incref(events.strange));
	collect_json_record(out, "kernel.crashes", name, props);
	kernel_events_emit(&events, name, out);
}

void collect_kernel_pstore(const struct input *in, const char *instance,
			   struct output *out)
{
	struct tree tree;
	size_t at = 0;

	(void)instance;
	tree_open(&tree, in, "kernel/pstore", out);
	for (unsigned i = 0; at < tree.count && i < CRASHES_MAX; i++) {
		struct span path = tree.lines[at].path;
		struct span error = { NULL, 0 };
		size_t len = 0;
		AUTO_FREE char *text = text_of(&tree, &at, &len, &error);

		if (text_starts(path, PSTORE "/"))
			emit_crash(path, (struct span){ text, len }, error, out);
	}
	if (at < tree.count)
		collect_error(out, "kernel/pstore", "more than %u files", CRASHES_MAX);
	tree_close(&tree);
}
