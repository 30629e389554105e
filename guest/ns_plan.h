/* From what a guest is to be to what root/ is told. */
#ifndef BEE_GUEST_NS_PLAN_H
#define BEE_GUEST_NS_PLAN_H

#include "booted.h"
#include "ns_fstab.h"
#include "state.h"

#include <linux/capability.h>

#define PLAN_BIT(cap) (UINT64_C(1) << (cap))
/* Of the machine, whoever has them. In a user namespace the kernel grants none of it anyway. */
#define PLAN_DROPPED                                                                     \
	(PLAN_BIT(CAP_SYS_MODULE) | PLAN_BIT(CAP_SYS_RAWIO) | PLAN_BIT(CAP_SYS_TIME) |   \
	 PLAN_BIT(CAP_SYSLOG) | PLAN_BIT(CAP_MAC_ADMIN) | PLAN_BIT(CAP_MAC_OVERRIDE) |   \
	 PLAN_BIT(CAP_WAKE_ALARM) | PLAN_BIT(CAP_BLOCK_SUSPEND) |                        \
	 PLAN_BIT(CAP_PERFMON) | PLAN_BIT(CAP_BPF) | PLAN_BIT(CAP_SYS_PACCT) |           \
	 PLAN_BIT(CAP_MKNOD) | PLAN_BIT(CAP_CHECKPOINT_RESTORE))

#define PLAN_TREES_MAX 24

/* How the first process is asked to end. */
enum plan_stop {
	STOP_TERM,    /* SIGTERM: ours, and most commands */
	STOP_SYSTEMD, /* SIGRTMIN+3, systemd(1): halt */
	STOP_USR2,    /* busybox init */
};

/* Found out where the tree is, and told by memory that both share. */
struct plan_found {
	enum plan_stop stop;
	bool notifies;  /* it says READY=1 */
	char note[512]; /* what was not done, in words, "" */
	/* Of disks that its fstab names: errno, and where they belong. */
	int tree_errors[PLAN_TREES_MAX];
	char tree_places[PLAN_TREES_MAX][FSTAB_PLACE_SIZE];
	char argv
		[8192]; /* of the first process: words with a NUL behind each, and one more */
};

struct plan {
	const struct guest *guest;
	const struct handles *handles;
	struct booted booted;
	struct plan_found *found; /* shared */
	struct booted_node nodes[STATE_LOOPS_MAX + 1];
	char *node_names[STATE_LOOPS_MAX];
	struct booted_tree trees[PLAN_TREES_MAX];
	char *tree_from[PLAN_TREES_MAX], *tree_at[PLAN_TREES_MAX]; /* owned */
	char disk_types[STATE_LOOPS_MAX][16];
	char *lower, *upper, *work; /* owned */
	struct words argv, env;
	char init[4096]; /* our own first process, for trees that have none */
};

/* All that needs nothing of the machine. Ends the program where the guest makes no sense. */
void plan_guest(struct plan *plan, const struct guest *guest);
/* Its ids, and what of ours it needs. */
void plan_record(struct plan *plan, const struct record *record);
/* Device nodes for its disks, whose loop devices are known by now. */
void plan_nodes(struct plan *plan, const struct handles *handles);
/* The hook of struct booted: mounts disks, finds the tree and what is started in it. */
int plan_tree(void *data, struct booted_failure *failure);
/* The disk that the tree is on, or what is changed of it; -1: none. */
int plan_root_disk(const struct guest *guest);
/* What of that was not done, a line each. */
void plan_notes(const struct plan *plan, void (*each)(void *data, const char *text),
		void *data);
/* Where disk `number` of a guest is mounted, while its tree is prepared. Owned. */
char *plan_disk_folder(const char *name, size_t number);

#endif
