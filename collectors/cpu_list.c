/* Lists of processors' numbers, read and written. */
#include "cpu_list.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

/* The kernel's numbers ascend, and a run goes as far as it can: "0-1,2" and "3,1" are not its own. */
bool cpu_list_read(struct span text, struct cpu_set *set, uint64_t *count)
{
	struct span part;
	uint64_t sum = 0, first, last, least = 0;

	if (text_ends(text, ","))
		return false;
	while (text_cut(&text, ',', &part)) {
		if (!text_take_u64(&part, &first) || first < least)
			return false;
		last = first;
		if (text_skip(&part, "-") && !text_take_u64(&part, &last))
			return false;
		if (part.len > 0 || last < first || last >= CPUS_MAX)
			return false;
		sum += last - first + 1;
		least = last + 2;
		while (set && first <= last)
			set->has[first++] = true;
	}
	*count = sum;
	return true;
}

json_t *cpu_list_text(const struct cpu_set *set)
{
	AUTO_FREE char *text = NULL;
	size_t size = 0, first, at = 0;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		errx(BEE_SOFTWARE, "out of memory");
	while (at < CPUS_MAX) {
		if (!set->has[at++])
			continue;
		first = at - 1;
		while (at < CPUS_MAX && set->has[at])
			at++;
		(void)fprintf(to, "%s%zu", ftell(to) > 0 ? "," : "", first);
		if (at - 1 > first)
			(void)fprintf(to, "-%zu", at - 1);
	}
	if (fclose(to))
		errx(BEE_SOFTWARE, "out of memory");
	return size > 0 ? json_string(text) : NULL;
}
