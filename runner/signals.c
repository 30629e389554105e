/* The signals that end an audit. */
#include "signals.h"

#include "util.h"

#include <errno.h>
#include <sys/signalfd.h>

void signals_ends(sigset_t *ends)
{
	static const int all[] = { SIGINT, SIGTERM, SIGHUP };

	sigemptyset(ends);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct sigaction old;

		if (!sigaction(all[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaddset(ends, all[i]);
	}
}

int signals_open(void)
{
	sigset_t ends;
	int fd;

	signals_ends(&ends);
	if (sigprocmask(SIG_SETMASK, &ends, NULL) ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR || signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return -errno;
	fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}
