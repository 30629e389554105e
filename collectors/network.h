/* What the files of the network collector share. */
#ifndef BEE_COLLECTORS_NETWORK_H
#define BEE_COLLECTORS_NETWORK_H

#include "text.h"

#define NETWORK_INTERFACES "network.interfaces"

/*
 * What a pluggable transceiver or cable says of itself, from the memory it shows through
 * the kernel (ethtool's EEPROM: SFF-8472, SFF-8636 or CMIS by its first byte). A new
 * object; one that holds too few bytes, or is of no known kind, has a type only.
 */
json_t *network_module(const uint8_t *bytes, size_t len);

/* What it measures of heat, supply and light, into that object: `len` bytes, as many at least as
 * the identity in such a memory has. */
enum network_memory { NETWORK_SFP, NETWORK_QSFP, NETWORK_CMIS };
void network_optics(json_t *module, enum network_memory memory, const uint8_t *bytes,
		    size_t len);

/* Takes full_duplex back, to null, where speed_gbps is not known. */
void network_doubt_duplex(json_t *props);

#endif
