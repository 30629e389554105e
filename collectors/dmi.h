/* The text dmidecode prints, as structures with named values. */
#ifndef BEE_COLLECTORS_DMI_H
#define BEE_COLLECTORS_DMI_H

#include "text.h"

/* One "Handle 0x0011, DMI type 17, 40 bytes" and the lines below it. */
struct dmi_structure {
	unsigned handle;
	unsigned type;
	unsigned repeat;    /* 1, or 2 for the second with this handle and type, ... */
	struct span body;   /* the lines after the Handle line */
	struct span indent; /* the blanks before each of its keys */
	bool cut;           /* the text ends in it: what is not there may have been */
};

/* Goes through the structures of one type. Set up by dmi_open, done with by dmi_close. */
struct dmi_reader {
	struct span rest, lead;
	unsigned type;
	unsigned left;  /* structures that may still come: the loop's bound */
	uint16_t *seen; /* owned: how often each handle was met */
};

/*
 * Looks at the whole text once: emits the tool's version, and an error for each way in
 * which the text is not a whole dmidecode output (`where` names the job in it).
 */
void dmi_check(const struct input *in, const char *where, struct output *out);

void dmi_open(struct dmi_reader *reader, const struct input *in, unsigned type);
bool dmi_next(struct dmi_reader *reader, struct dmi_structure *structure);
void dmi_close(struct dmi_reader *reader);

/* The first "SMBIOS 3.2.1 present." line's version. */
bool dmi_smbios_version(const struct input *in, struct span *version);

/* "0x0011", or "0x0011#2" when repeated. */
struct dmi_key {
	char text[24];
};
struct dmi_key dmi_key(const struct dmi_structure *structure);

/* Text after "Key:" without blanks around it; false when there is no such line. */
bool dmi_value(const struct dmi_structure *structure, const char *key,
	       struct span *value);

/* The items below "Key:", or the one value on its own line. */
struct dmi_list {
	struct span value, below, indent;
};
void dmi_list(const struct dmi_structure *structure, const char *key,
	      struct dmi_list *list);
bool dmi_item(struct dmi_list *list, struct span *item);

/* The blanks before the first Handle line: before every line, when a text was pasted. */
struct span dmi_lead(const struct input *in);

/* The line without these blanks; empty when it has nothing but blanks, and fewer. */
struct span dmi_line(struct span line, struct span lead);

/*
 * Is this a Handle line in all its parts? Where the type is on the line below, that one is
 * taken off `rest`.
 */
bool dmi_take_handle(struct span line, struct span *rest, unsigned *handle,
		     unsigned *type);

#endif
