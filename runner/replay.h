/* A job from a captured folder: the collector over a file, without tool, namespace or rights. */
#ifndef BEE_RUNNER_REPLAY_H
#define BEE_RUNNER_REPLAY_H

#include "job.h"

/*
 * Opens a regular file of a captured folder to read. No link leads out of the folder, whoever
 * made it and whoever replays it; a FIFO or a device, which the open itself can stop or set
 * going, is only looked at. -1: there is none.
 */
int replay_open(const char *folder, const char *path);
/* What a job of a captured folder is made of, in words; NULL: it was not captured. Owned. Of
 * `ctx` only job and replay are looked at. */
char *replay_source(const struct job_context *ctx);
_Noreturn void replay_main(const struct job_context *ctx);

#endif
