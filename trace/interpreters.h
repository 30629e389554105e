/*
 * What the kernel opens by itself for a program that is started: by binfmt_misc, which it asks first; by
 * "#!"; each of them a program with an interpreter of its own, up to five; an ELF program's loader.
 */
#ifndef BEE_TRACE_INTERPRETERS_H
#define BEE_TRACE_INTERPRETERS_H

#include "binfmt.h"
#include "lookup.h"

/* An object that is open with O_PATH, to read it, with no mark on it where that may be had: of what is
 * another's it may not. -1: errno. */
int interpreters_open(int object);
/* Tells them, of a program that is open to be read; relative ones begin at `start`. */
void interpreters_tell(struct lookup *lookup, const struct binfmt *formats,
		       const char *start, int program, const char *path);

#endif
