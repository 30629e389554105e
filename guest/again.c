/* What a guest was started with the last time, beside what it is to be now. */
#include "again.h"

#include <err.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* All that is kept in mind of a guest, and what it is for. */
enum kind { TEXT, WORDS, YES, NUMBER };
enum use {
	FIXED = 1, /* of one that is kept: it is not started with another */
	FILL_KEPT =
		2, /* of a tree that is kept, made by options alone and started by its name */
	FILL_VM = 4, /* of a VM that was made so */
};

static const struct setting {
	const char *key;
	enum kind kind;
	unsigned uses;
	size_t at; /* in struct guest */
} settings[] = {
	{ "disks", WORDS, FIXED | FILL_KEPT | FILL_VM, offsetof(struct guest, disks) },
	{ "bridges", WORDS, FIXED | FILL_KEPT | FILL_VM,
	  offsetof(struct guest, bridges) },
	{ "cables", WORDS, FIXED | FILL_KEPT | FILL_VM, offsetof(struct guest, cables) },
	{ "init", WORDS, 0, offsetof(struct guest, init) },
	{ "start", WORDS, 0, offsetof(struct guest, start) },
	{ "root", TEXT, FIXED | FILL_KEPT, offsetof(struct guest, root) },
	{ "base", TEXT, FIXED, offsetof(struct guest, base) },
	{ "lower", TEXT, FIXED | FILL_KEPT, offsetof(struct guest, lower) },
	{ "upper", TEXT, FIXED | FILL_KEPT, offsetof(struct guest, upper) },
	{ "work", TEXT, FIXED | FILL_KEPT, offsetof(struct guest, work) },
	{ "folder", TEXT, FIXED, offsetof(struct guest, folder) },
	{ "volatile", YES, FIXED | FILL_KEPT | FILL_VM,
	  offsetof(struct guest, is_volatile) },
	{ "tun", YES, FIXED | FILL_KEPT, offsetof(struct guest, tun) },
	{ "memory", NUMBER, FILL_VM, offsetof(struct guest, memory) },
	{ "tasks", NUMBER, FILL_VM, offsetof(struct guest, tasks) },
	{ "backend", TEXT, 0, offsetof(struct guest, backend) },
	{ "image", TEXT, FILL_VM, offsetof(struct guest, image) },
	{ "kernel", TEXT, FILL_VM, offsetof(struct guest, kernel) },
	{ "initrd", TEXT, FILL_VM, offsetof(struct guest, initrd) },
	{ "append", TEXT, FILL_VM, offsetof(struct guest, append) },
	{ "firmware", TEXT, FILL_VM, offsetof(struct guest, firmware) },
	{ "accel", TEXT, FILL_VM, offsetof(struct guest, accel) },
	{ "authorized_keys", TEXT, FILL_VM, offsetof(struct guest, keys) },
	{ "work_seed", TEXT, 0, offsetof(struct guest, work_seed) },
	{ "work_size", NUMBER, 0, offsetof(struct guest, work_size) },
	{ "cpus", NUMBER, FILL_VM, offsetof(struct guest, cpus) },
};

static json_t *words_json(const struct words *words)
{
	json_t *list = json_array();

	for (size_t i = 0; i < words->count; i++)
		json_push(list, json_text(words->at[i], strlen(words->at[i]), NULL));
	return list;
}

/* NULL: nothing was said of it. */
static json_t *setting_json(const struct setting *setting, const struct guest *g)
{
	const void *at = (const char *)g + setting->at;
	const char *text;

	switch (setting->kind) {
	case WORDS:
		return words_json(at);
	case YES:
		return json_boolean(*(const bool *)at);
	case NUMBER:
		return json_integer((json_int_t) * (const uint64_t *)at);
	case TEXT:
	default:
		text = *(char *const *)at;
		return text ? json_text(text, strlen(text), NULL) : NULL;
	}
}

/* What a guest is to be, to compare it with what it was the last time. */
json_t *again_config(const struct guest *g)
{
	json_t *out = json_object();

	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		json_t *value = setting_json(&settings[i], g);

		if (value)
			json_put(out, settings[i].key, value);
	}
	return out;
}

static bool same(const json_t *one, const json_t *other)
{
	return one && other ? json_equal(one, other) != 0 : one == other;
}

void again_compare(const char *name, json_t *old, json_t *fresh)
{
	AUTO_JSON json_t *keys = json_object();
	const char *key;
	json_t *value;

	if (!old)
		return;
	json_object_update(keys, old);
	json_object_update(keys, fresh);
	json_object_foreach(keys, key, value)
	{
		const json_t *was = json_object_get(old, key),
			     *is = json_object_get(fresh, key);
		char *before, *now;

		if (json_equal(was, is))
			continue;
		before = was ? json_dumps(was, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
		now = is ? json_dumps(is, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
		warnx("%s: since the last start \"%s\" has changed from %s to %s", name,
		      key, before ? before : "nothing", now ? now : "nothing");
		free(before);
		free(now);
	}
}

void again_kept(const struct guest *g, const struct look *look, json_t *config)
{
	const struct record *record = &look->record;

	if (look->record_kind != STATE_GOOD)
		errx(BEE_TEMPFAIL, "%s is kept, and its record is gone: stop it first",
		     g->name);
	if (strcmp(record->backend, g->backend) != 0 ||
	    record->host_users != g->host_users)
		errx(BEE_TEMPFAIL, "%s is kept as a guest of another kind: stop it first",
		     g->name);
	if (look->handles.argv.count == 0 && g->init.count == 0 && !g->shell)
		errx(BEE_TEMPFAIL,
		     "%s is kept, and what its first process was could not be kept in "
		     "mind: say --init",
		     g->name);
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (record->config && settings[i].uses & FIXED &&
		    !same(json_object_get(record->config, settings[i].key),
			  json_object_get(config, settings[i].key)))
			errx(BEE_TEMPFAIL,
			     "%s is kept with another \"%s\": stop it first, or start it "
			     "as it was",
			     g->name, settings[i].key);
}

/* Where nothing else was said. */
static void setting_fill(const struct setting *setting, const json_t *value,
			 struct guest *g)
{
	void *at = (char *)g + setting->at;
	struct words *words = at;
	const char *text = json_string_value(value);
	uint64_t number;

	switch (setting->kind) {
	case WORDS:
		if (words->count > 0)
			break;
		for (size_t i = 0; i < json_array_size(value) && i < 256; i++) {
			text = json_string_value(json_array_get(value, i));
			if (text)
				words_add(words, text, strlen(text));
		}
		break;
	case YES:
		*(bool *)at |= json_is_true(value);
		break;
	case NUMBER:
		if (!*(uint64_t *)at && !json_u64(value, &number))
			*(uint64_t *)at = number;
		break;
	case TEXT:
	default:
		if (text && !*(char **)at)
			*(char **)at = xstrdup(text);
		break;
	}
}

void again_fill(struct guest *g, const struct look *look)
{
	const json_t *config =
		look->record_kind == STATE_GOOD ? look->record.config : NULL;
	unsigned uses = 0;

	/* One that has a folder has a config file, or its disk, there. */
	if (!config || json_object_get(config, "folder") || g->disks.count > 0)
		return;
	if (look->state == GUEST_KEPT && !g->root && !g->lower)
		uses |= FILL_KEPT;
	if (!strcmp(look->record.backend, "vm") && !g->config && !g->image && !g->kernel)
		uses |= FILL_VM;
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (settings[i].uses & uses)
			setting_fill(&settings[i],
				     json_object_get(config, settings[i].key), g);
}
