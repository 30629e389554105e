/* What a document without serial numbers says where a record quotes one. */
#include "discreet.h"
#include "json.h"
#include "tap.h"

static void reasons_quote_none(void)
{
	AUTO_JSON json_t *document = json_loads(
		"{\"storage\":{\"drives\":[{\"key\":\"sda\",\"serial_number\":"
		"\"HD12345\","
		"\"model\":\"HD12345\",\"not_learned\":[{\"job\":\"storage/smart@sda\","
		"\"reason\":\"drive HD12345 did not answer\"}]}]}}",
		0, NULL);
	const json_t *drive;

	CHECK(document != NULL);
	discreet(document);
	drive = json_array_get(
		json_object_get(json_object_get(document, "storage"), "drives"), 0);
	CHECK_STR(json_string_value(json_object_get(drive, "serial_number")), "left out");
	CHECK_STR(json_string_value(json_object_get(
			  json_array_get(json_object_get(drive, "not_learned"), 0),
			  "reason")),
		  "drive left out did not answer");
	/* What a part is called stays. */
	CHECK_STR(json_string_value(json_object_get(drive, "model")), "HD12345");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "the reason of a job is without it in the record, too",
		  reasons_quote_none, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
