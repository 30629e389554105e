/* What the two halves of the test build share: which layers are switched off. */
#ifndef BEE_TESTS_LAYERS_H
#define BEE_TESTS_LAYERS_H

#include <stdbool.h>

extern const char *off_list;
bool off(const char *layer);

/* ld --wrap: what the program calls, and what it would have called. */
#define WRAPS(type, name, ...)                                                           \
	type __real_##name(__VA_ARGS__);                                                 \
	type __wrap_##name(__VA_ARGS__);                                                 \
	type __wrap_##name(__VA_ARGS__)

#endif
