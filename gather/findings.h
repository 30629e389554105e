/* Findings: judgements over a finished inventory, each with its evidence; doc/findings.md. */
#ifndef BEE_GATHER_FINDINGS_H
#define BEE_GATHER_FINDINGS_H

#include "rules.h"

#define FINDINGS_MAX 1000 /* entries of findings[]; the counts tell of all of them */

struct findings {
	json_t *list;  /* owned: findings[], at most FINDINGS_MAX */
	json_t *worst; /* owned: for findings_worst */
	unsigned counts
		[SEVERITY_COUNT]; /* all there are, also those left out of the list */
};

/*
 * Every record that some rule can judge, judged: the worst first, then by id and component.
 * It depends on the document's records and collectors[] alone. The list keeps the worst.
 */
void findings_build(struct findings *findings, const json_t *document);
void findings_done(struct findings *findings);

/* The worst severity found about a component; SEVERITY_COUNT: nothing was found. */
enum severity findings_worst(const struct findings *findings, const char *type,
			     const char *key);

#endif
