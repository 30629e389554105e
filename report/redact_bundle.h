/* A folder of bee audit --capture, copied with all replaced that identifies one machine. */
#ifndef BEE_REPORT_REDACT_BUNDLE_H
#define BEE_REPORT_REDACT_BUNDLE_H

#include "redact.h"

struct bundle;

/* Reads all files below `from`, unseen: no byte of them is looked at here. Ends the program where that fails. */
struct bundle *bundle_read(const char *from);
/*
 * Makes the folder `to`, which must not be there, and forks: the child returns, to write files by
 * bundle_write, and can reach nothing but this process, which ends with the child's status.
 */
void bundle_begin(struct bundle *bundle, const char *to);

/* In the child: learns from all files; then hands each on, redacted. */
void bundle_learn(const struct bundle *bundle, struct redact *redact);
void bundle_write(const struct bundle *bundle, const struct redact *redact);

#endif
