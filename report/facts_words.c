/* The facts that summary and page say in the same words. */
#include "facts.h"

#include <stdlib.h>

char *facts_counts(const struct facts *f)
{
	const struct {
		unsigned count;
		const char *word;
	} counts[] = {
		{ f->criticals, "Critical" },
		{ f->warnings, "Warning" },
		{ f->notes, f->notes == 1 ? "note" : "notes" },
	};
	char *words = xstrdup("");

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		char *longer;

		if (counts[i].count == 0)
			continue;
		longer = xasprintf("%s%s%u %s", words, *words ? ", " : "",
				   counts[i].count, counts[i].word);
		free(words);
		words = longer;
	}
	return words;
}

static char *seconds(uint64_t ms)
{
	if (ms < 100)
		return ms ? xasprintf("%llu ms", (unsigned long long)ms)
			  : xstrdup("less than 1 ms");
	return xasprintf("%llu.%llu s", (unsigned long long)(ms / 1000),
			 (unsigned long long)(ms / 100 % 10));
}

char *facts_audit(const struct facts *f)
{
	AUTO_FREE char *took = seconds(f->duration_ms), *still = seconds(f->stopped_ms);
	AUTO_FREE char *more =
		xasprintf("%s%s%s%s", f->stopped_ms ? ", stopped for " : "",
			  f->stopped_ms ? still : "", f->partial ? ", " : "",
			  f->partial ? "with --only" : "");
	const char *plural = f->jobs == 1 ? "" : "s";

	if (f->interrupted)
		return xasprintf("interrupted by %s after %s%s", f->interrupted, took,
				 more);
	if (f->complete)
		return xasprintf("complete, %u job%s in %s%s", f->jobs, plural, took,
				 more);
	return xasprintf("incomplete: %u of %u job%s, %s%s", f->incomplete, f->jobs,
			 plural, took, more);
}
