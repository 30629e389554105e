/* cpu/sysfs: how the kernel counts processors, their caches, microcode and known flaws.
 */
#include "tree_props.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CPUS "/sys/devices/system/cpu"
#define NODES "/sys/devices/system/node"
#define CPUS_MAX 65536u /* Linux allows 8192 on x86-64 */
#define CACHES_MAX 16u  /* of one processor: index0 to index4 are usual */
#define MICROCODES_MAX 64u
#define FLAWS_MAX 256u

/* Things met once or more: what is counted is how many differ. */
struct bag {
	struct span *items; /* owned; borrowed from the input */
	size_t count, room;
};

static void bag_add(struct bag *bag, struct span item)
{
	if (bag->count == bag->room) {
		bag->room = bag->room ? 2 * bag->room : 64;
		bag->items = xrealloc_array(bag->items, bag->room, sizeof(item));
	}
	bag->items[bag->count++] = item;
}

static int compare_spans(const void *left, const void *right)
{
	const struct span *a = left, *b = right;
	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->at, b->at, len);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* Sorts, and leaves one of each; *most is how often the most frequent one was there. */
static size_t bag_distinct(struct bag *bag, size_t *most)
{
	size_t kept = 0, run = 0;

	*most = 0;
	if (bag->count > 1)
		qsort(bag->items, bag->count, sizeof(*bag->items), compare_spans);
	for (size_t i = 0; i < bag->count; i++) {
		if (kept == 0 || compare_spans(&bag->items[kept - 1], &bag->items[i])) {
			bag->items[kept++] = bag->items[i];
			run = 0;
		}
		if (++run > *most)
			*most = run;
	}
	bag->count = kept;
	return kept;
}

struct cache {
	struct span level, type, size, shared, ways, line;
};

struct caches {
	struct cache *items; /* owned */
	size_t count, room;
};

static int compare_kinds(const struct cache *a, const struct cache *b)
{
	int order = compare_spans(&a->level, &b->level);

	if (!order)
		order = compare_spans(&a->type, &b->type);
	return order ? order : compare_spans(&a->size, &b->size);
}

static int compare_caches(const void *left, const void *right)
{
	const struct cache *a = left, *b = right;
	int order = compare_kinds(a, b);

	return order ? order : compare_spans(&a->shared, &b->shared);
}

static void take_caches(struct caches *caches, const struct tree *tree, struct span cpu)
{
	AUTO_FREE char *folder = xasprintf("%s/%.*s/cache", CPUS, (int)cpu.len, cpu.at);
	struct tree_device index = { tree, folder, { NULL, 0 } };
	size_t at = 0;

	for (unsigned n = 0; n < CACHES_MAX && tree_next(tree, folder, &at, &index.name);
	     n++) {
		struct cache one = { .size = { "", 0 } };

		if (!tree_text(&index, "level", &one.level) ||
		    !tree_text(&index, "type", &one.type))
			continue;
		one.shared = one.ways = one.line = one.size;
		(void)tree_text(&index, "size", &one.size);
		(void)tree_text(&index, "shared_cpu_list", &one.shared);
		(void)tree_text(&index, "ways_of_associativity", &one.ways);
		(void)tree_text(&index, "coherency_line_size", &one.line);
		if (caches->count == caches->room) {
			caches->room = caches->room ? 2 * caches->room : 64;
			caches->items =
				xrealloc_array(caches->items, caches->room, sizeof(one));
		}
		caches->items[caches->count++] = one;
	}
}

/* "32K"; kernel/cpu/cacheinfo.c knows no other unit. */
static void put_cache_size(json_t *props, struct span size)
{
	struct span rest = size;
	uint64_t kib;

	if (text_take_u64(&rest, &kib) && text_is(rest, "K") && kib <= INT64_MAX / 1024)
		json_put(props, "size_bytes", collect_integer(1024 * kib));
	else
		collect_unread_span(props, "size_bytes", size);
}

/* Caches of a kind that as many processors share, as one entry with their number. */
static json_t *caches_of(struct caches *caches)
{
	json_t *list = json_array();

	if (caches->count > 1)
		qsort(caches->items, caches->count, sizeof(*caches->items),
		      compare_caches);
	for (size_t i = 0, next; i < caches->count; i = next) {
		const struct cache *first = &caches->items[i];
		json_t *entry = json_object();
		uint64_t count = 1;

		for (next = i + 1; next < caches->count; next++) {
			const struct cache *one = &caches->items[next];

			if (compare_kinds(first, one))
				break;
			count += one->shared.len == 0 ||
				 compare_spans(&one[-1].shared, &one->shared);
		}
		collect_u64(entry, "level", first->level);
		collect_span(entry, "type", first->type);
		put_cache_size(entry, first->size);
		json_put(entry, "count", collect_integer(count));
		if (first->ways.len)
			collect_u64(entry, "associativity_ways", first->ways);
		if (first->line.len)
			collect_u64(entry, "line_bytes", first->line);
		json_push(list, entry);
	}
	return list;
}

/* A set of processors' numbers. */
struct cpu_set {
	bool has[CPUS_MAX];
};

/* How many numbers "0-3,8,10-11" names, and which; false when it is no such list. */
static bool read_list(struct span text, struct cpu_set *set, uint64_t *count)
{
	struct span part;
	uint64_t sum = 0, first, last;

	while (text_cut(&text, ',', &part)) {
		if (!text_take_u64(&part, &first))
			return false;
		last = first;
		if (text_skip(&part, "-") && !text_take_u64(&part, &last))
			return false;
		if (part.len > 0 || last < first || last >= CPUS_MAX)
			return false;
		sum += last - first + 1;
		while (set && first <= last)
			set->has[first++] = true;
	}
	*count = sum;
	return true;
}

static void put_count(json_t *props, const char *prop, const struct tree *tree,
		      const char *folder, const char *file)
{
	struct span value, name = { file, strlen(file) };
	uint64_t count;

	if (!tree_value(tree, folder, name, "", &value))
		return;
	if (read_list(value, NULL, &count))
		json_put(props, prop, collect_integer(count));
	else
		collect_unread_span(props, prop, value);
}

/* As the kernel writes it: "4-7,9" (lib/vsprintf.c, bitmap_list_string). */
static json_t *list_of(const struct cpu_set *set)
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

/*
 * The kernel's list has what is possible and not online (drivers/base/cpu.c,
 * print_cpus_offline): also numbers kept for processors that could be plugged in. Those that
 * are not present are not switched off.
 */
static void put_offline(json_t *props, const struct tree *tree)
{
	static struct cpu_set offline, present;
	struct span value;
	uint64_t count;
	json_t *list;

	if (!tree_value(tree, CPUS, (struct span){ "offline", 7 }, "", &value))
		return;
	memset(&offline, 0, sizeof(offline));
	memset(&present, 0, sizeof(present));
	if (!read_list(value, &offline, &count)) {
		collect_unread_span(props, "offline_cpus", value);
		return;
	}
	if (tree_value(tree, CPUS, (struct span){ "present", 7 }, "", &value) &&
	    read_list(value, &present, &count))
		for (size_t i = 0; i < CPUS_MAX; i++)
			offline.has[i] = offline.has[i] && present.has[i];
	list = list_of(&offline);
	if (list)
		json_put(props, "offline_cpus", list);
}

static bool is_cpu(struct span name)
{
	uint64_t number;

	return text_skip(&name, "cpu") && text_take_u64(&name, &number) && name.len == 0;
}

struct counts {
	struct bag sockets, dies, cores, microcodes;
	struct caches caches;
};

static void take_cpu(struct counts *counts, const struct tree_device *cpu)
{
	struct span value;

	/* An offline processor has no topology. Linux before 5.2 has the older names. */
	if (tree_text(cpu, "topology/core_cpus_list", &value) ||
	    tree_text(cpu, "topology/thread_siblings_list", &value))
		bag_add(&counts->cores, value);
	if (tree_text(cpu, "topology/package_cpus_list", &value) ||
	    tree_text(cpu, "topology/core_siblings_list", &value))
		bag_add(&counts->sockets, value);
	if (tree_text(cpu, "topology/die_cpus_list", &value))
		bag_add(&counts->dies, value);
	if (tree_text(cpu, "microcode/version", &value))
		bag_add(&counts->microcodes, value);
	take_caches(&counts->caches, cpu->tree, cpu->name);
}

static void put_counts(json_t *props, struct counts *counts)
{
	size_t most, threads, sockets = bag_distinct(&counts->sockets, &most),
			      cores = bag_distinct(&counts->cores, &threads);

	if (sockets)
		json_put(props, "socket_count", collect_integer(sockets));
	if (bag_distinct(&counts->dies, &most))
		json_put(props, "die_count", collect_integer(counts->dies.count));
	if (cores) {
		json_put(props, "core_count", collect_integer(cores));
		/* Of the core with the most: others may have threads that are offline. */
		json_put(props, "threads_per_core", collect_integer(threads));
	}
	if (sockets && cores)
		json_put(props, "cores_per_socket",
			 cores % sockets ? json_null()
					 : collect_integer(cores / sockets));
	json_put(props, "caches", caches_of(&counts->caches));
	if (bag_distinct(&counts->microcodes, &most) > 0) {
		json_t *list = json_array();

		for (size_t i = 0; i < counts->microcodes.count && i < MICROCODES_MAX;
		     i++)
			json_push(list, json_text(counts->microcodes.items[i].at,
						  counts->microcodes.items[i].len, NULL));
		json_put(props, "microcode_versions", list);
	}
}

/*
 * Documentation/ABI/testing/sysfs-devices-system-cpu: "Not affected", "Vulnerable", "Mitigation: ..."
 * and more. itlb_multihit says "KVM: Vulnerable" and, where KVM is not in use, "Processor vulnerable"
 * (itlb_multihit_show_state in arch/x86/kernel/cpu/bugs.c). What comes behind a mitigation ("SMT
 * vulnerable", "PBRSB-eIBRS: Vulnerable") is what it does not cover.
 */
static bool is_open(struct span value)
{
	(void)text_skip(&value, "KVM: ");
	return text_starts(value, "Vulnerable") ||
	       text_starts(value, "Processor vulnerable");
}

static void put_flaws(json_t *props, const struct tree *tree)
{
	static const char folder[] = CPUS "/vulnerabilities";
	json_t *all = json_object(), *open = json_array();
	struct span name, value;
	size_t at = 0;

	while (json_object_size(all) < FLAWS_MAX && tree_next(tree, folder, &at, &name)) {
		char key[64];

		if (name.len >= sizeof(key) || !json_text_is_clean(name.at, name.len) ||
		    !tree_value(tree, folder, name, "", &value))
			continue;
		text_copy(name, key, sizeof(key));
		json_put(all, key, json_text(value.at, value.len, NULL));
		if (is_open(value))
			json_push(open, json_string(key));
	}
	if (json_object_size(all) > 0) {
		json_put(props, "vulnerabilities", all);
		json_put(props, "vulnerable_to", open);
	} else {
		json_decref(all);
		json_decref(open);
	}
}

static void put_whole(json_t *props, const struct tree *tree)
{
	struct tree_device smt = { tree, CPUS, { "smt", 3 } };
	struct span value;

	put_count(props, "logical_cpu_count", tree, CPUS, "present");
	put_count(props, "online_cpu_count", tree, CPUS, "online");
	put_count(props, "numa_node_count", tree, NODES, "online");
	put_offline(props, tree);
	if (tree_value(tree, CPUS, (struct span){ "isolated", 8 }, "", &value))
		collect_span(props, "isolated_cpus", value);
	tree_put_flag(props, "smt_active", &smt, "active");
	tree_put_text(props, "smt_control", &smt, "control");
}

void collect_cpu_sysfs(const struct input *in, const char *instance, struct output *out)
{
	struct tree tree;
	struct tree_device cpu = { &tree, CPUS, { NULL, 0 } };
	struct counts counts = { .sockets = { NULL, 0, 0 } };
	json_t *props = json_object();
	size_t at = 0, cpus = 0;

	(void)instance;
	tree_open(&tree, in, "cpu/sysfs", out);
	at = tree_seek(&tree, CPUS, "cpu");
	while (cpus < CPUS_MAX && tree_next(&tree, CPUS, &at, &cpu.name)) {
		if (!is_cpu(cpu.name))
			continue;
		take_cpu(&counts, &cpu);
		cpus++;
	}
	put_whole(props, &tree);
	put_counts(props, &counts);
	put_flaws(props, &tree);
	if (tree.count > 0)
		collect_record(out, "cpu", "cpu", props);
	else
		json_decref(props);
	free(counts.sockets.items);
	free(counts.dies.items);
	free(counts.cores.items);
	free(counts.microcodes.items);
	free(counts.caches.items);
	tree_close(&tree);
}
