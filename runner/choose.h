/* Which policies an audit is of. */
#ifndef BEE_CHOOSE_H
#define BEE_CHOOSE_H

#include "monitor.h"

/* Every policy that is asked for, with its filters, or the end of the program after every error
 * of every file. */
void choose_policies(struct monitor *monitor);

#endif
