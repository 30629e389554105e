/* A document without what tells one machine from another of its kind. */
#ifndef BEE_REPORT_DISCREET_H
#define BEE_REPORT_DISCREET_H

#include <jansson.h>

/* Serial numbers, WWNs, UUIDs, MAC addresses and the like become "left out", also where a
 * finding or the reason of a job quotes them. */
void discreet(json_t *document);

#endif
