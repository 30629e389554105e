/* The forms in which tools hand a command over, one per number of ioctl(2). */
#ifndef BEE_BROKER_COPY_H
#define BEE_BROKER_COPY_H

#include "command.h"
#include "util.h"

struct copies;

/* One request, from its copy to its answer. */
struct copied {
	uint32_t pid;
	uint64_t address; /* of the argument, in that process */
	const struct copies *copies;
	struct command command;
	struct command_answer answer;
	uint8_t *data;    /* borrowed, COMMAND_DATA_MAX bytes */
	uint64_t data_at; /* in the tool's memory; where an answer's data go */
	uint64_t
		sense_at; /* SCSI: and its sense data, of sense_room bytes; IPMI: the address */
	uint8_t sense_room;
	uint16_t data_room; /* IPMI: of data_at */
	bool done;          /* the call has its answer, 0: nothing is sent */
};

struct copies {
	uint32_t request;
	/* Into copied->command and, for what goes to the device, ->data. 0 or -errno, of which
	 * -EPERM is no answer of the kernel's: it is refused, and listed. */
	int (*copy)(struct copied *copied);
	/* Of copied->answer, which was performed without an error. 0 or -errno. */
	int (*write_back)(const struct copied *copied);
};
extern const struct copies copies_known[]; /* request 0 ends it */

/* copy_ipmi.c */
int copy_ipmi_send(struct copied *copied);
int write_ipmi_send(const struct copied *copied);
int copy_ipmi_receive(struct copied *copied);
int write_ipmi_receive(const struct copied *copied);
int copy_ipmi_setting(struct copied *copied);

/* copy_ethtool.c */
int copy_ethtool(struct copied *copied);
int write_ethtool(const struct copied *copied);

/* copy_mfi.c */
int copy_mfi(struct copied *copied);
int write_mfi(const struct copied *copied);

/* To and from the tool's memory, all of it or -EFAULT; -EPERM: it may not be read. */
MUST_CHECK int copy_from(const struct copied *copied, uint64_t at, void *to, size_t size);
MUST_CHECK int copy_to(const struct copied *copied, uint64_t at, const void *from,
		       size_t size);

#endif
