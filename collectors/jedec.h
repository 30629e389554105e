/* Makers of memory by the codes that JEDEC gives them. */
#ifndef BEE_COLLECTORS_JEDEC_H
#define BEE_COLLECTORS_JEDEC_H

#include "text.h"

/*
 * "Samsung" for what firmware writes of bytes 320 and 321 of a module's memory (JESD21-C, annex L):
 * "80CE", "CE80", "0x80CE", "00CE00B300CE" (module, register, chips), and of the eight bytes of
 * annex J, "CE00000000000000". NULL where the text is no such code, or one of somebody else.
 */
const char *jedec_maker(struct span text);

#endif
