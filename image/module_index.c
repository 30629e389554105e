/* What modprobe(8) and udev look modules up in. */
#include "module_index.h"
#include "names.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#define TRIE_MAGIC 0xb007f457u
#define TRIE_VERSION 0x00020001u
/* What a node has, in the upper bits of the offset that leads to it. */
#define NODE_PREFIX 0x80000000u
#define NODE_VALUES 0x40000000u
#define NODE_CHILDREN 0x20000000u
#define ASCII_MAX 127
#define KEY_MAX 4095    /* bytes; libkmod looks up none that is longer */
#define NEEDS_MAX 1000u /* modules that one needs; Debian's need 30 at most */

static void put_u32(FILE *out, uint32_t value)
{
	value = htonl(value);
	(void)fwrite(&value, sizeof(value), 1, out);
}

/* How many bytes from `depth` on all keys share: sorted, so the first and the last do. */
static size_t shared(const struct index_line *lines, size_t count, size_t depth)
{
	const char *first = lines[0].key + depth, *last = lines[count - 1].key + depth;
	size_t len = 0;

	while (first[len] && first[len] == last[len])
		len++;
	return len;
}

static uint32_t node_put(FILE *out, const struct index_line *lines, size_t count,
			 size_t depth);

/* Those of `lines` that go on, by their next byte: a table of nodes from the first to the last. */
static unsigned children_put(FILE *out, const struct index_line *lines, size_t count,
			     size_t depth, uint32_t table[ASCII_MAX + 1],
			     unsigned char *first)
{
	unsigned char last = 0;

	*first = (unsigned char)lines[0].key[depth];
	for (size_t i = 0, n; i < count; i += n) {
		last = (unsigned char)lines[i].key[depth];
		n = 1;
		while (i + n < count && (unsigned char)lines[i + n].key[depth] == last)
			n++;
		table[last] = node_put(out, lines + i, n, depth + 1);
	}
	return last - *first + 1u;
}

/* After what is below it, so that it can say where that is. Its offset and bits. */
static uint32_t node_put(FILE *out, const struct index_line *lines, size_t count,
			 size_t depth)
{
	/* The first node has none, as depmod(8) makes it. */
	size_t prefix = depth > 0 ? shared(lines, count, depth) : 0, values = 0;
	uint32_t table[ASCII_MAX + 1] = { 0 }, node;
	unsigned children = 0;
	unsigned char first = 0;

	while (values < count && lines[values].key[depth + prefix] == '\0')
		values++;
	if (values < count)
		children = children_put(out, lines + values, count - values,
					depth + prefix, table, &first);
	node = (uint32_t)ftell(out);
	if (prefix > 0) {
		(void)fwrite(lines[0].key + depth, prefix, 1, out);
		(void)fputc('\0', out);
		node |= NODE_PREFIX;
	}
	if (children > 0) {
		(void)fputc(first, out);
		(void)fputc((int)(first + children - 1), out);
		for (unsigned i = 0; i < children; i++)
			put_u32(out, table[first + i]);
		node |= NODE_CHILDREN;
	}
	if (values > 0) {
		put_u32(out, (uint32_t)values);
		for (size_t i = 0; i < values; i++) {
			put_u32(out, lines[i].priority);
			(void)fwrite(lines[i].value, strlen(lines[i].value) + 1, 1, out);
		}
		node |= NODE_VALUES;
	}
	return node;
}

static int by_key(const void *a, const void *b)
{
	const struct index_line *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	if (order)
		return order;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return strcmp(x->value, y->value);
}

static bool is_key(const char *key)
{
	size_t len = 0;

	while (len <= KEY_MAX && isascii((unsigned char)key[len]) && key[len])
		len++;
	return key[len] == '\0';
}

char *index_trie(struct index_line *lines, size_t count, size_t *len)
{
	size_t kept = 0;
	uint32_t root = 3 * sizeof(uint32_t); /* without lines: a node that has nothing */
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, len);

	if (!out)
		errx(BEE_OSERR, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (is_key(lines[i].key))
			lines[kept++] = lines[i];
	if (kept > 0)
		qsort(lines, kept, sizeof(*lines), by_key);
	put_u32(out, TRIE_MAGIC);
	put_u32(out, TRIE_VERSION);
	put_u32(out, 0);
	if (kept > 0)
		root = node_put(out, lines, kept, 0);
	if (fclose(out))
		errx(BEE_OSERR, "out of memory");
	root = htonl(root);
	memcpy(bytes + 2 * sizeof(root), &root, sizeof(root));
	return bytes;
}

/* Texts of one kind and the trie of the same, as they come. */
struct table {
	struct index_line *lines; /* owned */
	size_t count, room;
	char **owned; /* texts of the lines */
	size_t owned_count, owned_room;
	FILE *text;
	char *bytes;
	size_t len;
};

static void table_open(struct table *t)
{
	*t = (struct table){ .lines = NULL };
	t->text = open_memstream(&t->bytes, &t->len);
	if (!t->text)
		errx(BEE_OSERR, "out of memory");
}

static const char *table_own(struct table *t, char *text)
{
	if (t->owned_count == t->owned_room) {
		t->owned_room = t->owned_room ? 2 * t->owned_room : 64;
		t->owned = xrealloc_array(t->owned, t->owned_room, sizeof(char *));
	}
	t->owned[t->owned_count++] = text;
	return text;
}

static void table_add(struct table *t, const char *key, const char *value,
		      unsigned priority)
{
	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->lines = xrealloc_array(t->lines, t->room, sizeof(*t->lines));
	}
	t->lines[t->count++] = (struct index_line){ key, value, priority };
}

typedef void put_fn(void *context, const char *name, char *bytes, size_t len);

/* `text` or `trie` NULL: there is no such file. */
static void table_close(struct table *t, const char *text, const char *trie, put_fn *put,
			void *context)
{
	size_t len;

	if (trie) {
		char *bytes = index_trie(t->lines, t->count, &len);

		put(context, trie, bytes, len);
	}
	if (fclose(t->text))
		errx(BEE_OSERR, "out of memory");
	if (text)
		put(context, text, t->bytes, t->len);
	else
		free(t->bytes);
	for (size_t i = 0; i < t->owned_count; i++)
		free(t->owned[i]);
	free(t->owned);
	free(t->lines);
}

/* All that one module needs, the deepest last, as modprobe(8) loads them from the end. */
struct needs {
	const struct kmods *mods;
	const char *of;
	const struct kmod **all; /* owned; the deepest first */
	size_t count;
};

static void need(void *context, const char *name)
{
	struct needs *n = context;
	const struct kmod *mod = kmods_find(n->mods, name);

	if (!mod || !mod->path || !mod->present)
		return;
	for (size_t i = 0; i < n->count; i++)
		if (n->all[i] == mod)
			return;
	if (n->count == NEEDS_MAX) {
		AUTO_FREE char *shown = name_shown(n->of, strlen(n->of));

		errx(BEE_DATAERR, "%s: it needs over %u modules", shown, NEEDS_MAX);
	}
	/* Here already, so that a circle ends; below it moves to its place. */
	n->all[n->count++] = mod;
	kmod_each_need(mod, false, need, n);
	for (size_t i = 0; i < n->count; i++) {
		if (n->all[i] != mod)
			continue;
		memmove(n->all + i, n->all + i + 1,
			(n->count - i - 1) * sizeof(struct kmod *));
		n->all[n->count - 1] = mod;
		return;
	}
}

static void dep_add(struct table *t, const struct kmods *mods, const struct kmod *mod)
{
	struct needs n = { .mods = mods, .of = mod->path };
	char *line = NULL;
	size_t len;
	FILE *out = open_memstream(&line, &len);

	if (!out)
		errx(BEE_OSERR, "out of memory");
	n.all = xcalloc(NEEDS_MAX, sizeof(struct kmod *));
	kmod_each_need(mod, false, need, &n);
	(void)fprintf(out, "%s:", mod->path);
	for (size_t i = n.count; i > 0; i--)
		if (n.all[i - 1] != mod)
			(void)fprintf(out, " %s", n.all[i - 1]->path);
	if (fclose(out))
		errx(BEE_OSERR, "out of memory");
	free(n.all);
	(void)fprintf(t->text, "%s\n", line);
	table_add(t, mod->name, table_own(t, line), mod->order);
}

/* In the spelling that is looked up: "_" for "-", but not in brackets. */
static char *alias_spelt(const char *alias)
{
	char *text = xstrdup(alias);
	bool inside = false;

	for (char *at = text; *at; at++) {
		inside = *at == '[' ? true : *at == ']' ? false : inside;
		if (*at == '-' && !inside)
			*at = '_';
	}
	return text;
}

static void aliases_add(struct table *t, const struct kmod *mod)
{
	const char *alias;
	size_t at = 0;

	while ((alias = modinfo_next(mod->info, mod->info_len, "alias", &at))) {
		(void)fprintf(t->text, "alias %s %s\n", alias, mod->name);
		table_add(t, table_own(t, alias_spelt(alias)), mod->name,
			  mod->path ? mod->order : 0);
	}
}

static void softdeps_add(struct table *t, const struct kmod *mod)
{
	const char *value;
	size_t at = 0;

	while ((value = modinfo_next(mod->info, mod->info_len, "softdep", &at)))
		(void)fprintf(t->text, "softdep %s %s\n", mod->name, value);
}

/* Device nodes that load their driver: its aliases "devname:NAME" and "char-major-N-M". */
static void devname_add(struct table *t, const struct kmod *mod)
{
	const char *alias, *name = NULL, *numbers = NULL;
	char type = 0;
	size_t at = 0;

	while ((alias = modinfo_next(mod->info, mod->info_len, "alias", &at))) {
		if (!strncmp(alias, "devname:", 8)) {
			name = alias + 8;
		} else if ((!strncmp(alias, "char-major-", 11) ||
			    !strncmp(alias, "block-major-", 12)) &&
			   !strchr(alias, '*')) {
			type = *alias;
			numbers = strstr(alias, "major-") + 6;
		}
	}
	if (name && numbers && strchr(numbers, '-'))
		(void)fprintf(t->text, "%s %s %c%.*s:%s\n", mod->name, name, type,
			      (int)strcspn(numbers, "-"), numbers,
			      strchr(numbers, '-') + 1);
}

static void builtin_make(const struct kmods *mods, put_fn *put, void *context)
{
	struct table names, aliases;

	table_open(&names);
	table_open(&aliases);
	for (const struct kmod *mod = mods->all; mod < mods->all + mods->count; mod++) {
		if (mod->path)
			continue;
		if (mod->listed)
			table_add(&names, mod->name, "", 0);
		aliases_add(&aliases, mod);
	}
	table_close(&names, NULL, "modules.builtin.bin", put, context);
	table_close(&aliases, NULL, "modules.builtin.alias.bin", put, context);
}

static int by_order(const void *a, const void *b)
{
	const struct kmod *x = *(const struct kmod *const *)a,
			  *y = *(const struct kmod *const *)b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Those that are present, in modules.order's order; of malloc. */
static const struct kmod **in_order(const struct kmods *mods, size_t *count)
{
	const struct kmod **all = xcalloc(mods->count + 1, sizeof(struct kmod *));

	*count = 0;
	for (const struct kmod *mod = mods->all; mod < mods->all + mods->count; mod++)
		if (mod->path && mod->present)
			all[(*count)++] = mod;
	qsort(all, *count, sizeof(struct kmod *), by_order);
	return all;
}

void module_index_make(const struct kmods *mods, put_fn *put, void *context)
{
	struct table deps, aliases, softdeps, devnames, symbols;
	size_t count;
	const struct kmod **all = in_order(mods, &count);

	table_open(&deps);
	table_open(&aliases);
	table_open(&softdeps);
	table_open(&devnames);
	table_open(&symbols);
	for (size_t i = 0; i < count; i++) {
		dep_add(&deps, mods, all[i]);
		aliases_add(&aliases, all[i]);
		softdeps_add(&softdeps, all[i]);
		devname_add(&devnames, all[i]);
	}
	free(all);
	table_close(&deps, "modules.dep", "modules.dep.bin", put, context);
	table_close(&aliases, "modules.alias", "modules.alias.bin", put, context);
	table_close(&softdeps, "modules.softdep", NULL, put, context);
	table_close(&devnames, "modules.devname", NULL, put, context);
	/* Nobody asks for modules by symbol any more; without the file libkmod uses no trie. */
	table_close(&symbols, NULL, "modules.symbols.bin", put, context);
	builtin_make(mods, put, context);
}
