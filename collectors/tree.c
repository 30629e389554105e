/* What bee-read printed, as a tree of files. */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 2000000u /* bee-read's 32 MiB have fewer lines that are any use */

/* '/' sorts before everything, so that a folder's files stand together. */
static int rank(char c)
{
	return c == '/' ? 0 : 1 + (unsigned char)c;
}

static int compare_paths(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < len; i++)
		if (a.at[i] != b.at[i])
			return rank(a.at[i]) - rank(b.at[i]);
	return (a.len > b.len) - (a.len < b.len);
}

static int compare_lines(const void *a, const void *b)
{
	const struct tree_line *left = a, *right = b;
	int order = compare_paths(left->path, right->path);

	return order ? order
		     : (left->order > right->order) - (left->order < right->order);
}

static bool parse_line(struct span line, struct tree_line *out)
{
	struct span kind;

	if (!text_cut(&line, '\t', &kind) || kind.len != 1 ||
	    !strchr("vle", kind.at[0]) || !kind.at[0])
		return false;
	out->kind = kind.at[0];
	if (!text_cut(&line, '\t', &out->path) || out->path.at[0] != '/')
		return false;
	/* The tab after the path is there even when nothing follows it. */
	if (out->path.at[out->path.len] != '\t')
		return false;
	out->content = line;
	return true;
}

void tree_open(struct tree *tree, const struct input *in, const char *where,
	       struct output *out)
{
	struct span rest = { in->text, in->len }, line;
	size_t size = 0, bad = 0, order = 0;

	*tree = (struct tree){ .lines = NULL };
	while (tree->count < LINES_MAX && text_cut(&rest, '\n', &line)) {
		struct tree_line parsed = { .order = order };

		order++;
		if (line.at + line.len == in->text + in->len) {
			collect_error(out, where, "the input ends inside a line");
			break;
		}
		if (!parse_line(line, &parsed)) {
			bad++;
			continue;
		}
		if (tree->count == size) {
			size = size ? 2 * size : 256;
			tree->lines = xrealloc_array(tree->lines, size, sizeof(parsed));
		}
		tree->lines[tree->count++] = parsed;
	}
	if (bad)
		collect_error(out, where, "%zu lines that bee-read does not print", bad);
	if (tree->count > 1)
		qsort(tree->lines, tree->count, sizeof(*tree->lines), compare_lines);
}

void tree_close(struct tree *tree)
{
	free(tree->lines);
}

/* Index of the first line whose path is not before `path`. */
static size_t lower_bound(const struct tree *tree, struct span path)
{
	size_t from = 0, to = tree->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (compare_paths(tree->lines[middle].path, path) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

const struct tree_line *tree_find(const struct tree *tree, const char *folder,
				  struct span name, const char *attribute)
{
	char path[512];
	int len = snprintf(path, sizeof(path), "%s/%.*s%s%s", folder, (int)name.len,
			   name.at, *attribute ? "/" : "", attribute);
	size_t at;

	if (name.len > 255 || len < 0 || (size_t)len >= sizeof(path))
		return NULL;
	at = lower_bound(tree, (struct span){ path, (size_t)len });
	return at < tree->count && text_is(tree->lines[at].path, path) ? &tree->lines[at]
								       : NULL;
}

/* What stands between folder and the next slash; false when `path` is not below folder.
 */
static bool below(struct span path, const char *folder, struct span *name)
{
	if (!text_skip(&path, folder) || !text_skip(&path, "/"))
		return false;
	return text_cut(&path, '/', name) && name->len > 0;
}

static bool same(struct span a, struct span b)
{
	return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

bool tree_next(const struct tree *tree, const char *folder, size_t *at, struct span *name)
{
	struct span last = { NULL, 0 };

	if (*at == 0)
		*at = lower_bound(tree, (struct span){ folder, strlen(folder) });
	else
		(void)below(tree->lines[*at - 1].path, folder, &last);
	for (; *at < tree->count && text_starts(tree->lines[*at].path, folder); ++*at) {
		if (!below(tree->lines[*at].path, folder, name) ||
		    (last.len > 0 && same(last, *name)))
			continue;
		++*at;
		return true;
	}
	return false;
}

size_t tree_seek(const struct tree *tree, const char *folder, const char *prefix)
{
	char path[512];
	int len = snprintf(path, sizeof(path), "%s/%s", folder, prefix);

	if (len < 0 || (size_t)len >= sizeof(path))
		return 0;
	return lower_bound(tree, (struct span){ path, (size_t)len });
}

bool tree_value(const struct tree *tree, const char *folder, struct span name,
		const char *attribute, struct span *value)
{
	const struct tree_line *line = tree_find(tree, folder, name, attribute);

	if (!line || line->kind != 'v')
		return false;
	*value = text_trim(line->content);
	return value->len > 0;
}

char *tree_bytes(const struct tree *tree, const char *folder, struct span name,
		 const char *attribute, size_t *len)
{
	const struct tree_line *first = tree_find(tree, folder, name, attribute);
	size_t from = first ? (size_t)(first - tree->lines) : 0, to = from, size = 0,
	       n = 0;
	char *bytes;

	if (!first)
		return NULL;
	for (; to < tree->count && same(tree->lines[to].path, first->path); to++) {
		if (tree->lines[to].kind != 'v')
			return NULL;
		size += tree->lines[to].content.len + 1;
	}
	bytes = xcalloc(size, 1);
	for (; from < to; from++) {
		struct span content = tree->lines[from].content;

		if (content.len > 0)
			memcpy(bytes + n, content.at, content.len);
		n += content.len;
		if (from + 1 < to)
			bytes[n++] = '\n';
	}
	*len = n;
	return bytes;
}

bool tree_link(const struct tree *tree, const char *folder, struct span name,
	       const char *attribute, struct span *target)
{
	const struct tree_line *line = tree_find(tree, folder, name, attribute);

	if (!line || line->kind != 'l')
		return false;
	*target = line->content;
	return true;
}

struct span tree_base(struct span path)
{
	const char *slash = path.len ? memrchr(path.at, '/', path.len) : NULL;

	if (!slash)
		return path;
	return (struct span){ slash + 1, (size_t)(path.at + path.len - slash - 1) };
}

/* Drivers say EINVAL, ENXIO, ... for an attribute that does not apply: that is an answer.
 */
static bool in_earnest(struct span name)
{
	return !text_is(name, "EINVAL") && !text_is(name, "ENXIO") &&
	       !text_is(name, "ENODEV") && !text_is(name, "ENODATA") &&
	       !text_is(name, "EOPNOTSUPP") && !text_is(name, "ENOENT");
}

void tree_errors(const struct tree *tree, const char *folder, struct span name,
		 json_t *props)
{
	char prefix[512];
	int len = snprintf(prefix, sizeof(prefix), "%s/%.*s/", folder, (int)name.len,
			   name.at);
	json_t *list = NULL;
	size_t at;

	if (name.len > 255 || len < 0 || (size_t)len >= sizeof(prefix))
		return;
	at = lower_bound(tree, (struct span){ prefix, (size_t)len });
	for (; at < tree->count && text_starts(tree->lines[at].path, prefix); at++) {
		struct span attribute = tree->lines[at].path,
			    why = tree->lines[at].content;
		char note[300];
		int n;

		if (tree->lines[at].kind != 'e' || !in_earnest(why))
			continue;
		(void)text_skip(&attribute, prefix);
		n = snprintf(note, sizeof(note), "%.*s: %.*s", (int)(attribute.len % 200),
			     attribute.at, (int)(why.len % 32), why.at);
		if (!list) {
			json_put(props, "read_errors", json_array());
			list = json_object_get(props, "read_errors");
		}
		json_push(list, json_text(note, (size_t)n, NULL));
	}
}
