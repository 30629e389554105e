/* The modules of one kernel, with what each says of itself. */
#include "kmods.h"

#include <err.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

bool kmod_is_file(const char *path)
{
	const char *base = strrchr(path, '/'), *suffix;

	base = base ? base + 1 : path;
	suffix = strstr(base, ".ko");
	return suffix && suffix > base &&
	       (!strcmp(suffix, ".ko") || !strcmp(suffix, ".ko.xz") ||
		!strcmp(suffix, ".ko.zst") || !strcmp(suffix, ".ko.gz"));
}

bool kmod_name(const char *path, char name[KMOD_NAME_MAX])
{
	const char *base = strrchr(path, '/'), *end;
	size_t len;

	base = base ? base + 1 : path;
	end = strstr(base, ".ko");
	len = end ? (size_t)(end - base) : strlen(base);
	if (len >= KMOD_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		name[i] = base[i] == '-' ? '_' : base[i];
	name[len] = '\0';
	return true;
}

void kmods_add(struct kmods *mods, const char *name, const char *path)
{
	char plain[KMOD_NAME_MAX];

	if (mods->count == KMODS_MAX || !kmod_name(name, plain) || !*plain)
		return;
	if (mods->count == mods->room) {
		mods->room = mods->room ? 2 * mods->room : 256;
		mods->all = xrealloc_array(mods->all, mods->room, sizeof(*mods->all));
	}
	mods->all[mods->count++] = (struct kmod){
		.name = xstrdup(plain),
		.path = path ? xstrdup(path) : NULL,
		.order = UINT32_MAX,
	};
}

/* Calls `each` with the lines of `text`, without their ends. */
static void each_line(const char *text, size_t len,
		      void (*each)(void *context, const char *line), void *context)
{
	AUTO_FREE char *copy = xcalloc(len + 1, 1);
	char *save;

	memcpy(copy, text, len);
	for (char *line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		each(context, line);
}

static void builtin_line(void *context, const char *line)
{
	struct kmods *mods = context;
	size_t count = mods->count;

	kmods_add(mods, line, NULL);
	if (mods->count > count)
		mods->all[count].listed = true;
}

void kmods_add_builtin(struct kmods *mods, const char *lines, size_t len)
{
	each_line(lines, len, builtin_line, mods);
}

struct ordered {
	struct kmods *mods;
	unsigned next;
};

static void order_line(void *context, const char *line)
{
	struct ordered *o = context;
	struct kmod *mod = kmods_find(o->mods, line);

	if (mod)
		mod->order = o->next;
	o->next++;
}

void kmods_order(struct kmods *mods, const char *lines, size_t len)
{
	struct ordered o = { .mods = mods };

	each_line(lines, len, order_line, &o);
}

/* The name of "NAME.key=value"; NULL: it has none. */
static const char *described(const char *text, char name[KMOD_NAME_MAX])
{
	size_t len = strcspn(text, ".");

	if (text[len] != '.' || len >= KMOD_NAME_MAX)
		return NULL;
	memcpy(name, text, len);
	name[len] = '\0';
	return text + len + 1;
}

/* "NAME.key=value": the value's text goes to the module of that name. */
static void describe(const struct kmods *mods, const char *text)
{
	char name[KMOD_NAME_MAX];
	struct kmod *mod;
	size_t size;

	text = described(text, name);
	mod = text ? kmods_find(mods, name) : NULL;
	if (!mod || mod->path)
		return;
	size = strlen(text) + 1;
	mod->info = xrealloc_array(mod->info, mod->info_len + size, 1);
	memcpy(mod->info + mod->info_len, text, size);
	mod->info_len += size;
}

void kmods_describe_builtin(struct kmods *mods, const char *info, size_t len)
{
	AUTO_FREE char *copy = xcalloc(len + 1, 1);
	char name[KMOD_NAME_MAX], last[KMOD_NAME_MAX] = "";

	memcpy(copy, info, len);
	/* Some have no line in modules.builtin: they cannot be built as modules. */
	for (size_t at = 0; at < len; at += strlen(copy + at) + 1)
		if (described(copy + at, name) && strcmp(name, last) != 0) {
			kmods_add(mods, name, NULL);
			(void)stpcpy(last, name);
		}
	kmods_sort(mods);
	for (size_t at = 0; at < len; at += strlen(copy + at) + 1)
		describe(mods, copy + at);
}

static unsigned rank(const struct kmod *mod)
{
	return !mod->path ? 3 - mod->listed : strncmp(mod->path, "updates/", 8) != 0;
}

static int by_name(const void *a, const void *b)
{
	const struct kmod *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	if (rank(x) != rank(y))
		return rank(x) < rank(y) ? -1 : 1;
	return x->path && y->path ? strcmp(x->path, y->path) : 0;
}

static void kmod_done(struct kmod *mod)
{
	free(mod->name);
	free(mod->path);
	free(mod->info);
}

void kmods_sort(struct kmods *mods)
{
	size_t kept = 0;

	if (mods->count > 0) /* qsort(3) takes no NULL */
		qsort(mods->all, mods->count, sizeof(*mods->all), by_name);
	for (size_t i = 0; i < mods->count; i++) {
		if (kept > 0 && !strcmp(mods->all[kept - 1].name, mods->all[i].name))
			kmod_done(&mods->all[i]);
		else
			mods->all[kept++] = mods->all[i];
	}
	mods->count = kept;
}

static int name_compare(const void *key, const void *item)
{
	const struct kmod *mod = item;

	return strcmp(key, mod->name);
}

struct kmod *kmods_find(const struct kmods *mods, const char *name)
{
	char plain[KMOD_NAME_MAX];

	if (!kmod_name(name, plain) || mods->count == 0)
		return NULL;
	return bsearch(plain, mods->all, mods->count, sizeof(*mods->all), name_compare);
}

void kmods_done(struct kmods *mods)
{
	for (size_t i = 0; i < mods->count; i++)
		kmod_done(&mods->all[i]);
	free(mods->all);
	*mods = (struct kmods){ .all = NULL };
}

bool kmod_takes(const struct kmod *mod, const char *modalias)
{
	const char *alias;
	size_t at = 0;

	while ((alias = modinfo_next(mod->info, mod->info_len, "alias", &at)))
		/* Most differ before their first wildcard. */
		if (!strncmp(alias, modalias, strcspn(alias, "*?[")) &&
		    !fnmatch(alias, modalias, 0))
			return true;
	return false;
}

static void each_word(const char *text, const char *between, bool titles,
		      void (*each)(void *context, const char *name), void *context)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *save;

	for (char *word = strtok_r(copy, between, &save); word;
	     word = strtok_r(NULL, between, &save))
		if (!titles || word[strlen(word) - 1] != ':') /* "pre:", "post:" */
			each(context, word);
}

void kmod_each_need(const struct kmod *mod, bool soft,
		    void (*each)(void *context, const char *name), void *context)
{
	const char *value;
	size_t at = 0;

	while ((value = modinfo_next(mod->info, mod->info_len, "depends", &at)))
		each_word(value, ",", false, each, context);
	for (at = 0;
	     soft && (value = modinfo_next(mod->info, mod->info_len, "softdep", &at));)
		each_word(value, " \t", true, each, context);
	for (at = 0;
	     soft && (value = modinfo_next(mod->info, mod->info_len, "weakdep", &at));)
		each_word(value, " \t", false, each, context);
}
