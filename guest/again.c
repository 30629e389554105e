/* What a guest was started with the last time, beside what it is to be now. */
#include "again.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static json_t *words_json(const struct words *words)
{
	json_t *list = json_array();

	for (size_t i = 0; i < words->count; i++)
		json_push(list, json_text(words->at[i], strlen(words->at[i]), NULL));
	return list;
}

static void text_put(json_t *object, const char *key, const char *text)
{
	if (text)
		json_put(object, key, json_text(text, strlen(text), NULL));
}

/* What a guest is to be, to compare it with what it was the last time. */
json_t *again_config(const struct guest *g)
{
	json_t *out = json_object();

	json_put(out, "disks", words_json(&g->disks));
	json_put(out, "bridges", words_json(&g->bridges));
	json_put(out, "cables", words_json(&g->cables));
	json_put(out, "init", words_json(&g->init));
	json_put(out, "start", words_json(&g->start));
	text_put(out, "root", g->root);
	text_put(out, "base", g->base);
	text_put(out, "lower", g->lower);
	text_put(out, "upper", g->upper);
	text_put(out, "work", g->work);
	text_put(out, "folder", g->folder);
	json_put(out, "volatile", json_boolean(g->is_volatile));
	json_put(out, "tun", json_boolean(g->tun));
	json_put(out, "memory", json_integer((json_int_t)g->memory));
	json_put(out, "tasks", json_integer((json_int_t)g->tasks));
	text_put(out, "backend", g->backend);
	text_put(out, "image", g->image);
	text_put(out, "kernel", g->kernel);
	text_put(out, "initrd", g->initrd);
	text_put(out, "append", g->append);
	text_put(out, "accel", g->accel);
	text_put(out, "authorized_keys", g->keys);
	text_put(out, "work_seed", g->work_seed);
	json_put(out, "work_size", json_integer((json_int_t)g->work_size));
	json_put(out, "cpus", json_integer((json_int_t)g->cpus));
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
	static const char *const fixed[] = { "disks",  "bridges",  "cables", "root",
					     "base",   "lower",    "upper",  "work",
					     "folder", "volatile", "tun" };
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
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (record->config && !same(json_object_get(record->config, fixed[i]),
					    json_object_get(config, fixed[i])))
			errx(BEE_TEMPFAIL,
			     "%s is kept with another \"%s\": stop it first, or start it "
			     "as it was",
			     g->name, fixed[i]);
}

static void text_again(const json_t *config, const char *key, char **out)
{
	const char *text = json_string_value(json_object_get(config, key));

	if (text && !*out)
		*out = xstrdup(text);
}

static void words_again(const json_t *config, const char *key, struct words *out)
{
	const json_t *list = json_object_get(config, key);

	for (size_t i = 0; i < json_array_size(list) && out->count < 256; i++) {
		const char *word = json_string_value(json_array_get(list, i));

		if (word)
			words_add(out, word, strlen(word));
	}
}

/* A tree that was made by options alone, and is kept: what it was made with. */
static void kept_again(const json_t *config, struct guest *g)
{
	if (g->root || g->lower || g->disks.count > 0 ||
	    json_object_get(config, "folder"))
		return;
	text_again(config, "root", &g->root);
	text_again(config, "lower", &g->lower);
	text_again(config, "upper", &g->upper);
	text_again(config, "work", &g->work);
	words_again(config, "disks", &g->disks);
	if (g->bridges.count == 0)
		words_again(config, "bridges", &g->bridges);
	if (g->cables.count == 0)
		words_again(config, "cables", &g->cables);
	g->is_volatile |= json_is_true(json_object_get(config, "volatile"));
	g->tun |= json_is_true(json_object_get(config, "tun"));
}

/* A VM that was made by options alone, started by its name: what it was made with. */
void again_fill(struct guest *g)
{
	const json_t *config;
	struct look look;
	uint64_t number;

	look_guest(g->name, &look);
	config = look.record_kind == STATE_GOOD ? look.record.config : NULL;
	if (config && look.state == GUEST_KEPT)
		kept_again(config, g);
	if (!config || strcmp(look.record.backend, "vm") != 0 || g->config || g->image ||
	    g->kernel || g->disks.count > 0 || json_object_get(config, "folder")) {
		look_done(&look);
		return;
	}
	text_again(config, "image", &g->image);
	text_again(config, "kernel", &g->kernel);
	text_again(config, "initrd", &g->initrd);
	text_again(config, "append", &g->append);
	text_again(config, "accel", &g->accel);
	text_again(config, "authorized_keys", &g->keys);
	g->is_volatile |= json_is_true(json_object_get(config, "volatile"));
	words_again(config, "disks", &g->disks);
	if (g->bridges.count == 0)
		words_again(config, "bridges", &g->bridges);
	if (g->cables.count == 0)
		words_again(config, "cables", &g->cables);
	if (!g->memory && !json_u64(json_object_get(config, "memory"), &number))
		g->memory = number;
	if (!g->tasks && !json_u64(json_object_get(config, "tasks"), &number))
		g->tasks = number;
	if (!g->cpus && !json_u64(json_object_get(config, "cpus"), &number))
		g->cpus = number;
	look_done(&look);
}
