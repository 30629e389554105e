/* Numbers of IPMI as words: sensor types, states, units. */
#ifndef BEE_COLLECTORS_IPMI_NAMES_H
#define BEE_COLLECTORS_IPMI_NAMES_H

#include "util.h"

/* The larger, the more is to be said: what nobody knows is not well. */
enum ipmi_severity { IPMI_OK, IPMI_UNKNOWN, IPMI_WARNING, IPMI_CRITICAL };

/* IPMI 2.0, table 42-3, first column; NULL for OEM and reserved types. */
const char *ipmi_sensor_type(unsigned type);

struct ipmi_state {
	const char *name; /* NULL: no word for it here */
	enum ipmi_severity severity;
};
/* What an offset means, by event/reading type (tables 42-1 to 42-3); one that no table has is
 * IPMI_UNKNOWN. */
struct ipmi_state ipmi_state(unsigned sensor_type, unsigned event_type, unsigned offset);

/* A base unit (table 43-15): what stands behind the property's name; NULL for others. */
const char *ipmi_unit_suffix(unsigned unit);

/* "OK", "Warning", "Critical"; NULL where it is not known. */
const char *ipmi_health(enum ipmi_severity severity);

#endif
