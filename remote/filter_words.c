/* A packet filter for nft(8): out goes DHCP, and of bee-fetch and orders what they need; in comes what is opened. */
#include "commands.h"
#include "option.h"
#include "uids.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

/* To whom names are asked for: NETWORK's servers; without any, whoever DHCP has named. */
static void names_print(const struct network *network, const char *who)
{
	unsigned count[2] = { 0 };

	for (unsigned i = 0; i < network->server_count; i++) {
		bool six = strchr(network->servers[i], ':') != NULL;

		printf("\t\t%s %s daddr %s meta l4proto { tcp, udp } th dport 53 "
		       "accept\n",
		       who, six ? "ip6" : "ip", network->servers[i]);
		count[six]++;
	}
	if (!count[0] && !count[1])
		printf("\t\t%s meta l4proto { tcp, udp } th dport 53 accept\n", who);
}

static void out_print(const struct config *config, const char *who)
{
	names_print(&config->network, who);
	printf("\t\t%s tcp dport %u accept\n", who, config->port);
}

static void filter_print(const struct config *config)
{
	char fetch[32], order[32];

	(void)snprintf(fetch, sizeof(fetch), "meta skuid %u", UID_FETCH);
	(void)snprintf(order, sizeof(order), "meta skuid %u", UID_ORDER);
	/* Made, taken away and made anew: nft does all of it or nothing. */
	printf("table inet bee\ndelete table inet bee\ntable inet bee {\n"
	       "\tset open {\n\t\ttype inet_service\n%s\t}\n",
	       config->grants.open_ssh ? "\t\telements = { 22 }\n" : "");
	printf("\tchain in {\n\t\ttype filter hook input priority 0; policy drop;\n"
	       "\t\tiif lo accept\n\t\tct state established,related accept\n"
	       "\t\tudp sport 67 udp dport 68 accept\n"
	       "\t\ticmp type { echo-request, destination-unreachable, time-exceeded } "
	       "accept\n"
	       "\t\ticmpv6 type { echo-request, nd-router-advert, nd-neighbor-solicit, "
	       "nd-neighbor-advert, packet-too-big, destination-unreachable } accept\n"
	       "\t\ttcp dport @open accept\n\t}\n");
	printf("\tchain forward {\n\t\ttype filter hook forward priority 0; policy "
	       "drop;\n\t}\n");
	printf("\tchain out {\n\t\ttype filter hook output priority 0; policy drop;\n"
	       "\t\toif lo accept\n\t\tct state established,related accept\n"
	       "\t\tudp sport 68 udp dport 67 accept\n"
	       "\t\ticmpv6 type { nd-router-solicit, nd-neighbor-solicit, "
	       "nd-neighbor-advert, "
	       "mld-listener-report, mld2-listener-report } accept\n");
	out_print(config, fetch);
	if (config->grants.net)
		out_print(config, order);
	printf("\t}\n}\n");
}

/* filter [DIR]: nothing where remote.policy has no "filter". */
int command_filter(int argc, char **argv)
{
	static struct config config;

	option_none("bee-remote", argc, argv);
	if (argc > 2)
		errx(BEE_USAGE, "filter: one folder");
	if (config_read(argc > 1 ? argv[1] : CONFIG_DIR, &config, stderr))
		return BEE_DATAERR;
	if (config.grants.filter)
		filter_print(&config);
	config_done(&config);
	return end_written(BEE_OK, BEE_IOERR);
}
