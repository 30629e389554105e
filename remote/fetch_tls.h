/* The server's certificates, as bee-fetch judges them. */
#ifndef BEE_REMOTE_FETCH_TLS_H
#define BEE_REMOTE_FETCH_TLS_H

#include "util.h"

#include <curl/curl.h>

struct fetch_dates {
	int64_t not_before, not_after; /* what holds for all of the chain */
	bool chain_good;               /* it is of our CA */
	int64_t time; /* now, if that is known: the dates have to hold; or 0 */
	bool over;    /* and they do not */
};

/* A CURLOPT_SSL_CTX_FUNCTION; `arg` is a struct fetch_dates. */
CURLcode fetch_tls(CURL *curl, void *ssl_ctx, void *arg);

#endif
