/* What was meant: the known name that an unknown word is close to. */
#include "parser.h"

#include <string.h>

#define NEAR_BYTES_MAX 40 /* of a word that is compared; no known name is longer */

/* How many bytes must be added, taken away, changed or swapped with their neighbour. */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][NEAR_BYTES_MAX + 1], len = strlen(b);

	for (size_t k = 0; k <= len; k++)
		row[0][k] = k;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t *now = row[i % 3], *before = row[(i + 2) % 3];

		now[0] = i;
		for (size_t k = 1; k <= len; k++) {
			size_t best = before[k - 1] + (a[i - 1] != b[k - 1]);

			if (before[k] + 1 < best)
				best = before[k] + 1;
			if (now[k - 1] + 1 < best)
				best = now[k - 1] + 1;
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
			    a[i - 2] == b[k - 1] && row[(i + 1) % 3][k - 2] + 1 < best)
				best = row[(i + 1) % 3][k - 2] + 1;
			now[k] = best;
		}
	}
	return row[strlen(a) % 3][len];
}

void parse_unknown(struct parser *p, const struct word *word, const char *what,
		   const char *(*name_at)(size_t i))
{
	size_t len = strlen(word->text), least = len < 9 ? len / 3 + 1 : 4;
	char meant[NEAR_BYTES_MAX + 1] = "";
	const char *name;

	for (size_t i = 0; len <= NEAR_BYTES_MAX && (name = name_at(i)); i++) {
		size_t far = strlen(name) > NEAR_BYTES_MAX ? least
							   : distance(word->text, name);

		if (!*name || far >= least)
			continue;
		least = far;
		(void)snprintf(meant, sizeof(meant), "%s", name);
	}
	parse_error(p, word, "unknown %s '%.64s'%s%s%s", what, word->text,
		    *meant ? ": is it '" : "", meant, *meant ? "'?" : "");
}
