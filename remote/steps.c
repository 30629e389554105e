/*
 * bee-order for bee-remote: each step reads its configuration as root, gives up every right, and only
 * then reads a byte that came from the network. What it finds is one struct answer.
 */
#include "answer.h"
#include "box.h"
#include "commands.h"
#include "gpg.h"
#include "identity.h"
#include "keylist.h"
#include "perform.h"
#include "uids.h"

#include "confine.h"
#include "stdio_filter.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#define DOCUMENT_MAX (64u << 20) /* what the writer of an audit gives out at most */
#define ZSTD_LEVEL 3

static struct config config;
static struct identity identity;
static struct answer answer;
static bool has_keys;
static struct gpg gpg;

/* Everything but reading, computing and writing is over from here on. */
static void rights_end(void)
{
	if ((geteuid() == 0 && confine_drop(UID_CHECK)) || process_hide() ||
	    stdio_filter_load(STDIO_ONLY))
		exit(BEE_SOFTWARE);
}

static int answer_give(void)
{
	return write_all(STDOUT_FILENO, &answer, sizeof(answer)) ? BEE_IOERR : BEE_OK;
}

static void config_open(const char *dir)
{
	if (config_read(dir, &config, stderr))
		exit(BEE_DATAERR);
	identity_read(config.id, &identity);
	has_keys = fcntl(ORDER_KEYS, F_GETFD) >= 0;
}

/* After rights_end(): they came from the network. Each step takes them over anew, as it believes no other. */
static bool keys_taken(void)
{
	struct bytes chain;

	if (!has_keys)
		return true;
	chain = bytes_read(ORDER_KEYS, KEYLIST_CHAIN_MAX);
	if (!chain.at) {
		say(&answer.said, "keys: too long");
		return false;
	}
	return !keylist_chain(&config, chain, &answer.said);
}

static uint64_t number(const char *text)
{
	uint64_t value;

	if (parse_u64(text, UINT64_MAX, &value))
		exit(BEE_USAGE);
	return value;
}

static void sha256_of(const char *text, unsigned char out[SHA256_BYTES])
{
	if (take_sha256(text, out))
		exit(BEE_USAGE);
}

static void answer_fill(const struct ticket *ticket)
{
	answer.good = true;
	answer.has_receipt_key = config.has_receipt_key;
	answer.has_order = ticket->has_order;
	answer.time = ticket->time;
	memcpy(answer.sha256, ticket->order, SHA256_BYTES);
	answer.has_state = ticket->has_state;
	memcpy(answer.state, ticket->state, SHA256_BYTES);
}

/* ticket DIR REQUEST ATTEMPT NOT_BEFORE NOT_AFTER; the dates as bits of a signed number. */
int step_ticket(int argc, char **argv)
{
	unsigned char request[SHA256_BYTES];
	struct check_dates dates;
	struct ticket ticket;
	struct bytes text;

	if (argc != 6)
		return BEE_USAGE;
	config_open(argv[1]);
	if (config.is_static)
		return BEE_USAGE;
	sha256_of(argv[2], request);
	dates = (struct check_dates){ (int64_t)number(argv[4]),
				      (int64_t)number(argv[5]) };
	rights_end();
	if (!keys_taken())
		return answer_give();
	text = bytes_read(STDIN_FILENO, TICKET_MAX);
	if (!text.at)
		say(&answer.said, "ticket: more than %d bytes", TICKET_MAX);
	else if (!check_ticket(&config, text, request, number(argv[3]), dates,
			       keylist_clock(), &ticket, &answer.said))
		answer_fill(&ticket);
	return answer_give();
}

/* pointer DIR NOT_BEFORE NOT_AFTER: where there are no tickets, our own clock is all there is. */
int step_pointer(int argc, char **argv)
{
	struct check_dates dates;
	struct ticket ticket;
	struct bytes text;

	if (argc != 4)
		return BEE_USAGE;
	config_open(argv[1]);
	if (!config.is_static)
		return BEE_USAGE;
	dates = (struct check_dates){ (int64_t)number(argv[2]),
				      (int64_t)number(argv[3]) };
	rights_end();
	if (!keys_taken())
		return answer_give();
	text = bytes_read(STDIN_FILENO, TICKET_MAX);
	if (!text.at)
		say(&answer.said, "answer: more than %d bytes", TICKET_MAX);
	else if (!check_pointer(&config, text, dates, keylist_clock(), &ticket,
				&answer.said))
		answer_fill(&ticket);
	return answer_give();
}

/* The order on stdin and its signatures, into *order and the answer. */
static void order_check(const unsigned char sha256[SHA256_BYTES], int64_t time,
			uint64_t floor, struct order *order)
{
	struct check_order check = { &config, &identity, sha256, time, floor, { 0 } };
	struct bytes text = bytes_read(STDIN_FILENO, ORDER_MAX);
	struct bytes signatures = bytes_read(
		config.is_gpg ? gpg.status : ORDER_SIGNATURES, MINISIG_ALL_MAX);

	if (config.is_gpg)
		check.content = bytes_read(gpg.content, ORDER_MAX);

	if (!text.at || !signatures.at)
		say(&answer.said, "order: it or its signatures are too big");
	else if (!check_order(&check, text, signatures, order, &answer.said)) {
		answer.good = true;
		answer.sequence = order->sequence;
		answer.once = order->once;
		answer.remembered = order->once || order_can_destroy(order);
		answer.file_count = order->file_count;
		memcpy(answer.files, order->files, sizeof(answer.files));
	}
}

/* The state object that goes with it; false: it does not hold. */
static bool state_check(const char *sum, int64_t time, uint64_t floor)
{
	unsigned char sha256[SHA256_BYTES];
	struct check_order check = { &config, &identity, sha256, time, floor, { 0 } };
	struct bytes text, signatures;
	struct node_state state;

	if (!strcmp(sum, "none"))
		return true;
	sha256_of(sum, sha256);
	text = bytes_read(ORDER_STATE, ORDER_MAX);
	signatures = bytes_read(ORDER_STATE_SIGNATURES, MINISIG_ALL_MAX);
	if (!text.at || !signatures.at) {
		say(&answer.said, "state: it or its signatures are too big");
		return false;
	}
	if (check_state(&check, text, signatures, &state, &answer.said))
		return false;
	answer.state_sequence = state.sequence;
	return true;
}

/* order DIR SHA256 TIME FLOOR STATE-SHA256|none STATE-FLOOR signed|unsigned */
int step_order(int argc, char **argv)
{
	static struct order order;
	unsigned char sha256[SHA256_BYTES];

	if (argc != 8)
		return BEE_USAGE;
	config_open(argv[1]);
	config.grants.proved = !strcmp(argv[7], "signed");
	sha256_of(argv[2], sha256);
	if (config.is_gpg) {
		AUTO_FREE char *keyring = xasprintf("%s/pubring.gpg", argv[1]);

		if (gpg_run(keyring, STDIN_FILENO, &gpg, &answer.said))
			return answer_give();
	}
	rights_end();
	if (keys_taken() &&
	    state_check(argv[5], (int64_t)number(argv[3]), number(argv[6])))
		order_check(sha256, (int64_t)number(argv[3]), number(argv[4]), &order);
	return answer_give();
}

/* keys DIR: one more list, on stdin, upon those that are there. */
int step_keys(int argc, char **argv)
{
	struct bytes list;

	if (argc != 2)
		return BEE_USAGE;
	config_open(argv[1]);
	rights_end();
	if (!keys_taken())
		return answer_give();
	list = bytes_read(STDIN_FILENO, KEYLIST_MAX);
	if (!list.at)
		say(&answer.said, "keys: more than %d bytes", KEYLIST_MAX);
	else if (!keylist_apply(&config, list, &answer.said)) {
		answer.good = true;
		answer.sequence = config.keys_version;
		answer.has_receipt_key = config.has_receipt_key;
	}
	return answer_give();
}

/* receipt DIR SHA256 NOT_BEFORE NOT_AFTER */
int step_receipt(int argc, char **argv)
{
	unsigned char document[SHA256_BYTES];
	struct check_dates dates;
	struct bytes text;

	if (argc != 5)
		return BEE_USAGE;
	config_open(argv[1]);
	sha256_of(argv[2], document);
	dates = (struct check_dates){ (int64_t)number(argv[3]),
				      (int64_t)number(argv[4]) };
	rights_end();
	if (!keys_taken())
		return answer_give();
	text = bytes_read(STDIN_FILENO, TICKET_MAX);
	if (!text.at)
		say(&answer.said, "receipt: more than %d bytes", TICKET_MAX);
	else
		answer.good =
			!check_receipt(&config, text, document, dates, &answer.said);
	return answer_give();
}

/* end reboot|kexec [watchdog], end sshd: with root's rights, and nothing of the network's to read. */
int step_end(int argc, char **argv)
{
	if (argc != 2 && (argc != 3 || strcmp(argv[2], "watchdog") != 0))
		return BEE_USAGE;
	if (argc == 3)
		perform_watchdog_again();
	if (!strcmp(argv[1], "sshd"))
		answer.good = !perform_sshd_start(&answer.said);
	else if (!strcmp(argv[1], "kexec") || !strcmp(argv[1], "reboot"))
		answer.good = !perform_end(*argv[1] == 'k' ? AFTER_KEXEC : AFTER_REBOOT,
					   &answer.said);
	else
		return BEE_USAGE;
	return answer_give();
}

/* In its place what is sent, where it is to be sealed. False, with words: it cannot be. */
static bool document_seal(struct bytes *text)
{
	unsigned char seed[BOX_SEED_BYTES];
	struct bytes plain = *text;

	if (!config.has_seal_key)
		return true;
	if (read_full(ORDER_SEED, seed, sizeof(seed)) != sizeof(seed)) {
		say(&answer.said, "seal: there is no seed");
		return false;
	}
	return !box_seal(&config.seal_key, seed, plain, text, &answer.said);
}

/* pack DIR: a document on stdin, sealed where TRUST says so, compressed to ORDER_PACKED, and its sha256. */
int step_pack(int argc, char **argv)
{
	struct bytes text;
	size_t size, len;
	char *packed;

	if (argc != 2)
		return BEE_USAGE;
	config_open(argv[1]);
	rights_end();
	text = bytes_read(STDIN_FILENO, DOCUMENT_MAX);
	if (!text.at) {
		say(&answer.said, "document: more than %u bytes", DOCUMENT_MAX);
		return answer_give();
	}
	if (!document_seal(&text))
		return answer_give();
	size = ZSTD_compressBound(text.len);
	packed = xcalloc(1, size);
	len = ZSTD_compress(packed, size, text.at, text.len, ZSTD_LEVEL);
	crypto_hash_sha256(answer.sha256, (const unsigned char *)text.at, text.len);
	if (ZSTD_isError(len) || write_all(ORDER_PACKED, packed, len))
		say(&answer.said, "document: it cannot be packed");
	else
		answer.good = true;
	return answer_give();
}
