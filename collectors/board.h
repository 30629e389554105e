/* What the files of the board collector share. */
#ifndef BEE_COLLECTORS_BOARD_H
#define BEE_COLLECTORS_BOARD_H

#include "text.h"

/*
 * Puts release_date from "mm/dd/yyyy", or "mm/dd/yy" for 19yy (SMBIOS 3.6, 7.1, offset
 * 08h), as "yyyy-mm-dd"; anything else stays the text it is.
 */
void board_date(json_t *props, struct span value);

#endif
