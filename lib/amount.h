/* Bytes as a person writes them. */
#ifndef BEE_LIB_AMOUNT_H
#define BEE_LIB_AMOUNT_H

#include "util.h"

/* "384 GiB", "1.5 TiB": of memory. Owned by the caller. */
char *amount_binary(uint64_t bytes);
/* "61.4 TB": of drives, whose makers count in thousands. Owned by the caller. */
char *amount_decimal(uint64_t bytes);

#endif
