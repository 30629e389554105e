/* The folder of a certificate: whole, or not there. */
#ifndef BEE_ACCEPT_FOLDER_H
#define BEE_ACCEPT_FOLDER_H

#include "util.h"

#define ACCEPT_DOCUMENT "audit.json"
#define ACCEPT_SPEC "spec"
#define ACCEPT_VERDICT "verdict.json"
#define ACCEPT_PAGE "certificate.html"
#define ACCEPT_WORDS "certificate.txt"
#define ACCEPT_KEY_CHECK "key-check"

#define SHA256_TEXT 65

/* Makes NAME.part, empty; what an earlier one that was ended left there goes. Refused where NAME
 * is there. Each of these ends the program (2) where it fails, after folder_drop(). */
void folder_begin(const char *name);
/* "DIR.part/FILE", owned by the caller. */
char *folder_path(const char *file);
/* A new file in it, for writing. */
int folder_create(const char *file);
void folder_remove(const char *file);
/* All of `from`, at most DOCUMENT_MAX bytes, as a new file in it. */
void folder_copy(int from, const char *called, const char *file);
/* SHA-256 of a file in it, in hexadecimal. */
void folder_digest(const char *file, char out[SHA256_TEXT]);
/* On the disk, then NAME. */
void folder_end(void);
/* Takes it away. */
void folder_drop(void);

/* errx(2) with folder_drop() before. */
PRINTF_LIKE(1, 2) _Noreturn void folder_fail(const char *fmt, ...);

#endif
