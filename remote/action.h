/* What an order has done for it, in the place of a script with root's rights: "#bee-do VERB WORDS". */
#ifndef BEE_REMOTE_ACTION_H
#define BEE_REMOTE_ACTION_H

#include "order.h"

enum action_kind {
	ACTION_SSHD,     /* FILE: keys that may log in as root from then on */
	ACTION_WATCHDOG, /* SECONDS: until then the order is over, or the machine is reset */
	ACTION_MOUNT, /* SERIAL PARTITION TYPE: the script sees what is on it, read-only */
	ACTION_RESTORE, /* SERIAL PARTITION LIST: an image, by a file of the order that has its chunks' sums */
	ACTION_REBOOT,
	ACTION_KEXEC, /* KERNEL [INITRD]: files of the order; with its #bee-cmdline */
	ACTION_KINDS
};

struct action {
	enum action_kind kind;
	char words[3][ORDER_NAME_MAX + 1]; /* "" where there are fewer */
	uint64_t number;                   /* seconds; a partition, 0: the whole disk */
	unsigned files[2]; /* of order.files: keys; kernel and initrd, as many as words */
};

const char *action_word(enum action_kind kind);
/* It ends the boot: nothing comes after it. */
bool action_is_last(enum action_kind kind);
/* A file system that can be mounted without a write to its disk. */
bool action_type_known(const char *type);
/* Of that order: the files that it names have to be the order's. 0 or -1 with words. */
MUST_CHECK int action_read(const struct order *order, const char *line,
			   struct action *out, struct said *said);
/* All of an order: none twice, what ends the boot once and last. 0 or -1 with words. */
MUST_CHECK int actions_whole(const struct order *order, struct said *said);
/* Whether something of it can destroy: it has to do with this machine's own disks, or starts another kernel. */
bool order_can_destroy(const struct order *order);
/* Whether it may come more than once, and is for one machine: a disk is in it. */
bool action_has_disk(enum action_kind kind);
/* Whether the order has one of that kind, and which: the one of that number, from 0 on. */
bool action_nth(const struct order *order, enum action_kind kind, unsigned nth,
		struct action *out);
/* The first. */
bool action_find(const struct order *order, enum action_kind kind, struct action *out);

#endif
