/* The way home: the audit and what an order has said, until the server has signed that it has them. */
#include "asker.h"
#include "box.h"
#include "memfile.h"
#include "result.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEND_MAX (UINT64_C(64) << 20)
#define STEP_TIME (60 * NSEC_PER_SEC)

/* What makes a sealed document the same bytes each time that it is sent in this boot; or -1. */
static int seal_seed(const struct asker *asker)
{
	AUTO_FREE char *path = xasprintf("%s/seal", asker->state.dir);
	unsigned char random[BOX_SEED_BYTES / 2];
	char seed[BOX_SEED_BYTES + 1];

	if (access(path, F_OK)) {
		randombytes_buf(random, sizeof(random));
		sodium_bin2hex(seed, sizeof(seed), random, sizeof(random));
		if (state_write(&asker->state, "seal", seed))
			return -1;
	}
	return open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

/* Packed into `packed`, with its sha256 in `hex`. 0 or -1 with words. */
static int pack(struct asker *asker, int document, int packed, char hex[SHA256_HEX + 1],
		struct said *said)
{
	char *words[] = { (char[]){ "bee-order" }, (char[]){ "step-pack" },
			  (char *)(uintptr_t)asker->dir, NULL };
	AUTO_CLOSE int seed = asker->config.has_seal_key ? seal_seed(asker) : -1;
	int fds[] = { document, -1, -1, packed, seed };
	struct answer answer;

	if (packed < 0 || lseek(document, 0, SEEK_SET) < 0 ||
	    (asker->config.has_seal_key && seed < 0))
		return say(said, "memory: %s", strerrordesc_np(errno) ?: "?");
	if (ask_step(asker, words, fds, 5, STEP_TIME, &answer, said))
		return -1;
	sha256_text(answer.sha256, hex);
	return memory_seal(packed);
}

/* Whether the server has signed that it has it. 0 or -1 with words. */
static int receipt_ask(struct asker *asker, char *hex, struct said *said)
{
	AUTO_FREE char *target = xasprintf("/v1/receipts/%s", hex);
	AUTO_CLOSE int body = ask_fetch(asker, target, TICKET_MAX, -1, false, said);
	AUTO_FREE char *from =
		xasprintf("%llu", (unsigned long long)(uint64_t)asker->report.not_before);
	AUTO_FREE char *to =
		xasprintf("%llu", (unsigned long long)(uint64_t)asker->report.not_after);
	char *words[] = { (char[]){ "bee-order" },
			  (char[]){ "step-receipt" },
			  (char *)(uintptr_t)asker->dir,
			  hex,
			  from,
			  to,
			  NULL };
	int fds[] = { body, -1, -1 };
	struct answer answer;

	if (body < 0)
		return -1;
	return ask_step(asker, words, fds, 3, STEP_TIME, &answer, said);
}

/* One that does not verify may be by the key of a list that is newer than our ticket. */
static int receipt_get(struct asker *asker, char *hex, struct said *said)
{
	struct said why = { "" };

	if (!receipt_ask(asker, hex, said))
		return 0;
	if (!asker->report.good || ask_keys(asker, &why) <= 0)
		return -1;
	return receipt_ask(asker, hex, said);
}

/* A receipt that is there already spares the sending: so it may be asked for as often as one likes. */
static int document_send(struct asker *asker, int document, struct said *said)
{
	char hex[SHA256_HEX + 1];
	AUTO_CLOSE int packed = memory_file("packed");
	AUTO_FREE char *target = NULL;
	int body;

	if (pack(asker, document, packed, hex, said))
		return -1;
	if (!receipt_get(asker, hex, said))
		return 0;
	target = xasprintf("/v1/audit/%s", hex);
	body = ask_fetch(asker, target, TICKET_MAX, packed, false, said);
	if (body < 0)
		return -1;
	close(body);
	return receipt_get(asker, hex, said);
}

/* Those of orders, the oldest first. How many got a receipt; -1 with words: not all of them. */
static int results_send(struct asker *asker, struct said *said)
{
	for (int count = 0;; count++) {
		AUTO_FREE char *path = result_next(asker);
		AUTO_CLOSE int result =
			path ? open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;

		if (!path)
			return count;
		if (result < 0)
			return say(said, "%s: it cannot be read", path);
		if (document_send(asker, result, said))
			return -1;
		said->text[0] = '\0';
		if (unlink(path))
			return say(said, "%s: it cannot be removed", path);
	}
}

int send_home(struct asker *asker, struct said *said)
{
	AUTO_CLOSE int document = -1;
	int results;
	struct stat st;

	if (!asker->has_receipt_key)
		return 1;
	if (asker->result_due && result_end(asker))
		return say(said, "%s: there is no room for an order's result",
			   asker->state.dir);
	asker->result_due = false;
	results = results_send(asker, said);
	if (results < 0)
		return -1;
	document = open(asker->document, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (document < 0 && errno == ENOENT)
		return results == 0;
	if (document < 0 || fstat(document, &st) || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size > SEND_MAX)
		return say(said, "%s: it cannot be sent", asker->document);
	if (document_send(asker, document, said))
		return -1;
	said->text[0] = '\0';
	return 0;
}
