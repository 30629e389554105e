/* What the files of the raid collector share. */
#ifndef BEE_COLLECTORS_RAID_H
#define BEE_COLLECTORS_RAID_H

#include "storage.h"

#define RAID_LIST_MAX 4096 /* controllers, drives, members: the formats have no limit */

/* A controller's or a drive's own word for its state, and what it means for health. */
struct raid_state {
	const char *word;
	const char *health; /* NULL: nothing is said about health */
	const char *reason;
};

/* Puts `prop` and, where the table says so, health and health_reason; a word that the table lacks is
 * collect_unread's health. */
void raid_put_state(json_t *props, const char *prop, struct span word,
		    const struct raid_state *table);

/* 16 digits as `wwn`, 0x and small letters; anything else is not understood. */
void raid_put_wwn(json_t *props, struct span digits);

/* One controller's "Response Data"; `number` is the tool's, -1: it says none. Returns how many
 * records were made of it. */
typedef size_t raid_controller_fn(json_t *data, int number, struct output *out);
/* Calls `run` for each controller of storcli's JSON; one that failed is an error. */
void raid_each_controller(const struct input *in, const char *where,
			  raid_controller_fn *run, struct output *out);

/* A string's text without blanks around it; empty for anything else. */
struct span raid_span(const json_t *value);
/* A text; null where the tool says that there is nothing. */
void raid_put_word(json_t *props, const char *prop, const json_t *value);
void raid_put_identity(json_t *props, const char *prop, const json_t *value);
/* Nothing, or what the tool says for it: the value is not known. */
bool raid_is_nothing(struct span text);
/* Null for the tool's words for "nothing", else collect_unread(). */
void raid_put_unread(json_t *props, const char *prop, const json_t *value);
void raid_put_unread_span(json_t *props, const char *prop, struct span text);
/* " 28C (82.40 F)", "33C", 33; nothing without `value`. */
void raid_put_celsius(json_t *props, const char *prop, const json_t *value);
/* "512B", "4 KB". */
bool raid_sector_size(const json_t *value, uint64_t *bytes);
/* "12.0Gb/s" in Gbit/s; nothing without `value`. */
void raid_put_speed(json_t *props, const char *prop, const json_t *value);
/* capacity_bytes from "447.130 GB [0x37e436b0 Sectors]" and the size of a sector. */
void raid_put_capacity(json_t *props, const json_t *size, const json_t *sector);
/* "HDD" or "SSD" as media_type. */
void raid_put_media(json_t *props, struct span media);
/* storcli's word for what SMART says, as health. */
void raid_put_alert(json_t *props, const json_t *value);
/* storcli2's and perccli2's "Drives List" and "Virtual Drives": how many records. */
size_t raid_emit_drive_list(const json_t *list, int number, struct output *out);
size_t raid_emit_volume_list(const json_t *list, int number, struct output *out);
/* "c0/e252/s0", or "c0/s0", from "252:0" or " :0"; false when it is no such place. */
bool raid_drive_key(const json_t *row, int number, char key[64]);
/* One volume's record, of `key` "c0/v1"; any of the JSON may be NULL. */
void raid_emit_volume(const char *key, int number, const json_t *row,
		      const json_t *members, const json_t *properties,
		      struct output *out);
/* Records of the drives whose blocks, "Drive /c0/e252/s0", are members of `data`. */
size_t raid_emit_drives(json_t *data, int number, struct output *out);
/* Records of a list's drives that have no enclosure. */
size_t raid_emit_loose_drives(const json_t *rows, int number, struct output *out);
/* "252:0"; ":3" where there is no enclosure. */
void raid_put_slot(json_t *props, const char *prop, const json_t *row);

#endif
