/* What the files of the storage collector share. */
#ifndef BEE_COLLECTORS_STORAGE_H
#define BEE_COLLECTORS_STORAGE_H

#include "text.h"
#include "tool_json.h"

#define STORAGE_DRIVES "storage.drives"
#define STORAGE_CONTROLLERS "storage.controllers"

/* Key of a whole disk's record: "nvme0" for its namespace "nvme0n1", else the name. */
struct drive_key {
	char text[64];
};
struct drive_key storage_key(struct span kernel_name);

/* Makes a drive's serial number and WWN null where they are placeholders. */
void storage_check_identity(json_t *props);

/* True for loop, ram, zram, dm, md and what else is no drive but made by the kernel. */
bool storage_is_virtual(struct span kernel_name);

/* Puts predicted_media_life_left_percent from what was used; 255 means "over 254". */
void storage_life_used(json_t *props, const json_t *percent_used);

/* Puts health and critical_warnings (names) from the bits of NVMe's SMART log. */
void storage_nvme_warnings(json_t *props, uint64_t critical_warning);

/* Puts `prop` in bytes from NVMe data units of 512,000 bytes (NVMe 1.4, figure 194). */
void storage_nvme_units(json_t *props, const char *prop, const json_t *units);

/* What smartctl's JSON of a drive says; the caller owns it. */
json_t *storage_smart_props(const json_t *root);
/* smartctl's own version as a record. */
void storage_smart_version(const json_t *root, struct output *out);
/* An error where its exit status says that it could not read the drive. */
void storage_smart_trouble(const json_t *root, const char *key, struct output *out);

/* What only ATA drives have: attributes by id, device statistics, error logs. */
void storage_smart_ata(json_t *props, const json_t *root);
/* The raw value of an attribute as a new reference. */
json_t *storage_smart_raw(const json_t *attribute);
/* predicted_media_life_left_percent, unless it is there, where the attribute says it. */
void storage_smart_wear(json_t *props, const json_t *root, const json_t *attribute);
/* What attribute 194 or 190 says, null where neither says anything that can be; a new
 * reference. */
json_t *storage_smart_ata_celsius(const json_t *root);
/* Link rates of the phys. */
void storage_smart_scsi(json_t *props, const json_t *root);
/* self_test, self_test_failed and self_test_failed_count. */
void storage_smart_self_test(json_t *props, const json_t *root);

#endif
