/* The caller's descriptors, moved to where nobody who is waited for closes them. */
#include "holders.h"
#include "clock.h"
#include "clone.h"
#include "confine.h"
#include "slots.h"
#include "stream.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CLOSE_TIME (30 * NSEC_PER_MSEC) /* a close that takes longer is left to hang */

enum words { WORDS_NONE, WORDS_READY, WORDS_TAKEN, WORDS_WRITTEN };

/* A copy at a number above all of ours; lower where the limit of open files allows no such number. */
static int move_up(int fd)
{
	int up = fcntl(fd, F_DUPFD_CLOEXEC, HOLDERS_OURS);

	return up < 0 && errno == EINVAL ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : up;
}

/* A child that shares this process's descriptor table and ends with this process. Its pid, or -1. */
static pid_t ward_start(struct holders *holders)
{
	int pidfd;
	pid_t pid = clone_child(CLONE_FILES, -1, &pidfd);
	sigset_t all;

	if (pid < 0)
		return pid;
	if (pid > 0) {
		close(pidfd);
		if (holders->family_count < ARRAY_LEN(holders->family))
			holders->family[holders->family_count++] = pid;
		return pid;
	}
	sigfillset(&all);
	/* Where the uid cannot be changed it goes on as root: somebody has to write why. */
	(void)!confine_drop(UID_REPORT);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != holders->self ||
	    setsid() < 0 || sigprocmask(SIG_SETMASK, &all, NULL))
		_exit(BEE_SOFTWARE);
	return 0;
}

static void words_set(struct holders *holders, enum words words)
{
	__atomic_store_n(&holders->state, words, __ATOMIC_SEQ_CST);
	(void)syscall(SYS_futex, &holders->state, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

_Noreturn void holders_failed(struct holders *holders, const char *what)
{
	struct timespec wait = { 0, TELL_TIME };

	(void)snprintf(holders->words, sizeof(holders->words), "%s: %s", what,
		       strerrordesc_np(errno) ?: "?");
	words_set(holders, WORDS_READY);
	for (uint32_t words = WORDS_READY; words <= WORDS_TAKEN; words++)
		(void)syscall(SYS_futex, &holders->state, FUTEX_WAIT, words, &wait, NULL,
			      0);
	_exit(BEE_SOFTWARE);
}

/* Here, as a write may hang: the words of a start that has failed, if it does. */
static void words_serve(struct holders *holders, int to)
{
	uint32_t ready = WORDS_READY;

	while (__atomic_load_n(&holders->state, __ATOMIC_SEQ_CST) == WORDS_NONE)
		(void)syscall(SYS_futex, &holders->state, FUTEX_WAIT, WORDS_NONE, NULL,
			      NULL, 0);
	if (!__atomic_compare_exchange_n(&holders->state, &ready, WORDS_TAKEN, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	(void)dprintf(to, "bee-audit: %s\n", holders->words);
	words_set(holders, WORDS_WRITTEN);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/*
 * Takes the caller's descriptors out of our range. A close may hang: then the next holder goes
 * on with the next one. A holder stays when it is done, so that the exit of this process is
 * never the one that closes the table.
 */
static _Noreturn void holder_run(struct holders *holders, const int keep[3])
{
	int fd;

	while ((fd = __atomic_fetch_add(&holders->next, 1, __ATOMIC_SEQ_CST)) <
	       HOLDERS_OURS)
		if (fd != keep[0] && fd != keep[1] && fd != keep[2])
			close(fd);
	__atomic_store_n(&holders->moved, 1, __ATOMIC_SEQ_CST);
	(void)syscall(SYS_futex, &holders->moved, FUTEX_WAKE, 1, NULL, NULL, 0);
	words_serve(holders, keep[1]);
	for (;;)
		pause();
}

/* All that a holder was to close is out of the table, if it hangs in that or not. */
static bool moved(const struct holders *holders, const int keep[3])
{
	if (!__atomic_load_n(&holders->moved, __ATOMIC_SEQ_CST))
		return false;
	for (int fd = 0; fd < HOLDERS_OURS; fd++)
		if (fd != keep[0] && fd != keep[1] && fd != keep[2] && is_open(fd))
			return false;
	return true;
}

void holders_move(struct holders *holders, int *out, int *errors)
{
	struct timespec wait = { 0, CLOSE_TIME };
	int keep[3], null;

	/* Before one that is closed becomes something else. */
	keep[0] = *out = move_up(STDOUT_FILENO);
	keep[1] = *errors = move_up(STDERR_FILENO);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		err(BEE_SOFTWARE, "/dev/null");
	keep[2] = move_up(null);
	for (int tries = 0; !moved(holders, keep); tries++) {
		pid_t pid = 1;

		errno = ETIMEDOUT;
		if (tries > 2 * HOLDERS_OURS)
			holders_failed(holders, "descriptors that do not close");
		if (!__atomic_load_n(&holders->moved, __ATOMIC_SEQ_CST))
			pid = ward_start(holders);
		if (pid == 0)
			holder_run(holders, keep);
		if (pid < 0 && tries == 0) /* nobody has touched stderr */
			err(BEE_SOFTWARE, "clone3");
		if (pid < 0)
			holders_failed(holders, "clone3");
		/* Woken when the last one is done, else there is one more. */
		(void)syscall(SYS_futex, &holders->moved, FUTEX_WAIT, 0, &wait, NULL, 0);
	}
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (dup2(keep[2], fd) < 0)
			holders_failed(holders, "dup2");
}

void holders_stream(struct holders *holders, int fd, int to)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		holders_failed(holders, "socketpair");
	pid = ward_start(holders);
	if (pid == 0)
		stream_serve(ends[1], to, fd == STDERR_FILENO);
	if (pid < 0)
		holders_failed(holders, "clone3");
	if (dup2(ends[0], fd) < 0)
		holders_failed(holders, "dup2");
	close(ends[0]);
}
