/* In the place of bee-gather: a document that is fine, and a count that knows of no trouble. */
#define DOCUMENT "{\"all\": \"fine\"}\n"
#include "liar.c"
