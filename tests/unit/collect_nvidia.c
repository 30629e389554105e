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

int main(void)
{
	static const struct tap_test tests[] = {
		{ "an older driver's reset status is a recovery action", reset_status,
		  0 },
		{ "one value that cannot be read is no lost GPU, three are", unreadable,
		  0 },
		{ "a block whose name is no text does not end the collector",
		  hostile_block, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
