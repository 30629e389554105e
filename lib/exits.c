/* Which exit status what the system refuses has. */
#include "exits.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>

static const struct {
	int error;
	int status;
} errors[] = {
	/* Who calls may not: an ordinary user, a container's filter, a security module. */
	{ EPERM, BEE_NOPERM },
	{ EACCES, BEE_NOPERM },
	{ EROFS, BEE_NOPERM },
	/* The machine is out of it now. ENOSPC, EUSERS: user and other namespaces, unshare(2). */
	{ ENOMEM, BEE_OSERR },
	{ EAGAIN, BEE_OSERR },
	{ EMFILE, BEE_OSERR },
	{ ENFILE, BEE_OSERR },
	{ ENOSPC, BEE_OSERR },
	{ EUSERS, BEE_OSERR },
	{ EDQUOT, BEE_OSERR },
	{ EIO, BEE_OSERR },
	/* What no right call gets. */
	{ EBADF, BEE_SOFTWARE },
	{ EFAULT, BEE_SOFTWARE },
};

int exit_of_errno(int error)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i].error == error)
			return errors[i].status;
	/* A kernel without it, or without this kind of it: ENOSYS, ENODEV, EINVAL, EOPNOTSUPP. */
	return BEE_UNAVAILABLE;
}

int exit_of_signal(int number)
{
	switch (number) {
	case SIGHUP:
	case SIGINT:
	case SIGQUIT:
	case SIGTERM:
		return 128 + number;
	case SIGKILL: /* by who saves memory, mostly */
	case SIGXCPU:
	case SIGXFSZ:
		return BEE_OSERR;
	default:
		return BEE_SOFTWARE;
	}
}

void err_system(const char *fmt, ...)
{
	int status = exit_of_errno(errno);
	va_list args;

	va_start(args, fmt);
	vwarn(fmt, args);
	va_end(args);
	exit(status);
}

void exit_killed(const char *what, int status)
{
	if (WIFSIGNALED(status))
		errx(exit_of_signal(WTERMSIG(status)), "%s was ended by signal %d", what,
		     WTERMSIG(status));
	errx(BEE_SOFTWARE, "%s has ended", what);
}
