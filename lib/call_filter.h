/* A seccomp filter, instruction by instruction: what is not let through ends the process. */
#ifndef BEE_LIB_CALL_FILTER_H
#define BEE_LIB_CALL_FILTER_H

#include "util.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

struct call_filter {
	struct sock_filter code[128];
	unsigned short len; /* more than there is room for: it cannot be entered */
};

/* Ends calls of another architecture; then the number is loaded, of which x32's are others. */
void call_filter_begin(struct call_filter *filter);
void call_filter_add(struct call_filter *filter, struct sock_filter instruction);
/* Loads the word at `offset` of struct seccomp_data. */
void call_filter_load(struct call_filter *filter, size_t offset);
/* Where what is loaded is `value`: returns `action`. */
void call_filter_when(struct call_filter *filter, uint32_t value, uint32_t action);
void call_filter_allow(struct call_filter *filter, const unsigned *calls, size_t count);
/* All else ends the process; from now on it is in force, and no exec gives new rights. 0 or -errno. */
MUST_CHECK int call_filter_enter(struct call_filter *filter);

#endif
