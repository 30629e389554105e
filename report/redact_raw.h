/* What a tool printed, redacted: where bytes have a meaning of their own, that is kept. */
#ifndef BEE_REPORT_REDACT_RAW_H
#define BEE_REPORT_REDACT_RAW_H

#include "redact.h"

/* As redact_apply, of a whole file. */
char *redact_raw(const struct redact *redact, const char *bytes, size_t len,
		 size_t *out_len);

#endif
