/* bee-fetch: one question to one server, over HTTPS; the answer into a descriptor. */
#include "fetch.h"
#include "fetch_filter.h"
#include "fetch_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <nss.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define ADDRESSES_MAX FETCH_ADDRESSES_MAX
#define HEADERS_MAX (16u << 10)
#define CA_MAX (64u << 10)
#define HTTP_NONE 404

struct fetch {
	const char *host, *target;
	char *fallback[ADDRESSES_MAX]; /* BOOTSERVER_IP */
	unsigned fallback_count;
	const char *asked[ADDRESSES_MAX]; /* before this run: not again */
	unsigned asked_count, from;
	uint64_t port, max, connect, total, time;
	bool put;
	char addresses[ADDRESSES_MAX][ADDRESS_MAX];
	unsigned address_count;
	const char *unresolved; /* why no name server told one; or NULL */
	char ca[CA_MAX];
	size_t ca_len;
	uint64_t headers, body; /* bytes so far */
	bool too_big;
	struct fetch_dates dates;
	struct fetch_report report;
};

static _Noreturn void finish(const struct fetch *fetch)
{
	_exit(write_all(FETCH_REPORT, &fetch->report, sizeof(fetch->report)) ? BEE_IOERR
									     : BEE_OK);
}

static size_t header_take(const char *bytes, size_t size, size_t count, void *arg)
{
	struct fetch *fetch = arg;

	(void)bytes;
	fetch->headers += size * count;
	return fetch->headers > HEADERS_MAX ? 0 : size * count;
}

static size_t body_take(const char *bytes, size_t size, size_t count, void *arg)
{
	struct fetch *fetch = arg;

	fetch->body += size * count;
	fetch->too_big |= fetch->body > fetch->max;
	if (fetch->too_big || write_all(FETCH_BODY, bytes, size * count))
		return 0;
	return size * count;
}

static size_t put_give(char *bytes, size_t size, size_t count, void *arg)
{
	ptrdiff_t n = read_full(FETCH_PUT, bytes, size * count);

	(void)arg;
	return n < 0 ? CURL_READFUNC_ABORT : (size_t)n;
}

static void address_add(struct fetch *fetch, const char *address, unsigned max)
{
	for (unsigned i = 0; i < fetch->address_count; i++)
		if (!strcmp(fetch->addresses[i], address))
			return;
	if (fetch->address_count < max && strlen(address) < ADDRESS_MAX)
		(void)snprintf(fetch->addresses[fetch->address_count++], ADDRESS_MAX,
			       "%s", address);
}

/* All A and AAAA of the server, but those of BOOTSERVER_IP keep their places. A name server that is dead costs seconds, not minutes. */
static void name_resolve(struct fetch *fetch)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	int code = EAI_FAIL;

	(void)setenv("RES_OPTIONS", "timeout:2 attempts:2", 1);
	/* Whatever nsswitch.conf has besides is a library more, and asks services that the filter keeps from us. */
	if (__nss_configure_lookup("hosts", "files dns") ||
	    (code = getaddrinfo(fetch->host, NULL, &hints, &list)) != 0) {
		fetch->unresolved = gai_strerror(code);
		return;
	}
	for (const struct addrinfo *one = list; one; one = one->ai_next) {
		char text[ADDRESS_MAX];

		if (!getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof(text), NULL,
				 0, NI_NUMERICHOST))
			address_add(fetch, text, ADDRESSES_MAX - fetch->fallback_count);
	}
	freeaddrinfo(list);
}

static void words_of(struct fetch *fetch, CURLcode code, const char *address)
{
	struct said *said = &fetch->report.said;
	const char *why = curl_easy_strerror(code);

	if (fetch->too_big || code == CURLE_FILESIZE_EXCEEDED)
		why = "the answer is too big";
	else if (fetch->headers > HEADERS_MAX)
		why = "the answer's headers are too big";
	/* libcurl's word for 100 KB without a newline. */
	else if (code == CURLE_OUT_OF_MEMORY)
		why = "a header that does not end, or no memory";
	else if (code == CURLE_OPERATION_TIMEDOUT)
		why = "it took too long";
	else if (code == CURLE_COULDNT_CONNECT)
		why = "no connection";
	else if (code == CURLE_SSL_CONNECT_ERROR)
		why = "no TLS: the server does not speak it, or not 1.2 or newer";
	else if (code == CURLE_PEER_FAILED_VERIFICATION)
		why = fetch->dates.over ? "the certificate's dates do not hold now"
		      : fetch->dates.chain_good ? "the certificate is for another name"
						: "the certificate is not by our CA";
	else if (code == CURLE_SSL_CACERT_BADFILE)
		why = "cacert.pem has no certificate that the TLS library takes";
	/* HTTP/2, or no HTTP at all: libcurl takes it for HTTP/0.9. */
	else if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY)
		why = "what it says is not HTTP/1.1";
	else if (code == CURLE_PARTIAL_FILE)
		why = "the answer was cut off";
	say(said, "%s port %u: %s", address, (unsigned)fetch->port, why);
}

static void set(CURL *curl, CURLoption option, long value)
{
	if (curl_easy_setopt(curl, option, value) != CURLE_OK)
		_exit(BEE_SOFTWARE);
}

static void set_text(CURL *curl, CURLoption option, const void *value)
{
	if (curl_easy_setopt(curl, option, value) != CURLE_OK)
		_exit(BEE_SOFTWARE);
}

/* What is the same for every address: HTTPS of our CA or nothing, and nowhere else. */
static void options_set(CURL *curl, struct fetch *fetch)
{
	struct curl_blob ca = { fetch->ca, fetch->ca_len, CURL_BLOB_NOCOPY };

	set_text(curl, CURLOPT_PROTOCOLS_STR, "https");
	set_text(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	set(curl, CURLOPT_FOLLOWLOCATION, 0);
	set_text(curl, CURLOPT_PROXY, "");
	set(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	set(curl, CURLOPT_SSL_VERIFYPEER, 1);
	set(curl, CURLOPT_SSL_VERIFYHOST, 2);
	set_text(curl, CURLOPT_CAPATH, NULL);
	set_text(curl, CURLOPT_CAINFO, NULL);
	set_text(curl, CURLOPT_CAINFO_BLOB, &ca);
	set_text(curl, CURLOPT_SSL_CTX_DATA, &fetch->dates);
	if (curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, fetch_tls) != CURLE_OK)
		_exit(BEE_SOFTWARE);
	set(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	set(curl, CURLOPT_SSL_ENABLE_ALPN, 0);
	set(curl, CURLOPT_PATH_AS_IS, 1);
	set(curl, CURLOPT_NOSIGNAL, 1);
	set(curl, CURLOPT_FRESH_CONNECT, 1);
	set(curl, CURLOPT_NETRC, CURL_NETRC_IGNORED);
	set(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)fetch->connect * 1000);
	set(curl, CURLOPT_TIMEOUT_MS, (long)fetch->total * 1000);
	if (curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)fetch->max) !=
		    CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_take) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_take) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_READFUNCTION, put_give) != CURLE_OK)
		_exit(BEE_SOFTWARE);
	set_text(curl, CURLOPT_WRITEDATA, fetch);
	set_text(curl, CURLOPT_HEADERDATA, fetch);
	set_text(curl, CURLOPT_USERAGENT, "bee/" BEE_VERSION);
}

static void put_set(CURL *curl, struct curl_slist **headers)
{
	off_t size = lseek(FETCH_PUT, 0, SEEK_END);

	if (size < 0 || lseek(FETCH_PUT, 0, SEEK_SET))
		_exit(BEE_IOERR);
	*headers = curl_slist_append(NULL, "Expect:");
	set_text(curl, CURLOPT_HTTPHEADER, *headers);
	set(curl, CURLOPT_UPLOAD, 1);
	if (curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size) !=
	    CURLE_OK)
		_exit(BEE_SOFTWARE);
}

/* The answer as a whole: true where it is one. */
static bool answer_judge(struct fetch *fetch, CURL *curl, CURLcode code,
			 const char *address)
{
	struct fetch_report *report = &fetch->report;
	curl_off_t retry = 0;
	long http = 0;

	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http);
	(void)curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry);
	report->http = http > 0 && http < 1000 ? (uint32_t)http : 0;
	if (retry > 0)
		report->retry_after =
			retry < FETCH_RETRY_MAX ? (uint32_t)retry : FETCH_RETRY_MAX;
	report->not_before = fetch->dates.not_before;
	report->not_after = fetch->dates.not_after;
	(void)snprintf(report->address, sizeof(report->address), "%s", address);
	if (code != CURLE_OK)
		words_of(fetch, code, address);
	else if (http >= 300 && http < 400)
		say(&report->said, "%s: a redirect, and none is followed", address);
	else if (http != 200 && http != 201 && http != 204)
		say(&report->said, "%s: the server says %u", address, report->http);
	else
		report->good = true;
	return report->good;
}

/* One address, with limits of its own. The name stays what the certificate is checked for. */
static bool address_ask(struct fetch *fetch, const char *address)
{
	bool v6 = strchr(address, ':') != NULL;
	AUTO_FREE char *url = xasprintf("https://%s:%u%s", fetch->host,
					(unsigned)fetch->port, fetch->target);
	AUTO_FREE char *resolve =
		xasprintf("%s:%u:%s%s%s", fetch->host, (unsigned)fetch->port,
			  v6 ? "[" : "", address, v6 ? "]" : "");
	struct curl_slist *list = curl_slist_append(NULL, resolve), *headers = NULL;
	CURL *curl = curl_easy_init();
	bool good;

	if (!curl || !list || ftruncate(FETCH_BODY, 0) || lseek(FETCH_BODY, 0, SEEK_SET))
		_exit(BEE_SOFTWARE);
	fetch->headers = fetch->body = 0;
	fetch->too_big = false;
	fetch->dates = (struct fetch_dates){ INT64_MIN, INT64_MAX, false,
					     (int64_t)fetch->time, false };
	options_set(curl, fetch);
	set_text(curl, CURLOPT_URL, url);
	set_text(curl, CURLOPT_RESOLVE, list);
	if (fetch->put)
		put_set(curl, &headers);
	good = answer_judge(fetch, curl, curl_easy_perform(curl), address);
	curl_easy_cleanup(curl);
	curl_slist_free_all(list);
	curl_slist_free_all(headers);
	return good;
}

/* By its text, as a name server may tell its addresses in another order each time. */
static bool was_asked(const struct fetch *fetch, const char *address)
{
	for (unsigned i = 0; i < fetch->asked_count; i++)
		if (!strcmp(fetch->asked[i], address))
			return true;
	return false;
}

/* Those that have not been asked yet, until one answers. */
static bool addresses_ask(struct fetch *fetch)
{
	struct fetch_report *report = &fetch->report;
	bool good = false;

	while (!good && fetch->from < fetch->address_count) {
		const char *address = fetch->addresses[fetch->from++];

		if (was_asked(fetch, address))
			continue;
		memcpy(report->tried[report->tried_count++], address, ADDRESS_MAX);
		good = address_ask(fetch, address);
	}
	report->more = false;
	for (unsigned i = fetch->from; i < fetch->address_count; i++)
		report->more |= !was_asked(fetch, fetch->addresses[i]);
	return good;
}

/*
 * Who answered before is asked first, and names are looked up only if he does not. That there is no such thing is an
 * answer too: another address would be asked in vain, and one that black-holes makes "there is none" a failure.
 */
static bool first_answers(struct fetch *fetch)
{
	return fetch->address_count &&
	       (addresses_ask(fetch) || fetch->report.http == HTTP_NONE);
}

static void addresses_find(struct fetch *fetch)
{
	name_resolve(fetch);
	for (unsigned i = 0; i < fetch->fallback_count; i++)
		address_add(fetch, fetch->fallback[i], ADDRESSES_MAX);
}

/* A fallback that does not answer is half of why not, where the name is not known either. */
static void words_of_name(struct fetch *fetch)
{
	struct said *said = &fetch->report.said, before = *said;

	if (!fetch->address_count)
		say(said, "%s has no address, and there is no BOOTSERVER_IP%s%s",
		    fetch->host, fetch->unresolved ? ": " : "", fetch->unresolved ?: "");
	else if (fetch->unresolved)
		say(said, "%s%s%s: %s", before.text, *before.text ? "; " : "",
		    fetch->host, fetch->unresolved);
}

static void number(const char *text, uint64_t max, uint64_t *out)
{
	if (parse_u64(text, max, out))
		_exit(BEE_USAGE);
}

static void options_read(struct fetch *fetch, int argc, char **argv)
{
	static const struct option options[] = {
		{ "host", required_argument, NULL, 'h' },
		{ "port", required_argument, NULL, 'p' },
		{ "address", required_argument, NULL, 'a' },
		{ "first", required_argument, NULL, 'F' },
		{ "target", required_argument, NULL, 't' },
		{ "max", required_argument, NULL, 'm' },
		{ "connect", required_argument, NULL, 'c' },
		{ "total", required_argument, NULL, 'T' },
		{ "asked", required_argument, NULL, 'A' },
		{ "time", required_argument, NULL, 'S' },
		{ "put", no_argument, NULL, 'P' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h')
			fetch->host = optarg;
		else if (option == 't')
			fetch->target = optarg;
		else if (option == 'a' && fetch->fallback_count < ADDRESSES_MAX)
			fetch->fallback[fetch->fallback_count++] = optarg;
		else if (option == 'F')
			address_add(fetch, optarg, ADDRESSES_MAX);
		else if (option == 'p')
			number(optarg, 65535, &fetch->port);
		else if (option == 'm')
			number(optarg, UINT64_C(1) << 32, &fetch->max);
		else if (option == 'c')
			number(optarg, 600, &fetch->connect);
		else if (option == 'T')
			number(optarg, 86400, &fetch->total);
		else if (option == 'A' && fetch->asked_count < ADDRESSES_MAX)
			fetch->asked[fetch->asked_count++] = optarg;
		else if (option == 'S')
			number(optarg, INT64_MAX, &fetch->time);
		else if (option == 'P')
			fetch->put = true;
		else
			_exit(BEE_USAGE);
	}
	if (!fetch->host || !fetch->target || !fetch->port || !fetch->max)
		_exit(BEE_USAGE);
	if (fetch_filter())
		_exit(BEE_SOFTWARE);
}

static struct fetch fetch;

int main(int argc, char **argv)
{
	ptrdiff_t len;

	if (process_hide())
		return BEE_SOFTWARE;
	len = read_full(FETCH_CA, fetch.ca, sizeof(fetch.ca));
	if (len <= 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return BEE_SOFTWARE;
	fetch.ca_len = (size_t)len;
	options_read(&fetch, argc, argv);
	if (!first_answers(&fetch)) {
		addresses_find(&fetch);
		if (!addresses_ask(&fetch))
			words_of_name(&fetch);
	}
	finish(&fetch);
}
