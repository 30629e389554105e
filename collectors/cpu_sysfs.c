/* cpu/sysfs: how the kernel counts processors, their caches, microcode and known flaws.
 */
#include "cpu_list.h"
#include "tree_props.h"

#include <stdlib.h>
#include <string.h>

#define CPUS "/sys/devices/system/cpu"
#define NODES "/sys/devices/system/node"
#define CACHES_MAX 16u /* of one processor: index0 to index4 are usual */
#define MICROCODES_MAX 64u
#define FLAWS_MAX 256u

/* Things met once or more: what is counted is how many differ. */
struct bag {
	struct span *items; /* owned; borrowed from the input */
	size_t count, room;
	/* An item that is no list of processors: then nothing can be counted. */
	struct span lost;
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
		struct span lost = { NULL, 0 };
		uint64_t count = 0, shared;

		for (next = i; next < caches->count; next++) {
			const struct cache *one = &caches->items[next];

			if (compare_kinds(first, one))
				break;
			if (!cpu_list_read(one->shared, NULL, &shared))
				lost = one->shared;
			count += one == first || one->shared.len == 0 ||
				 compare_spans(&one[-1].shared, &one->shared);
		}
		collect_u64(entry, "level", first->level);
		collect_span(entry, "type", first->type);
		put_cache_size(entry, first->size);
		if (lost.len)
			collect_unread_span(entry, "count", lost);
		else
			json_put(entry, "count", collect_integer(count));
		if (first->ways.len)
			collect_u64(entry, "associativity_ways", first->ways);
		if (first->line.len)
			collect_u64(entry, "line_bytes", first->line);
		json_push(list, entry);
	}
	return list;
}

static void put_count(json_t *props, const char *prop, const struct tree *tree,
		      const char *folder, const char *file)
{
	struct span value, name = { file, strlen(file) };
	uint64_t count;

	if (!tree_value(tree, folder, name, "", &value))
		return;
	if (cpu_list_read(value, NULL, &count))
		json_put(props, prop, collect_integer(count));
	else
		collect_unread_span(props, prop, value);
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
	if (!cpu_list_read(value, &offline, &count)) {
		collect_unread_span(props, "offline_cpus", value);
		return;
	}
	if (tree_value(tree, CPUS, (struct span){ "present", 7 }, "", &value)) {
		if (!cpu_list_read(value, &present, &count)) {
			json_put(props, "offline_cpus",
				 json_null()); /* put_count told why */
			return;
		}
		for (size_t i = 0; i < CPUS_MAX; i++)
			offline.has[i] = offline.has[i] && present.has[i];
	}
	list = cpu_list_text(&offline);
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

/* An offline processor has no topology. Linux before 5.2 has the older names. */
static void take_list(struct bag *bag, const struct tree_device *cpu, const char *name,
		      const char *older)
{
	struct span value;
	uint64_t count;

	if (!tree_text(cpu, name, &value) && !(older && tree_text(cpu, older, &value)))
		return;
	if (cpu_list_read(value, NULL, &count))
		bag_add(bag, value);
	else
		bag->lost = value;
}

static void take_cpu(struct counts *counts, const struct tree_device *cpu)
{
	struct span value;

	take_list(&counts->cores, cpu, "topology/core_cpus_list",
		  "topology/thread_siblings_list");
	take_list(&counts->sockets, cpu, "topology/package_cpus_list",
		  "topology/core_siblings_list");
	take_list(&counts->dies, cpu, "topology/die_cpus_list", NULL);
	if (tree_text(cpu, "microcode/version", &value))
		bag_add(&counts->microcodes, value);
	take_caches(&counts->caches, cpu->tree, cpu->name);
}

/* How many different lists there are, 0 for none and where one of them is not understood; *most as above. */
static size_t put_distinct(json_t *props, const char *prop, struct bag *bag, size_t *most)
{
	size_t count = bag_distinct(bag, most);

	if (bag->lost.len) {
		collect_unread_span(props, prop, bag->lost);
		return 0;
	}
	if (count)
		json_put(props, prop, collect_integer(count));
	return count;
}

static void put_counts(json_t *props, struct counts *counts)
{
	size_t most, threads,
		sockets = put_distinct(props, "socket_count", &counts->sockets, &most),
		cores = put_distinct(props, "core_count", &counts->cores, &threads);

	(void)put_distinct(props, "die_count", &counts->dies, &most);
	/* Of the core with the most: others may have threads that are offline. */
	if (cores)
		json_put(props, "threads_per_core", collect_integer(threads));
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
	struct counts counts = { .sockets = { .items = NULL } };
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
