/* A raw byte of a sensor as the number that its record makes of it (IPMI 2.0, 36.3 and 43.1). */
#ifndef BEE_COLLECTORS_PSU_FORMULA_H
#define BEE_COLLECTORS_PSU_FORMULA_H

#include "util.h"

/* "analog", 43.1 byte 21: the format of a raw value; 3 is none. `record` is a full one in all of
 * them. */
unsigned sensor_format(const uint8_t *record);
/* False: from 70h on the BMC alone knows, and what is between is reserved. */
bool sensor_formula_is_known(const uint8_t *record);
/* By a formula that is known; false where that is no number. */
bool sensor_value(const uint8_t *record, uint8_t raw, double *out);

#endif
