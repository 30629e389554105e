/* What an order has done for it by bee-order, with root's rights. */
#ifndef BEE_REMOTE_PERFORM_H
#define BEE_REMOTE_PERFORM_H

#include "action.h"
#include "answer.h"
#include "grants.h"

struct performer {
	const struct order *order;
	const char *state;               /* bee-remote's folder */
	int watchdog;                    /* armed; or -1 */
	char *mounts[ORDER_ACTIONS_MAX]; /* owned: folders that the script sees */
	unsigned mount_count;
	int nodes
		[ORDER_ACTIONS_MAX]; /* of these, where it was us who closed them to writing; or -1 */
};

/*
 * Before the script: what can be known to be impossible is said now, then the watchdog, the mounts, sshd. What is
 * mounted is so in a namespace of ours alone. 0, or -1 with words: the script does not run.
 */
MUST_CHECK int perform_before(struct performer *performer, struct said *said);
/* After a script that ended with 0: what can fail of the end. *out is what is to come when all has been sent home. */
MUST_CHECK int perform_after(struct performer *performer, enum after *out,
			     struct said *said);
/* Takes back what does not outlast the order: mounts, the watchdog unless the boot ends. */
void perform_done(struct performer *performer, enum after after);

/* One that was left counting begins anew: what comes then has all of its time. */
void perform_watchdog_again(void);
/* A reboot, or the kernel that was loaded; the way in after a failure. By systemd. 0 or -1 with words. */
MUST_CHECK int perform_end(enum after after, struct said *said);
MUST_CHECK int perform_sshd_start(struct said *said);

/* Lines of a kind and base64, as `ssh-keygen` writes them, without options before them. 0 or -1 with words. */
MUST_CHECK int ssh_keys_check(const char *text, size_t len, struct said *said);

#endif
