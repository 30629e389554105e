/* What escape tries, by what it is after. */
#ifndef BEE_TESTS_ESCAPE_H
#define BEE_TESTS_ESCAPE_H

#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Counts one attempt, and reports it when it was a success. */
__attribute__((format(printf, 2, 3))) void escape_try(bool success, const char *fmt, ...);

void escape_files(void);     /* write, make nodes, open devices, inherited descriptors */
void escape_processes(void); /* stub, collector and others: signals, memory, limits */
void escape_kernel(void);    /* namespaces, rights, network, other machinery */

#define raw(...) syscall(__VA_ARGS__)

#endif
