/* Lists of processors' numbers as the kernel writes them: "0-3,8" (lib/vsprintf.c, bitmap_list_string). */
#ifndef BEE_COLLECTORS_CPU_LIST_H
#define BEE_COLLECTORS_CPU_LIST_H

#include "text.h"

#define CPUS_MAX 65536u /* Linux allows 8192 on x86-64 */

struct cpu_set {
	bool has[CPUS_MAX];
};

/* How many numbers the list names, and which (`set` may be NULL); false when it is no such list. */
bool cpu_list_read(struct span text, struct cpu_set *set, uint64_t *count);
/* The list of a set; NULL for an empty one. */
json_t *cpu_list_text(const struct cpu_set *set);

#endif
