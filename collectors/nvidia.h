/* Values of `nvidia-smi -q` and how they become properties. */
#ifndef BEE_COLLECTORS_NVIDIA_H
#define BEE_COLLECTORS_NVIDIA_H

#include "text.h"

enum value_kind {
	VALUE_TEXT,
	VALUE_IDENTITY, /* a text that may be a placeholder: "0000000000000" */
	VALUE_NUMBER,   /* a whole number without unit */
	VALUE_CELSIUS,  /* "40 C", "-8 C" */
	VALUE_WATTS,    /* "37.62 W" */
	VALUE_MIB,      /* "8192 MiB" as bytes */
	VALUE_MHZ,      /* "300 MHz" */
	VALUE_PERCENT,  /* "38 %" */
	VALUE_LANES,    /* "16x" */
	VALUE_ENABLED,  /* Enabled or Disabled as a boolean */
	VALUE_YES,      /* Yes or No as a boolean */
};

/* True for a driver's words for "there is no such value". */
bool nvidia_is_nothing(struct span value);
/* True for what NVML's errors 15 (lost) and 999 (unknown) come out as. */
bool nvidia_is_lost(struct span value);
/* Sets the property, to null for "N/A" and its like, unless a value is there already; what is no value
 * of its kind is collect_unread's. */
void nvidia_put(json_t *props, const char *prop, enum value_kind kind, struct span value);
/* The same for a value by its path, "PCI/GPU Link Info/Link Width/Max"; others are left
 * out. */
void nvidia_put_known(json_t *props, const char *path, struct span value);

#endif
