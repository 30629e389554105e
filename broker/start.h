/* How copier and performer begin: their rules, and a filter of just the calls that they make. */
#ifndef BEE_BROKER_START_H
#define BEE_BROKER_START_H

#include "command.h"
#include "util.h"

/* Reads all rules from BROKER_FD_RULES. 0 or -errno. */
MUST_CHECK int start_rules(struct command_rules *rules);
/*
 * From now on the process can make these `calls`, and of ioctl(2) the `requests`. All else ends it.
 * 0 or -errno.
 */
MUST_CHECK int start_filter(const unsigned *calls, size_t call_count,
			    const unsigned *requests, size_t request_count);
/*
 * That there is somebody who performs: the performer says so on BROKER_FD_ASKER, before it opens
 * the device, which may hang; the copier waits for it on BROKER_FD_OTHER. 0 or -errno.
 */
MUST_CHECK int start_hello(void);
MUST_CHECK int start_wait(void);

#endif
