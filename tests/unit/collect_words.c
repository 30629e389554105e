/* Words of tools: those of newer versions, those that say "unknown", and the lists that the kernel prints. */
#include "kept_reading.h"

/* SFF-8024 4.11, table 4-1: 1Fh and 20h are CMIS, with the vendor at byte 129; 17h is SFF-8636. */
static void modules(void)
{
	static const struct {
		unsigned identifier, vendor;
		const char *type, *manufacturer;
		bool unread;
	} rows[] = {
		{ 0x1f, 129, "\"SFP-DD-CMIS\"", "\"ACME\"", false },
		{ 0x20, 129, "\"SFP-CMIS\"", "\"ACME\"", false },
		{ 0x17, 148, "\"microQSFP\"", "\"ACME\"", false },
		{ 0x06, 129, "\"XFP\"", "(none)", false },
		{ 0x00, 129, "null", "(none)", false },
		{ 0x7f, 129, "null", "(none)", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[16 + 2 * 256 + 2] = "module.hex\t", *at = text + 11;
		struct kept kept;
		const json_t *module;

		for (unsigned byte = 0; byte < 256; byte++) {
			unsigned behind = byte - rows[i].vendor;
			unsigned value = byte == 0     ? rows[i].identifier
					 : behind < 4  ? (unsigned char)"ACME"[behind]
					 : behind < 16 ? ' '
						       : 0u;

			(void)snprintf(at, 3, "%02x", value);
			at += 2;
		}
		(void)snprintf(at, 2, "\n");
		kept = run(collect_network_module, text);
		module = json_object_get(kept_props(&kept, "network.interfaces", NULL),
					 "module");
		CHECK_STR(kept_value(module, "type"), rows[i].type);
		CHECK_STR(kept_value(module, "manufacturer"), rows[i].manufacturer);
		CHECK_INT(kept.out.unreadable, rows[i].unread);
	}
}

/* What says "nothing here" is null and no more. */
static void unknown(void)
{
	static const struct {
		collect_fn *run;
		const char *text;
	} rows[] = {
		{ collect_nvidia_smi,
		  "==NVSMI LOG==\nGPU 00000000:18:00.0\n    Fan Speed  : N/A\n"
		  "    Minor Number  : [N/A]\n    Performance State : Unknown\n" },
		{ collect_storage_nvme_smart,
		  "{\"power_cycles\":null,\"media_errors\":\"N/A\",\"temperature\":0}" },
		{ collect_network_link,
		  "v\t/sys/class/net/eth0/speed\t-1\n"
		  "v\t/sys/class/net/eth0/duplex\tunknown\n"
		  "l\t/sys/class/net/eth0/device\t../../../0000:01:00.0\n" },
		/* linux/ethtool.h: SPEED_UNKNOWN, DUPLEX_UNKNOWN, PORT_OTHER */
		{ collect_network_ethtool,
		  "speed\t4294967295\nduplex\t255\nport\t255\nlink\t0\n"
		  "supported\t0 0 0 01000000 0 0\n" },
		{ collect_storage_arrays, "v\t/sys/block/md0/md/dev-sda1/slot\tnone\n"
					  "v\t/sys/block/md0/md/level\traid1\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kept kept = run(rows[i].run, rows[i].text);

		CHECK_STR(error_of(&kept), "");
		CHECK(!kept.out.unreadable);
	}
}

/*
 * nvme-cli 2.5 (nvme-print-json.c, json_print_error) and what nvidia-smi prints where NVML fails
 * (nvml.h, nvmlErrorString); storcli2's names are in Broadcom's StorCLI2 User Guide.
 */
static void words_of_tools(void)
{
	static const struct {
		collect_fn *run;
		const char *text, *error;
	} rows[] = {
		{ collect_storage_nvme_smart,
		  "{\n  \"error\":\"smart log: Input/output error\"\n}\n",
		  "smart log: Input/output error" },
		{ collect_storage_nvme_id,
		  "{\n  \"error\":\"Failed to open /dev/nvme1: No such device\"\n}\n",
		  "Failed to open /dev/nvme1: No such device" },
		{ collect_storage_nvme_smart, "{\"of another\":1}",
		  "nothing in it is known" },
		{ collect_nvidia_smi, "No devices were found\n",
		  "No devices were found" },
		{ collect_nvidia_smi,
		  "Failed to initialize NVML: Driver/library version mismatch\n"
		  "NVML library version: 535.161\n",
		  "Failed to initialize NVML: Driver/library version mismatch" },
		{ collect_nvidia_smi, "", "it printed nothing" },
		{ collect_nvidia_smi,
		  "==NVSMI LOG==\nGPU 00000000:18:00.0\n  Fan Speed  : 30 %\n"
		  "  Minor Number  : 0\n",
		  "0000:18:00.0: 2 lines are at no level of it: Fan Speed  : 30 %" },
		{ collect_nvidia_smi, "==NVSMI LOG==\nGPU 00000000:18:00.0\n",
		  "0000:18:00.0: nothing is said of it" },
		{ collect_memory_visible,
		  "v\t/sys/devices/system/node/node1/meminfo\tNode 1 MemTotal: 8 GB\n",
		  "node1 without MemTotal: Node 1 MemTotal: 8 GB" },
		{ collect_kernel_log, "end\tsoon\n",
		  "a line that bee-kmsg has not: end" },
		{ collect_nvidia_smi,
		  "==NVSMI LOG==\n\nGPU 00000000:18:00.0\n    Minor Number  : 0\n\n"
		  "WARNING: infoROM is corrupted at gpu 0000:18:00.0\n",
		  "WARNING: infoROM is corrupted at gpu 0000:18:00.0" },
		{ collect_storage_smart,
		  "{\"smartctl\":{\"exit_status\":2,\"messages\":[{\"string\":"
		  "\"Smartctl open device: /dev/sda failed: No such device\"}]}}",
		  "smartctl could not read the drive (exit bits 0x2)" },
		{ collect_raid_drives,
		  "{\"Controllers\":[{\"Command Status\":{\"Controller\":0},"
		  "\"Response Data\":{\"Drives List\":[{\"Drive Information\":{}}]}}]}",
		  "drive 0 of the list has no place" },
		{ collect_raid_volumes,
		  "{\"Controllers\":[{\"Command Status\":{\"Controller\":0},"
		  "\"Response Data\":{\"Virtual Drives\":[{}]}}]}",
		  "volume 0 of the list has no number" },
		{ collect_raid_drives,
		  "{\"Controllers\":[{\"Command Status\":{\"Controller\":0},"
		  "\"Response Data\":{\"Drives of storcli3\":[{}]}}]}",
		  "nothing in a controller's answer is known: Drives of storcli3" },
		{ collect_raid_volumes,
		  "{\"Controllers\":[{\"Command Status\":{\"Controller\":0},"
		  "\"Response Data\":{\"Virtual Drives\":[]}}]}",
		  "nothing in a controller's answer is known: Virtual Drives" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kept kept = run(rows[i].run, rows[i].text);

		CHECK_STR(error_of(&kept), rows[i].error);
		CHECK(kept.out.unreadable);
	}
}

static void inforom_is_told(void)
{
	struct kept kept = run(
		collect_nvidia_smi,
		"==NVSMI LOG==\n\nGPU 00000000:18:00.0\n    GPU Recovery Action  : None\n"
		"GPU 00000000:C9:00.0\n    GPU Recovery Action  : None\n\n"
		"WARNING: infoROM is corrupted at gpu 0000:C9:00.0\n");
	const json_t *good = kept_props(&kept, "gpus", "0000:18:00.0");
	const json_t *bad = kept_props(&kept, "gpus", "0000:c9:00.0");

	CHECK_STR(kept_value(good, "health"), "\"OK\"");
	CHECK_STR(kept_value(good, "inforom_corrupt"), "(none)");
	CHECK_STR(kept_value(bad, "health"), "\"Warning\"");
	CHECK_STR(kept_value(bad, "inforom_corrupt"), "true");
	CHECK_STR(kept_value(bad, "health_reason"),
		  "\"WARNING: infoROM is corrupted at gpu 0000:C9:00.0\"");
}

/* arch/x86/kernel/cpu/bugs.c: itlb_multihit_show_state, and the others' words */
static void flaws(void)
{
#define FLAW(name, words)                                                                \
	"v\t/sys/devices/system/cpu/vulnerabilities/" name "\t" words "\n"
	struct kept kept =
		run(collect_cpu_sysfs,
		    FLAW("a", "Vulnerable: No microcode") FLAW("b", "KVM: Vulnerable")
			    FLAW("c", "Processor vulnerable")
				    FLAW("d", "KVM: Mitigation: VMX disabled")
					    FLAW("e", "Mitigation: PTI; SMT vulnerable")
						    FLAW("f", "Not affected"));

	CHECK_STR(kept_value(kept_props(&kept, "cpu", NULL), "vulnerable_to"),
		  "[\"a\",\"b\",\"c\"]");
}

/* drivers/char/tpm: tpm_version_major came with Linux 5.6. */
static void tpm_versions(void)
{
	static const struct {
		const char *text, *version;
	} rows[] = {
		{ "v\t/sys/class/tpm/tpm0/tpm_version_major\t2\n", "\"2.0\"" },
		{ "v\t/sys/class/tpm/tpm0/tpm_version_major\t1\n", "\"1.2\"" },
		{ "v\t/sys/class/tpm/tpm0/device/description\tTPM 2.0 Device\n",
		  "\"2.0\"" },
		{ "v\t/sys/class/tpm/tpm0/device/description\tTPM 1.2 Device\n",
		  "(none)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kept kept = run(collect_tpm_sysfs, rows[i].text);

		CHECK_STR(kept_value(kept_props(&kept, "tpm", NULL), "version"),
			  rows[i].version);
		CHECK(!kept.out.unreadable);
	}
}

/* nvidia-smi 610's layout: values with a note, limits below a heading of their own. */
static void nvidia_610(void)
{
	struct kept kept = run(
		collect_nvidia_smi,
		"==NVSMI LOG==\n\n"
		"Driver Version  : 610.57.04 [Deprecated; will be removed in CUDA 14.0]\n"
		"KMD Version  : 610.57.04\n"
		"CUDA Version  : [Deprecated; see below]\n"
		"CUDA UMD Version  : 13.3\n"
		"GPU 00000000:18:00.0\n"
		"    GPU Power Readings\n"
		"        Average Power Draw  : [Deprecated; will be removed]\n"
		"        GPU Ceiling Power Limit\n"
		"            Current Power Limit  : 250.00 W\n"
		"            Default Power Limit  : 240.00 W\n"
		"        Max Power Limit  : 350.00 W\n");
	const json_t *props = kept_props(&kept, "gpus", NULL);

	CHECK(!kept.out.unreadable);
	CHECK_STR(kept_value(props, "driver_version"), "\"610.57.04\"");
	CHECK_STR(kept_value(props, "cuda_version"), "\"13.3\"");
	CHECK_STR(kept_value(props, "average_power_watts"), "null");
	CHECK_STR(kept_value(props, "power_limit_watts"), "250");
	CHECK_STR(kept_value(props, "default_power_limit_watts"), "240");
	CHECK_STR(kept_value(props, "max_power_limit_watts"), "350");
}

/* nvme-cli prints whole numbers as reals since its JSON goes by way of doubles. */
static void reals(void)
{
	struct kept kept = run(collect_storage_nvme_smart,
			       "{\"critical_warning\":4.0,\"temperature\":310.0,"
			       "\"temperature_sensor_1\":311.0,\"percent_used\":2.0,"
			       "\"data_units_read\":2.0,\"power_cycles\":64.0}");
	const json_t *props = kept_props(&kept, "storage.drives", NULL);

	CHECK(!kept.out.unreadable);
	CHECK_STR(kept_value(props, "critical_warnings"), "[\"reliability degraded\"]");
	CHECK_STR(kept_value(props, "temperature_celsius"), "36.85");
	CHECK_STR(kept_value(props, "sensors_celsius"), "[37.85]");
	CHECK_STR(kept_value(props, "predicted_media_life_left_percent"), "98");
	CHECK_STR(kept_value(props, "data_read_bytes"), "1024000");
	CHECK_STR(kept_value(props, "power_cycles"), "64");
}

/* What bitmap_list_string() writes (lib/vsprintf.c; lib/test_printf.c has such), and what it does not. */
static void cpu_lists(void)
{
	static const struct {
		const char *list, *count;
	} rows[] = {
		{ "0", "1" },
		{ "0-3", "4" },
		{ "0-3,8-11", "8" },
		{ "0,2,4", "3" },
		{ "2-3,5,7,11,13,17,19", "8" },
		{ "0-3,", "null" },
		{ ",0", "null" },
		{ "0,,2", "null" },
		{ "3-1", "null" },
		{ "0,0", "null" },
		{ "0-3,2-5", "null" },
		{ "0-1,2", "null" },
		{ "0-65536", "null" },
		{ "0 1", "null" },
		{ "ff", "null" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_FREE char *text = xasprintf(
			"v\t/sys/devices/system/cpu/online\t%s\n", rows[i].list);
		struct kept kept = run(collect_cpu_sysfs, text);

		CHECK_STR(kept_value(kept_props(&kept, "cpu", "cpu"), "online_cpu_count"),
			  rows[i].count);
		CHECK_INT(kept.out.unreadable, !strcmp(rows[i].count, "null"));
	}
}

/* One list that is not understood leaves nothing to count: neither caches, nor cores, nor what is off. */
static void cpu_lists_lost(void)
{
#define CPU0 "v\t/sys/devices/system/cpu/cpu0/"
	struct kept kept = run(
		collect_cpu_sysfs, CPU0
		"cache/index0/level\t1\n" CPU0 "cache/index0/type\tData\n" CPU0
		"cache/index0/size\t32K\n" CPU0
		"cache/index0/shared_cpu_list\t0..1\n" CPU0
		"topology/core_cpus_list\t0..1\n" CPU0 "topology/package_cpus_list\t0-1\n"
		"v\t/sys/devices/system/cpu/offline\t2-3\n"
		"v\t/sys/devices/system/cpu/present\t0..1\n");
	const json_t *props = kept_props(&kept, "cpu", "cpu");

	CHECK_STR(
		kept_value(json_array_get(json_object_get(props, "caches"), 0), "count"),
		"null");
	CHECK_STR(kept_value(props, "core_count"), "null");
	CHECK_STR(kept_value(props, "threads_per_core"), "(none)");
	CHECK_STR(kept_value(props, "cores_per_socket"), "(none)");
	CHECK_STR(kept_value(props, "socket_count"), "1");
	CHECK_STR(kept_value(props, "offline_cpus"), "null");
	CHECK(kept.out.unreadable);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "every module that SFF-8024 names has a name", modules, 0 },
		{ "the kernel's lists of processors are read, and no others", cpu_lists,
		  0 },
		{ "what a lost list would have counted is not known", cpu_lists_lost, 0 },
		{ "what is said to be unknown is null alone", unknown, 0 },
		{ "the words of a tool that failed are told", words_of_tools, 0 },
		{ "a corrupt infoROM is its GPU's trouble", inforom_is_told, 0 },
		{ "notes on deprecated values and moved limits are seen through",
		  nvidia_610, 0 },
		{ "a number printed as a real is that number", reals, 0 },
		{ "each of the kernel's words for a flaw that is open counts", flaws, 0 },
		{ "a TPM's version is known from its description", tpm_versions, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
