/* The transports: how each asks the kernel to perform a command. */
#ifndef BEE_BROKER_PERFORM_H
#define BEE_BROKER_PERFORM_H

#include "command.h"

struct performs {
	/* What ioctl(2) returns, errno where that is -1. `data` has command->length bytes; what came of
	 * them is answer->length, where that is not all. */
	int (*perform)(int device, const struct command *command, uint8_t *data,
		       struct command_answer *answer);
	unsigned requests[3]; /* of ioctl(2); 0 after the last */
	bool polls;           /* and waits with poll(2) */
	bool socket;          /* it is asked through a socket: there is no device */
};
/* By enum command_transport. A test that has no hardware brings its own. */
extern const struct performs perform[COMMAND_TRANSPORTS];

#endif
