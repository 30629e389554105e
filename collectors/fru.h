/* One FRU, by whatever way it was read, and whether it is a power supply. */
#ifndef BEE_COLLECTORS_FRU_H
#define BEE_COLLECTORS_FRU_H

#include "placeholder_put.h"
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

#define FRU_LIST_MAX 64 /* custom fields of an area, other fields, OEM records */

struct fru {
	unsigned id;
	unsigned repeat; /* 1, or 2 when the id came before, ... */
	struct span description;
	struct span field[FRU_FIELDS]; /* at is NULL: no such line */
	char date[24];           /* FRU_BOARD_DATE, where it had to be written anew */
	struct span missing;     /* the "Device not present" line */
	const char *trouble;     /* why it could not be read, or NULL */
	uint64_t capacity_watts; /* 0: not said */
	bool is_supply;          /* its SDR or a record of its own says so */
	bool in_supply_record;
	bool beside; /* ipmitool's, which reads what bee-ipmi has read: proof of nothing */
	bool content;      /* at least one field */
	unsigned repeated; /* fields met again */
	struct strange_lines strange;
	const char *note; /* what the content is, if not a FRU's, or NULL */
	json_t *supply;   /* what a power supply record says, owned until emitted, or NULL
			 */
	bool absent;      /* the BMC says that it is not there */
	json_t *props;    /* owned until emitted */
};

/* Begins a FRU: id and description. `repeat` is 1, or 2 for the second with this id, ...
 */
void fru_begin(struct fru *fru, unsigned id, unsigned repeat, struct span description);
/* A field that was read; the first of its kind counts. `value` is borrowed. */
void fru_set(struct fru *fru, enum fru_field field, struct span value);
/* Emits what was gathered and says what was wrong with it. */
void fru_end(struct fru *fru, struct output *out);

/*
 * FRU information storage (`len` bytes of anything). `pool` is for decoded text: at least
 * 6 * len bytes (three areas that may overlap, two characters a byte) that stay until
 * fru_end().
 */
void fru_parse(struct fru *fru, const uint8_t *bytes, size_t len, char *pool);
/* What breaks the standard, as an entry of props.faults: the content is kept. */
PRINTF_LIKE(2, 3) void fru_fault(struct fru *fru, const char *fmt, ...);

/* Text of a type/length byte's kind (FRU 1.0 rev 1.3, 13; IPMI 2.0, 43.15) into `pool`,
 * which has room for 2 * len bytes. */
struct span fru_decode(unsigned kind, const uint8_t *bytes, size_t len, char *pool);

/* state: "Absent", "Enabled" (its content was read), or null. */
void fru_put_state(const struct fru *fru, json_t *props);

/* Do description or product name say so? */
bool fru_is_power_supply(const struct fru *fru);
/* Properties in Redfish's names; the caller's reference. */
json_t *fru_power_supply(const struct fru *fru);

/* psu/fru from bee-ipmi's lines. */
void psu_fru_lines(const struct input *in, struct output *out);

#endif
