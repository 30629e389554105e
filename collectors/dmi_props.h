/*
 * One value of a structure as one property. In all of them: no such line in the text sets
 * nothing (not collected); a value that says "unknown" sets null; a value that is not
 * understood sets null and is kept in props.unparsed.
 */
#ifndef BEE_COLLECTORS_DMI_PROPS_H
#define BEE_COLLECTORS_DMI_PROPS_H

#include "dmi.h"
#include "placeholder_put.h"

/* Null: the firmware's "unknown", a fault of the table, or a value that is not understood. */
void dmi_put_nothing(json_t *props, const char *prop, struct span value);

/* The text; null as above where it says nothing. */
void dmi_put_text(json_t *props, const char *prop, struct span value);

/* dmidecode's word and ours; a table ends with a NULL. */
struct dmi_word {
	const char *theirs;
	const char *ours;
};

/* A firmware's string: placeholders become null and are kept. */
void dmi_put_name(const struct dmi_structure *structure, json_t *props, const char *key,
		  const char *prop);
void dmi_put_identity(const struct dmi_structure *structure, json_t *props,
		      const char *key, const char *prop);
/* One of dmidecode's words; `words` (may be NULL) has those that we call otherwise. */
void dmi_put_word(const struct dmi_structure *structure, json_t *props, const char *key,
		  const char *prop, const struct dmi_word *words);
/* "2400 MT/s" with either unit (a NULL `other` is none; "" is a number without unit). */
void dmi_put_number(const struct dmi_structure *structure, json_t *props, const char *key,
		    const char *prop, const char *unit, const char *other);
/* "16 GB" in bytes ("kB" is 1024: SMBIOS counts in powers of two); "None" is 0. */
void dmi_put_bytes(const struct dmi_structure *structure, json_t *props, const char *key,
		   const char *prop);
/* "1.2 V" as a number. */
void dmi_put_volts(const struct dmi_structure *structure, json_t *props, const char *key,
		   const char *prop);
/* The items below the key, or none for "None". */
void dmi_put_list(const struct dmi_structure *structure, json_t *props, const char *key,
		  const char *prop);
/* The words of `known` (NULL-ended, longer before shorter) that stand in one line. */
void dmi_put_words(const struct dmi_structure *structure, json_t *props, const char *key,
		   const char *prop, const char *const *known);
/* A handle as dmi_key() writes it, or null. */
void dmi_put_handle(const struct dmi_structure *structure, json_t *props, const char *key,
		    const char *prop);

/* "0x0025": false for anything else. */
bool dmi_handle_parse(struct span value, unsigned *handle);
/* Is it one of dmidecode's words for "no value"? */
bool dmi_is_unknown(struct span value);

#endif
