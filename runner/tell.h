/* Progress and messages on the caller's stderr; nothing here waits for who reads them. */
#ifndef BEE_RUNNER_TELL_H
#define BEE_RUNNER_TELL_H

#include "clock.h"

struct tell;

struct tell *tell_start(bool quiet, bool verbose);
PRINTF_LIKE(2, 3) void tell_line(struct tell *tell, const char *fmt, ...);
/* The same, also when quiet. */
PRINTF_LIKE(2, 3) void tell_error(struct tell *tell, const char *fmt, ...);
PRINTF_LIKE(2, 3) void tell_progress(struct tell *tell, const char *fmt, ...);
/* The last line: waits a little until all of them are written. */
void tell_stop(struct tell *tell, struct audit_clock *clock);

#endif
