/* An archive's entries from the process that parses them to one that has rights. */
#include "feed.h"
#include "archive.h"
#include "exits.h"
#include "give_up.h"
#include "rootfs.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct head {
	struct newc_header header;
	unsigned epoch;
	uint32_t name_len;
};

#define CUT UINT32_MAX /* as the length of a piece: the archive is broken here */

static void send(FILE *to, const void *bytes, size_t len)
{
	if (len > 0 && fwrite(bytes, len, 1, to) != 1)
		exit(BEE_IOERR);
}

static void send_piece(FILE *to, const uint8_t *at, uint32_t len)
{
	send(to, &len, sizeof(len));
	send(to, at, len == CUT ? 0 : len);
}

/* What a kernel passes over is told here, and not sent. */
static bool is_taken(struct archive *a)
{
	const struct newc_header *h = &a->reader.entry.header;

	if (a->reader.entry.notes &
	    (1u << READER_LONG_NAME | 1u << READER_NO_NAME | 1u << READER_NO_NUL))
		return false;
	if (S_ISREG(h->mode) || h->size == 0 ||
	    (S_ISLNK(h->mode) && h->size < NEWC_LINK_MAX))
		return true;
	archive_tell(a, "%s: passed over: it has data and is no file",
		     a->reader.entry.name);
	a->status = BEE_DATAERR;
	return false;
}

/* A link's data are `target`, which were read before. */
static void send_data(struct archive *a, FILE *to, const char *target, ptrdiff_t len)
{
	const uint8_t *at;
	ptrdiff_t n = len;

	if (len > 0)
		send_piece(to, (const uint8_t *)target, (uint32_t)len);
	while (n >= 0 && (n = reader_data(&a->reader, &at)) > 0)
		for (ptrdiff_t done = 0, part; done < n; done += part) {
			part = n - done < (ptrdiff_t)FEED_PIECE ? n - done
								: (ptrdiff_t)FEED_PIECE;
			send_piece(to, at + done, (uint32_t)part);
		}
	if (n < 0) {
		archive_broken(a, n);
		send_piece(to, NULL, CUT);
		return;
	}
	send_piece(to, NULL, 0);
}

/* An entry that a kernel takes; the names that it makes of it are kept in bounds here, for who makes them. */
static void send_entry(struct archive *a, FILE *to, struct rootfs *fs)
{
	const struct reader_entry *e = &a->reader.entry;
	struct head head = {
		.header = e->header,
		.epoch = e->epoch,
		.name_len = (uint32_t)e->name_len,
	};
	char target[NEWC_LINK_MAX] = "";
	ptrdiff_t len = 0;

	if (!is_taken(a))
		return;
	if (S_ISLNK(e->header.mode))
		len = reader_text(&a->reader, target, sizeof(target));
	(void)rootfs_make(fs, e, S_ISLNK(e->header.mode) ? target : NULL);
	send(to, &head, sizeof(head));
	send(to, e->name, e->name_len);
	send_data(a, to, target, len);
}

static _Noreturn void parse(struct archive *a, int pipe)
{
	FILE *to = fdopen(pipe, "w");
	struct rootfs fs;
	bool over = false;

	if (!to)
		err_system("a pipe");
	give_up_rights();
	archive_begin(a);
	rootfs_init(&fs);
	while (!over && a->status != BEE_IOERR && archive_next(a)) {
		send_entry(a, to, &fs);
		over = archive_ends(a, rootfs_excess(&fs));
	}
	if (fflush(to))
		exit(BEE_IOERR);
	exit(archive_done(a));
}

void feed_start(struct feed *feed, const char *file)
{
	struct archive a;
	int ends[2];

	archive_open(&a, file);
	*feed = (struct feed){ .child = 0 };
	if (pipe2(ends, O_CLOEXEC))
		err_system("a pipe");
	feed->child = fork();
	if (feed->child < 0)
		err_system("a process that reads %s", file);
	if (feed->child == 0) {
		close(ends[0]);
		parse(&a, ends[1]);
	}
	close(ends[1]);
	if (a.fd > STDERR_FILENO)
		close(a.fd);
	feed->from = fdopen(ends[0], "r");
	if (!feed->from)
		err_system("a pipe");
}

static bool take(struct feed *feed, void *bytes, size_t len)
{
	return len == 0 || fread(bytes, len, 1, feed->from) == 1;
}

bool feed_next(struct feed *feed)
{
	static uint8_t piece[FEED_PIECE];
	struct head head;

	while (feed_data(feed, piece) > 0)
		;
	if (!take(feed, &head, sizeof(head)) || head.name_len >= sizeof(feed->name) ||
	    !take(feed, feed->name, head.name_len))
		return false;
	feed->name[head.name_len] = '\0';
	feed->header = head.header;
	feed->epoch = head.epoch;
	feed->data = true;
	return true;
}

ptrdiff_t feed_data(struct feed *feed, uint8_t piece[FEED_PIECE])
{
	uint32_t len;

	if (!feed->data)
		return 0;
	if (!take(feed, &len, sizeof(len)) || (len > FEED_PIECE && len != CUT)) {
		feed->data = false;
		return -EBADMSG;
	}
	feed->data = len > 0 && len != CUT;
	if (len == CUT || !take(feed, piece, len))
		return -EBADMSG;
	return (ptrdiff_t)len;
}

int feed_done(struct feed *feed)
{
	int status;

	(void)fclose(feed->from);
	while (waitpid(feed->child, &status, 0) < 0)
		if (errno != EINTR)
			err_system("waiting for the process that reads");
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	warnx("the process that reads the archive was ended by signal %d",
	      WTERMSIG(status));
	return exit_of_signal(WTERMSIG(status));
}
