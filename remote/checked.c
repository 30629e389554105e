/* An order that has been verified: once more for who acts on it, by a child without rights. */
#include "checked.h"
#include "apart.h"
#include "commands.h"
#include "identity.h"
#include "keylist.h"
#include "uids.h"

#include "confine.h"
#include "stdio_filter.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CHECK_TIME (30 * NSEC_PER_SEC)

static int keys_take(struct checking *checking, struct said *said)
{
	struct bytes chain;

	if (!checking->has_keys)
		return 0;
	chain = bytes_read(ORDER_KEYS, KEYLIST_CHAIN_MAX);
	return chain.at ? keylist_chain(&checking->config, chain, said)
			: say(said, "keys: too long");
}

static int state_take(const struct checking *checking, struct checked *checked)
{
	struct node_state state;
	struct bytes text, signatures;

	if (!checking->has_state)
		return 0;
	text = bytes_read(ORDER_STATE, ORDER_MAX);
	signatures = bytes_read(ORDER_STATE_SIGNATURES, MINISIG_ALL_MAX);
	if (!text.at || !signatures.at)
		return say(&checked->said, "state: it or its signatures are too big");
	if (check_state(&checking->state, text, signatures, &state, &checked->said))
		return -1;
	checked->has_state = true;
	checked->state_from = (uint32_t)state.body;
	checked->state_to = (uint32_t)text.len;
	return 0;
}

/* Verified and read where nothing can come of it. */
static void checker(void *arg, void *out)
{
	struct checking *checking = arg;
	struct checked *checked = out;
	bool is_gpg = checking->config.is_gpg;
	struct bytes text, signatures;

	if (confine_drop(UID_CHECK) || stdio_filter_load(STDIO_ONLY))
		_exit(BEE_SOFTWARE);
	text = bytes_read(STDIN_FILENO, ORDER_MAX);
	signatures = bytes_read(is_gpg ? checking->gpg.status : ORDER_SIGNATURES,
				MINISIG_ALL_MAX);
	if (is_gpg)
		checking->order.content = bytes_read(checking->gpg.content, ORDER_MAX);
	if (!text.at || !signatures.at)
		say(&checked->said, "order: it or its signatures are too big");
	else
		checked->good = !keys_take(checking, &checked->said) &&
				!state_take(checking, checked) &&
				!check_order(&checking->order, text, signatures,
					     &checked->order, &checked->said);
}

static void by_child(struct checking *checking, struct checked *out)
{
	struct apart apart = { .work = checker,
			       .arg = checking,
			       .keep = { ORDER_SIGNATURES, ORDER_KEYS, ORDER_STATE,
					 ORDER_STATE_SIGNATURES, checking->gpg.content,
					 checking->gpg.status },
			       .keep_count = 6,
			       .time = CHECK_TIME };
	bool whole = !apart_run(&apart, out, sizeof(*out));

	said_clean(&out->said);
	out->good = whole && out->good && order_in_range(&out->order) &&
		    out->state_from <= out->state_to && out->state_to <= ORDER_MAX;
}

/* Its words, in the places that the child looks at. */
static int words_read(char **argv, struct checking *checking)
{
	uint64_t time;

	if (take_sha256(argv[2], checking->sums[0]) ||
	    parse_u64(argv[3], INT64_MAX, &time) ||
	    parse_u64(argv[4], INT64_MAX, &checking->order.floor) ||
	    parse_u64(argv[7], INT64_MAX, &checking->state.floor))
		return -1;
	checking->has_state = strcmp(argv[6], "none") != 0;
	if (checking->has_state && take_sha256(argv[6], checking->sums[1]))
		return -1;
	checking->has_keys = fcntl(ORDER_KEYS, F_GETFD) >= 0;
	checking->order.time = checking->state.time = (int64_t)time;
	return 0;
}

int checked_read(char **argv, struct checking *checking, struct checked *out)
{
	AUTO_FREE char *keyring = xasprintf("%s/pubring.gpg", argv[1]);

	checking->gpg = (struct gpg){ -1, -1 };
	if (words_read(argv, checking))
		return BEE_USAGE;
	if (config_read(argv[1], &checking->config, stderr))
		return BEE_DATAERR;
	checking->config.grants.proved = !strcmp(argv[8], "signed");
	identity_read(checking->config.id, &checking->identity);
	checking->order.config = checking->state.config = &checking->config;
	checking->order.identity = checking->state.identity = &checking->identity;
	checking->order.sha256 = checking->sums[0];
	checking->state.sha256 = checking->sums[1];
	if (checking->config.is_gpg &&
	    (gpg_run(keyring, STDIN_FILENO, &checking->gpg, &out->said) ||
	     lseek(STDIN_FILENO, 0, SEEK_SET) < 0))
		return BEE_OK;
	by_child(checking, out);
	return BEE_OK;
}
