/* Images on partitions: chunks are fetched one by one, and handed to a step of bee-order each. */
#include "chunks.h"
#include "found.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* It reads what is there for 20 s at most, writes one chunk and has it synced; disks that are ill take their time. */
#define CHUNK_TIME (300 * NSEC_PER_SEC)

int ask_object(struct asker *asker, const char *kind, const char *sha256, size_t max,
	       struct said *said)
{
	AUTO_FREE char *target = xasprintf("/v1/%s/%s", kind, sha256);
	int fd = ask_fetch(asker, target, max, -1, false, said);

	/* Of which of several it is that a server says 404, or that is too big. */
	if (fd < 0) {
		struct said why = *said;

		say(said, "%s %.12s...: %s", kind, sha256, why.text);
	}
	return fd;
}

/* One step: `chunk` is the descriptor of that one, or -1 where it is only to be compared. */
static int step(struct asker *asker, const struct found *found, unsigned nth,
		uint32_t number, int chunk, struct answer *answer, struct said *said)
{
	AUTO_FREE char *now = xasprintf("%lld", (long long)ask_time(asker));
	AUTO_FREE char *which = xasprintf("%u", nth);
	AUTO_FREE char *from = xasprintf("%u", number);
	char *words[] = { (char[]){ "bee-order" },
			  (char[]){ "step-restore" },
			  (char *)(uintptr_t)asker->dir,
			  (char *)(uintptr_t)found->sha256,
			  now,
			  (char *)(uintptr_t)found->floor,
			  (char *)(uintptr_t)asker->state.dir,
			  (char *)(uintptr_t)found->state_sha256,
			  (char *)(uintptr_t)found->state_floor,
			  ask_proved(asker),
			  which,
			  from,
			  NULL };
	int fds[ORDER_FILES + ORDER_FILES_MAX];

	if (found_place(found, chunk, fds) || (chunk >= 0 && ask_rewind(chunk) < 0))
		return say(said, "restore: memory");
	return ask_step(asker, words, fds, ORDER_FILES + found->file_count, CHUNK_TIME,
			answer, said);
}

/* Who is told to end has not failed: the next one goes on. */
static bool interrupted(const struct asker *asker)
{
	struct pollfd stop = { asker->stop, POLLIN, 0 };

	return poll(&stop, 1, 0) > 0;
}

/* Ends, as each answer is of a chunk behind the last one, or has the one wanted. */
static int one(struct asker *asker, const struct found *found, unsigned nth, int log,
	       bool *last, struct said *said)
{
	uint32_t at = 0, fetched = 0;
	char hex[SHA256_HEX + 1];
	bool fetching = false;
	int chunk = -1;
	struct answer answer = { .good = false };

	for (;;) {
		int error = step(asker, found, nth, at, chunk, &answer, said);

		if (chunk >= 0)
			close(chunk);
		chunk = -1;
		if (error)
			return answer.again || interrupted(asker) ? -1 : 1;
		*last = answer.last;
		if (answer.last || answer.chunk >= answer.chunk_count)
			break;
		if (answer.chunk < at + (fetching || !answer.chunk_wanted) ||
		    answer.chunk_bytes > CHUNK_MOST) {
			say(said, "bee-order: a chunk that was not asked for");
			return 1;
		}
		at = answer.chunk;
		fetching = answer.chunk_wanted;
		if (!fetching)
			continue;
		chunk = ask_object(asker, "file", sha256_text(answer.sha256, hex),
				   answer.chunk_bytes, said);
		if (chunk < 0)
			return -1;
		fetched++;
	}
	if (!answer.last && dprintf(log, "restore %u: %u of %u chunks were written\n",
				    nth + 1, fetched, answer.chunk_count) < 0)
		return say(said, "%s/order.log: it cannot be written", asker->state.dir);
	return 0;
}

int ask_restore(struct asker *asker, const struct found *found, int log,
		struct said *said)
{
	for (unsigned nth = 0; nth < ORDER_ACTIONS_MAX; nth++) {
		bool last = false;
		int error = one(asker, found, nth, log, &last, said);

		if (error || last)
			return error;
	}
	return 0;
}
