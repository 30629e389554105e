/* Cables: pairs of veth interfaces, NAME0 outside and eth0 inside. */
#ifndef BEE_GUEST_LINK_H
#define BEE_GUEST_LINK_H

#include "guest.h"

/*
 * Makes pair `number`: NAMEn here, attached to its bridge and up, its owner in its alias;
 * ethn in namespace `net`, with its MAC, or one that follows from id and number. 0 or
 * -errno; nothing is left of what fails.
 */
MUST_CHECK int link_make(const char *name, unsigned number, const char *id, int net,
			 const struct cable *cable);
/*
 * A cable of a VM: tap NAMEn, attached the same way, gone with the last of its descriptors,
 * the first of which is returned; its other end's MAC in *mac. -errno.
 */
MUST_CHECK int link_tap(const char *name, unsigned number, const char *id,
			const struct cable *cable, uint8_t mac[6]);
/* Calls `each` with every interface here whose alias says that a guest has it. */
void link_each(void (*each)(int index, const char *id, void *data), void *data);
void link_remove(int index);
/* The MAC of pair `number` where its cable names none. */
void link_mac(const char *id, unsigned number, uint8_t mac[6]);

#endif
