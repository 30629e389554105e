/* One round: the request, the ticket, the order with its signatures and files, the run. */
#include "asker.h"
#include "companion.h"
#include "memfile.h"
#include "result.h"
#include "uids.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP_TIME (30 * NSEC_PER_SEC)
#define WORDS_MAX 40

/* For how long bee-fetch may try all addresses, with the name server before them. */
static nsec_t fetch_time(const struct asker *asker)
{
	return (nsec_t)(30 + (asker->total + 1) * 16) * NSEC_PER_SEC;
}

static nsec_t until(const struct asker *asker, nsec_t time)
{
	nsec_t end = clock_now() + time;

	return end < asker->until ? end : asker->until;
}

/* What the last ticket said, and what has passed since. */
static int64_t time_now(const struct asker *asker)
{
	int64_t passed = (clock_now() - asker->time_at) / NSEC_PER_SEC;

	return asker->time + passed;
}

static unsigned fetch_words(const struct asker *asker, const char *target, size_t max,
			    bool put, unsigned from, char **words)
{
	const struct config *config = &asker->config;
	unsigned count = 0;

	words[count++] = xstrdup("bee-fetch");
	words[count++] = xasprintf("--host=%s", config->server);
	words[count++] = xasprintf("--port=%u", config->port);
	words[count++] = xasprintf("--target=%s", target);
	words[count++] = xasprintf("--max=%zu", max);
	words[count++] = xasprintf("--connect=%u", asker->connect);
	words[count++] = xasprintf("--total=%u", asker->total);
	words[count++] = xasprintf("--from=%u", from);
	for (unsigned i = 0; i < config->address_count; i++)
		words[count++] = xasprintf("--address=%s", config->addresses[i]);
	if (*asker->answered && asker->time > 0)
		words[count++] = xasprintf("--time=%lld", (long long)time_now(asker));
	if (*asker->answered)
		words[count++] = xasprintf("--first=%s", asker->answered);
	if (put)
		words[count++] = xstrdup("--put");
	return count;
}

static int ca_file(const struct config *config)
{
	int fd = memory_file("cacert.pem");

	if (fd >= 0 && (write_all(fd, config->ca, config->ca_len) || memory_seal(fd))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int fetch_judge(struct asker *asker, int code, ptrdiff_t have, struct said *said)
{
	struct fetch_report *report = &asker->report;

	if (code || have != sizeof(*report)) {
		*report = (struct fetch_report){ .count = 0 };
		return say(said, "bee-fetch: %s",
			   code == -ETIMEDOUT ? "it took too long"
			   : code < 0         ? strerrordesc_np(-code) ?: "?"
					      : "it failed");
	}
	said_clean(&report->said);
	report->address[ADDRESS_MAX - 1] = '\0';
	if (report->retry_after > FETCH_RETRY_MAX)
		report->retry_after = FETCH_RETRY_MAX;
	if (!report->good) {
		*said = report->said;
		return -1;
	}
	return 0;
}

int ask_fetch(struct asker *asker, const char *target, size_t max, int put, unsigned from,
	      struct said *said)
{
	char *words[WORDS_MAX] = { NULL };
	unsigned count = fetch_words(asker, target, max, put >= 0, from, words);
	AUTO_CLOSE int ca = ca_file(&asker->config);
	int body = memory_file("answer"), ends[2] = { -1, -1 }, code;
	ptrdiff_t have;

	if (ca < 0 || body < 0 || pipe2(ends, O_CLOEXEC))
		return say(said, "memory: %s", strerrordesc_np(errno) ?: "?");
	struct companion fetch = {
		"bee-fetch",     words,     { -1, -1, -1, ca, body, ends[1], put },
		put < 0 ? 6 : 7, UID_FETCH, max + 1
	};

	code = companion_run(&fetch, until(asker, fetch_time(asker)), asker->stop);
	close(ends[1]);
	have = code ? 0 : read_full(ends[0], &asker->report, sizeof(asker->report));
	close(ends[0]);
	for (unsigned i = 0; i < count; i++)
		free(words[i]);
	if (fetch_judge(asker, code, have, said) || memory_seal(body)) {
		close(body);
		return -1;
	}
	return body;
}

static int fd_rewind(int fd)
{
	return lseek(fd, 0, SEEK_SET) < 0 ? -1 : fd;
}

int ask_step(struct asker *asker, char **words, const int *fds, unsigned fd_count,
	     nsec_t time, struct answer *answer, struct said *said)
{
	struct companion step = { "bee-order", words, { -1, -1, -1 }, fd_count, 0, 0 };
	AUTO_CLOSE int out = memory_file("step");
	int code;

	*answer = (struct answer){ .good = false };
	for (unsigned i = 0; i <= ORDER_KEYS || i < fd_count; i++)
		step.fds[i] = i < fd_count ? fds[i] : -1;
	if (step.fd_count <= ORDER_KEYS)
		step.fd_count = ORDER_KEYS + 1;
	/* Whose signatures are believed is read anew by each. */
	step.fds[ORDER_KEYS] = asker->keys < 0 ? -1 : fd_rewind(asker->keys);
	step.fds[1] = out;
	step.fds[2] = STDERR_FILENO;
	code = out < 0 ? -errno : companion_run(&step, until(asker, time), asker->stop);
	if (code || lseek(out, 0, SEEK_SET) < 0 ||
	    read_full(out, answer, sizeof(*answer)) != sizeof(*answer)) {
		*answer = (struct answer){ .good = false };
		return say(said, "bee-order: %s",
			   code < 0 ? strerrordesc_np(-code) ?: "?" : "it failed");
	}
	said_clean(&answer->said);
	if (!answer->good || answer->file_count > ORDER_FILES_MAX) {
		*said = answer->said;
		return -1;
	}
	return 0;
}

/* The ticket in `body`, or what stands for one, as an answer to our request. 0 or -1 with words. */
static int ticket_check(struct asker *asker, int body, struct answer *answer,
			struct said *said)
{
	AUTO_FREE char *attempt = xasprintf("%llu", (unsigned long long)asker->attempt);
	AUTO_FREE char *from =
		xasprintf("%llu", (unsigned long long)(uint64_t)asker->report.not_before);
	AUTO_FREE char *to =
		xasprintf("%llu", (unsigned long long)(uint64_t)asker->report.not_after);
	char *words[] = { (char[]){ "bee-order" },
			  (char[]){ "step-ticket" },
			  (char *)(uintptr_t)asker->dir,
			  asker->request,
			  attempt,
			  from,
			  to,
			  NULL };
	char *static_words[] = { (char[]){ "bee-order" },
				 (char[]){ "step-pointer" },
				 (char *)(uintptr_t)asker->dir,
				 from,
				 to,
				 NULL };
	int fds[] = { body, -1, -1 };

	return ask_step(asker, asker->config.is_static ? static_words : words, fds, 3,
			STEP_TIME, answer, said);
}

/* Static files of the server, by their sha256. */
static int object_fetch(struct asker *asker, const char *kind, const char *sha256,
			size_t max, struct said *said)
{
	AUTO_FREE char *target = xasprintf("/v1/%s/%s", kind, sha256);

	return ask_fetch(asker, target, max, -1, 0, said);
}

struct found {
	int order, signatures, files[ORDER_FILES_MAX];
	unsigned file_count;
	int state, state_signatures; /* -1: there is none */
	char sha256[SHA256_HEX + 1], state_sha256[SHA256_HEX + 1];
	char time[24], floor[24], state_floor[24];
	uint64_t sequence, state_sequence;
};

static void close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void found_done(struct found *found)
{
	for (unsigned i = 0; i < found->file_count; i++)
		close(found->files[i]);
	close_one(found->order);
	close_one(found->signatures);
	close_one(found->state);
	close_one(found->state_signatures);
}

static int state_fetch(struct asker *asker, struct found *found, struct said *said)
{
	if (!strcmp(found->state_sha256, "none"))
		return 0;
	found->state = object_fetch(asker, "file", found->state_sha256, ORDER_MAX, said);
	if (found->state >= 0)
		found->state_signatures = object_fetch(asker, "sig", found->state_sha256,
						       MINISIG_ALL_MAX, said);
	return found->state < 0 || found->state_signatures < 0 ? -1 : 0;
}

/* The order that a ticket names, verified, with its files. 0 or -1 with words. */
static int order_fetch(struct asker *asker, struct found *found, struct said *said)
{
	char *words[] = { (char[]){ "bee-order" },
			  (char[]){ "step-order" },
			  (char *)(uintptr_t)asker->dir,
			  found->sha256,
			  found->time,
			  found->floor,
			  found->state_sha256,
			  found->state_floor,
			  NULL };
	struct answer answer;

	found->order = object_fetch(asker, "file", found->sha256, ORDER_MAX, said);
	if (found->order < 0)
		return -1;
	/* GnuPG's are in the order itself. */
	if (!asker->config.is_gpg)
		found->signatures =
			object_fetch(asker, "sig", found->sha256, MINISIG_ALL_MAX, said);
	if ((found->signatures < 0 && !asker->config.is_gpg) ||
	    state_fetch(asker, found, said))
		return -1;
	int fds[] = { found->order, -1, -1,           found->signatures,
		      -1,           -1, found->state, found->state_signatures };

	if (ask_step(asker, words, fds, ORDER_FILES, STEP_TIME, &answer, said))
		return -1;
	found->sequence = answer.sequence;
	found->state_sequence = answer.state_sequence;
	for (unsigned i = 0; i < answer.file_count; i++) {
		char hex[SHA256_HEX + 1];
		int fd = object_fetch(asker, "file",
				      sha256_text(answer.files[i].sha256, hex),
				      ORDER_FILE_BYTES_MAX, said);

		if (fd < 0)
			return -1;
		found->files[found->file_count++] = fd;
	}
	return 0;
}

/* Two of one sequence that are not the same: somebody has signed both, and one of them is not meant. */
static int state_of_node_set(struct asker *asker, const struct found *found,
			     struct said *said)
{
	struct state_last last, now = { .sequence = found->state_sequence };

	if (found->state < 0)
		return 0;
	memcpy(now.order, found->state_sha256, sizeof(now.order));
	if (state_last(&asker->state, "state-sequence", &last, said))
		return -1;
	if (last.sequence == now.sequence && strcmp(last.order, now.order) != 0)
		return say(said, "state: another one of sequence %llu has been used",
			   (unsigned long long)now.sequence);
	return state_last_set(&asker->state, "state-sequence", &now, said);
}

static enum outcome order_run(struct asker *asker, const struct found *found,
			      struct said *said)
{
	/* Its files may have taken hours to come. */
	AUTO_FREE char *now = xasprintf("%lld", (long long)time_now(asker));
	char *words[] = { (char[]){ "bee-order" },
			  (char[]){ "step-run" },
			  (char *)(uintptr_t)asker->dir,
			  (char *)(uintptr_t)found->sha256,
			  now,
			  (char *)(uintptr_t)found->floor,
			  (char *)(uintptr_t)asker->state.dir,
			  (char *)(uintptr_t)found->state_sha256,
			  (char *)(uintptr_t)found->state_floor,
			  NULL };
	AUTO_CLOSE int log = state_file(&asker->state, "order.log");
	int fds[ORDER_FILES + ORDER_FILES_MAX] = {
		found->order, -1, -1,           found->signatures,
		log,          -1, found->state, found->state_signatures
	};
	struct state_last last = { .sequence = found->sequence };
	struct answer answer;

	memcpy(last.order, found->sha256, sizeof(last.order));
	if (log < 0) {
		say(said, "%s/order.log: %s", asker->state.dir,
		    strerrordesc_np(errno) ?: "?");
		return ASK_AGAIN;
	}
	for (unsigned i = 0; i < found->file_count; i++)
		fds[ORDER_FILES + i] = fd_rewind(found->files[i]);
	if (fd_rewind(found->order) < 0 ||
	    (found->signatures >= 0 && fd_rewind(found->signatures) < 0) ||
	    (found->state >= 0 &&
	     (fd_rewind(found->state) < 0 || fd_rewind(found->state_signatures) < 0)) ||
	    state_of_node_set(asker, found, said))
		return ASK_AGAIN;
	asker->sequence = found->sequence;
	memcpy(asker->order, found->sha256, sizeof(asker->order));
	asker->after = AFTER_NOTHING;
	asker->status = RUN_NOT_BUILT;
	if (result_begin(asker, said) ||
	    state_last_set(&asker->state, "sequence", &last, said)) {
		result_forget(asker);
		return ASK_AGAIN;
	}
	/* An order's own limit ends it; this one is for a bee-order that hangs. */
	if (ask_step(asker, words, fds, ORDER_FILES + found->file_count,
		     (nsec_t)(86400 + 600) * NSEC_PER_SEC, &answer, said)) {
		/* A bee-order that answers has run nothing; another one has not lived to say what it did. */
		asker->status = *answer.said.text ? RUN_NOT_BUILT : RUN_CUT_OFF;
		asker->why = *said;
		asker->result_due = result_end(asker) != 0;
		return ASK_RAN;
	}
	*said = asker->why = answer.said;
	asker->status = answer.status;
	asker->after = !answer.status && answer.after < AFTER_COUNT
			       ? (enum after)answer.after
			       : AFTER_NOTHING;
	asker->watchdog = asker->after && answer.watchdog;
	asker->result_due = result_end(asker) != 0;
	return ASK_RAN;
}

/* What the ticket leads to. */
static enum outcome ticket_follow(struct asker *asker, const struct answer *ticket,
				  const struct state_last *last, struct said *said)
{
	struct found found = { .order = -1,
			       .signatures = -1,
			       .state = -1,
			       .state_signatures = -1,
			       .state_sha256 = "none" };
	enum outcome outcome = ASK_AGAIN;
	struct state_last state;

	if (!ticket->has_order) {
		say(said, "the server has no order for this machine");
		return ASK_NOTHING;
	}
	sha256_text(ticket->sha256, found.sha256);
	if (!strcmp(found.sha256, last->order)) {
		say(said, "the server's order has been run since the boot");
		return ASK_NOTHING;
	}
	if (state_last(&asker->state, "state-sequence", &state, said))
		return ASK_AGAIN;
	if (ticket->has_state)
		sha256_text(ticket->state, found.state_sha256);
	(void)snprintf(found.state_floor, sizeof(found.state_floor), "%llu",
		       (unsigned long long)state.sequence);
	(void)snprintf(found.time, sizeof(found.time), "%llu",
		       (unsigned long long)ticket->time);
	(void)snprintf(found.floor, sizeof(found.floor), "%llu",
		       (unsigned long long)last->sequence);
	if (ticket->time < 0)
		say(said, "ticket: it is from before 1970");
	else if (!order_fetch(asker, &found, said))
		outcome = order_run(asker, &found, said);
	found_done(&found);
	return outcome;
}

/*
 * Who gave the ticket is asked first for the rest: his name need not be looked up again. From here on it is
 * known what time it is: nothing is sent to a server whose certificate does not hold then.
 */
static void answered_keep(struct asker *asker)
{
	unsigned char bytes[16];
	const char *address = asker->report.address;

	if (inet_pton(AF_INET, address, bytes) == 1 ||
	    inet_pton(AF_INET6, address, bytes) == 1)
		memcpy(asker->answered, address, sizeof(asker->answered));
}

/*
 * A ticket that does not hold may be of a newer key list; a server that signs no tickets is asked for one each time.
 * What the report says is of the ticket again then.
 */
static int ticket_believe(struct asker *asker, int body, struct answer *ticket,
			  struct said *said)
{
	struct fetch_report report = asker->report;
	struct said why = { "" };
	int lists;

	if (!asker->config.is_static && !ticket_check(asker, body, ticket, said))
		return 0;
	/* What was known of the time is of another ticket. */
	asker->time = 0;
	lists = ask_keys(asker, &why);
	asker->report = report;
	if (lists < 0) {
		*said = why;
		return -1;
	}
	if (!lists && !asker->config.is_static)
		return -1;
	return fd_rewind(body) < 0 ? -1 : ticket_check(asker, body, ticket, said);
}

/* Asks from address `*from` on. What then is the next one is in *from; 0: there is none. */
static enum outcome ask_from(struct asker *asker, const struct state_last *last,
			     unsigned *from, struct said *said)
{
	unsigned char nonce[NONCE_BYTES], sha256[SHA256_BYTES];
	AUTO_FREE char *request = NULL;
	AUTO_CLOSE int body = -1;
	struct answer ticket;

	/* A nonce is for one question: what comes to another address is another. */
	randombytes_buf(nonce, sizeof(nonce));
	asker->attempt++;
	request = asker->config.is_static
			  ? xasprintf("/v1/order/%s", asker->config.id)
			  : request_make(&asker->config, &asker->identity, nonce,
					 asker->attempt, last->sequence);
	request_sha256(request, sha256);
	sha256_text(sha256, asker->request);
	asker->answered[0] = '\0';
	body = ask_fetch(asker, request, TICKET_MAX, -1, *from, said);
	/* Upwards alone, whatever bee-fetch says. */
	*from = body >= 0 && asker->report.next > *from &&
				asker->report.next < asker->report.count
			? asker->report.next
			: 0;
	if (body < 0)
		return ASK_AGAIN;
	answered_keep(asker);
	if (ticket_believe(asker, body, &ticket, said)) {
		asker->answered[0] = '\0';
		return ASK_AGAIN;
	}
	asker->time = ticket.time;
	asker->time_at = clock_now();
	asker->has_receipt_key = ticket.has_receipt_key;
	return ticket_follow(asker, &ticket, last, said);
}

enum outcome ask(struct asker *asker, struct said *said)
{
	enum outcome outcome = ASK_AGAIN;
	struct state_last last;
	unsigned from = 0;

	if (state_last(&asker->state, "sequence", &last, said))
		return ASK_AGAIN;
	/* Also where it is the order that does not hold: another server may have it whole. */
	do
		outcome = ask_from(asker, &last, &from, said);
	while (outcome == ASK_AGAIN && from);
	return outcome;
}
