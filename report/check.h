/* What a phone has read, beside a document. */
#ifndef BEE_REPORT_CHECK_H
#define BEE_REPORT_CHECK_H

#include "facts.h"

/* Whether `text` is what a code of this document says; why not, or that it is, in `*words`, owned
 * by the caller. */
bool check_code(const struct facts *facts, const char *digest, const char *text,
		char **words);

#endif
