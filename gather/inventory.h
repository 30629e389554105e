/* The document's records, as findings and the parts drawn from them look things up. */
#ifndef BEE_GATHER_INVENTORY_H
#define BEE_GATHER_INVENTORY_H

#include "json.h"
#include "record.h"

/* What a rule may ask beside its record. */
struct inventory {
	const json_t *document; /* borrowed */
	json_t *pcie;           /* owned: pcie.devices by key, the records themselves */
	json_t *displays; /* owned: keys of display controllers and the ports above them
			   */
	json_t *gpus;     /* owned: gpus by key */
	bool gpus_listed; /* the driver was able to tell which it has */
};

/* The list or object of a record type ("storage.drives"), NULL where it is not there. */
const json_t *inventory_section(const json_t *document, const char *type);
/* The records of such a list by their keys; a new reference. */
json_t *inventory_by_key(const json_t *document, const char *type);
/* The same by its row in record_types. */
const json_t *inventory_section_of(const json_t *document,
				   const struct record_type *type);

/* Looks at `document`, which must outlive it. */
struct inventory inventory_open(const json_t *document);
void inventory_close(struct inventory *inventory);

#endif
