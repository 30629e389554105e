/* Takes away what a guest has had of the machine. */
#ifndef BEE_GUEST_CLEAN_H
#define BEE_GUEST_CLEAN_H

#include "state.h"

/*
 * Kills what is left of it, and takes its links, pinned namespaces, loop devices, groups and
 * files of this boot. Each step is done although another failed; each failure is a line on
 * stderr. What does not die within a moment is named and left. Returns how many failed.
 * handles NULL: there are none that could be read.
 */
unsigned clean_guest(const char *name, const char *id, const struct handles *handles);
/* Its processes and groups alone: what else it has is kept. */
void clean_processes(const char *id, const struct handles *handles);
/* As clean_guest() for what names an id that was given here, and that no guest has any more. */
unsigned clean_strays(void);

#endif
