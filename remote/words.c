/* Lines in one order, by a format's table. */
#include "words.h"

#include <string.h>

#define LINE_BYTES 256

static const char *nth(unsigned line)
{
	static const char *const words[] = { "first", "second", "third",   "fourth",
					     "fifth", "sixth",  "seventh", "eighth" };

	return line && line <= ARRAY_LEN(words) ? words[line - 1] : "next";
}

static bool line_is(struct take *take, char *line, const char *wanted)
{
	return !take_line(take, line, LINE_BYTES) && !strcmp(line, wanted);
}

int words_take(const char *what, const char *first, const struct line_word *words,
	       struct take *take, void *out, struct said *said)
{
	char line[LINE_BYTES];
	unsigned at = 1;

	if (!line_is(take, line, first))
		return say(said, "%s: its %s line is not %s%s", what, nth(at), first,
			   take_why(take));
	for (; words->word; words++) {
		const char *value;

		at++;
		value = take_line(take, line, sizeof(line))
				? NULL
				: take_value(line, words->word);
		if (!value || words->take(value, out))
			return say(said, "%s: its %s line is not %s %s%s", what, nth(at),
				   words->word, words->form, take_why(take));
	}
	if (!line_is(take, line, "end"))
		return say(said, "%s: its %s line is not end%s", what, nth(at + 1),
			   take_why(take));
	return 0;
}
