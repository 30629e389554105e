/* Newer key lists than the image's own: fetched one after the other, each checked upon those before it. */
#include "asker.h"
#include "keylist.h"
#include "memfile.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

/* Its bytes behind those of `to`, unread. 0 or -1. */
static int append(int to, int from)
{
	off_t at = 0;
	struct stat st;

	if (fstat(from, &st))
		return -1;
	while (at < st.st_size)
		if (sendfile(to, from, &at, (size_t)(st.st_size - at)) <= 0)
			return -1;
	return 0;
}

/* The chain as it is, and this list: a new memfd, as who is given one can write to what is not sealed. */
static int chain_longer(int chain, int list)
{
	int longer = memory_file("keys");
	unsigned char len[4];
	struct stat st;

	if (longer >= 0 && !fstat(list, &st)) {
		for (int i = 0; i < 4; i++)
			len[i] = (unsigned char)(st.st_size >> 8 * i);
		if ((chain < 0 || !append(longer, chain)) &&
		    !write_all(longer, len, sizeof(len)) && !append(longer, list) &&
		    !memory_seal(longer))
			return longer;
	}
	if (longer >= 0)
		close(longer);
	return -1;
}

static int list_take(struct asker *asker, int list, struct said *said)
{
	char *words[] = { (char[]){ "bee-order" }, (char[]){ "step-keys" },
			  (char *)(uintptr_t)asker->dir, NULL };
	int fds[] = { list, -1, -1 }, longer;
	struct answer answer;

	if (ask_step(asker, words, fds, 3, 30 * NSEC_PER_SEC, &answer, said))
		return -1;
	longer = chain_longer(asker->keys, list);
	if (longer < 0)
		return say(said, "keys: no memory for another list");
	if (asker->keys >= 0)
		close(asker->keys);
	asker->keys = longer;
	asker->keys_version++;
	asker->has_receipt_key = answer.has_receipt_key;
	return 0;
}

int ask_keys(struct asker *asker, struct said *said)
{
	for (int taken = 0; taken <= KEYLIST_STEPS; taken++) {
		AUTO_FREE char *target = xasprintf(
			"/v1/keys/%llu", (unsigned long long)asker->keys_version + 1);
		AUTO_CLOSE int list =
			ask_fetch(asker, target, KEYLIST_MAX, -1, false, said);

		if (list < 0 && asker->report.http == 404) {
			said->text[0] = '\0';
			return taken;
		}
		if (list < 0 || list_take(asker, list, said))
			return -1;
	}
	return say(said, "keys: the server has no end of them");
}
