/* What a guest was started with the last time, beside what it is to be now. */
#ifndef BEE_GUEST_AGAIN_H
#define BEE_GUEST_AGAIN_H

#include "guest.h"
#include "look.h"

/* What it is to be, as its record keeps it. */
json_t *again_config(const struct guest *guest);
/* A line for each thing that has changed since. */
void again_compare(const char *name, json_t *old, json_t *fresh);
/* Of one that is kept: its mounts and cables are what they are. Ends the program where `config` asks
 * for others. */
void again_kept(const struct guest *guest, const struct look *look, json_t *config);
/* Started by its name alone: what it was made with, by options. */
void again_fill(struct guest *guest, const struct look *look);

#endif
