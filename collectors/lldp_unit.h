/* What an LLDP frame says (IEEE 802.1AB-2016), as properties of a neighbor. */
#ifndef BEE_COLLECTORS_LLDP_UNIT_H
#define BEE_COLLECTORS_LLDP_UNIT_H

#include "collect.h"

#include <string.h>

struct lldp_bytes {
	const uint8_t *at; /* borrowed */
	size_t len;
};

static inline unsigned lldp_word(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* props[prop] = "00:1b:21:aa:bb:cc", from six bytes. */
void lldp_put_mac(json_t *props, const char *prop, const uint8_t *address);

/*
 * Everything in an LLDPDU, which begins after the Ethernet header. Of what may stand there once
 * the first counts; what is not known goes to props.other_tlvs in hexadecimal. Returns NULL, or in
 * words what is wrong with it; what could be read is there all the same.
 */
const char *lldp_unit(json_t *props, struct lldp_bytes unit);

/* The value of one organizationally specific TLV (8.6); false when it is not known, or is shorter
 * than its kind has to be. */
bool lldp_organization(json_t *props, struct lldp_bytes value);

#endif
