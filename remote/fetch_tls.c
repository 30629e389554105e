/*
 * The server's chain of certificates: always of our CA, with dates that are noted and not compared. A
 * clock that is wrong must not lock out the machine: what time it is the server's ticket says, and then
 * the dates have to hold for that.
 */
#include "fetch_tls.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <time.h>

static int64_t seconds(const ASN1_TIME *time, int64_t otherwise)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) ? timegm(&tm) : otherwise;
}

static int chain_verify(X509_STORE_CTX *store, void *arg)
{
	struct fetch_dates *dates = arg;
	const STACK_OF(X509) * chain;

	X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(store),
				    X509_V_FLAG_NO_CHECK_TIME);
	if (X509_verify_cert(store) != 1)
		return 0;
	dates->chain_good = true;
	chain = X509_STORE_CTX_get0_chain(store);
	for (int i = 0; i < sk_X509_num(chain); i++) {
		const X509 *one = sk_X509_value(chain, i);
		/* Of a date that cannot be read nothing holds. */
		int64_t from = seconds(X509_get0_notBefore(one), INT64_MAX);
		int64_t to = seconds(X509_get0_notAfter(one), INT64_MIN);

		if (from > dates->not_before)
			dates->not_before = from;
		if (to < dates->not_after)
			dates->not_after = to;
	}
	dates->over = dates->time &&
		      (dates->time < dates->not_before || dates->time > dates->not_after);
	if (dates->over)
		X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_HAS_EXPIRED);
	return !dates->over;
}

CURLcode fetch_tls(CURL *curl, void *ssl_ctx, void *arg)
{
	(void)curl;
	SSL_CTX_set_cert_verify_callback(ssl_ctx, chain_verify, arg);
	return CURLE_OK;
}
