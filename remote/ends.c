/* Signals that are to end us, where we look for them. */
#include "ends.h"

#include <stddef.h>
#include <sys/signalfd.h>

static void ends_set(sigset_t *out)
{
	sigemptyset(out);
	sigaddset(out, SIGINT);
	sigaddset(out, SIGTERM);
	sigaddset(out, SIGHUP);
}

int ends_open(void)
{
	sigset_t ends;

	ends_set(&ends);
	if (sigprocmask(SIG_BLOCK, &ends, NULL))
		return -1;
	return signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

void ends_hold(sigset_t *before)
{
	sigset_t ends;

	ends_set(&ends);
	(void)sigprocmask(SIG_BLOCK, &ends, before);
}

void ends_let(const sigset_t *before)
{
	(void)sigprocmask(SIG_SETMASK, before, NULL);
}
