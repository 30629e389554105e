/* Days from 1970. Not timegm(3): it opens /etc/localtime, where no file can be opened. */
#include "days.h"

int64_t days_from_1970(int64_t year, int64_t month, int64_t day)
{
	/* Years that begin with March end with the day that some have more. */
	int64_t march_year = month > 2 ? year : year - 1;
	int64_t month_from_march = (month + 9) % 12;

	return 365 * march_year + march_year / 4 - march_year / 100 + march_year / 400 +
	       (153 * month_from_march + 2) / 5 + day - 1 - 719468;
}
