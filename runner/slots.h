/* Which uids are taken: a job has a slot, with one uid for its tool and one for its reader. */
#ifndef BEE_RUNNER_SLOTS_H
#define BEE_RUNNER_SLOTS_H

#include <stdbool.h>

/* Bare uids without passwd entries; doc/ARCHITECTURE.md has the map. */
#define UID_BASE 0x7bee0000u
#define UID_GATHERER (UID_BASE + 0)
#define UID_REPORT (UID_BASE + 1)
#define UID_TOOL(slot) (UID_BASE + 2 + 2 * (slot))
#define UID_COLLECTOR(slot) (UID_BASE + 3 + 2 * (slot))
/* Who performs device commands: as the stubs, each in a pid namespace of its own. */
#define UID_PERFORMER (UID_BASE + 0xfffc)
#define UID_STUB (UID_BASE + 0xffff) /* of all of them: none sees another */
/* The tool of a `bee run` with that pid: beyond all others, and no two runs have one in common. */
#define UID_RUN(pid) (UID_BASE + 0x10000 + (pid))

struct slots {       /* all zero: none taken */
	bool *taken; /* owned */
	unsigned count;
};

/* The lowest free one. Stuck jobs hold theirs: there is always one more uid. */
unsigned slots_take(struct slots *slots);
/* Takes this one out of use. */
void slots_hold(struct slots *slots, unsigned slot);
void slots_free(struct slots *slots, unsigned slot);

#endif
