/* From a step of a policy to what a sandbox is told. */
#ifndef BEE_LANGUAGE_COMPILE_H
#define BEE_LANGUAGE_COMPILE_H

#include "jail.h"
#include "policy.h"

/*
 * Fills in *jail with all that `step` says of it on `instance` ("" without). The caller adds
 * uids, reader, descriptors and cgroup; those are none here, and tool.uid is 0. What *jail
 * points to lives until policy_jail_done(), and step->filter as long as the policy does.
 */
void policy_jail(const struct step *step, const char *instance, struct jail *jail);
void policy_jail_done(struct jail *jail);

#endif
