/*
 * "restore SERIAL PARTITION LIST": an image on a partition, chunk by chunk. What is there already as it should be is neither
 * fetched nor written, so whoever was interrupted goes on; nothing is written whose sum has not been compared.
 */
#include "action.h"
#include "apart.h"
#include "checked.h"
#include "chunks.h"
#include "commands.h"
#include "disk.h"
#include "uids.h"

#include "confine.h"
#include "stdio_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LIST_TIME (10 * NSEC_PER_SEC)
/* After so long it says how far it has come, so that there is a limit for one that hangs. */
#define COMPARE_TIME (20 * NSEC_PER_SEC)

struct list {
	uint32_t good;
	struct chunks chunks;
	struct said said;
};

struct target {
	int disk; /* opened for us alone */
	const struct chunks *chunks;
	unsigned char *bytes, *again; /* of one chunk */
};

static void list_read(void *arg, void *out)
{
	int fd = *(int *)arg;
	struct list *list = out;
	struct bytes text;

	if (confine_drop(UID_CHECK) || stdio_filter_load(STDIO_ONLY))
		_exit(BEE_SOFTWARE);
	text = bytes_read(fd, CHUNKS_TEXT_MAX);
	if (!text.at)
		say(&list->said, "chunks: more than %d lines", CHUNKS_MAX);
	else
		list->good = !chunks_read(text.at, text.len, &list->chunks, &list->said);
}

/* The order's list, if it is the one that it names. 0 or -1 with words. */
static int list_of(const struct order *order, const struct action *action,
		   struct list *list, struct said *said)
{
	int fd = ORDER_FILES + (int)action->files[0];
	struct apart apart = { .work = list_read,
			       .arg = &fd,
			       .keep = { fd },
			       .keep_count = 1,
			       .time = LIST_TIME };
	struct bytes text = bytes_read(fd, CHUNKS_TEXT_MAX);
	unsigned char is[SHA256_BYTES];
	bool same;

	if (!text.at || lseek(fd, 0, SEEK_SET) < 0)
		return say(said, "restore: the list of chunks cannot be read");
	crypto_hash_sha256(is, (const unsigned char *)text.at, text.len);
	same = !memcmp(is, order->files[action->files[0]].sha256, SHA256_BYTES);
	free((void *)(uintptr_t)text.at);
	if (!same)
		return say(said, "restore: the list is not the one that the order names");
	if (apart_run(&apart, list, sizeof(*list)) ||
	    (list->good && !chunks_in_range(&list->chunks)))
		return say(said, "restore: the list of chunks could not be read");
	said_clean(&list->said);
	return list->good ? 0 : say(said, "restore: %s", list->said.text);
}

/* Of this machine, in use by nobody, and large enough. */
static int target_open(const struct action *action, struct target *target,
		       struct said *said)
{
	struct disk disk;
	const char *node;
	uint64_t size = 0;

	if (disk_find(action->words[0], true, &disk, said))
		return -1;
	node = disk_partition(&disk, action->number);
	if (!node)
		return say(said, "restore: the disk has no partition %llu",
			   (unsigned long long)action->number);
	target->disk = open(node, O_RDWR | O_EXCL | O_CLOEXEC);
	if (target->disk < 0 || ioctl(target->disk, BLKGETSIZE64, &size))
		return say(said, "restore: %s: %s", node, strerrordesc_np(errno) ?: "?");
	if (size < target->chunks->size)
		return say(said, "restore: %s has %llu bytes, the image has %llu", node,
			   (unsigned long long)size,
			   (unsigned long long)target->chunks->size);
	return 0;
}

static int chunk_read(const struct target *target, uint32_t i, unsigned char *to)
{
	size_t len = chunks_len(target->chunks, i), have = 0;
	off_t at = (off_t)i * target->chunks->bytes;

	while (have < len) {
		ssize_t n = pread(target->disk, to + have, len - have, at + (off_t)have);

		if (n <= 0)
			return -1;
		have += (size_t)n;
	}
	return 0;
}

static bool sum_is(const struct target *target, uint32_t i, const unsigned char *bytes)
{
	unsigned char is[SHA256_BYTES];

	crypto_hash_sha256(is, bytes, chunks_len(target->chunks, i));
	return !memcmp(is, target->chunks->sums[i], SHA256_BYTES);
}

/* A sector that cannot be read is one to be written. */
static bool chunk_is_there(const struct target *target, uint32_t i)
{
	return !chunk_read(target, i, target->again) && sum_is(target, i, target->again);
}

/* What is compared is what is written: a copy of ours. And then it is read again, from the disk. */
static int chunk_write(const struct target *target, uint32_t i, struct answer *answer)
{
	size_t len = chunks_len(target->chunks, i), done = 0;
	off_t at = (off_t)i * target->chunks->bytes;

	if (read_full(ORDER_CHUNK, target->bytes, len) != (ptrdiff_t)len ||
	    !sum_is(target, i, target->bytes)) {
		answer->again = true;
		return say(&answer->said, "restore: chunk %u is not what its list says",
			   i);
	}
	while (done < len) {
		ssize_t n = pwrite(target->disk, target->bytes + done, len - done,
				   at + (off_t)done);

		if (n <= 0)
			return say(&answer->said, "restore: chunk %u: %s", i,
				   strerrordesc_np(errno) ?: "?");
		done += (size_t)n;
	}
	if (fdatasync(target->disk) ||
	    posix_fadvise(target->disk, at, (off_t)len, POSIX_FADV_DONTNEED))
		return say(&answer->said, "restore: chunk %u: %s", i,
			   strerrordesc_np(errno) ?: "?");
	if (!chunk_is_there(target, i))
		return say(&answer->said,
			   "restore: chunk %u: the disk gives back something else", i);
	return 0;
}

/* From that chunk on: the next one that is wanted, or how far it has come. */
static void compare(const struct target *target, uint32_t from, struct answer *answer)
{
	nsec_t end = clock_now() + COMPARE_TIME;
	uint32_t i = from;

	while (i < target->chunks->count && clock_now() < end && !answer->chunk_wanted)
		if (chunk_is_there(target, i))
			i++;
		else
			answer->chunk_wanted = true;
	answer->chunk = i;
	answer->chunk_count = target->chunks->count;
	answer->chunk_bytes = target->chunks->bytes;
	if (i < target->chunks->count)
		memcpy(answer->sha256, target->chunks->sums[i], SHA256_BYTES);
	answer->good = true;
}

/* Of a whole disk that is done the partitions may be others; one without any says no. It takes rights, as the next step has them. */
static void table_read(const struct order *order, unsigned nth)
{
	struct action action = { .number = 0 };
	struct said said = { "" };
	AUTO_CLOSE int fd = -1;
	struct disk disk;

	if (!action_nth(order, ACTION_RESTORE, nth, &action) || action.number != 0 ||
	    disk_find(action.words[0], true, &disk, &said))
		return;
	fd = open(disk_partition(&disk, 0), O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		(void)ioctl(fd, BLKRRPART, 0);
}

static void restore(const struct order *order, unsigned nth, uint32_t from,
		    bool has_chunk, struct answer *answer)
{
	static struct list list;
	struct action action = { .number = 0 };
	struct target target = { .disk = -1, .chunks = &list.chunks };

	if (nth > 0 && from == 0 && !has_chunk)
		table_read(order, nth - 1);
	if (!action_nth(order, ACTION_RESTORE, nth, &action)) {
		answer->good = true;
		answer->last = true;
		return;
	}
	if (list_of(order, &action, &list, &answer->said) ||
	    target_open(&action, &target, &answer->said))
		return;
	/* Nothing that is read from here on is for somebody with rights. */
	if (confine_drop(UID_CHECK)) {
		say(&answer->said, "restore: %s", strerrordesc_np(errno) ?: "?");
		return;
	}
	target.bytes = xcalloc(2, list.chunks.bytes);
	target.again = target.bytes + list.chunks.bytes;
	if (from >= list.chunks.count) {
		say(&answer->said, "restore: there is no chunk %u", from);
	} else if (!has_chunk) {
		compare(&target, from, answer);
	} else if (!chunk_write(&target, from, answer)) {
		compare(&target, from + 1, answer);
	}
	free(target.bytes);
}

/* restore DIR SHA256 TIME FLOOR STATE STATE-SHA256|none STATE-FLOOR signed|unsigned NTH CHUNK, with that chunk on ORDER_CHUNK or none. */
int step_restore(int argc, char **argv)
{
	static struct checking checking;
	static struct checked checked;
	static struct answer answer;
	/* Before anything is opened, which would have its number. */
	bool has_chunk = fcntl(ORDER_CHUNK, F_GETFD) >= 0;
	uint64_t nth, chunk;
	int code;

	if (argc != 11 || parse_u64(argv[9], ORDER_ACTIONS_MAX, &nth) ||
	    parse_u64(argv[10], CHUNKS_MAX, &chunk))
		return BEE_USAGE;
	code = checked_read(argv, &checking, &checked);
	if (code)
		return code;
	answer.status = RUN_NOT_BUILT;
	if (!checked.good)
		answer.said = checked.said;
	else
		restore(&checked.order, (unsigned)nth, (uint32_t)chunk, has_chunk,
			&answer);
	return write_all(STDOUT_FILENO, &answer, sizeof(answer)) ? BEE_IOERR : BEE_OK;
}
