/* One FRU of `ipmitool fru print`, and whether it is a power supply. */
#ifndef BEE_COLLECTORS_FRU_H
#define BEE_COLLECTORS_FRU_H

#include "placeholder.h"
#include "text.h"

enum fru_field {
	FRU_CHASSIS_TYPE,
	FRU_CHASSIS_PART,
	FRU_CHASSIS_SERIAL,
	FRU_CHASSIS_EXTRA,
	FRU_BOARD_DATE,
	FRU_BOARD_MAKER,
	FRU_BOARD_PRODUCT,
	FRU_BOARD_SERIAL,
	FRU_BOARD_PART,
	FRU_BOARD_FILE,
	FRU_BOARD_EXTRA,
	FRU_PRODUCT_MAKER,
	FRU_PRODUCT_NAME,
	FRU_PRODUCT_PART,
	FRU_PRODUCT_VERSION,
	FRU_PRODUCT_SERIAL,
	FRU_PRODUCT_ASSET,
	FRU_PRODUCT_FILE,
	FRU_PRODUCT_EXTRA,
	FRU_FIELDS
};

struct fru {
	unsigned id;
	unsigned repeat; /* 1, or 2 when the id came before, ... */
	struct span description;
	struct span field[FRU_FIELDS]; /* at is NULL: no such line */
	struct span missing;	       /* the "Device not present" line */
	const char *trouble;	       /* why it could not be read, or NULL */
	uint64_t capacity_watts;       /* 0: not said */
	bool in_supply_record;
	bool content;	   /* at least one field */
	unsigned repeated; /* fields met again */
	unsigned strange;  /* lines of no known form */
	json_t *props;	   /* owned until emitted */
};

/* state: "Absent", "Enabled" (its content was read), or null. */
void fru_put_state(const struct fru *fru, json_t *props);

/* Do description or product name say so? */
bool fru_is_power_supply(const struct fru *fru);
/* Properties in Redfish's names; the caller's reference. */
json_t *fru_power_supply(const struct fru *fru);

#endif
