/* The calendar without a time zone. */
#ifndef BEE_LIB_DAYS_H
#define BEE_LIB_DAYS_H

#include <stdint.h>

/* Days from 1970-01-01 to that one, of the Gregorian calendar; `month` is 1 to 12. */
int64_t days_from_1970(int64_t year, int64_t month, int64_t day);

#endif
