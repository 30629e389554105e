/* Which uids are taken: a job has a slot, with one uid for its tool and one for its reader. */
#include "slots.h"

#include "util.h"

#include <string.h>

void slots_hold(struct slots *slots, unsigned slot)
{
	if (slot >= slots->count) {
		slots->taken =
			xrealloc_array(slots->taken, slot + 1, sizeof(*slots->taken));
		memset(slots->taken + slots->count, 0,
		       (slot + 1 - slots->count) * sizeof(*slots->taken));
		slots->count = slot + 1;
	}
	slots->taken[slot] = true;
}

unsigned slots_take(struct slots *slots)
{
	unsigned slot = 0;

	while (slot < slots->count && slots->taken[slot])
		slot++;
	slots_hold(slots, slot);
	return slot;
}

void slots_free(struct slots *slots, unsigned slot)
{
	slots->taken[slot] = false;
}
