/* The addresses by which this machine is reached. */
#include "console.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <string.h>

enum family { FOUR, SIX, LINK_LOCAL, FAMILIES, NONE = FAMILIES };

static enum family family_of(const struct ifaddrs *at)
{
	const struct sockaddr_in6 *six;

	if (!at->ifa_addr || at->ifa_flags & IFF_LOOPBACK || !(at->ifa_flags & IFF_UP))
		return NONE;
	if (at->ifa_addr->sa_family == AF_INET)
		return FOUR;
	if (at->ifa_addr->sa_family != AF_INET6)
		return NONE;
	six = (const struct sockaddr_in6 *)(const void *)at->ifa_addr;
	return IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr) ? LINK_LOCAL : SIX;
}

static void add(char out[ADDRESSES_SIZE], const struct ifaddrs *at, enum family family)
{
	socklen_t size =
		family == FOUR ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	size_t len = strlen(out);
	char text[NI_MAXHOST];

	/* With the card's name behind a link-local one, which means nothing without. */
	if (getnameinfo(at->ifa_addr, size, text, sizeof(text), NULL, 0, NI_NUMERICHOST))
		return;
	/* Half an address is none. */
	if (len + strlen(text) + 2 <= ADDRESSES_SIZE)
		(void)snprintf(out + len, ADDRESSES_SIZE - len, "%s%s", len ? " " : "",
			       text);
}

void addresses_read(char out[ADDRESSES_SIZE])
{
	struct ifaddrs *all;

	out[0] = '\0';
	if (getifaddrs(&all))
		return;
	for (enum family family = FOUR; family < FAMILIES; family++)
		for (const struct ifaddrs *at = all; at; at = at->ifa_next)
			if (family_of(at) == family)
				add(out, at, family);
	freeifaddrs(all);
}
