/*
 * What bee-fetch is given and what it tells. It is one question to one server, over HTTPS, and the
 * only program of bee that opens a connection.
 */
#ifndef BEE_REMOTE_FETCH_H
#define BEE_REMOTE_FETCH_H

#include "netconf.h"
#include "said.h"

/* Its descriptors: all that it has beside the network. */
enum {
	FETCH_CA = 3,     /* cacert.pem, to read */
	FETCH_BODY = 4,   /* a memfd for what the server says */
	FETCH_REPORT = 5, /* a pipe for one struct fetch_report */
	FETCH_PUT = 6,    /* with --put: what is sent */
};

#define FETCH_ADDRESSES_MAX 16 /* of DNS and BOOTSERVER_IP together */
#define FETCH_RETRY_MAX 3600   /* seconds of a Retry-After that are believed */

/* Fixed in size, and believed as far as its range goes: who sends it may be taken over. */
struct fetch_report {
	uint32_t good;        /* a whole answer with a status of 200, 201 or 204 */
	uint32_t http;        /* its status; 0: there was none */
	uint32_t retry_after; /* seconds, 0: nothing was said of that */
	uint32_t more;        /* there are addresses that have not been asked */
	uint32_t tried_count;
	char tried[FETCH_ADDRESSES_MAX]
		  [ADDRESS_MAX]; /* by this run, one after the other */
	int64_t not_before,
		not_after; /* the dates that hold for all of the server's chain */
	char address[ADDRESS_MAX];
	struct said said; /* why not */
};

#endif
