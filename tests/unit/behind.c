/* How many devices a RAID controller's firmware lists, whatever it says. */
#include "behind.h"
#include "tap.h"

#include <string.h>

/* SPC-4, 6.33: LUN LIST LENGTH counts bytes from byte 8 on, eight for each. */
static void counts(void)
{
	static const struct {
		uint8_t head[4];
		size_t size;
		unsigned count;
	} rows[] = {
		{ { 0, 0, 0, 0 }, 1032, 0 },
		{ { 0, 0, 0, 8 }, 1032, 1 },
		{ { 0, 0, 0, 7 }, 1032, 0 },
		{ { 0, 0, 1, 0 }, 1032, 32 },
		{ { 0, 0, 4, 0 }, 1032, 128 },
		{ { 0, 0, 4, 8 }, 1032, 128 },
		{ { 0xff, 0xff, 0xff, 0xff }, 1032, 128 },
		{ { 0, 0, 0, 8 }, 15, 0 },
		{ { 0, 0, 0, 8 }, 8, 0 },
		{ { 0, 0, 0, 8 }, 7, 0 },
	};
	uint8_t answer[1032];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		memset(answer, 0xff, sizeof(answer));
		memcpy(answer, rows[i].head, 4);
		CHECK_INT(behind_lun_count(answer, rows[i].size), rows[i].count);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "no more devices than bytes, and none of half", counts, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
