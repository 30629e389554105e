/* Another kernel, loaded into this one. */
#ifndef BEE_REMOTE_KEXEC_H
#define BEE_REMOTE_KEXEC_H

#include "order.h"

/* Whether this kernel would take one at all; asked before anything is done for it. 0 or -1 with words. */
MUST_CHECK int kexec_ready(struct said *said);
/*
 * Loads what `kernel` and `initrd` (-1: none) hold, each only if it has that sum: both are copied into sealed memory,
 * and it is the copies that are compared and loaded. Nothing is stopped or started. 0 or -1 with words.
 */
MUST_CHECK int kexec_load_files(int kernel, const struct order_file *kernel_is,
				int initrd, const struct order_file *initrd_is,
				const char *cmdline, struct said *said);

#endif
