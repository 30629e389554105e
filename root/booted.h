/*
 * A whole root file system entered as if it were booted: what it is told, and how it is
 * started. What a guest is, what is traced and what an order may do is not known here.
 *
 * The caller is root in the machine's own user namespace. Two processes are made: one that
 * prepares what needs the machine's rights (the tree, its overlay, device nodes) and ends,
 * and one that becomes pid 1, a child of the caller. It has nothing but the user namespace
 * that it is given: what it mounts it could mount itself.
 */
#ifndef BEE_ROOT_BOOTED_H
#define BEE_ROOT_BOOTED_H

#include "util.h"

#include <linux/filter.h>
#include <sys/types.h>

/* Where changes to the tree go. */
enum booted_changes {
	BOOTED_IN_PLACE,
	BOOTED_VOLATILE, /* an overlay in memory, gone with the last process */
	BOOTED_OVERLAY,  /* `upper` and `work` */
};

enum { BOOTED_OWN = -1, BOOTED_HOST = -2 }; /* of `network`, else a descriptor */

/* A node below /dev beside null, zero, full, random, urandom and tty, which are always there. */
struct booted_node {
	const char *name; /* as in "net/tun" */
	mode_t mode;      /* S_IFCHR or S_IFBLK, and its rights */
	unsigned major, minor;
	bool host; /* its owner is nobody inside: only what `mode` gives to others */
};

/* Something of the machine that is seen inside. Never with device nodes that can be opened. */
struct booted_tree {
	const char *from; /* a folder or a file */
	const char *at;   /* absolute; made where it is not there */
	bool write;
	bool host_ids; /* its owners are not mapped: root's files are nobody's inside */
	/* Shared memory: an errno where it could not be put there, and the rest goes on. NULL: that
	 * ends the start. */
	int *error;
};

/* Text, so that it can be shown as it is: "overlay: /opt/sub/a/root: Invalid argument". */
struct booted_failure {
	int error;      /* positive errno */
	char stage[32]; /* what was being done */
	char path[256]; /* what it is about, or "" */
};

/* Everything is borrowed. booted_default() is what to start from. */
struct booted {
	const char *root; /* the tree; with an overlay what lies below it */
	enum booted_changes changes;
	const char *upper, *work;  /* on one file system; BOOTED_OVERLAY */
	const char *volatile_size; /* as tmpfs(5) has it, NULL: half of the memory */
	bool read_only;

	uid_t first_id;    /* what user and group 0 inside are outside */
	unsigned id_count; /* 0: the machine's own ids, which is no boundary at all */
	int user_ns;       /* one that is there already, with those ids; -1: a new one */

	/*
	 * -1, or the mount namespace of one that has ended, which is entered again with all
	 * that is mounted there: root, changes, nodes and trees are as they were; user_ns and
	 * network have to be those that it had.
	 */
	int mount_ns;

	int network;          /* BOOTED_OWN, BOOTED_HOST, or the namespace to join */
	const char *hostname; /* NULL: as it is */

	const struct booted_node *nodes;
	unsigned node_count;
	const struct booted_tree *trees;
	unsigned tree_count;
	const char *const *masks; /* paths to hide, up to NULL; NULL: booted_masks */

	int cgroup; /* an empty cgroup v2 folder, which the guest may then divide; -1 */
	const char *const
		*cgroup_v1; /* folders of v1 hierarchies to be in, up to NULL; NULL */

	bool pty; /* a terminal as /dev/console and stdio; else stdio is the caller's */
	uint64_t drop_caps;       /* bit N: capability N is nobody's inside */
	struct sock_fprog filter; /* .len 0: none */

	char *const *argv; /* of pid 1; without a slash it is found in PATH */
	char *const *env;  /* NAME=VALUE beside container=bee, up to NULL; NULL */
	bool dies;         /* is killed when the thread that started it ends */

	/*
	 * Called where the tree is prepared, before it is looked at: what it mounts goes with
	 * the guest, and what it changes in *booted and what that points to holds. 0, or -errno
	 * with *failure, and nothing runs. NULL: none.
	 */
	int (*before_tree)(void *data, struct booted_failure *failure);
	/*
	 * Called in pid 1 as the last thing before it executes argv, with every right that it
	 * will have and all of the caller's descriptors: to install a seccomp listener, say.
	 * 0, or -errno: nothing runs. NULL: none.
	 */
	int (*before_exec)(void *data);
	void *data; /* of both */
};

/* Descriptors are -1 where there is none. */
struct booted_child {
	pid_t pid; /* a child of the caller, who waits for it */
	int pidfd;
	int user_ns; /* where id_count is not 0 */
	int console; /* the terminal's other end, with `pty` */
	int notify;  /* datagrams of sd_notify(3), see booted_ready() */
	int control; /* of booted_go() */
};

extern const char *const booted_masks[];

void booted_default(struct booted *booted);
/*
 * Builds everything, up to where pid 1 waits for booted_go(): until then its namespaces can
 * be filled (/proc/PID/ns/net) and, if the caller ends, it ends. 0 or -errno with *failure
 * and nothing left; -ETIMEDOUT after `deadline`: what hangs was killed and is not waited for.
 */
MUST_CHECK int booted_start(const struct booted *booted, nsec_t deadline,
			    struct booted_child *child, struct booted_failure *failure);
/* Lets it run. 0 when argv is being executed, or -errno with *failure: it has ended. */
MUST_CHECK int booted_go(struct booted_child *child, nsec_t deadline,
			 struct booted_failure *failure);
/* Takes one datagram, without waiting. 1: READY=1; 0: something else; -errno, -EAGAIN: none. */
MUST_CHECK int booted_ready(int notify);
/* KILL to pid 1, and waits until `deadline`. 0 with its wait status, or -ETIMEDOUT. */
int booted_kill(const struct booted_child *child, nsec_t deadline, int *status);
/*
 * For one that has ended and is to be woken: unmounts what ended with its processes, from its
 * mount_ns and user_ns. Each unmount waits for all processors; where it was not done, waking does it.
 */
void booted_rest(const struct booted *booted, nsec_t deadline);
/* Closes the descriptors. */
void booted_done(struct booted_child *child);

#endif
