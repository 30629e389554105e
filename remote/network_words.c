/* NETWORK for who sets interfaces up, the image's script: one thing a line, in words that it need not look into. */
#include "commands.h"
#include "option.h"

#include <err.h>
#include <stdlib.h>

/*
 * net CARD 0 dhcp -           as iso/overlay's ipwords has them, but for the first word
 * net CARD 0 ADDRESS/PREFIX GATEWAY|-
 * mtu CARD NUMBER
 * dns ADDRESS
 * hostname NAME
 */
static void words_print(const struct network *network)
{
	for (unsigned i = 0; i < network->interface_count; i++) {
		const struct network_interface *one = &network->interfaces[i];

		if (one->dhcp)
			printf("net %s 0 dhcp -\n", one->name);
		else
			printf("net %s 0 %s/%u %s\n", one->name, one->address,
			       one->prefix,
			       network_near(one, network->gateway) ? network->gateway
								   : "-");
		if (one->mtu)
			printf("mtu %s %u\n", one->name, one->mtu);
	}
	for (unsigned i = 0; i < network->server_count; i++)
		printf("dns %s\n", network->servers[i]);
	if (*network->hostname)
		printf("hostname %s\n", network->hostname);
}

int command_network(int argc, char **argv)
{
	static struct config config;

	option_none("bee-remote", argc, argv);
	if (argc > 2)
		errx(BEE_USAGE, "network: one folder");
	if (config_read(argc > 1 ? argv[1] : CONFIG_DIR, &config, stderr))
		return BEE_DATAERR;
	if (config.has_network)
		words_print(&config.network);
	config_done(&config);
	return end_written(BEE_OK, BEE_IOERR);
}
