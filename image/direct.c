/*
 * A file written past the page cache, by a thread: the disk works while the next bytes are made, and
 * the processor does not copy them once more.
 */
#include "direct.h"

#include "exits.h"
#include "util.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ALIGNED 4096u /* no disk asks for more */

struct direct {
	int to; /* borrowed */
	size_t size;
	uint8_t *buffers[2]; /* owned; they take turns */
	unsigned turn;       /* that of the one which is filled */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const uint8_t *full; /* to be written by the thread; NULL: it is idle */
	bool ended;
	int error;
};

static int direct_set(int to, bool on)
{
	int flags = fcntl(to, F_GETFL);

	return fcntl(to, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT);
}

/* A file system that took the flag may still refuse what is aligned for all others. */
static int put(int to, const uint8_t *bytes, size_t len)
{
	off_t at = lseek(to, 0, SEEK_CUR);
	int error = write_all(to, bytes, len);

	if (error == -EINVAL && !direct_set(to, false) && lseek(to, at, SEEK_SET) == at)
		error = write_all(to, bytes, len);
	return error;
}

static void *writer(void *context)
{
	struct direct *direct = context;

	(void)pthread_mutex_lock(&direct->lock);
	while (direct->full || !direct->ended) {
		int error; /* the first: after one nothing more is handed over */

		if (!direct->full) {
			(void)pthread_cond_wait(&direct->changed, &direct->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&direct->lock);
		error = put(direct->to, direct->full, direct->size);
		(void)pthread_mutex_lock(&direct->lock);
		direct->error = error;
		direct->full = NULL;
		(void)pthread_cond_signal(&direct->changed);
	}
	(void)pthread_mutex_unlock(&direct->lock);
	return NULL;
}

/* Signals are for the thread that knows what they mean. */
static int writer_start(struct direct *direct)
{
	sigset_t all, before;
	int error;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&direct->thread, NULL, writer, direct);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static void *aligned_new(size_t size)
{
	void *bytes = aligned_alloc(ALIGNED, size);

	if (!bytes)
		errx(BEE_OSERR, "out of memory");
	return bytes;
}

struct direct *direct_start(int to, size_t size, uint8_t **buffer)
{
	struct direct *direct;
	struct stat st;

	/* To a pipe the flag means something else. */
	if (fstat(to, &st) || !S_ISREG(st.st_mode) || direct_set(to, true))
		return NULL;
	direct = xcalloc(1, sizeof(*direct));
	*direct = (struct direct){ .to = to,
				   .size = size,
				   .buffers = { aligned_new(size), aligned_new(size) },
				   .lock = PTHREAD_MUTEX_INITIALIZER,
				   .changed = PTHREAD_COND_INITIALIZER };
	*buffer = direct->buffers[0];
	if (writer_start(direct)) {
		(void)direct_set(to, false);
		free(direct->buffers[0]);
		free(direct->buffers[1]);
		free(direct);
		return NULL;
	}
	return direct;
}

/* Until the thread has nothing to do; the caller has the lock. */
static void idle_wait(struct direct *direct)
{
	while (direct->full)
		(void)pthread_cond_wait(&direct->changed, &direct->lock);
}

int direct_next(struct direct *direct, uint8_t **buffer)
{
	int error;

	(void)pthread_mutex_lock(&direct->lock);
	idle_wait(direct);
	error = direct->error;
	if (!error) {
		direct->full = direct->buffers[direct->turn];
		direct->turn = !direct->turn;
		(void)pthread_cond_signal(&direct->changed);
	}
	(void)pthread_mutex_unlock(&direct->lock);
	*buffer = direct->buffers[direct->turn];
	return error;
}

int direct_end(struct direct *direct, size_t len)
{
	int error;

	(void)pthread_mutex_lock(&direct->lock);
	direct->ended = true;
	(void)pthread_cond_signal(&direct->changed);
	(void)pthread_mutex_unlock(&direct->lock);
	(void)pthread_join(direct->thread, NULL);
	error = direct->error;
	/* The rest is no multiple of what a disk writes. */
	if (direct_set(direct->to, false) && !error)
		error = -errno;
	if (!error)
		error = write_all(direct->to, direct->buffers[direct->turn], len);
	free(direct->buffers[0]);
	free(direct->buffers[1]);
	free(direct);
	return error;
}
