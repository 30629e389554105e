/* What runs a guest: namespaces on this machine's kernel, or a virtual machine of its own. */
#ifndef BEE_GUEST_BACKEND_H
#define BEE_GUEST_BACKEND_H

#include "look.h"
#include "supervise.h"

struct backend {
	const char *name; /* of --backend, and in the record */
	/*
	 * All that needs nothing of the machine, before anything is written down. Ends the program
	 * where the guest makes no sense.
	 */
	void (*plan)(struct supervision *of);
	/* What is told by its record too. NULL: nothing. */
	void (*plan_more)(struct supervision *of);
	/* Makes it, waits for its end, takes it away: the supervisor's exit status. */
	int (*supervise)(const struct supervision *of);
	/* Asks what runs to end; whoever asks waits, and kills in the end. */
	void (*ask)(const char *name, const struct look *look, int pidfd);
	/* Runs a command in it, or a shell: an exit status. */
	int (*enter)(const char *name, struct look *look, int pidfd, char **argv);
	/* What list --json has of one that runs. */
	void (*describe)(const struct look *look, json_t *out);
	/* rm: what it keeps below the folder of its record, a name each, up to NULL. */
	const char *const *files;
};

extern const struct backend backend_ns, backend_vm;

/* NULL: there is none of that name. */
const struct backend *backend_find(const char *name);

#endif
