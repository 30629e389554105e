/* An image booted by a kernel in a virtual machine, until it is ready or it is known why not. */
#ifndef BEE_IMAGE_TRY_BOOT_H
#define BEE_IMAGE_TRY_BOOT_H

#include "machine.h"

/* How it ends, as exit statuses beside enum bee_exit's: bee-image(1). */
enum try_boot_exit {
	TRY_NOT_READY = BEE_INCOMPLETE,
	TRY_PANIC = 4,
	TRY_NO_INIT = 5,
	TRY_HANG = 6,
	TRY_NO_MACHINE = 69, /* EX_UNAVAILABLE of sysexits(3) */
};

#define TRY_SECONDS 120u /* what a boot has, unless it is given others */

struct try_boot {
	struct machine_wish wish; /* memory 0: what the image's size asks for */
	const char *ready; /* the console's text that says so; NULL: the usual ones */
	uint64_t seconds;  /* until it has to be */
	bool verbose;      /* its console goes to stderr while it runs */
};

/* One line on stderr says how it ended; the end of the console too, unless it is ready. The
 * exit status. */
MUST_CHECK int try_boot(const struct try_boot *try);

#endif
