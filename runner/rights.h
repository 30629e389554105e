/* Whether the caller has the rights that jails are made with. */
#ifndef BEE_RUNNER_RIGHTS_H
#define BEE_RUNNER_RIGHTS_H

#include <stdint.h>

/*
 * What is missing for any jail at all, as one line of text (owned); NULL: nothing. Where the
 * place is an odd one, as a container is, a child tries what only can be tried.
 */
char *rights_missing(void);
/* What an audit needs beside that: NULL, or the same. The limit of open files has been raised. */
char *rights_audit_missing(void);
/* How many of so many jobs at a time that limit has room for; at least one. */
uint32_t rights_jobs(uint32_t jobs);
/* The names of those of `caps` that the caller has not got (owned); NULL: it has all. */
char *rights_lacking(uint64_t caps);

#endif
