/* What this machine is called, and how it asks. */
#ifndef BEE_REMOTE_IDENTITY_H
#define BEE_REMOTE_IDENTITY_H

#include "config.h"

/* Reads /sys; "" for what is not there or what many machines share. */
void identity_read(const char *id, struct identity *out);
/* "" in place of it where `text` is a placeholder of firmware: no machine is told by that. */
const char *identity_serial(const char *text);
const char *identity_uuid(const char *text);
const char *identity_mac(const char *text);

#define NONCE_BYTES 32
/*
 * The request's target, "/cgi-bin/bootme?id=...", with xenoboot's five arguments and ours; owned. Each
 * value is escaped so that it holds letters, digits, "-._~" and %XX alone.
 */
char *request_make(const struct config *config, const struct identity *identity,
		   const unsigned char nonce[NONCE_BYTES], uint64_t attempt,
		   uint64_t floor);
/* Of a kernel's command line: values of a few known words, and the other words by name; owned. */
char *request_cmdline(const char *line, bool full);
/* SHA-256 of the request as sent. */
void request_sha256(const char *request, unsigned char out[SHA256_BYTES]);

#endif
