/* Which part of one document is which of another. */
#include "parts.h"

#include "json.h"

#include <stdlib.h>
#include <string.h>

/* What parts are looked for by, from what says most to what says least. Owned; NULL: not by
 * this. */
typedef char *likeness_fn(const struct part *part, enum identity id);

static char *id_and_place(const struct part *part, enum identity id)
{
	return part->ids[id] && part->place
		       ? xasprintf("%s\n%s", part->ids[id], part->place)
		       : NULL;
}

static char *identity(const struct part *part, enum identity id)
{
	return part->ids[id] ? xstrdup(part->ids[id]) : NULL;
}

static char *place(const struct part *part, enum identity id)
{
	(void)id;
	return part->place ? xstrdup(part->place) : NULL;
}

/* Of two that nobody can tell apart, those that have one name and one model first. */
static char *name_and_model(const struct part *part, enum identity id)
{
	(void)id;
	return xasprintf("%s\n%s", part->name, part->model);
}

static char *model(const struct part *part, enum identity id)
{
	(void)id;
	return xstrdup(part->model);
}

static char *around(const struct part *part, enum identity id)
{
	(void)id;
	return part->place ? NULL : xstrdup(part->around ?: "");
}

/* Lists of the numbers of parts that have no other yet, by their likeness. */
static json_t *numbers_by(const struct parts *parts, likeness_fn *likeness,
			  enum identity id)
{
	json_t *all = json_object();

	for (size_t i = 0; i < parts->count; i++) {
		AUTO_FREE char *key =
			parts->list[i].other ? NULL : likeness(&parts->list[i], id);
		json_t *numbers;

		if (!key)
			continue;
		numbers = json_object_get(all, key);
		if (!numbers) {
			numbers = json_array();
			json_put(all, key, numbers);
		}
		json_push(numbers, json_integer((json_int_t)i));
	}
	return all;
}

static bool differ(const char *a, const char *b)
{
	return a && b && *a && *b && strcmp(a, b) != 0;
}

/* 0: nothing is known of both; 1: they are the same; -1: they are not. */
static int same_identity(const struct part *a, const struct part *b)
{
	int answer = 0;

	for (int id = 0; id < ID_COUNT; id++) {
		if (!a->ids[id] || !b->ids[id])
			continue;
		if (strcmp(a->ids[id], b->ids[id]) != 0)
			return -1;
		answer = 1;
	}
	return answer;
}

/* They are one part, or one has taken the other's place. */
static void pair(struct part *a, struct part *b, bool by_identity)
{
	int same = by_identity ? 1 : same_identity(a, b);

	a->other = b;
	b->other = a;
	a->replaced = b->replaced = same < 0 || (same == 0 && differ(a->model, b->model));
}

enum rule {
	UNIQUE,  /* one on each side, or it tells nothing */
	ANY,     /* the first with the first, as many as both have */
	UNNAMED, /* the same, where nothing says that they are not one */
};

static void match_by(struct parts *a, struct parts *b, likeness_fn *likeness,
		     enum identity id, enum rule rule)
{
	AUTO_JSON json_t *in_a = numbers_by(a, likeness, id);
	AUTO_JSON json_t *in_b = numbers_by(b, likeness, id);
	bool by_identity = likeness == identity || likeness == id_and_place;
	const char *key;
	json_t *numbers;

	json_object_foreach(in_a, key, numbers)
	{
		const json_t *others = json_object_get(in_b, key);
		size_t count = json_array_size(numbers), there = json_array_size(others);

		if (rule == UNIQUE && (count != 1 || there != 1))
			continue;
		for (size_t i = 0; i < count && i < there; i++) {
			struct part *one =
				&a->list[json_integer_value(json_array_get(numbers, i))];
			struct part *other =
				&b->list[json_integer_value(json_array_get(others, i))];

			if (rule != UNNAMED || same_identity(one, other) >= 0)
				pair(one, other, by_identity);
		}
	}
}

void parts_match(struct parts *a, struct parts *b)
{
	/* Cheap parts share a serial number: then the place tells them apart. */
	for (enum identity id = 0; id < ID_COUNT; id++)
		match_by(a, b, id_and_place, id, ANY);
	for (enum identity id = 0; id < ID_COUNT; id++)
		match_by(a, b, identity, id, UNIQUE);
	match_by(a, b, place, 0, UNIQUE);
	match_by(a, b, name_and_model, 0, UNNAMED);
	match_by(a, b, model, 0, UNNAMED);
	/* The one disk that is gone from a controller, and the one that is new there. */
	match_by(a, b, around, 0, UNIQUE);
}
