/* What the files of storage/disks share: drives, and NVMe's namespaces in them. */
#ifndef BEE_COLLECTORS_STORAGE_DISKS_H
#define BEE_COLLECTORS_STORAGE_DISKS_H

#include "storage.h"
#include "tree_props.h"

#define BLOCK "/sys/block"
#define NVME "/sys/class/nvme"

/* Size 0 is an empty card reader, or a drive that never told: unknown. */
bool disks_size(const struct tree *tree, struct span name, uint64_t *bytes);
/* capacity_bytes and the sizes of blocks and zones. */
void disks_put_size(json_t *props, const struct tree *tree, struct span name);
/* The kernel's word for how the device does, FOLDER/NAME/ATTRIBUTE. */
void disks_put_state(json_t *props, const struct tree *tree, const char *folder,
		     struct span name, const char *attribute);
/* Of /sys/block/NAME, the caller's; NULL: it is no drive. Size and flags are a whole drive's, not those
 * of one of several namespaces (`is_whole`: false). */
json_t *disks_props(const struct tree *tree, struct span name, bool is_whole);

/* Whether some nvme0c1n1 is a path of the namespace `head`, nvme0n1. */
bool disks_has_path(const struct tree *tree, struct span head);
/* The record of a controller in /sys/class/nvme. */
void disks_emit_nvme(const struct tree *tree, struct span name, struct output *out);
/*
 * Namespaces of a controller that is not there: `first` and those that stand behind it, which are
 * taken off the tree. They are one drive.
 */
void disks_emit_namespaces(const struct tree *tree, struct span first, size_t *at,
			   struct output *out);

#endif
