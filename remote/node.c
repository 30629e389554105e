/* The header of a state object. */
#include "node.h"

#include <string.h>

static const char *value_of(struct take *take, const char *name, char *line, size_t size)
{
	return take_line(take, line, size) ? NULL : take_value(line, name);
}

int node_read(const char *text, size_t len, struct node_state *out, struct said *said)
{
	struct take take = { text, text + len, 0 };
	struct node_state state = { .sequence = 0 };
	struct said why = { "" };
	char line[256];
	const char *value;

	if (len > ORDER_MAX)
		return say(said, "state: more than %u bytes", ORDER_MAX);
	if (take_line(&take, line, sizeof(line)) || strcmp(line, "bee-state 1") != 0)
		return say(said, "state: its first line is not bee-state 1");
	value = value_of(&take, "sequence", line, sizeof(line));
	if (!value || take_number(value, 1, INT64_MAX, &state.sequence))
		return say(said, "state: its second line is not sequence NUMBER");
	value = value_of(&take, "target", line, sizeof(line));
	if (!value || order_target_take(value, &state.target, &why))
		return say(said, "state: its third line is not target: %s",
			   *why.text ? why.text : "there is none");
	value = value_of(&take, "not-after", line, sizeof(line));
	if (!value || take_time(value, &state.not_after))
		return say(said, "state: its fourth line is not not-after TIME");
	if (take_line(&take, line, sizeof(line)) || strcmp(line, "end") != 0)
		return say(said, "state: its fifth line is not end");
	state.body = (size_t)(take.at - text);
	*out = state;
	return 0;
}

bool node_is_of(const struct node_state *state, const struct identity *identity)
{
	return order_target_is(&state->target, identity);
}
