/* nvidia/nvlink: the links between GPUs, as `nvidia-smi nvlink -s` lists them. */
#include "nvidia.h"

#include <string.h>

#define LINKS_MAX 64 /* NVLink 5 has 18 */
#define GPUS_MAX 256
#define BITS 8000 /* of a GB/s, in thousandths of a Gb/s */

static const char where[] = "nvidia-smi nvlink";

struct gpu {
	char uuid[64];
	json_t *props; /* owned; NULL: none is being read */
};

static void finish(struct gpu *gpu, struct output *out)
{
	const json_t *links;
	json_int_t active = 0;

	if (!gpu->props)
		return;
	links = json_object_get(gpu->props, "links");
	for (size_t i = 0; i < json_array_size(links); i++)
		active +=
			json_is_true(json_object_get(json_array_get(links, i), "active"));
	if (links) {
		json_put(gpu->props, "link_count",
			 json_integer((json_int_t)json_array_size(links)));
		json_put(gpu->props, "active_link_count", json_integer(active));
		json_put(gpu->props, "state",
			 json_string(active ? "Enabled" : "Disabled"));
	}
	collect_record(out, "gpu_links", gpu->uuid, gpu->props);
	gpu->props = NULL;
}

/* "GPU 0: NVIDIA H200 (UUID: GPU-...)". The name may hold brackets: its UUID is the last thing. */
static bool start(struct gpu *gpu, struct span line)
{
	static const char mark[] = " (UUID: ";
	struct span rest = line, part;
	const char *at = NULL, *next = line.at;
	uint64_t number;

	if (!text_skip(&rest, "GPU ") || !text_take_u64(&rest, &number) ||
	    !text_skip(&rest, ": "))
		return false;
	while ((next = memmem(next, (size_t)(line.at + line.len - next), mark,
			      sizeof(mark) - 1)))
		at = next++;
	if (!at || at < rest.at)
		return false;
	part = (struct span){ at + sizeof(mark) - 1, 0 };
	part.len = (size_t)(line.at + line.len - part.at);
	if (!text_ends(part, ")") || part.len < 2 || part.len > sizeof(gpu->uuid))
		return false;
	part.len--;
	(void)text_copy(part, gpu->uuid, sizeof(gpu->uuid));
	gpu->props = json_object();
	collect_span(gpu->props, "model",
		     (struct span){ rest.at, (size_t)(at - rest.at) });
	collect_span(gpu->props, "uuid", part);
	json_put(gpu->props, "index", collect_integer(number));
	return true;
}

/* "Link 3: <inactive>", "Link 0: 26.562 GB/s". */
static bool take_link(json_t *props, struct span line)
{
	json_t *link, *links = json_object_get(props, "links");
	uint64_t number, milli;
	struct span value;

	if (!text_skip(&line, "Link ") || !text_take_u64(&line, &number) ||
	    !text_skip(&line, ":"))
		return false;
	if (!links) {
		links = json_array();
		json_put(props, "links", links);
	}
	if (json_array_size(links) == LINKS_MAX)
		return false;
	value = line = text_trim(line);
	link = json_object();
	json_push(links, link);
	json_put(link, "number", collect_integer(number));
	if (text_is(value, "<inactive>")) {
		json_put(link, "active", json_false());
	} else if (text_take_milli(&value, &milli) && text_is(text_trim(value), "GB/s") &&
		   milli < UINT64_MAX / BITS) {
		json_put(link, "active", json_true());
		json_put(link, "speed_gbps", collect_milli(milli * 8));
	} else {
		collect_unread_span(link, "active", line);
	}
	return true;
}

/* What stands in the place of links, in drivers from 590 on; 535 says nothing there. */
static bool take_words(json_t *props, struct span line)
{
	static const struct {
		const char *words, *state;
	} known[] = {
		{ "Device does not have or support Nvlink", "Absent" },
		{ "NVML: Unable to retrieve Nvlink information as all links are inActive",
		  "Disabled" },
		{ "Nvlink queries are not supported for Devices in MIG mode", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (!text_is_word(line, known[i].words))
			continue;
		json_put(props, "state",
			 known[i].state ? json_string(known[i].state) : json_null());
		return true;
	}
	return false;
}

void collect_nvidia_nvlink(const struct input *in, const char *instance,
			   struct output *out)
{
	struct span rest = { in->text, in->len }, line;
	struct gpu gpu = { .props = NULL };
	unsigned gpus = 0;

	(void)instance;
	while (text_line(&rest, &line)) {
		if (rest.len == 0 && in->text[in->len - 1] != '\n') {
			collect_error(out, where, "the text ends inside a line");
			break;
		}
		line = text_trim(line);
		if (text_starts(line, "GPU ")) {
			finish(&gpu, out);
			if (gpus++ < GPUS_MAX && start(&gpu, line))
				continue;
		} else if (line.len == 0 ||
			   (gpu.props && (take_link(gpu.props, line) ||
					  take_words(gpu.props, line)))) {
			continue;
		}
		collect_error(out, where, "%.*s", (int)(line.len < 200 ? line.len : 200),
			      line.at);
		if (gpus >= GPUS_MAX)
			break;
	}
	finish(&gpu, out);
}
