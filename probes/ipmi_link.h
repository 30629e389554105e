/* One BMC behind /dev/ipmi0, and the only commands that can be sent to it. */
#ifndef BEE_PROBES_IPMI_LINK_H
#define BEE_PROBES_IPMI_LINK_H

#include "util.h"

#define IPMI_SILENT_MAX 3 /* commands without an answer before the BMC is given up */
#define IPMI_TIME (60 * NSEC_PER_SEC) /* for all commands; a policy allows less */
#define IPMI_DATA_MAX 272 /* bytes of an answer: IPMI_MAX_MSG_LENGTH in the kernel */

/* Network functions and commands, IPMI 2.0, appendix G. */
enum ipmi_netfn {
	IPMI_CHASSIS = 0x00,
	IPMI_SENSOR = 0x04,
	IPMI_APP = 0x06,
	IPMI_STORAGE = 0x0a,
	IPMI_TRANSPORT = 0x0c,
};

/* Completion codes, IPMI 2.0, table 5-2. */
enum ipmi_code {
	IPMI_DONE = 0x00,
	IPMI_BUSY = 0xc0,
	IPMI_RESERVATION_LOST = 0xc5,
	IPMI_BAD_LENGTH = 0xc7,
	IPMI_TOO_LONG = 0xc8,
	IPMI_CANNOT_RETURN = 0xca, /* as many bytes as were asked for */
	IPMI_NOT_THERE = 0xcb,
};

struct ipmi_request {
	uint8_t netfn, lun, cmd, len;
	uint8_t data[8];
};

struct ipmi_answer {
	uint8_t code; /* completion code */
	size_t len;   /* of `data`, which begins after the completion code */
	uint8_t data[IPMI_DATA_MAX];
};

/*
 * The transport: 0, -ETIMEDOUT when no answer came in time, or another -errno. Tests put
 * a BMC of their own here.
 */
struct ipmi_link {
	int (*transact)(struct ipmi_link *link, const struct ipmi_request *request,
			struct ipmi_answer *answer);
	int fd;
	long sequence;
	unsigned silent; /* commands in a row without an answer */
	nsec_t end;      /* when no more are sent; 0: never */
};

/*
 * Is this a command that only reads? The table in ipmi_link.c is the whole list: writing
 * a FRU, clearing a log, power, users, passwords and communities cannot be asked for.
 */
bool ipmi_allowed(const struct ipmi_request *request);

/* Opens /dev/ipmi0. 0 or -errno. */
MUST_CHECK int ipmi_open(struct ipmi_link *link, const char *path);

/*
 * Sends a request and waits a second for its answer. A busy BMC is asked again, three
 * times. 0 when there is an answer, whatever its completion code; -EPERM for a command
 * that is not allowed; -ETIMEDOUT; -EHOSTDOWN at once when the last three were not
 * answered, -ETIME when there is no time left.
 */
MUST_CHECK int ipmi_ask(struct ipmi_link *link, const struct ipmi_request *request,
			struct ipmi_answer *answer);

#endif
