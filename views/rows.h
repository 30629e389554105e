/* Rows of sections that are no plain list of the document's records. */
#ifndef BEE_VIEWS_ROWS_H
#define BEE_VIEWS_ROWS_H

#include "util.h"

#include <jansson.h>

/* Each: a new array of new objects, or of references to records. */
json_t *rows_findings(const json_t *document);
json_t *rows_jobs(const json_t *document);
/* Jobs that could not tell, one row for each status and reason. */
json_t *rows_unlearned(const json_t *document);
/* Whatever has a serial number. */
json_t *rows_serials(const json_t *document);
json_t *rows_firmware(const json_t *document);
json_t *rows_network(const json_t *document);
json_t *rows_sensors(const json_t *document);
/* Where the firmware lists none, what the kernel counts. */
json_t *rows_processors(const json_t *document);

#endif
