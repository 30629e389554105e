/* A file or link of sysfs as one property. In all of them: not there sets nothing. */
#ifndef BEE_COLLECTORS_TREE_PROPS_H
#define BEE_COLLECTORS_TREE_PROPS_H

#include "tree.h"

/* Where the attributes of one device stand: TREE/FOLDER/NAME/ATTRIBUTE. */
struct tree_device {
	const struct tree *tree; /* borrowed */
	const char *folder;
	struct span name;
};

/* The first line as text; null when it is empty or could not be read. */
void tree_put_text(json_t *props, const char *prop, const struct tree_device *device,
		   const char *attribute);
/* A number without sign and unit; null for "-1", "Unknown" (text_is_unknown). */
void tree_put_number(json_t *props, const char *prop, const struct tree_device *device,
		     const char *attribute);
/* For what is there and is no such number as is wanted: collect_unread_span() of its first line. */
void tree_put_unread(json_t *props, const char *prop, const struct tree_device *device,
		     const char *attribute);
/* "1" is true, "0" false; all else is not understood. */
void tree_put_flag(json_t *props, const char *prop, const struct tree_device *device,
		   const char *attribute);
/* The last component of a link's target. */
void tree_put_base(json_t *props, const char *prop, const struct tree_device *device,
		   const char *attribute);

/*
 * What a driver and a device are found by: "modalias", the device's, as modules name what they
 * take; "driver", of its link; "driver_module", the loadable module which that driver came with,
 * as /sys/module calls it. Without the last the kernel itself has the driver. `drivers` is the
 * folder of the bus' drivers.
 */
void tree_put_driver(json_t *props, const struct tree_device *device,
		     const char *drivers);

/* The first line as a number; false when it is none. */
bool tree_number(const struct tree_device *device, const char *attribute,
		 uint64_t *number);
/* The same with a sign: "-40000". */
bool tree_signed(const struct tree_device *device, const char *attribute,
		 int64_t *number);
/* The first line; false as for tree_value. */
bool tree_text(const struct tree_device *device, const char *attribute,
	       struct span *value);

/* "0000:3b:00.0", with a domain of four to eight digits. */
bool tree_is_pci_address(struct span text);
/* The last component of `path` that is a PCI address; false when there is none. */
bool tree_pci_address(struct span path, struct span *address);

#endif
