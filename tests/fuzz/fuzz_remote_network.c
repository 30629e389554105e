/* Fuzzes NETWORK, remote.policy and TRUST. */
#include "grants.h"
#include "netconf.h"
#include "trust.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned errors;

static void error(void *arg, unsigned line, const char *words)
{
	(void)arg;
	(void)line;
	errors += *words != '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config config;
	static struct network network;
	static struct grants grants;
	const char *text = (const char *)data;

	errors = 0;
	if (!network_read(text, size, &network, error, NULL) != !errors ||
	    network.interface_count > NETWORK_INTERFACES_MAX ||
	    network.server_count > NETWORK_SERVERS_MAX ||
	    memchr(network.hostname, '$', sizeof(network.hostname)))
		abort();
	errors = 0;
	if (!grants_read(text, size, &grants, error, NULL) != !errors ||
	    grants.see_count > GRANTS_MAX)
		abort();
	errors = 0;
	config = (struct config){ .port = 0 };
	if (!trust_read(text, size, &config, error, NULL) != !errors ||
	    (!errors && config.threshold > config.order_key_count))
		abort();
	return 0;
}
