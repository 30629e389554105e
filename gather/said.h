/* What a tool said of its own trouble on stderr, where no collector reads. */
#ifndef BEE_GATHER_SAID_H
#define BEE_GATHER_SAID_H

#include "jobs.h"

/*
 * Puts into each job's problems the lines in which a known tool says that it could not tell all (its
 * `lost` is true then), and the first line of any tool that failed. Once, when all has come.
 */
void said_look(struct gather *gather);

#endif
