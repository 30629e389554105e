/* Key lists, one upon the other. */
#include "keylist.h"
#include "trust.h"

#include <string.h>
#include <time.h>

#define END "\nend\n"
#ifndef BEE_BUILT
#define BEE_BUILT INT64_C(0)
#endif

int64_t keylist_clock(void)
{
	int64_t now = time(NULL);

	return now > BEE_BUILT ? now : BEE_BUILT;
}

struct list {
	struct config next; /* with the list's keys */
	int64_t not_after;
	bool version;
	struct said said;
};

static void list_wrong(void *arg, unsigned line, const char *words)
{
	struct list *list = arg;

	if (*list->said.text)
		return;
	if (line)
		say(&list->said, "keys:%u: %s", line, words);
	else
		say(&list->said, "keys: %s", words);
}

/* The two lines that TRUST has not; true where it is one of them. */
static bool own_line(struct list *list, unsigned line, const char *text, uint64_t wanted)
{
	const char *version = take_value(text, "version"),
		   *not_after = take_value(text, "not-after");
	uint64_t is;

	if (version) {
		if (list->version || take_number(version, 1, INT64_MAX, &is))
			list_wrong(list, line, "not a version, once");
		else if (is != wanted)
			list_wrong(list, line,
				   is < wanted ? "an older list than the one in use"
					       : "a version is left out");
		list->version = true;
	} else if (not_after) {
		if (list->not_after || take_time(not_after, &list->not_after) ||
		    !list->not_after)
			list_wrong(list, line, "not a not-after TIME, once");
	}
	return version || not_after;
}

static void lines_read(struct list *list, struct bytes text, uint64_t wanted)
{
	struct take take = take_begin(text.at, text.len);
	struct trust_seen seen = { .scheme = true };
	struct said said = { "" };
	char line[256];

	if (take_line(&take, line, sizeof(line)) || strcmp(line, "bee-keys 1") != 0) {
		say(&said, "not bee-keys 1%s", take_why(&take));
		list_wrong(list, 1, said.text);
	}
	while (!*list->said.text) {
		const char *why;

		if (take_line(&take, line, sizeof(line))) {
			say(&said, "not a line of text%s", take_why(&take));
			list_wrong(list, take.line + 1, said.text);
			return;
		}
		if (!strcmp(line, "end"))
			break;
		if (own_line(list, take.line, line, wanted))
			continue;
		why = trust_line(&list->next, &seen, line);
		if (why || seen.cmdline || seen.freshness || seen.seal || seen.spread)
			list_wrong(list, take.line, why ?: "that is for an image to say");
	}
	if (*list->said.text)
		return;
	if (!list->version || !list->not_after ||
	    (list->next.has_ticket_key && !list->next.ticket_until))
		list_wrong(list, 0,
			   "it needs version, not-after, and ticket-until for its "
			   "ticket-key");
	trust_whole(&list->next, &seen, list_wrong, list);
}

/* By those who were trusted, and by those who are to be. */
static int list_signed(const struct config *config, struct bytes text,
		       struct bytes signatures, const char *who, struct said *said)
{
	struct said why = { "" };

	if (minisig_verify(config->order_keys, config->order_key_count, config->threshold,
			   text.at, text.len, signatures.at, signatures.len, &why))
		return say(said, "keys: %s keys: %s", who, why.text);
	return 0;
}

int keylist_apply(struct config *config, struct bytes bytes, struct said *said)
{
	const char *end = bytes.len <= KEYLIST_MAX && bytes.len
				  ? memmem(bytes.at, bytes.len, END, sizeof(END) - 1)
				  : NULL;
	struct bytes text, signatures;
	static struct list list;

	list = (struct list){ .next = *config, .not_after = 0 };
	if (config->is_gpg)
		return say(said, "keys: there are no lists for scheme gpg");
	if (config->keys_steps == KEYLIST_STEPS)
		return say(said, "keys: more than %d lists above the image's own",
			   KEYLIST_STEPS);
	if (!end)
		return say(said, "keys: it has no line \"end\", or is too long%s",
			   take_trouble(bytes.at, bytes.len));
	end += sizeof(END) - 1;
	text = (struct bytes){ bytes.at, (size_t)(end - bytes.at) };
	signatures = (struct bytes){ end, bytes.len - text.len };
	if (list_signed(config, text, signatures, "the old", said))
		return -1;
	trust_keys_none(&list.next);
	lines_read(&list, text, config->keys_version + 1);
	if (*list.said.text) {
		*said = list.said;
		return -1;
	}
	if (list_signed(&list.next, text, signatures, "its own", said))
		return -1;
	/* A floor is for good. */
	if (list.next.floor < config->floor)
		list.next.floor = config->floor;
	list.next.keys_version++;
	list.next.keys_steps++;
	list.next.keys_not_after = list.not_after;
	*config = list.next;
	return 0;
}

int keylist_chain(struct config *config, struct bytes chain, struct said *said)
{
	while (chain.len) {
		const unsigned char *at = (const unsigned char *)chain.at;
		size_t len = chain.len < 4
				     ? SIZE_MAX
				     : (size_t)at[0] | (size_t)at[1] << 8 |
					       (size_t)at[2] << 16 | (size_t)at[3] << 24;

		if (len > chain.len - (chain.len < 4 ? chain.len : 4))
			return say(said, "keys: their chain is cut off");
		if (keylist_apply(config, (struct bytes){ chain.at + 4, len }, said))
			return -1;
		chain.at += 4 + len;
		chain.len -= 4 + len;
	}
	return 0;
}

int keylist_now(const struct config *config, int64_t now, struct said *said)
{
	char is[TIME_TEXT], until[TIME_TEXT];

	if (!config->keys_not_after || now <= config->keys_not_after)
		return 0;
	return say(said, "keys: list %llu held until %s, and it is %s",
		   (unsigned long long)config->keys_version,
		   time_text(config->keys_not_after, until), time_text(now, is));
}

int keylist_ticket_now(const struct config *config, int64_t now, struct said *said)
{
	char is[TIME_TEXT], until[TIME_TEXT];

	if (!config->ticket_until || now <= config->ticket_until)
		return 0;
	return say(said, "ticket: its key was lent until %s, and it is %s",
		   time_text(config->ticket_until, until), time_text(now, is));
}
