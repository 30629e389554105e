/* One round: the request, the ticket, the order with its signatures and files, the run. */
#include "asker.h"
#include "found.h"
#include "memfile.h"
#include "result.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP_TIME (30 * NSEC_PER_SEC)

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
	found->state = ask_object(asker, "file", found->state_sha256, ORDER_MAX, said);
	if (found->state >= 0)
		found->state_signatures = ask_object(asker, "sig", found->state_sha256,
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
			  ask_proved(asker),
			  NULL };
	struct answer answer;

	found->order = ask_object(asker, "file", found->sha256, ORDER_MAX, said);
	if (found->order < 0)
		return -1;
	/* GnuPG's are in the order itself. */
	if (!asker->config.is_gpg)
		found->signatures =
			ask_object(asker, "sig", found->sha256, MINISIG_ALL_MAX, said);
	if ((found->signatures < 0 && !asker->config.is_gpg) ||
	    state_fetch(asker, found, said))
		return -1;
	int fds[] = { found->order, -1, -1,           found->signatures,
		      -1,           -1, found->state, found->state_signatures };

	if (ask_step(asker, words, fds, ORDER_FILES, STEP_TIME, &answer, said))
		return -1;
	found->sequence = answer.sequence;
	found->remembered = answer.remembered;
	found->once = answer.once;
	found->state_sequence = answer.state_sequence;
	for (unsigned i = 0; i < answer.file_count; i++) {
		char hex[SHA256_HEX + 1];
		/* What is of a disk is put there by bee-order. */
		int fd = *answer.files[i].serial
				 ? memory_file("of a disk")
				 : ask_object(asker, "file",
					      sha256_text(answer.files[i].sha256, hex),
					      ORDER_FILE_BYTES_MAX, said);

		if (fd < 0)
			return *said->text ? -1 : say(said, "memory");
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

int found_place(const struct found *found, int log, int *fds)
{
	const int own[ORDER_FILES] = { found->order, -1,
				       -1,           found->signatures,
				       log,          -1,
				       found->state, found->state_signatures };

	memcpy(fds, own, sizeof(own));
	for (unsigned i = 0; i < found->file_count; i++)
		fds[ORDER_FILES + i] = found->files[i];
	for (unsigned i = 0; i < ORDER_FILES + found->file_count; i++)
		if (fds[i] >= 0 && i != ORDER_LOG && ask_rewind(fds[i]) < 0)
			return -1;
	return 0;
}

/* From here on it has been run, whatever comes. 0, or -1 with words. */
static int run_record(struct asker *asker, const struct found *found, struct said *said)
{
	struct state_last last = { .sequence = found->sequence };

	memcpy(last.order, found->sha256, sizeof(last.order));
	asker->sequence = found->sequence;
	memcpy(asker->order, found->sha256, sizeof(asker->order));
	asker->after = AFTER_NOTHING;
	asker->status = RUN_NOT_BUILT;
	if (!result_begin(asker, said) &&
	    !state_last_set(&asker->state, "sequence", &last, said))
		return 0;
	result_forget(asker);
	return -1;
}

static enum outcome run_end(struct asker *asker, const struct said *why)
{
	asker->why = *why;
	asker->result_due = result_end(asker) != 0;
	return ASK_RAN;
}

static enum outcome order_run(struct asker *asker, const struct found *found,
			      struct said *said)
{
	/* Its files may have taken hours to come. */
	AUTO_FREE char *now = NULL;
	char *words[] = { (char[]){ "bee-order" },
			  (char[]){ "step-run" },
			  (char *)(uintptr_t)asker->dir,
			  (char *)(uintptr_t)found->sha256,
			  NULL,
			  (char *)(uintptr_t)found->floor,
			  (char *)(uintptr_t)asker->state.dir,
			  (char *)(uintptr_t)found->state_sha256,
			  (char *)(uintptr_t)found->state_floor,
			  ask_proved(asker),
			  NULL };
	AUTO_CLOSE int log = state_file(&asker->state, "order.log");
	int fds[ORDER_FILES + ORDER_FILES_MAX], restored;
	struct said why = { "" };
	struct answer answer;

	if (log < 0) {
		say(said, "%s/order.log: %s", asker->state.dir,
		    strerrordesc_np(errno) ?: "?");
		return ASK_AGAIN;
	}
	if (state_of_node_set(asker, found, said) ||
	    (found->remembered && ask_floor(asker, found, "begin", said)))
		return ASK_AGAIN;
	restored = ask_restore(asker, found, log, said);
	if (restored < 0 || found_place(found, log, fds) ||
	    run_record(asker, found, said))
		return ASK_AGAIN;
	if (restored > 0)
		return run_end(asker, said);
	now = xasprintf("%lld", (long long)ask_time(asker));
	words[4] = now;
	/* An order's own limit ends it; this one is for a bee-order that hangs. */
	if (ask_step(asker, words, fds, ORDER_FILES + found->file_count,
		     (nsec_t)(86400 + 600) * NSEC_PER_SEC, &answer, said)) {
		/* A bee-order that answers has run nothing; another one has not lived to say what it did. */
		asker->status = *answer.said.text ? RUN_NOT_BUILT : RUN_CUT_OFF;
		return run_end(asker, said);
	}
	*said = answer.said;
	asker->status = answer.status;
	if (found->once && answer.status != RUN_NOT_BUILT &&
	    ask_floor(asker, found, "end", &why))
		warnx("%s: it may run again after a reboot", why.text);
	asker->after = !answer.status && answer.after < AFTER_COUNT
			       ? (enum after)answer.after
			       : AFTER_NOTHING;
	asker->watchdog = asker->after && answer.watchdog;
	return run_end(asker, said);
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
	return ask_rewind(body) < 0 ? -1 : ticket_check(asker, body, ticket, said);
}

/* Asks those who have not been asked in this round; whether there are others yet is in *more. */
static enum outcome ask_others(struct asker *asker, const struct state_last *last,
			       bool *more, struct said *said)
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
	request = ask_prove(asker, request, said);
	if (!request)
		return ASK_AGAIN;
	request_sha256(request, sha256);
	sha256_text(sha256, asker->request);
	asker->answered[0] = '\0';
	body = ask_fetch(asker, request, TICKET_MAX, -1, true, said);
	*more = body >= 0 && ask_others_left(asker);
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
	bool more = false;

	if (state_last(&asker->state, "sequence", &last, said))
		return ASK_AGAIN;
	asker->asked_count = 0;
	/* Also where it is the order that does not hold: another server may have it whole. */
	do
		outcome = ask_others(asker, &last, &more, said);
	while (outcome == ASK_AGAIN && more);
	return outcome;
}
