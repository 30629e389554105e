/* nvidia/smi: the indented "Key : Value" blocks of `nvidia-smi -q`, one per GPU. */
#include "nvidia.h"

#include <string.h>

#define GPUS_MAX 256
#define WORDS_MAX 16 /* lines of nvidia-smi's that are no part of its log */
#define DEPTH_MAX 8  /* levels of indentation; drivers up to 595 use five */
#define PATH_MAX_LEN 200
/* A GPU off the bus has dozens of "Unknown Error"; one or two are a broken sensor. */
#define UNREADABLE_IS_LOST 3

struct path { /* the section names above a value and its own, joined by '/' */
	char text[PATH_MAX_LEN];
	size_t ends[DEPTH_MAX + 1]; /* length with that many names */
};

struct gpu {
	struct span all; /* the whole text */
	char key[32];
	json_t *props; /* owned; NULL outside a block */
	json_t *mig;   /* borrowed: the MIG device being read, or NULL */
	struct path path;
	unsigned unreadable;          /* values that are "Unknown Error" */
	unsigned values;              /* lines with one */
	struct strange_lines strange; /* those that are at no level */
	bool lost;
};

/* Sets the name at `level` (0: a GPU's own values); false when it does not fit. */
static bool path_set(struct path *path, size_t level, struct span name)
{
	size_t at;

	if (level >= DEPTH_MAX)
		return false;
	at = level ? path->ends[level - 1] : 0;
	if (at + name.len + 2 > sizeof(path->text))
		return false;
	if (at > 0)
		path->text[at++] = '/';
	memcpy(path->text + at, name.at, name.len);
	path->text[at + name.len] = '\0';
	for (size_t i = level; i <= DEPTH_MAX; i++)
		path->ends[i] = at + name.len;
	return true;
}

/* "SRAM Uncorrectable SEC-DED" and "Single Bit/Total" as one name of a property. */
static void snake(const char *text, char *out, size_t size)
{
	size_t len = 0;

	for (; *text && len + 1 < size; text++) {
		char c = *text;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[len++] = c;
		else if (len > 0 && out[len - 1] != '_')
			out[len++] = '_';
	}
	while (len > 0 && out[len - 1] == '_')
		len--;
	out[len] = '\0';
}

static json_t *member(json_t *object, const char *name)
{
	if (!json_is_object(json_object_get(object, name)))
		json_put(object, name, json_object());
	return json_object_get(object, name);
}

/* Names of counters differ from driver to driver: all of them are kept as they are. */
static void put_ecc(struct gpu *gpu, const char *rest, struct span value)
{
	static const char *const spans[] = { "Volatile/", "Aggregate/" };
	static const char *const props[] = { "volatile", "aggregate" };
	char name[PATH_MAX_LEN];

	for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
		json_t *counters;

		if (strncmp(rest, spans[i], strlen(spans[i])) != 0)
			continue;
		snake(rest + strlen(spans[i]), name, sizeof(name));
		counters = member(member(gpu->props, "ecc_errors"), props[i]);
		if (text_is(value, "Yes") || text_is(value, "No"))
			nvidia_put(counters, name, VALUE_YES, value);
		else
			nvidia_put(counters, name, VALUE_NUMBER, value);
	}
}

static void put_clock_reason(struct gpu *gpu, const char *path, struct span value)
{
	const char *slash = strrchr(path, '/');
	char name[PATH_MAX_LEN];

	/* Null from here on once one of them was not understood. */
	if (!json_object_get(gpu->props, "clock_limit_reasons"))
		json_put(gpu->props, "clock_limit_reasons", json_array());
	if (!slash || text_is(value, "Not Active") || text_is_unknown(value) ||
	    !json_is_array(json_object_get(gpu->props, "clock_limit_reasons")))
		return;
	if (!text_is(value, "Active")) {
		collect_unread_span(gpu->props, "clock_limit_reasons", value);
		return;
	}
	snake(slash + 1, name, sizeof(name));
	json_push(json_object_get(gpu->props, "clock_limit_reasons"), json_string(name));
}

static void put_mig(struct gpu *gpu, const char *rest, struct span value)
{
	static const struct {
		const char *path, *prop;
		enum value_kind kind;
	} known[] = {
		{ "Index", "index", VALUE_NUMBER },
		{ "GPU Instance ID", "gpu_instance_id", VALUE_NUMBER },
		{ "Compute Instance ID", "compute_instance_id", VALUE_NUMBER },
		{ "Device Attributes/Shared/Multiprocessor count", "multiprocessors",
		  VALUE_NUMBER },
		{ "Shared FB Memory Usage/Total", "memory_bytes", VALUE_MIB },
		{ "FB Memory Usage/Total", "memory_bytes", VALUE_MIB },
	};

	for (size_t i = 0; gpu->mig && i < ARRAY_LEN(known); i++)
		if (!strcmp(rest, known[i].path))
			nvidia_put(gpu->mig, known[i].prop, known[i].kind, value);
}

static bool path_skip(const char **path, const char *prefix)
{
	if (strncmp(*path, prefix, strlen(prefix)) != 0)
		return false;
	*path += strlen(prefix);
	return true;
}

static void take_unreadable(struct gpu *gpu, struct span value)
{
	AUTO_FREE char *why = NULL;

	gpu->unreadable++;
	if (memmem(value.at, value.len, "lost", 4) ||
	    gpu->unreadable >= UNREADABLE_IS_LOST)
		gpu->lost = true;
	if (json_object_get(gpu->props, "health_reason"))
		return;
	why = xasprintf("%s: %.*s", gpu->path.text, (int)value.len, value.at);
	collect_text(gpu->props, "health_reason", why, strlen(why));
}

/* Drivers from 525 to 560; later ones say the same in one value, GPU Recovery Action. */
static void put_reset_status(struct gpu *gpu, const char *name, struct span value)
{
	static const struct {
		const char *name, *action;
	} asks[] = {
		{ "Reset Required", "Reset" },
		{ "Drain and Reset Recommended", "Drain and Reset" },
	};
	const char *known =
		json_string_value(json_object_get(gpu->props, "recovery_action"));

	if (known && strcmp(known, "None") != 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		if (strcmp(name, asks[i].name) != 0)
			continue;
		if (text_is(value, "Yes"))
			json_put(gpu->props, "recovery_action",
				 json_string(asks[i].action));
		else if (text_is(value, "No"))
			json_put(gpu->props, "recovery_action", json_string("None"));
		else if (!nvidia_is_nothing(value) && !nvidia_is_lost(value))
			collect_unread_span(gpu->props, "recovery_action", value);
	}
}

static void take_value(struct gpu *gpu, struct span value)
{
	const char *path = gpu->path.text;

	/* Names of processes are whatever their users made them. */
	if (path_skip(&path, "Processes"))
		return;
	if (nvidia_is_lost(value))
		take_unreadable(gpu, value);
	if (!strncmp(path, "GPU Reset Status/", 17))
		put_reset_status(gpu, path + 17, value);
	else if (path_skip(&path, "MIG Device/")) {
		put_mig(gpu, path, value);
	} else if (path_skip(&path, "ECC Errors/") || path_skip(&path, "Ecc Errors/")) {
		put_ecc(gpu, path, value);
	} else if (!strncmp(path, "Clocks Event Reasons/", 21) ||
		   !strncmp(path, "Clocks Throttle Reasons/", 24)) {
		put_clock_reason(gpu, path, value);
	} else {
		nvidia_put_known(gpu->props, path, value);
	}
}

static void take_section(struct gpu *gpu, size_t level, struct span name)
{
	json_t *list;

	if (level > 0 || !text_is(name, "MIG Device"))
		return;
	list = json_object_get(gpu->props, "mig_devices");
	if (!list)
		json_put(gpu->props, "mig_devices", list = json_array());
	gpu->mig = json_object();
	json_push(list, gpu->mig);
}

/* Splits "Key    : Value" at the first colon between blanks; false for a section's name.
 */
static bool split(struct span line, struct span *key, struct span *value)
{
	for (size_t i = 1; i < line.len; i++) {
		if (line.at[i] != ':' || line.at[i - 1] != ' ' ||
		    (i + 1 < line.len && line.at[i + 1] != ' '))
			continue;
		*key = text_trim((struct span){ line.at, i });
		*value = text_trim((struct span){ line.at + i + 1, line.len - i - 1 });
		return true;
	}
	*key = text_trim(line);
	return false;
}

/* "00000000:18:00.0" as sysfs writes it: 0000:18:00.0. */
static bool take_address(struct span text, char *key, size_t size)
{
	struct span part;
	uint64_t domain, bus, device;
	unsigned function;

	if (!text_cut(&text, ':', &part) || part.len < 4 || part.len > 8 ||
	    text_hex(part, UINT32_MAX, &domain) || part.at[1] == 'x')
		return false;
	if (!text_cut(&text, ':', &part) || part.len != 2 || text_hex(part, 0xff, &bus))
		return false;
	if (text.len < 4 || text.at[2] != '.' || text.at[3] < '0' || text.at[3] > '7' ||
	    text_hex((struct span){ text.at, 2 }, 0x1f, &device))
		return false;
	function = (unsigned)(text.at[3] - '0');
	return snprintf(key, size, "%04llx:%02llx:%02llx.%u", (unsigned long long)domain,
			(unsigned long long)bus, (unsigned long long)device,
			function) > 0;
}

/*
 * "WARNING: infoROM is corrupted at gpu 0000:C9:00.0" stands below the last GPU (exit status 14).
 */
static bool inforom_is_corrupt(const struct gpu *gpu, struct span *words)
{
	static const char warning[] = "WARNING: infoROM is corrupted at gpu ";
	struct span rest = gpu->all;
	char key[32];

	for (unsigned i = 0; i < GPUS_MAX; i++) {
		const char *at = memmem(rest.at, rest.len, warning, sizeof(warning) - 1);
		struct span address;

		if (!at)
			return false;
		rest = (struct span){ at, (size_t)(rest.at + rest.len - at) };
		(void)text_line(&rest, words);
		address = *words;
		(void)text_skip(&address, warning);
		if (take_address(text_trim(address), key, sizeof(key)) &&
		    !strcmp(key, gpu->key))
			return true;
	}
	return false;
}

static void finish_gpu(struct gpu *gpu, struct output *out)
{
	struct span words;
	const char *action;

	if (!gpu->props)
		return;
	if (inforom_is_corrupt(gpu, &words)) {
		json_put(gpu->props, "inforom_corrupt", json_true());
		if (!json_object_get(gpu->props, "health_reason"))
			collect_span(gpu->props, "health_reason", words);
	}
	action = json_string_value(json_object_get(gpu->props, "recovery_action"));
	if (gpu->lost ||
	    json_is_true(json_object_get(gpu->props, "remapped_rows_failed")))
		json_put(gpu->props, "health", json_string("Critical"));
	else if (json_is_true(json_object_get(gpu->props, "remapped_rows_pending")) ||
		 json_is_true(json_object_get(gpu->props, "retired_pages_pending")) ||
		 json_object_get(gpu->props, "inforom_corrupt") || gpu->unreadable > 0 ||
		 (action && strcmp(action, "None") != 0))
		json_put(gpu->props, "health", json_string("Warning"));
	else if (action)
		json_put(gpu->props, "health", json_string("OK"));
	collect_record(out, "gpus", gpu->key, gpu->props);
	gpu->props = NULL;
	if (gpu->strange.count > 0) {
		AUTO_FREE char *whose = xasprintf("%s: ", gpu->key);

		strange_tell(&gpu->strange, out, "nvidia-smi", whose,
			     "lines are at no level of it");
	} else if (!gpu->values && !gpu->lost) {
		collect_error(out, "nvidia-smi", "%s: nothing is said of it", gpu->key);
	}
}

static void start_gpu(struct gpu *gpu, const json_t *common)
{
	gpu->mig = NULL;
	gpu->lost = false;
	gpu->unreadable = gpu->values = 0;
	gpu->strange = (struct strange_lines){ .count = 0 };
	gpu->path = (struct path){ .text = "" };
	gpu->props = json_deep_copy(common);
	json_put(gpu->props, "manufacturer", json_string("NVIDIA"));
}

/* "Unable to determine the device handle for GPU 0000:18:00.0: GPU is lost. ..." */
static void take_complaint(struct gpu *gpu, struct span line, const json_t *common,
			   struct output *out)
{
	finish_gpu(gpu, out);
	for (size_t i = 0; i < line.len && i < 200; i++) {
		struct span rest = { line.at + i, line.len - i };

		if (i > 0 && line.at[i - 1] != ' ' && line.at[i - 1] != 'U' &&
		    !(line.at[i - 1] == ':'))
			continue;
		if (!take_address(rest, gpu->key, sizeof(gpu->key)))
			continue;
		start_gpu(gpu, common);
		gpu->lost = true;
		collect_span(gpu->props, "health_reason", line);
		finish_gpu(gpu, out);
		return;
	}
	collect_error(out, "nvidia-smi", "%.*s", (int)(line.len < 200 ? line.len : 200),
		      line.at);
}

static void tell(struct span line, struct output *out)
{
	line = text_trim(line);
	if (line.len > 0)
		collect_error(out, "nvidia-smi", "%.*s",
			      (int)(line.len < 200 ? line.len : 200), line.at);
}

/* A line without indentation: the head of the output, a GPU, a section's name (`heads`: something
 * stands below it), or nvidia-smi's own words. */
static void take_top(struct gpu *gpu, struct span line, bool heads, json_t *common,
		     struct output *out)
{
	struct span key, value, address = line;

	if (text_starts(line, "Unable to determine the device handle")) {
		take_complaint(gpu, line, common, out);
	} else if (text_skip(&address, "GPU ")) {
		finish_gpu(gpu, out);
		if (!take_address(address, gpu->key, sizeof(gpu->key))) {
			collect_error(out, "nvidia-smi", "a GPU without a PCI address");
			return;
		}
		start_gpu(gpu, common);
		gpu->lost = nvidia_is_lost(address);
	} else if (split(line, &key, &value)) {
		/* The second name of each is 610's. */
		if (text_is(key, "Driver Version") || text_is(key, "KMD Version"))
			nvidia_put(common, "driver_version", VALUE_TEXT, value);
		else if (text_is(key, "CUDA Version") || text_is(key, "CUDA UMD Version"))
			nvidia_put(common, "cuda_version", VALUE_TEXT, value);
	} else if (!heads && !text_starts(line, "==")) {
		tell(line, out);
	}
}

static void take_line(struct gpu *gpu, struct span line, bool heads, json_t *common,
		      struct output *out)
{
	struct span key, value;
	size_t indent = 0;
	bool is_value;

	while (indent < line.len && line.at[indent] == ' ')
		indent++;
	if (indent == line.len)
		return;
	if (indent == 0) {
		take_top(gpu, line, heads, common, out);
		return;
	}
	if (!gpu->props)
		return;
	line.at += indent;
	line.len -= indent;
	is_value = split(line, &key, &value);
	if (indent % 4 || !path_set(&gpu->path, indent / 4 - 1, key)) {
		strange_add(&gpu->strange, line);
	} else if (is_value) {
		gpu->values++;
		take_value(gpu, value);
	} else {
		take_section(gpu, indent / 4 - 1, key);
	}
}

/* "No devices were found", "Failed to initialize NVML: ...": its words instead of a log. */
static void tell_all(const struct input *in, struct output *out)
{
	struct span rest = { in->text, in->len }, line;

	if (text_trim(rest).len == 0)
		collect_error(out, "nvidia-smi", "it printed nothing");
	for (unsigned i = 0; i < WORDS_MAX && text_line(&rest, &line); i++)
		tell(line, out);
}

void collect_nvidia_smi(const struct input *in, const char *instance, struct output *out)
{
	AUTO_JSON json_t *common = json_object();
	struct span rest = { in->text, in->len }, line;
	struct gpu gpu = { .all = { in->text, in->len } };

	(void)instance;
	if (!memmem(in->text, in->len, "NVSMI LOG", 9)) {
		tell_all(in, out);
		return;
	}
	while (text_line(&rest, &line)) {
		if (rest.len == 0 && in->text[in->len - 1] != '\n') {
			collect_error(out, "nvidia-smi", "the text ends inside a line");
			break;
		}
		take_line(&gpu, line, rest.len > 0 && rest.at[0] == ' ', common, out);
	}
	finish_gpu(&gpu, out);
}
