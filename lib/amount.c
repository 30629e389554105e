/* Bytes as a person writes them. */
#include "amount.h"

/* Three digits are enough on one screen: "768 GiB", "1.5 TiB", "61.4 TB". */
static char *amount(uint64_t bytes, unsigned base, const char *const units[])
{
	unsigned unit = 0;
	uint64_t scale = 1;

	while (units[unit + 1] && bytes / scale >= base) {
		scale *= base;
		unit++;
	}
	/* An even number of GiB up to 10,000 reads better than 1.5 TiB, as on the
	 * modules. */
	if (base == 1024 && unit == 4 && bytes % (scale / base) == 0 &&
	    bytes / scale < 10) {
		scale /= base;
		unit--;
	}
	if (bytes / scale >= 100 || bytes % scale == 0 || unit == 0)
		return xasprintf("%llu %s", (unsigned long long)(bytes / scale),
				 units[unit]);
	return xasprintf("%llu.%llu %s", (unsigned long long)(bytes / scale),
			 (unsigned long long)(bytes % scale * 10 / scale), units[unit]);
}

char *amount_binary(uint64_t bytes)
{
	static const char *const units[] = { "B",   "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB", NULL };

	return amount(bytes, 1024, units);
}

char *amount_decimal(uint64_t bytes)
{
	static const char *const units[] = {
		"B", "kB", "MB", "GB", "TB", "PB", "EB", NULL
	};

	return amount(bytes, 1000, units);
}
