/* What a value is replaced by: drawn from a key, of the original's shape. */
#ifndef BEE_REPORT_REDACT_DRAW_H
#define BEE_REPORT_REDACT_DRAW_H

#include "redact.h"

#define HEX_LEAST 8 /* digits of a number that identifies */
#define HEX_MOST 40

/* The digits of "0x5000C500AB12CD34", "naa.5000...", "3c:ec:ef:12:34:56", a UUID: in lower case, owned by
 * the caller. NULL: it is no such number, or one that says nothing (all 0, all f). */
char *redact_digits(const char *text);

/* A WWN's number takes as many decimal digits as the other's: smartctl -j writes it so. */
bool redact_same_size(const char *digits, const char *other);

/* `try` makes another one of the same original. Each is owned by the caller. */
char *redact_draw_text(const unsigned char key[REDACT_KEY], const char *text,
		       unsigned try);
char *redact_draw_hex(const unsigned char key[REDACT_KEY], const char *digits,
		      unsigned try);
char *redact_draw_bytes(const unsigned char key[REDACT_KEY], const char *text,
			unsigned try);
char *redact_draw_address(const unsigned char key[REDACT_KEY], const char *text,
			  unsigned try);

#endif
