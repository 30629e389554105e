/* The same attacks on orders, state objects and key lists (remote_attack.h). */
#include "remote_attack.h"
#include "trust.h"

#include <sodium.h>

static char *order_sign(const char *text)
{
	return SIGNED(text, &alice, &bob);
}

static int order_judge(const char *text, const char *signatures, struct said *said)
{
	struct check_order check = { &config, &identity, NULL, NOW, 6, { 0 } };
	static struct order order;

	return check_order(&check, bytes_of(text), bytes_of(signatures), &order, said);
}

static int state_judge(const char *text, const char *signatures, struct said *said)
{
	struct check_order check = { &config, &identity, NULL, NOW, 6, { 0 } };
	struct node_state state;

	return check_state(&check, bytes_of(text), bytes_of(signatures), &state, said);
}

static char *keys_sign(const char *text)
{
	return SIGNED(text, &alice, &bob, &carol);
}

static int keys_judge(const char *text, const char *signatures, struct said *said)
{
	AUTO_FREE char *whole = xasprintf("%s%s", text, signatures);
	struct config with = config;

	if (keylist_apply(&with, bytes_of(whole), said) ||
	    keylist_now(&with, NOW, said) || keylist_ticket_now(&with, NOW, said))
		return -1;
	return 0;
}

static const char *node_word(size_t i)
{
	return node_words[i].word;
}

static void orders(void)
{
	config_make();
	const struct object object = {
		"order",
		order_sign,
		order_judge,
		order_word,
		"#!/bin/sh\n#bee-order 1\n#bee-sequence 7\n#bee-target serial=SN-17\n"
		"#bee-not-after 2026-11-29T07:00:00Z\n#bee-time-limit 60\n"
		"#bee-need see /var/log/apt\n#bee-file kernel " SUM
		"\n#bee-cmdline quiet\n#bee-do kexec kernel\n#bee-run "
		"once\n#bee-end\necho\n",
		.missing = { "#bee-need", "#bee-cmdline", "#bee-run" },
		.twice = { "#bee-target", "#bee-need", "#bee-cmdline", "#bee-end" },
		.free = { "#bee-cmdline" },
		.instead = { { "#bee-sequence", "#bee-sequence 6" },
			     { "#bee-sequence", "#bee-sequence 4" },
			     { "#bee-target", "#bee-target serial=SN-18" },
			     { "#bee-target", "#bee-target any" },
			     { "#bee-not-after", "#bee-not-after 2026-11-29T06:59:59Z" },
			     { "#bee-time-limit", "#bee-time-limit 3601" },
			     { "#bee-need", "#bee-need see /var/lib" },
			     { "#bee-file", "#bee-file initrd " SUM },
			     { "#bee-do", "#bee-do reboot" },
			     { "#bee-run", "#bee-run twice" },
			     { "#bee-order", "#bee-order 2" },
			     { "#!/bin/sh", "#!/bin/bash" } }
	};

	attack(&object);
}

static void states(void)
{
	config_make();
	const struct object object = {
		"state",
		order_sign,
		state_judge,
		node_word,
		"bee-state 1\nsequence 6\ntarget serial=SN-17\nnot-after "
		"2026-11-29T07:00:00Z\nend\nx\n",
		.twice = { "end" },
		.instead = { { "sequence", "sequence 5" },
			     { "target", "target serial=SN-18" },
			     { "target", "target serial=To be filled by O.E.M." },
			     { "target", "target mac=00:00:00:00:00:00" },
			     { "not-after", "not-after 2026-11-29T06:59:59Z" },
			     { "bee-state", "bee-order 1" } }
	};

	attack(&object);
}

/* TRUST's words, and one that an image has no use for. */
static const char *keys_word(size_t i)
{
	size_t count = 0;

	while (trust_word(count))
		count++;
	return i < count ? trust_word(i) : i == count ? "not-after" : NULL;
}

static void lists(void)
{
	config_make();
	AUTO_FREE char *text = xasprintf(
		"bee-keys 1\nversion 2\nnot-after 2026-11-29T07:00:00Z\nthreshold 2\n"
		"order-key %s\norder-key %s\nticket-key %s\n"
		"ticket-until 2026-11-29T07:00:00Z\nreceipt-key %s\nfloor 6\nend\n",
		alice.text, carol.text, ticket_key.text, receipt_key.text);
	AUTO_FREE char *roles = xasprintf("ticket-key %s", alice.text);
	AUTO_FREE char *receipts_too = xasprintf("receipt-key %s", ticket_key.text);
	AUTO_FREE char *twice = xasprintf("order-key %s", carol.text);
	AUTO_FREE char *seals = xasprintf("seal-key %s", bob.text);
	const struct object object = {
		"key list",
		keys_sign,
		keys_judge,
		keys_word,
		text,
		.missing = { "receipt-key", "floor" },
		.twice = { "end" },
		.never = { "scheme minisign", "freshness static", "cmdline full",
			   "spread 600", seals },
		.instead = { { "version", "version 1" },
			     { "version", "version 3" },
			     { "not-after", "not-after 2026-11-29T06:59:59Z" },
			     { "ticket-until", "ticket-until 2026-11-29T06:59:59Z" },
			     { "threshold", "threshold 3" },
			     { "threshold", "threshold 0" },
			     { "order-key", twice },
			     { "ticket-key", roles },
			     { "receipt-key", receipts_too },
			     { "floor", "floor 0" },
			     { "bee-keys", "bee-keys 2" } }
	};
	struct config with = config;
	struct said said;
	AUTO_FREE char *signatures = keys_sign(text);
	AUTO_FREE char *whole = xasprintf("%s%s", text, signatures);

	attack(&object);
	/* A floor goes up and never down. */
	with.floor = 9;
	CHECK(!keylist_apply(&with, bytes_of(whole), &said));
	CHECK_INT(with.floor, 9);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "an order's", orders, 60 },
		{ "a state object's", states, 60 },
		{ "a key list's", lists, 60 },
		{ NULL, NULL, 0 },
	};

	if (sodium_init() < 0)
		return 1;
	return tap_main(tests);
}
