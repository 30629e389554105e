/* What a GPU's record says of its health, by what its driver could read. */
#include "kept.h"
#include "nvidia.h"

static const json_t *gpu(struct kept *kept, const char *values)
{
	AUTO_FREE char *text = xasprintf("==============NVSMI LOG==============\n\n"
					 "Driver Version  : 550.90.12\n\n"
					 "GPU 00000000:08:00.0\n"
					 "    Product Name  : EXAMPLE\n%s",
					 values);

	*kept = kept_run(collect_nvidia_smi, text, strlen(text));
	CHECK(!kept->out.unreadable);
	return kept_props(kept, "gpus", "0000:08:00.0");
}

static void says(const char *values, const char *health, const char *prop,
		 const char *wanted)
{
	struct kept kept;
	const json_t *props = gpu(&kept, values);

	CHECK_STR(kept_value(props, "health"), health);
	CHECK_STR(kept_value(props, prop), wanted);
}

#define STATUS "    GPU Reset Status\n"
#define REQUIRED "        Reset Required               : "
#define DRAIN "        Drain and Reset Recommended  : "
#define LATER "Requested functionality has been deprecated\n"

static void reset_status(void)
{
	says(STATUS REQUIRED "No\n" DRAIN "N/A\n", "\"OK\"", "recovery_action",
	     "\"None\"");
	says(STATUS REQUIRED "Yes\n" DRAIN "No\n", "\"Warning\"", "recovery_action",
	     "\"Reset\"");
	says(STATUS REQUIRED "No\n" DRAIN "Yes\n", "\"Warning\"", "recovery_action",
	     "\"Drain and Reset\"");
	says(STATUS REQUIRED LATER DRAIN LATER "    GPU Recovery Action  : Reboot\n",
	     "\"Warning\"", "recovery_action", "\"Reboot\"");
	says("    Fan Speed  : 0 %\n", "(none)", "recovery_action", "(none)");
}

static void unreadable(void)
{
	says("    Fan Speed  : Unknown Error\n", "\"Warning\"", "health_reason",
	     "\"Fan Speed: Unknown Error\"");
	says("    Fan Speed  : Unknown Error\n    Temperature\n"
	     "        GPU Current Temp  : Unknown Error\n",
	     "\"Warning\"", "temperature_celsius", "null");
	says("    Fan Speed  : Unknown Error\n    Serial Number  : Unknown Error\n"
	     "    GPU UUID  : Unknown Error\n",
	     "\"Critical\"", "uuid", "null");
	says("    Serial Number  : GPU is lost\n", "\"Critical\"", "health_reason",
	     "\"Serial Number: GPU is lost\"");
}

#define NODE "/sys/class/drm/renderD128"

/* A name that no JSON key can be costs its counter, and not the GPU. */
static void hostile_block(void)
{
	static const char text[] =
		"l\t" NODE "\t../../devices/pci0000:00/0000:00:01.0/drm/renderD128\n"
		"v\t" NODE "/device/vendor\t0x1002\n"
		"v\t" NODE "/device/ras/umc_err_count\tue: 2\n"
		"v\t" NODE "/device/ras/\xff_err_count\tue: 1\n";
	struct kept kept = { .out.emit = kept_emit, .records = kept_own(json_array()) };
	struct input in = { text, sizeof(text) - 1 };

	collect_gpu_sysfs(&in, "renderD128", &kept.out);
	CHECK_STR(kept_value(kept_props(&kept, "gpus", "0000:00:01.0"), "ecc_errors"),
		  "{\"volatile\":{\"umc_uncorrectable\":2}}");
}

/* amdgpu_ras.c has ue, ce and, from Linux 6.7 on, de; what comes after these is not left out unsaid. */
static void strange_counters(void)
{
	static const char text[] =
		"l\t" NODE "\t../../devices/pci0000:00/0000:00:01.0/drm/renderD128\n"
		"v\t" NODE "/device/vendor\t0x1002\n"
		"v\t" NODE "/device/ras/umc_err_count\tue: 1\n"
		"v\t" NODE "/device/ras/umc_err_count\tpe: 2\n"
		"v\t" NODE "/device/ras/gpu_vram_bad_pages\t0x1 : 0x1000 : R\n"
		"v\t" NODE "/device/ras/gpu_vram_bad_pages\tand more\n";
	struct kept kept = { .out.emit = kept_emit, .records = kept_own(json_array()) };
	struct input in = { text, sizeof(text) - 1 };
	const json_t *props;

	collect_gpu_sysfs(&in, "renderD128", &kept.out);
	props = kept_props(&kept, "gpus", "0000:00:01.0");
	CHECK_STR(kept_value(props, "ecc_errors"),
		  "{\"volatile\":{\"umc_uncorrectable\":1}}");
	CHECK_STR(kept_value(props, "retired_pages"), "1");
	CHECK_STR(kept_value(props, "unparsed"),
		  "{\"ecc_errors\":\"pe: 2\",\"retired_pages\":\"and more\"}");
	CHECK(kept.out.unreadable);
}

#define LINKS_OF(name) "GPU 0: " name " (UUID: GPU-0a)\n"

/* nvidia-smi 590 and 595 as they print it on an H100, an L40S, an RTX 2080 and an H200 with MIG; a link
 * that is down as on a V100 (Azure/azhpc-diagnostics, issue 73). */
static void links(void)
{
	static const struct {
		const char *text, *state, *active, *links;
	} rows[] = {
		{ LINKS_OF("NVIDIA H100") "\t Link 0: 26.562 GB/s\n\t Link 1: "
					  "<inactive>\n",
		  "\"Enabled\"", "1",
		  "[{\"active\":true,\"number\":0,\"speed_gbps\":212.496},"
		  "{\"active\":false,\"number\":1}]" },
		{ LINKS_OF("NVIDIA L40S") "Device does not have or support Nvlink\n",
		  "\"Absent\"", "(none)", "(none)" },
		{ LINKS_OF("X") "NVML: Unable to retrieve Nvlink information as all "
				"links are "
				"inActive\n",
		  "\"Disabled\"", "(none)", "(none)" },
		{ LINKS_OF("X") "Nvlink queries are not supported for Devices in MIG "
				"mode\n",
		  "null", "(none)", "(none)" },
		{ LINKS_OF("X (UUID: y)") "\t Link 0: <inactive>\n", "\"Disabled\"", "0",
		  "[{\"active\":false,\"number\":0}]" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kept kept = kept_run(collect_nvidia_nvlink, rows[i].text,
					    strlen(rows[i].text));
		const json_t *props = kept_props(&kept, "gpu_links", "GPU-0a");

		CHECK_STR(kept_value(props, "state"), rows[i].state);
		CHECK_STR(kept_value(props, "active_link_count"), rows[i].active);
		CHECK_STR(kept_value(props, "links"), rows[i].links);
		CHECK(!kept.out.unreadable);
	}
}

static void strange_links(void)
{
	static const char *const texts[] = {
		"Failed to initialize NVML: Driver/library version mismatch\n",
		"GPU 0: X\n",
		"GPU 0: X (UUID: )\n",
		"\t Link 0: 1 GB/s\n",
		LINKS_OF("X") "\t Link 0: 1 furlong\n",
		LINKS_OF("X") "\t Link 0: 99999999999999999999 GB/s\n",
		LINKS_OF("X") "\t Link 0: 1 GB/s",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (!kept_run(collect_nvidia_nvlink, texts[i], strlen(texts[i]))
			     .out.unreadable)
			tap_fail(__FILE__, __LINE__, "taken: %s", texts[i]);
}

/* An unhealthy one as in kubernetes-sigs/dra-driver-nvidia-gpu, issue 626. */
static void fabric(void)
{
	static const char text[] =
		"==NVSMI LOG==\nGPU 00000000:18:00.0\n    Fabric\n"
		"        State                             : Completed\n"
		"        Status                            : Success\n"
		"        CliqueId                          : 2\n"
		"        ClusterUUID                       : "
		"00000000-0000-0000-0000-000000000000\n"
		"        Health\n"
		"            Summary                       : Unhealthy\n"
		"            Bandwidth                     : Full\n"
		"            Route Unhealthy               : N/A\n";
	struct kept kept = kept_run(collect_nvidia_smi, text, sizeof(text) - 1);
	const json_t *props = kept_props(&kept, "gpus", NULL);

	CHECK_STR(kept_value(props, "fabric_state"), "\"Completed\"");
	CHECK_STR(kept_value(props, "fabric_status"), "\"Success\"");
	CHECK_STR(kept_value(props, "fabric_clique_id"), "2");
	CHECK_STR(kept_value(props, "fabric_cluster_uuid"), "null");
	CHECK_STR(kept_value(props, "fabric_health"), "\"Unhealthy\"");
	CHECK_STR(kept_value(props, "fabric_bandwidth"), "\"Full\"");
	CHECK_STR(kept_value(props, "fabric_route_unhealthy"), "null");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "an older driver's reset status is a recovery action", reset_status,
		  0 },
		{ "one value that cannot be read is no lost GPU, three are", unreadable,
		  0 },
		{ "a block whose name is no text does not end the collector",
		  hostile_block, 0 },
		{ "a counter of a kind not known is told", strange_counters, 0 },
		{ "each GPU's links are counted", links, 0 },
		{ "what is no list of links is told", strange_links, 0 },
		{ "the state of the fabric is told", fabric, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
