#pragma once

#include <stdbool.h>

/* A system call that bee's programs make, and how it can fail there. */
struct call {
	long number;
	const char *name;
	const char *errors; /* names, separated by blanks; "" where it cannot fail */
	const char *source;
	bool done; /* it has its effect even so */
};

/* NULL when the call has no line in the table: then the table has to grow. */
const struct call *call_find(long number);
const struct call *call_named(const char *name);

/* Whether the call can fail so with these arguments: of fcntl(2) and others only some can. */
bool call_can_fail(const struct call *call, const unsigned long long arguments[6]);

/* 0 when there is none of that name. */
int error_number(const char *name);

/* The whole table as JSON, {name: [error, ...]}. */
void calls_print(void);
