/* What every collector is: a function from a tool's output to records on stdout. */
#ifndef BEE_COLLECTORS_COLLECT_H
#define BEE_COLLECTORS_COLLECT_H

#include "json.h"
#include "util.h"

/* A tool's whole output; `text[len]` is a NUL byte beyond the end. NUL bytes may be inside. */
struct input {
	const char *text;
	size_t len;
};

/* Where records go: bee-collect writes them to stdout, tests keep them. */
struct output {
	void (*emit)(struct output *out, json_t *record); /* borrows the record */
	bool unreadable; /* set by collect_error(): bee-collect exits 65 */
};

/* One step of one collector. `instance` is "" for a step without `each`. */
typedef void collect_fn(const struct input *in, const char *instance, struct output *out);

struct collect_step {
	const char *collector;
	const char *step;
	collect_fn *run;
};
/* The table, ended by a NULL collector; in main.c. */
extern const struct collect_step collect_steps[];

collect_fn collect_board_dmi, collect_cpu_dmi, collect_memory_dmi;
collect_fn collect_storage_disks, collect_storage_lsblk, collect_storage_smart;
collect_fn collect_storage_nvme_id, collect_storage_nvme_smart,
	collect_storage_nvme_errors, collect_storage_nvme_sanitize;
collect_fn collect_pcie_lspci, collect_pcie_sysfs;
collect_fn collect_board_sysfs, collect_board_efi_vars, collect_board_efi_boot,
	collect_board_platform;
collect_fn collect_storage_arrays, collect_storage_controllers, collect_storage_hba;
collect_fn collect_storage_enclosure, collect_storage_phys, collect_network_errors;
collect_fn collect_usb_ids, collect_usb_names, collect_tpm_sysfs, collect_sensors_hwmon;
collect_fn collect_cpu_info, collect_cpu_sysfs, collect_memory_edac,
	collect_memory_visible;
collect_fn collect_network_sysfs, collect_network_link, collect_network_ethtool;
collect_fn collect_network_module, collect_network_infiniband, collect_lldp_hear;
collect_fn collect_network_infiniband_errors;
collect_fn collect_psu_fru, collect_psu_info, collect_psu_sdr, collect_psu_sel;
collect_fn collect_psu_dmi, collect_psu_ipmitool, collect_nvidia_smi,
	collect_nvidia_nvlink, collect_gpu_sysfs;
collect_fn collect_raid_storcli, collect_raid_drives, collect_raid_volumes;
collect_fn collect_raid_sasircu, collect_megaraid_smart, collect_cciss_smart;
collect_fn collect_identity_host, collect_kernel_log, collect_kernel_pstore;

/*
 * Emits {"type","key","props"}; takes `props`. Key bytes may be anything. What cannot have been
 * measured is made null (quantity.h), and each value of collect_unread() is told as an error.
 */
void collect_record(struct output *out, const char *type, const char *key, json_t *props);
/* The same for a key from strings of json_load_hostile: what that escaped is not escaped
 * again. */
void collect_json_record(struct output *out, const char *type, const char *key,
			 json_t *props);
/* Such a key, as another record's property names it. */
json_t *collect_json_key(const char *key);
/* Emits the special record {"type":"tool","key":program,"props":{"version":...}}. */
void collect_tool_version(struct output *out, const char *program, const char *version,
			  size_t len);
/* Emits {"type":"errors",...} and marks the input as unreadable in part. */
PRINTF_LIKE(3, 4)
void collect_error(struct output *out, const char *where, const char *fmt, ...);

/*
 * The tool says something of `key` that is not understood: props[key] is null, the value (taken) is
 * kept in props.unparsed, and the record's error makes the job partial. Every reader of a size, a
 * speed, a date, a count or a state ends here when it cannot read; what the tool itself calls
 * unknown is null alone.
 */
void collect_unread(json_t *props, const char *key, json_t *value);

/*
 * A number that stands for a word: NULL in the table is a number that says nothing, and null; what is beyond the table is
 * reserved, or the maker's, and unread.
 */
void collect_word(json_t *props, const char *key, const char *const *words, size_t count,
		  unsigned number);

/* Sets props[key] to a string made by json_text from bytes with leading and trailing blanks
 * removed, or to null when nothing is left. A flagged string adds key to props["escaped"]. */
void collect_text(json_t *props, const char *key, const char *bytes, size_t len);
/* The same from a string of json_load_hostile: what that escaped is flagged, not escaped
 * again. Anything but a string gives null. */
void collect_json_text(json_t *props, const char *key, const json_t *value);

#endif
