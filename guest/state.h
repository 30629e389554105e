/*
 * What is known of a guest: its record, which lasts (GUEST_RECORDS/NAME/record: who it is,
 * what is wanted, how it ended), and its handles, which hold for this boot
 * (GUEST_RUN/NAME/handles: what there is of it now). Both are JSON, replaced as a whole.
 *
 * Handles are written before what they name is made. They only make things fast: all that a
 * guest has can be found by its name and id too.
 */
#ifndef BEE_GUEST_STATE_H
#define BEE_GUEST_STATE_H

#include "guest.h"
#include "json.h"
#include "process.h"

#define STATE_SCHEMA 1
#define STATE_LOOPS_MAX 16

enum state_kind {
	STATE_ABSENT,
	STATE_GOOD,
	STATE_BAD,    /* cut, garbled or hostile */
	STATE_NEWER,  /* of a later bee: left alone */
	STATE_UNKNOWN /* it could not be looked at: nothing is concluded */
};

struct record {
	char id[GUEST_ID_SIZE];
	char backend[8];
	uid_t first_id;
	bool host_users;
	bool wanted;         /* to run: nobody has stopped it */
	bool once;           /* is forgotten when it ends */
	int64_t exit_status; /* wait status of its pid 1; -1: not known, -2: has not run */
	char error[200];     /* why the last start failed, "" */
	char image[400];     /* of a VM: which base its own disk lies over, "" */
	unsigned port;       /* of a VM: where its ssh was last, 0 */
	json_t *config;      /* owned: what it was started with last, NULL */
};

struct handles {
	char id[GUEST_ID_SIZE];
	char boot[BOOT_ID_SIZE];
	char backend[8];
	struct process supervisor, init, keeper; /* init of a VM is QEMU */
	bool ready, kept, host_users;
	bool pinned;     /* its mounts: it can be kept */
	bool netns;      /* GUEST_RUN's or /run/netns/NAME */
	unsigned cables; /* NAME0.. */
	unsigned loops[STATE_LOOPS_MAX];
	unsigned loop_count;
	struct words argv;            /* owned: of its first process, to wake it with */
	unsigned port;                /* of a VM: of this machine's loopback, 0 */
	char nonce[33];               /* of a VM: what its control line begins with, "" */
	char accel[8];                /* of a VM: "kvm" or "tcg" */
	int64_t started, ready_after; /* ns of CLOCK_BOOTTIME; ns after it, 0 */
};

/* Reads; *out is whole with STATE_GOOD alone. With STATE_NEWER it has the id, or "". */
enum state_kind record_load(const char *name, struct record *out);
enum state_kind handles_load(const char *name, struct handles *out);
/* Keeps one that is bad as FILE.bad. For who has the guest's lock: nobody writes it then. */
void record_bad_keep(const char *name);
void handles_bad_keep(const char *name);
/* 0 or -errno; folders are made. */
MUST_CHECK int record_save(const char *name, const struct record *record);
MUST_CHECK int handles_save(const char *name, const struct handles *handles);
void record_done(struct record *record);
void handles_done(struct handles *handles);

/* Calls `each` with every name that has a record or handles, in order, until it returns
 * something else than 0, which is returned. */
int state_each(int (*each)(const char *name, void *data), void *data);

#endif
