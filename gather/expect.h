/* What a machine of this kind could have told: who was missed, and who was not. */
#ifndef BEE_GATHER_EXPECT_H
#define BEE_GATHER_EXPECT_H

#include "jobs.h"
#include "verdict.h"

/* SMBIOS or ACPI lists a BMC. */
bool expect_bmc(const json_t *document);
/*
 * Changes verdicts, one per job, by the document's records: a tool that is not installed is
 * nothing to miss where its device is not there, and /dev/ipmi0 is where the firmware lists
 * a BMC.
 */
void expect_judge(const json_t *document, const struct gather *gather,
		  struct verdict *verdicts);

#endif
