/* The header of a state object. */
#include "node.h"

static int sequence_of(const char *value, void *out)
{
	return take_number(value, 1, INT64_MAX, &((struct node_state *)out)->sequence);
}

static int target_of(const char *value, void *out)
{
	struct said why;

	return order_target_take(value, &((struct node_state *)out)->target, &why);
}

static int not_after_of(const char *value, void *out)
{
	return take_time(value, &((struct node_state *)out)->not_after);
}

const struct line_word node_words[] = {
	{ "sequence", "NUMBER", sequence_of },
	{ "target", "any, uuid=, serial=, mac= or id=", target_of },
	{ "not-after", "TIME", not_after_of },
	{ NULL, NULL, NULL },
};

int node_read(const char *text, size_t len, struct node_state *out, struct said *said)
{
	struct take take = take_begin(text, len);
	struct node_state state = { .sequence = 0 };

	if (len > ORDER_MAX)
		return say(said, "state: more than %u bytes", ORDER_MAX);
	if (words_take("state", "bee-state 1", node_words, &take, &state, said))
		return -1;
	state.body = (size_t)(take.at - text);
	*out = state;
	return 0;
}

bool node_is_of(const struct node_state *state, const struct identity *identity)
{
	return order_target_is(&state->target, identity);
}
