/* The parts of a machine as every export asks for them. */
#ifndef BEE_EXPORT_PART_H
#define BEE_EXPORT_PART_H

#include "parts.h"
#include "sections.h"

/* What a part has of each, whatever its records call it. */
enum part_fact {
	FACT_MAKER,
	FACT_MODEL,
	FACT_NUMBER,
	FACT_SERIAL,
	FACT_ASSET,
	FACT_FIRMWARE,
	FACT_SIZE,
	FACT_STATE,
	FACT_HEALTH,
	FACT_MAC,
	FACT_ADDRESS,
	FACT_WWN,
	FACT_COUNT
};

/* A text that the caller owns; "" where nobody tells it. */
char *part_fact(const struct part *part, enum part_fact fact);
/* Its name for a machine: "serial_number". */
const char *part_fact_name(enum part_fact fact);

/*
 * Each part that is there, in the order of kinds. Empty slots are none, nor is what no one could
 * take out (bridges), nor a PCI function whose port, drive or GPU is told itself.
 */
typedef void part_visit(void *with, const struct part *part);
void parts_visit(const json_t *document, part_visit *visit, void *with);

#endif
