/* What a measured value can be, by the unit in its property's name. */
#ifndef BEE_COLLECTORS_QUANTITY_H
#define BEE_COLLECTORS_QUANTITY_H

#include "json.h"
#include "util.h"

/*
 * False for a number that nothing measures: out of its unit's range ("..._celsius" over 200),
 * all ones, or minus one where there is no negative. Names without a unit of the table have
 * no range.
 */
bool quantity_is_plausible(const char *prop, double value);

/*
 * Makes null what is not plausible in `props` and in the objects and lists in it; the number
 * goes into "raw" of its object, and a sentence about it into "notes".
 */
void quantity_check(json_t *props);

#endif
