/* gpu/sysfs: AMD's and Intel's GPUs, as their drivers show them; by render node. */
#include "placeholder_put.h"
#include "tree_props.h"

#include <string.h>

#define DRM "/sys/class/drm"
#define BLOCKS_MAX 64u     /* of RAS: the driver has some twenty */
#define BLOCK_NAME_MAX 63u /* bytes */
#define CHANNELS_MAX 16u
#define KINDS 3 /* of errors in a block */

static const struct {
	const char *id, *name;
} makers[] = { { "0x1002", "AMD" }, { "0x8086", "Intel" } };

/* Linux, Documentation/gpu/amdgpu and Documentation/ABI/testing/sysfs-driver-intel-xe-*. */
static const struct {
	const char *attribute, *prop;
	enum placeholder_kind kind;
} texts[] = {
	{ "device/product_name", "model", PLACEHOLDER_WORDS },
	{ "device/product_number", "part_number", PLACEHOLDER_IDENTITY },
	{ "device/serial_number", "serial_number", PLACEHOLDER_IDENTITY },
	{ "device/unique_id", "unique_id", PLACEHOLDER_IDENTITY },
	{ "device/vbios_version", "vbios_version", PLACEHOLDER_WORDS },
	{ "device/mem_info_vram_vendor", "memory_manufacturer", PLACEHOLDER_WORDS },
	{ "device/current_compute_partition", "compute_partition", PLACEHOLDER_WORDS },
	{ "device/current_memory_partition", "memory_partition", PLACEHOLDER_WORDS },
};

static const struct {
	const char *attribute, *prop;
} numbers[] = {
	{ "device/mem_info_vram_total", "memory_bytes" },
	{ "device/mem_info_vram_used", "memory_used_bytes" },
	{ "device/mem_info_vis_vram_total", "bar1_memory_bytes" },
	{ "device/gpu_busy_percent", "utilization_percent" },
	{ "device/mem_busy_percent", "memory_utilization_percent" },
	{ "device/pcie_replay_count", "pcie_replays" },
	{ "device/tile0/gt0/freq0/rp0_freq", "max_graphics_clock_mhz" },
};

/* "16.0 GT/s PCIe" by generation (PCIe 6.0, 7.5.3.6). */
static void put_generation(json_t *props, const char *prop, const struct tree_device *gpu,
			   const char *attribute)
{
	static const struct {
		uint64_t milli;
		int generation;
	} speeds[] = { { 2500, 1 },  { 5000, 2 },  { 8000, 3 },
		       { 16000, 4 }, { 32000, 5 }, { 64000, 6 } };
	struct span value;
	uint64_t milli;

	if (!tree_text(gpu, attribute, &value))
		return;
	if (!text_take_milli(&value, &milli))
		milli = 0;
	for (size_t i = 0; i < ARRAY_LEN(speeds); i++)
		if (speeds[i].milli == milli)
			json_put(props, prop, json_integer(speeds[i].generation));
	if (!json_object_get(props, prop))
		tree_put_unread(props, prop, gpu, attribute);
}

/* 255 is the kernel's PCIE_LNK_WIDTH_UNKNOWN; 0, no link. */
static void put_width(json_t *props, const char *prop, const struct tree_device *gpu,
		      const char *attribute)
{
	uint64_t lanes;

	if (!tree_number(gpu, attribute, &lanes))
		tree_put_unread(props, prop, gpu, attribute);
	else
		json_put(props, prop,
			 lanes == 0 || lanes == 255 ? json_null()
						    : collect_integer(lanes));
}

/* "ue: 0", "ce: 12"; newer drivers have "de" (deferred) too. False: another line. */
static bool take_errors(json_t *counters, struct span block, struct span line)
{
	static const struct {
		const char *word, *name;
	} kinds[KINDS] = { { "ue", "uncorrectable" },
			   { "ce", "correctable" },
			   { "de", "deferred" } };
	struct span word;
	uint64_t count;

	if (block.len > BLOCK_NAME_MAX || !json_text_is_clean(block.at, block.len) ||
	    !text_cut(&line, ':', &word) || text_u64(text_trim(line), &count))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		AUTO_FREE char *name =
			xasprintf("%.*s_%s", (int)block.len, block.at, kinds[i].name);

		if (!text_is(text_trim(word), kinds[i].word))
			continue;
		json_put(counters, name, collect_integer(count));
		return true;
	}
	return false;
}

/* The lines of one file stand together; NULL after the last. */
static const struct tree_line *next_line(const struct tree *tree,
					 const struct tree_line *line)
{
	const struct tree_line *next = line + 1;

	if (next == tree->lines + tree->count || next->path.len != line->path.len ||
	    memcmp(next->path.at, line->path.at, line->path.len) != 0)
		return NULL;
	return next;
}

/* ras/BLOCK_err_count, a block of the chip each; and the pages of memory that are retired, wait for
 * it or could not be: "0x00000001 : 0x00001000 : R" each. */
static void put_ras(json_t *props, const struct tree_device *gpu)
{
	AUTO_FREE char *folder = xasprintf("%s/%.*s/device/ras", DRM,
					   (int)(gpu->name.len % 64), gpu->name.at);
	json_t *counters = json_object(), *errors;
	size_t at = 0;
	struct span file;

	while (json_object_size(counters) < BLOCKS_MAX * KINDS &&
	       tree_next(gpu->tree, folder, &at, &file)) {
		const struct tree_line *line = tree_find(gpu->tree, folder, file, "");
		bool is_pages = text_is(file, "gpu_vram_bad_pages");
		struct span block = file;
		uint64_t pages = 0;

		if (!is_pages && !text_ends(file, "_err_count"))
			continue;
		block.len -= is_pages ? 0 : strlen("_err_count");
		for (; line && line->kind == 'v'; line = next_line(gpu->tree, line)) {
			bool is_page = is_pages && text_starts(line->content, "0x");

			pages += is_page;
			if (!is_page &&
			    !(!is_pages && take_errors(counters, block, line->content)))
				collect_unread_span(
					props, is_pages ? "retired_pages" : "ecc_errors",
					line->content);
		}
		if (is_pages)
			json_put(props, "retired_pages", collect_integer(pages));
	}
	if (json_object_size(counters) > 0) {
		errors = json_object();
		json_put(errors, "volatile", counters);
		json_put(props, "ecc_errors", errors);
	} else {
		json_decref(counters);
	}
}

/* Linux, Documentation/hwmon/sysfs-interface: thousandths of a degree, millionths of a watt. */
static void put_measure(json_t *props, const char *prop, const struct tree_device *gpu,
			const char *chip, const char *attribute, int64_t per_milli)
{
	AUTO_FREE char *path = xasprintf("%s/%s", chip, attribute);
	struct span value;
	int64_t raw;

	if (json_object_get(props, prop) || !tree_text(gpu, path, &value))
		return;
	if (!tree_signed(gpu, path, &raw)) {
		collect_unread_span(props, prop, value);
		return;
	}
	raw /= per_milli;
	json_put(props, prop,
		 raw % 1000 ? json_real((double)raw / 1000) : json_integer(raw / 1000));
}

/* M of the tempM_label that has this word; 0: there is none. */
static unsigned channel_of(const struct tree_device *gpu, const char *chip,
			   const char *label)
{
	for (unsigned channel = 1; channel <= CHANNELS_MAX; channel++) {
		AUTO_FREE char *path = xasprintf("%s/temp%u_label", chip, channel);
		struct span value;

		if (tree_text(gpu, path, &value) && text_is(value, label))
			return channel;
	}
	return 0;
}

/* The channels' numbers differ between drivers; their labels are the drivers' own words. */
static void put_temperatures(json_t *props, const struct tree_device *gpu,
			     const char *chip)
{
	static const struct {
		const char *label, *what, *prop;
	} channels[] = {
		/* NULL: of the first of `chips` that is there. */
		{ NULL, "input", "temperature_celsius" },
		{ NULL, "crit", "slowdown_temperature_celsius" },
		{ NULL, "emergency", "shutdown_temperature_celsius" },
		{ "junction", "input", "hotspot_temperature_celsius" },
		{ "mem", "input", "memory_temperature_celsius" },
		{ "vram", "input", "memory_temperature_celsius" },
	};
	static const char *const chips[] = { "edge", "junction", "pkg" };
	const char *first = NULL;

	for (size_t c = 0; c < ARRAY_LEN(chips) && !first; c++)
		if (channel_of(gpu, chip, chips[c]))
			first = chips[c];
	for (size_t i = 0; i < ARRAY_LEN(channels); i++) {
		const char *label = channels[i].label ? channels[i].label : first;
		unsigned channel = label ? channel_of(gpu, chip, label) : 0;
		AUTO_FREE char *attribute =
			xasprintf("temp%u_%s", channel, channels[i].what);

		if (channel)
			put_measure(props, channels[i].prop, gpu, chip, attribute, 1);
	}
}

static void put_power(json_t *props, const struct tree_device *gpu, const char *chip)
{
	static const struct {
		const char *attribute, *prop;
	} powers[] = {
		{ "power1_average", "power_watts" },
		{ "power1_input", "power_watts" },
		{ "power1_cap", "power_limit_watts" },
		{ "power1_max", "power_limit_watts" },
		{ "power1_cap_default", "default_power_limit_watts" },
		{ "power1_cap_max", "max_power_limit_watts" },
		{ "power1_rated_max", "max_power_limit_watts" },
	};

	for (size_t i = 0; i < ARRAY_LEN(powers); i++)
		put_measure(props, powers[i].prop, gpu, chip, powers[i].attribute, 1000);
}

static void put_sensors(json_t *props, const struct tree_device *gpu)
{
	AUTO_FREE char *folder = xasprintf("%s/%.*s/device/hwmon", DRM,
					   (int)(gpu->name.len % 64), gpu->name.at);
	struct span name;
	size_t at = 0;

	if (tree_next(gpu->tree, folder, &at, &name)) {
		AUTO_FREE char *chip =
			xasprintf("device/hwmon/%.*s", (int)(name.len % 64), name.at);

		put_temperatures(props, gpu, chip);
		put_power(props, gpu, chip);
	}
}

static const char *maker_of(const struct tree_device *gpu)
{
	struct span vendor;

	if (tree_text(gpu, "device/vendor", &vendor))
		for (size_t i = 0; i < ARRAY_LEN(makers); i++)
			if (text_is(vendor, makers[i].id))
				return makers[i].name;
	return NULL;
}

void collect_gpu_sysfs(const struct input *in, const char *instance, struct output *out)
{
	struct tree tree;
	struct tree_device gpu = { &tree, DRM, { instance, strlen(instance) } };
	struct span path, address, value;
	json_t *props = json_object();
	const char *maker;
	char key[32];

	tree_open(&tree, in, "gpu/sysfs", out);
	maker = maker_of(&gpu);
	if (maker && tree_link(&tree, DRM, gpu.name, "", &path) &&
	    tree_pci_address(path, &address)) {
		json_put(props, "manufacturer", json_string(maker));
		for (size_t i = 0; i < ARRAY_LEN(texts); i++)
			if (tree_text(&gpu, texts[i].attribute, &value))
				placeholder_put(props, texts[i].prop, value.at, value.len,
						texts[i].kind);
		for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
			tree_put_number(props, numbers[i].prop, &gpu,
					numbers[i].attribute);
		tree_put_base(props, "driver", &gpu, "device/driver");
		put_generation(props, "link_generation", &gpu,
			       "device/current_link_speed");
		put_generation(props, "max_link_generation", &gpu,
			       "device/max_link_speed");
		put_width(props, "link_width_lanes", &gpu, "device/current_link_width");
		put_width(props, "max_link_width_lanes", &gpu, "device/max_link_width");
		put_ras(props, &gpu);
		put_sensors(props, &gpu);
		tree_errors(&tree, DRM, gpu.name, props);
		collect_record(out, "gpus", text_copy(address, key, sizeof(key)), props);
	} else {
		json_decref(props);
	}
	tree_close(&tree);
}
