/* How worn a drive is, of whatever a collector said is left of its life. */
#include "derive.h"
#include "tap.h"

/* wear_percent where this is left, as JSON; NULL: it is not there. */
static char *wear(const char *left)
{
	AUTO_FREE char *text = xasprintf(
		"{\"storage\":{\"drives\":[{%s%s}]}}",
		left ? "\"predicted_media_life_left_percent\":" : "", left ?: "");
	AUTO_JSON json_t *document = json_loads(text, 0, NULL);
	const json_t *drive;

	CHECK(document != NULL);
	derive_wear(document);
	/* Built again, it is the same. */
	derive_wear(document);
	drive = json_array_get(
		json_object_get(json_object_get(document, "storage"), "drives"), 0);
	drive = json_object_get(drive, "wear_percent");
	return drive ? json_dumps(drive, JSON_ENCODE_ANY) : NULL;
}

static void is_the_rest(void)
{
	AUTO_FREE char *some = wear("93"), *all = wear("0"), *none = wear("100");

	CHECK_STR(some, "7");
	CHECK_STR(all, "100");
	CHECK_STR(none, "0");
}

static void is_known_or_not(void)
{
	AUTO_FREE char *null = wear("null"), *absent = wear(NULL);

	CHECK_STR(null, "null");
	CHECK_STR(absent, NULL);
}

static void is_no_nonsense(void)
{
	static const char *const left[] = {
		"-9223372036854775808", "101", "-1", "1.5", "\"93\"", "[93]"
	};

	for (size_t i = 0; i < ARRAY_LEN(left); i++) {
		AUTO_FREE char *text = wear(left[i]);

		CHECK_STR(text, "null");
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "wear is what is not left", is_the_rest, 0 },
		{ "what nobody knows is null, and what nobody told is not there",
		  is_known_or_not, 0 },
		{ "of a number that no drive has there is no wear", is_no_nonsense, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
