/* bee-collect COLLECTOR STEP [INSTANCE]: a tool's output on stdin becomes records on
 * stdout. */
#include "collect.h"
#include "stdio_filter.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX (64u << 20) /* bytes; the executor's own caps are far below */

const struct collect_step collect_steps[] = {
	{ "board", "dmi", collect_board_dmi },
	{ "board", "sysfs", collect_board_sysfs },
	{ "board", "efi-vars", collect_board_efi_vars },
	{ "board", "efi-boot", collect_board_efi_boot },
	{ "board", "platform", collect_board_platform },
	{ "cpu", "dmi", collect_cpu_dmi },
	{ "memory", "dmi", collect_memory_dmi },
	{ "cpu", "sysfs", collect_cpu_sysfs },
	{ "cpu", "info", collect_cpu_info },
	{ "memory", "edac", collect_memory_edac },
	{ "memory", "visible", collect_memory_visible },
	{ "storage", "disks", collect_storage_disks },
	{ "storage", "arrays", collect_storage_arrays },
	{ "storage", "controllers", collect_storage_controllers },
	{ "storage", "hba", collect_storage_hba },
	{ "storage", "enclosure", collect_storage_enclosure },
	{ "storage", "phys", collect_storage_phys },
	{ "storage", "lsblk", collect_storage_lsblk },
	{ "storage", "smart", collect_storage_smart },
	{ "storage", "nvme-id", collect_storage_nvme_id },
	{ "storage", "nvme-smart", collect_storage_nvme_smart },
	{ "storage", "nvme-errors", collect_storage_nvme_errors },
	{ "storage", "nvme-sanitize", collect_storage_nvme_sanitize },
	{ "pcie", "lspci", collect_pcie_lspci },
	{ "pcie", "sysfs", collect_pcie_sysfs },
	{ "psu", "fru", collect_psu_fru },
	{ "psu", "info", collect_psu_info },
	{ "psu", "sdr", collect_psu_sdr },
	{ "psu", "sel", collect_psu_sel },
	{ "psu", "ipmitool", collect_psu_ipmitool },
	{ "psu", "dmi", collect_psu_dmi },
	{ "nvidia", "smi", collect_nvidia_smi },
	{ "nvidia", "nvlink", collect_nvidia_nvlink },
	{ "gpu", "sysfs", collect_gpu_sysfs },
	{ "sensors", "hwmon", collect_sensors_hwmon },
	{ "usb", "ids", collect_usb_ids },
	{ "usb", "names", collect_usb_names },
	{ "tpm", "sysfs", collect_tpm_sysfs },
	{ "network", "sysfs", collect_network_sysfs },
	{ "network", "link", collect_network_link },
	{ "network", "errors", collect_network_errors },
	{ "network", "ethtool", collect_network_ethtool },
	{ "network", "module", collect_network_module },
	{ "network", "infiniband", collect_network_infiniband },
	{ "network", "infiniband-errors", collect_network_infiniband_errors },
	{ "identity", "host", collect_identity_host },
	{ "kernel", "log", collect_kernel_log },
	{ "kernel", "pstore", collect_kernel_pstore },
	{ "lldp", "hear", collect_lldp_hear },
	{ "raid", "storcli", collect_raid_storcli },
	{ "raid", "storcli-drives", collect_raid_drives },
	{ "raid", "storcli-bare", collect_raid_drives },
	{ "raid", "storcli-volumes", collect_raid_volumes },
	{ "raid", "perccli", collect_raid_storcli },
	{ "raid", "perccli-drives", collect_raid_drives },
	{ "raid", "perccli-bare", collect_raid_drives },
	{ "raid", "perccli-volumes", collect_raid_volumes },
	{ "raid", "sas2ircu-0", collect_raid_sasircu },
	{ "raid", "sas2ircu-1", collect_raid_sasircu },
	{ "raid", "sas3ircu-0", collect_raid_sasircu },
	{ "raid", "sas3ircu-1", collect_raid_sasircu },
	{ "megaraid", "smart", collect_megaraid_smart },
	{ "cciss", "smart", collect_cciss_smart },
	{ NULL, NULL, NULL },
};

static void emit(struct output *out, json_t *record)
{
	int status = json_write_line(STDOUT_FILENO, record);

	(void)out;
	if (status) {
		/* EINVAL is our own bug, the rest is the reader's end of the pipe. */
		warnx("cannot write a record: %s", strerror(-status));
		_exit(BEE_IOERR);
	}
}

static char *read_input(size_t *len, bool *cut)
{
	size_t size = 64 << 10, have = 0;
	char *text = xrealloc_array(NULL, size + 1, 1);

	for (;;) {
		ptrdiff_t n = read_full(STDIN_FILENO, text + have, size - have);

		if (n < 0)
			errx(BEE_IOERR, "cannot read standard input: %s",
			     strerror((int)-n));
		have += (size_t)n;
		if (have < size)
			break;
		if (size == INPUT_MAX) {
			char more;

			*cut = read_full(STDIN_FILENO, &more, 1) == 1;
			break;
		}
		size *= 2;
		text = xrealloc_array(text, size + 1, 1);
	}
	text[have] = '\0';
	*len = have;
	return text;
}

static const struct collect_step *find(const char *collector, const char *step)
{
	for (const struct collect_step *at = collect_steps; at->collector; at++)
		if (!strcmp(at->collector, collector) && !strcmp(at->step, step))
			return at;
	return NULL;
}

int main(int argc, char **argv)
{
	int status = process_hide() ?: stdio_filter_load(STDIO_ONLY);
	struct output out = { .emit = emit };
	const struct collect_step *step;
	AUTO_FREE char *text = NULL;
	struct input in;
	bool cut = false;

	if (status)
		errx(BEE_SOFTWARE, "cannot give up rights: %s", strerror(-status));
	if (argc < 3 || argc > 4)
		errx(BEE_USAGE, "usage: bee-collect COLLECTOR STEP [INSTANCE] <OUTPUT");
	step = find(argv[1], argv[2]);
	if (!step)
		errx(BEE_USAGE, "no step %s of a collector %s", argv[2], argv[1]);
	json_seed();
	text = read_input(&in.len, &cut);
	in.text = text;
	step->run(&in, argc == 4 ? argv[3] : "", &out);
	if (cut)
		collect_error(&out, argv[2], "the input is longer than %u bytes",
			      INPUT_MAX);
	return out.unreadable ? BEE_DATAERR : BEE_OK;
}
