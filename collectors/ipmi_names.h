/* Numbers of IPMI as words: sensor types, states, units. */
#ifndef BEE_COLLECTORS_IPMI_NAMES_H
#define BEE_COLLECTORS_IPMI_NAMES_H

#include "util.h"

enum severity { SEVERITY_OK, SEVERITY_WARNING, SEVERITY_CRITICAL };

/* IPMI 2.0, table 42-3, first column; NULL for OEM and reserved types. */
const char *ipmi_sensor_type(unsigned type);

struct ipmi_state {
	const char *name; /* NULL: no word for it here */
	enum severity severity;
};
/* What an offset means, by event/reading type (tables 42-1 to 42-3). */
struct ipmi_state ipmi_state(unsigned sensor_type, unsigned event_type, unsigned offset);

/* A base unit (table 43-15): what stands behind the property's name; NULL for others. */
const char *ipmi_unit_suffix(unsigned unit);

/* "OK", "Warning", "Critical". */
const char *ipmi_health(enum severity severity);

#endif
