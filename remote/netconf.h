/*
 * NETWORK, xenoboot's file: assignments as a shell would read them, DHCP_INTERFACES="eth0 eth1". It is
 * parsed, and never sourced.
 */
#ifndef BEE_REMOTE_NETCONF_H
#define BEE_REMOTE_NETCONF_H

#include "said.h"

#define NETWORK_INTERFACES_MAX 16
#define NETWORK_SERVERS_MAX 3 /* MAXNS of resolv.conf(5) */
#define INTERFACE_MAX 16      /* IFNAMSIZ */
#define ADDRESS_MAX 46        /* INET6_ADDRSTRLEN */

struct network {
	struct network_interface {
		char name[INTERFACE_MAX];
		bool dhcp, listed;
		/* What IFCONFIG_name says; "" where there is none. */
		char address[ADDRESS_MAX];
		unsigned prefix; /* from address/prefix or netmask; 0: neither was said */
		unsigned mtu;    /* 0: not said */
		bool has_config;
	} interfaces[NETWORK_INTERFACES_MAX];
	unsigned interface_count;
	char gateway[ADDRESS_MAX]; /* "": none */
	char servers[NETWORK_SERVERS_MAX][ADDRESS_MAX];
	unsigned server_count;
	char hostname[65]; /* "": none */
};

/* Told of each thing that is wrong, with the line it is in; 0 for the file as a whole. */
typedef void network_error(void *arg, unsigned line, const char *words);
/* 0, or -1 after at least one error. */
MUST_CHECK int network_read(const char *text, size_t len, struct network *out,
			    network_error *error, void *arg);

/* Whether `address` is in that interface's own network; "" is in none. */
bool network_near(const struct network_interface *one, const char *address);

#endif
