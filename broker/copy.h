/* The forms in which tools hand a command over, one per number of ioctl(2). */
#ifndef BEE_BROKER_COPY_H
#define BEE_BROKER_COPY_H

#include "command.h"
#include "mfi.h"
#include "util.h"

#include <linux/ipmi.h>
#include <linux/nvme_ioctl.h>
#include <net/if.h>
#include <scsi/sg.h>

struct copies;

/* One request, from its copy to its answer. */
struct copied {
	uint32_t pid;
	uint64_t address; /* of the argument, in that process */
	const struct copies *copies;
	union {
		struct sg_io_hdr sg;
		struct nvme_admin_cmd nvme;
		struct ipmi_req ipmi_req;
		struct ipmi_recv ipmi_recv;
		struct ifreq interface;
		struct mfi_packet mfi;
	} asked; /* the argument; with its answer, before that is written back */
	struct command command;
	struct command_answer answer;
	uint8_t *data; /* borrowed, COMMAND_DATA_MAX bytes */
	/* In the tool's memory: where its data are, or an answer's go, of which there is room for so many
	 * bytes; and what an answer says beside them. */
	uint64_t data_at, sense_at;
	uint32_t data_room, sense_room;
};

struct copies {
	uint32_t request;
	uint8_t transport;
	uint16_t size; /* of the argument */
	/* Of it, what an answer changes. */
	uint16_t told_at, told_size;
	/* From copied->asked into ->command, data_at and sense_at. 0 or -errno, of which -EPERM is no answer of
	 * the kernel's: it is refused, and listed. NULL: it is done with, and nothing is performed. */
	int (*take)(struct copied *copied);
	/* From copied->answer into ->asked. NULL: ->status, as it is. */
	void (*tell)(struct copied *copied);
};

/* What copied->pid asks by `request` at ->address: into ->copies, ->command and, for what goes to the
 * device, ->data, all of it read once. 0 or -errno, as above. */
MUST_CHECK int copy_command(struct copied *copied, uint32_t request);
/* Writes copied->answer, which was performed without an error, into the tool's memory. 0 or -errno. */
MUST_CHECK int copy_answer(struct copied *copied);

/* By who has copy.c: to and from the tool's memory, all of it or -EFAULT; -EPERM: it may not be read. */
MUST_CHECK int copy_from(const struct copied *copied, uint64_t at, void *to, size_t size);
MUST_CHECK int copy_to(const struct copied *copied, uint64_t at, const void *from,
		       size_t size);

#endif
