/* `bee policy check`: what an audit's document says a policy's steps were refused. */
#ifndef BEE_LANGUAGE_CHECK_COMMAND_H
#define BEE_LANGUAGE_CHECK_COMMAND_H

#include "policy.h"

#define CHECK_REFUSED 1 /* exit status: something was */
#define CHECK_TROUBLE 2

/*
 * Prints it, of the document `path`; NULL: of this machine's last audit, "-": standard input. `here`: it is
 * this machine's, so optional paths are looked for. The exit status. Afterwards the program can read,
 * write and end, and no more.
 */
MUST_CHECK int policy_check_document(const struct policy *policy, const char *path,
				     bool here);

#endif
