/* Texts of hardware in the fields of others: without blanks around, no longer than a field is. */
#ifndef BEE_EXPORT_FIT_H
#define BEE_EXPORT_FIT_H

#include "util.h"

#include <jansson.h>

/* At most `max` bytes, cut between characters; owned by the caller. NULL `text` is "". */
char *fit(const char *text, size_t max);
/* The same as object[key]; nothing is set where nothing is left. True: it was set. */
bool put_fit(json_t *object, const char *key, const char *text, size_t max);
/* The document as text that the caller owns, with an end of line; ends the program where memory is out. */
char *json_document(const json_t *value);

#endif
