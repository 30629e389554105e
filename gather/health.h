/* health of the document: what its records and findings say, and who could not speak. */
#ifndef BEE_GATHER_HEALTH_H
#define BEE_GATHER_HEALTH_H

#include "findings.h"
#include "verdict.h"

/*
 * Puts health_rollup into every record that has a health or a finding: the worse of its source's
 * word and what the findings say; null where neither says anything.
 */
void health_put_rollups(json_t *document, const struct findings *findings);
/* `verdicts` has one per job, by number. A new reference. */
json_t *health_build(const json_t *document, const struct gather *gather,
		     const struct verdict *verdicts, const struct findings *findings);

#endif
