/* The command line of bee audit. */
#ifndef BEE_RUNNER_OPTIONS_H
#define BEE_RUNNER_OPTIONS_H

#include "util.h"

#define JOBS_DEFAULT 64

struct options {
	nsec_t start;       /* when the program started */
	nsec_t timeout;     /* T */
	unsigned jobs;      /* at once, at most */
	bool jobs_given;    /* so many even where processors are few */
	const char *output; /* "-": stdout */
	bool partial; /* not all collectors, and no name for it: the full document stays */
	const char *capture, *replay, *only, *with;
	const char *policy_own, *policy_dir; /* as policy_list() takes them */
	bool json, quiet, dry_run;
	bool redact;  /* the capture, mailed.h */
	bool no_wake; /* drives that sleep are not asked what would wake them */
	unsigned verbose;
};

/* Ends the program on --help, --version and errors. Strings are argv's. */
void options_parse(int argc, char **argv, struct options *options);

#endif
