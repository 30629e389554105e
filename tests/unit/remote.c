/* What bee remote reads of others: times, numbers, tickets, receipts, signatures, certificates' dates. */
#include "checks.h"
#include "minisig.h"
#include "take.h"
#include "tap.h"
#include "ticket.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* From date(1): `date -u -d @N +%FT%TZ`. */
static void times(void)
{
	static const struct {
		const char *text;
		int64_t time;
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2000-02-29T23:59:59Z", 951868799 },
		{ "2026-11-29T07:00:00Z", 1795935600 },
		{ "2038-01-19T03:14:08Z", 2147483648 },
		{ "2100-03-01T00:00:00Z", 4107542400 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
	};
	static const char *const bad[] = {
		"2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",  "2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",  "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",  "2026-01-01T00:00:00",
		"2026-01-01 00:00:00Z", "2026-01-01T00:00:00Z ", "1969-12-31T23:59:59Z",
		"+026-01-01T00:00:00Z", "2026-1-01T00:00:00Z",   "",
	};
	char text[TIME_TEXT];
	int64_t time;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		CHECK(!take_time(good[i].text, &time));
		CHECK_INT(time, good[i].time);
		CHECK_STR(time_text(time, text), good[i].text);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK_INT(take_time(bad[i], &time), -1);
	CHECK_STR(time_text(-1, text), "?");
	CHECK_STR(time_text(INT64_MAX, text), "?");
	CHECK_STR(time_text(253402300800, text), "?");
}

static void numbers(void)
{
	uint64_t number;
	unsigned char sha256[SHA256_BYTES];

	CHECK(!take_number("10", 1, 10, &number));
	CHECK_INT(take_number("11", 1, 10, &number), -1);
	CHECK_INT(take_number("0", 1, 10, &number), -1);
	CHECK_INT(take_number("010", 1, 10, &number), -1);
	CHECK(!take_number("0", 0, 10, &number));
	CHECK_INT(take_sha256("AA", sha256), -1);
	CHECK_INT(take_sha256("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B78"
			      "52B855",
			      sha256),
		  -1);
	CHECK(is_name("a.b_c-D9", 8));
	CHECK(!is_name("a.b_c-D9", 7));
	CHECK(!is_name(".a", 8));
	CHECK(!is_name("-a", 8));
	CHECK(!is_name("a/b", 8));
	CHECK(!is_name("", 8));
}

/* A pair of keys, in both forms. */
struct pair {
	struct minisig_secret secret;
	struct minisig_key key;
};

/* minisign 0.11 prints "minisign public key %" PRIX64: each sixteenth is shorter than the others. */
static void test_key_number(void)
{
	char id[MINISIG_ID_TEXT];

	CHECK_STR(minisig_id_text((const unsigned char[]){ 0x5b, 0xf2, 0x9b, 0xa2, 0xcd,
							   0x94, 0xad, 0x09 },
				  id),
		  "9AD94CDA29BF25B");
	CHECK_STR(
		minisig_id_text((const unsigned char[]){ 1, 0, 0, 0, 0, 0, 0, 0x80 }, id),
		"8000000000000001");
}

static void pair_make(struct pair *pair)
{
	char secret[MINISIG_SECRET_TEXT], public[MINISIG_PUBLIC_TEXT],
		id[MINISIG_ID_TEXT];
	struct said said;

	minisig_new(secret, public, id);
	CHECK(!minisig_secret_read(secret, &pair->secret, &said));
	CHECK(!minisig_key_read(public, &pair->key));
}

static int ticket_of(const struct pair *pair, const char *body, struct ticket *out)
{
	AUTO_FREE char *signature = minisig_sign(&pair->secret, body, strlen(body), "c");
	AUTO_FREE char *text = xasprintf("%s%s", body, signature);
	struct said said;

	return ticket_read(&pair->key, text, strlen(text), out, &said);
}

#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

#define TICKET                                                                           \
	"bee-ticket 1\nrequest " SHA "\norder " SHA                                      \
	"\nstate none\nkeys 1\nattempt 1\ntime 2026-11-29T07:00:00Z\nend\n"

static void tickets(void)
{
	static const char *const bad[] = {
		"bee-ticket 2\nrequest " SHA "\norder " SHA
		"\nstate none\nkeys 1\nattempt 1\ntime 2026-11-29T07:00:00Z\nend\n",
		"bee-ticket 1\norder " SHA "\nrequest " SHA
		"\nstate none\nkeys 1\nattempt 1\ntime 2026-11-29T07:00:00Z\nend\n",
		"bee-ticket 1\nrequest " SHA "\norder " SHA
		"\nstate none\nkeys 1\ntime 2026-11-29T07:00:00Z\nend\n",
		"bee-ticket 1\nrequest " SHA "\norder " SHA
		"\nstate none\nkeys 1\nattempt 1\nend\n",
		"bee-ticket 1\nrequest " SHA "\norder " SHA
		"\nkeys 1\nattempt 1\ntime 2026-11-29T07:00:00Z\nend\n",
		"bee-ticket 1\nrequest " SHA "\norder " SHA
		"\nstate none\nattempt 1\ntime 2026-11-29T07:00:00Z\nend\n",
		"bee-ticket 1\nrequest " SHA "\norder " SHA
		"\nstate x\nkeys 1\nattempt 1\ntime 2026-11-29T07:00:00Z\nend\n",
		"bee-ticket 1\nrequest " SHA "\norder " SHA
		"\nstate none\nkeys 0\nattempt 1\ntime 2026-11-29T07:00:00Z\nend\n",
		"bee-ticket 1\nrequest " SHA "\norder none\nstate " SHA
		"\nkeys 1\nattempt 1\ntime 2026-11-29T07:00:00Z\nend\n",
		"bee-ticket 1\nrequest " SHA "\norder " SHA
		"\nstate none\nkeys 1\nattempt 0\ntime 2026-11-29T07:00:00Z\nend\n",
		"bee-ticket 1\nrequest " SHA "\norder " SHA
		"\nstate none\nkeys 1\nattempt 1\ntime 2026-11-29T07:00:00Z\nmore "
		"1\nend\n",
		"bee-receipt 1\ndocument " SHA "\ntime 2026-11-29T07:00:00Z\nend\n",
	};
	struct pair us, other;
	struct ticket ticket;

	pair_make(&us);
	pair_make(&other);
	CHECK(!ticket_of(&us, TICKET, &ticket));
	CHECK_INT(ticket.time, 1795935600);
	CHECK(ticket.has_order);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK_INT(ticket_of(&us, bad[i], &ticket), -1);
	/* A ticket has a bound, also where all that is too much in it are signatures. */
	char comment[1000];

	memset(comment, 'c', sizeof(comment) - 1);
	comment[sizeof(comment) - 1] = '\0';
	AUTO_FREE char *theirs =
		minisig_sign(&other.secret, TICKET, strlen(TICKET), comment);
	AUTO_FREE char *ours = minisig_sign(&us.secret, TICKET, strlen(TICKET), "c");

	for (int more = 0; more < 2; more++) {
		AUTO_FREE char *text = xcalloc(1, 3 * TICKET_MAX);
		struct said said;
		size_t at = (size_t)sprintf(text, "%s", TICKET);

		while (at + strlen(theirs) + strlen(ours) <= TICKET_MAX)
			at += (size_t)sprintf(text + at, "%s", theirs);
		if (more)
			at += (size_t)sprintf(text + at, "%s", theirs);
		at += (size_t)sprintf(text + at, "%s", ours);
		CHECK_INT(ticket_read(&us.key, text, at, &ticket, &said), -more);
	}
	other.key = us.key;
	CHECK_INT(ticket_of(&other, TICKET, &ticket), -1);
}

static void receipts(void)
{
	static const struct {
		const char *body;
		bool good;
	} rows[] = {
		{ "bee-receipt 1\ndocument " SHA "\ntime 2026-11-29T07:00:00Z\nend\n",
		  true },
		{ "bee-receipt 2\ndocument " SHA "\ntime 2026-11-29T07:00:00Z\nend\n",
		  false },
		{ "bee-ticket 1\ndocument " SHA "\ntime 2026-11-29T07:00:00Z\nend\n",
		  false },
		{ "bee-receipt 1\ndocument x\ntime 2026-11-29T07:00:00Z\nend\n", false },
		{ "bee-receipt 1\ndocument " SHA "\nend\n", false },
		{ "bee-receipt 1\ndocument " SHA "\ntime 2026-11-29T07:00:00Z\nx\nend\n",
		  false },
		{ TICKET, false },
	};
	struct pair us;
	struct receipt receipt;
	struct said said;

	pair_make(&us);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_FREE char *signature =
			minisig_sign(&us.secret, rows[i].body, strlen(rows[i].body), "c");
		AUTO_FREE char *text = xasprintf("%s%s", rows[i].body, signature);

		CHECK_INT(!receipt_read(&us.key, text, strlen(text), &receipt, &said),
			  rows[i].good);
	}
}

/* No bit of a signed ticket can be another one, but for those of its untrusted comment. */
static void flipped(void)
{
	struct pair us;
	struct ticket ticket;
	struct said said;
	unsigned taken = 0;

	pair_make(&us);
	AUTO_FREE char *signature = minisig_sign(&us.secret, TICKET, strlen(TICKET), "c");
	AUTO_FREE char *text = xasprintf("%s%s", TICKET, signature);
	size_t len = strlen(text),
	       comment = strlen(TICKET) + strlen("untrusted comment: "),
	       comment_end = strlen(TICKET) + strcspn(signature, "\n");

	CHECK(!ticket_read(&us.key, text, len, &ticket, &said));
	for (size_t i = 0; i < 8 * len; i++) {
		text[i / 8] ^= (char)(1 << i % 8);
		if (!ticket_read(&us.key, text, len, &ticket, &said)) {
			CHECK(i / 8 >= comment && i / 8 < comment_end);
			taken++;
		}
		text[i / 8] ^= (char)(1 << i % 8);
	}
	CHECK(taken > 0);
	for (size_t cut = 0; cut < len; cut++)
		CHECK_INT(ticket_read(&us.key, text, cut, &ticket, &said), -1);
}

static void thresholds(void)
{
	struct pair pairs[3];
	struct minisig_key keys[2];
	char *signatures[3];
	struct said said;
	static const struct {
		int by[3]; /* -1: nobody */
		unsigned threshold;
		bool good;
	} rows[] = {
		{ { 0, -1, -1 }, 1, true },   { { 2, -1, -1 }, 1, false },
		{ { 0, 1, -1 }, 2, true },    { { 0, 0, -1 }, 2, false },
		{ { 0, 2, -1 }, 2, false },   { { 0, 2, 1 }, 2, true },
		{ { -1, -1, -1 }, 1, false }, { { -1, -1, -1 }, 0, false },
		{ { 0, 0, 1 }, 2, true },
	};

	for (int i = 0; i < 3; i++) {
		pair_make(&pairs[i]);
		signatures[i] = minisig_sign(&pairs[i].secret, "body", 4, "c");
		if (i < 2)
			keys[i] = pairs[i].key;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char all[4096] = "";

		for (int k = 0; k < 3; k++)
			if (rows[i].by[k] >= 0)
				strcat(all, signatures[rows[i].by[k]]);
		CHECK_INT(!minisig_verify(keys, 2, rows[i].threshold, "body", 4, all,
					  strlen(all), &said),
			  rows[i].good);
		CHECK(minisig_verify(keys, 2, rows[i].threshold, "bodY", 4, all,
				     strlen(all), &said));
	}
	for (int i = 0; i < 3; i++)
		free(signatures[i]);
}

/* Sixteen signatures are looked at; the one that counts may be the last. */
static void crowds(void)
{
	struct pair us, other;
	struct said said = { "" };

	pair_make(&us);
	pair_make(&other);
	AUTO_FREE char *theirs = minisig_sign(&other.secret, "body", 4, "c");
	AUTO_FREE char *ours = minisig_sign(&us.secret, "body", 4, "c");

	for (int more = 0; more < 2; more++) {
		AUTO_FREE char *all = xcalloc(1, MINISIG_ALL_MAX + MINISIG_TEXT_MAX);

		for (int i = 1; i < MINISIG_KEYS_MAX + more; i++)
			strcat(all, theirs);
		strcat(all, ours);
		CHECK_INT(
			minisig_verify(&us.key, 1, 1, "body", 4, all, strlen(all), &said),
			-more);
	}
}

/* At the ticket's time the dates of the server's chain hold, to the second. */
static void dates(void)
{
	static struct config config;
	struct pair us;
	unsigned char request[SHA256_BYTES];
	struct ticket ticket;
	struct said said;

	pair_make(&us);
	config.ticket_key = us.key;
	config.keys_version = 1;
	CHECK(!take_sha256(SHA, request));
	AUTO_FREE char *signature = minisig_sign(&us.secret, TICKET, strlen(TICKET), "c");
	AUTO_FREE char *text = xasprintf("%s%s", TICKET, signature);
	struct bytes bytes = { text, strlen(text) };
	const int64_t time = 1795935600;

	CHECK(!check_ticket(&config, bytes, request, 1,
			    (struct check_dates){ time, time }, time, &ticket, &said));
	CHECK(check_ticket(&config, bytes, request, 1,
			   (struct check_dates){ time + 1, INT64_MAX }, time, &ticket,
			   &said));
	CHECK(check_ticket(&config, bytes, request, 1,
			   (struct check_dates){ INT64_MIN, time - 1 }, time, &ticket,
			   &said));
	CHECK(check_ticket(&config, bytes, request, 2, (struct check_dates){ time, time },
			   time, &ticket, &said));
	request[31] ^= 1;
	CHECK(check_ticket(&config, bytes, request, 1, (struct check_dates){ time, time },
			   time, &ticket, &said));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "the number of a key is as minisign prints it", test_key_number, 0 },
		{ "times are what date says, and nothing else is one", times, 0 },
		{ "numbers, sums and names have one form", numbers, 0 },
		{ "tickets with a wrong line are refused", tickets, 0 },
		{ "receipts with a wrong line are refused", receipts, 0 },
		{ "no bit of a ticket can be another", flipped, 60 },
		{ "k of n are k different ones", thresholds, 0 },
		{ "sixteen signatures are looked at, and no more", crowds, 0 },
		{ "a certificate's dates hold at the ticket's time", dates, 0 },
		{ NULL, NULL, 0 },
	};

	if (sodium_init() < 0)
		return 1;
	return tap_main(tests);
}
