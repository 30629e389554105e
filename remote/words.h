/* A text of a few lines "WORD VALUE", each once, in one order, between its name and "end". */
#ifndef BEE_REMOTE_WORDS_H
#define BEE_REMOTE_WORDS_H

#include "said.h"
#include "take.h"

struct line_word {
	const char *word, *form; /* "request", "SHA256" */
	/* The value into the format's own struct. 0, or -1: it can have none such. */
	int (*take)(const char *value, void *out);
};

/* Up to and with "end". `first` is its first line, `words` end with a NULL. 0, or -1 with words. */
MUST_CHECK int words_take(const char *what, const char *first,
			  const struct line_word *words, struct take *take, void *out,
			  struct said *said);

#endif
