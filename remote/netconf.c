/* NETWORK: assignments as a shell would read them, parsed. */
#include "netconf.h"
#include "take.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <string.h>

#define LINE_BYTES 512
#define INTERFACE_CHARACTERS                                                             \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

struct reader {
	struct network *network;
	network_error *error;
	void *arg;
	unsigned line, wrong;
	unsigned seen;
};

PRINTF_LIKE(2, 3) static void wrong(struct reader *reader, const char *fmt, ...)
{
	char words[SAID_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	reader->wrong++;
	reader->error(reader->arg, reader->line, words);
}

/* 4, 6, or 0: no address. */
static int family(const char *text)
{
	unsigned char bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return 4;
	return inet_pton(AF_INET6, text, bytes) == 1 ? 6 : 0;
}

static bool address_take(struct reader *reader, const char *word, char out[ADDRESS_MAX])
{
	if (!family(word) || strlen(word) >= ADDRESS_MAX) {
		wrong(reader, "'%.46s' is no IP address", word);
		return false;
	}
	(void)snprintf(out, ADDRESS_MAX, "%s", word);
	return true;
}

/* The interface of that name, which is made where it is not there; NULL after an error. */
static struct network_interface *interface(struct reader *reader, const char *name)
{
	struct network *network = reader->network;
	size_t len = strlen(name);

	if (!len || len >= INTERFACE_MAX || strspn(name, INTERFACE_CHARACTERS) != len) {
		wrong(reader, "'%.32s' cannot be an interface", name);
		return NULL;
	}
	for (unsigned i = 0; i < network->interface_count; i++)
		if (!strcmp(network->interfaces[i].name, name))
			return &network->interfaces[i];
	if (network->interface_count == NETWORK_INTERFACES_MAX) {
		wrong(reader, "more than %d interfaces", NETWORK_INTERFACES_MAX);
		return NULL;
	}
	(void)snprintf(network->interfaces[network->interface_count].name, INTERFACE_MAX,
		       "%s", name);
	return &network->interfaces[network->interface_count++];
}

/* Bits of a netmask like 255.255.255.0; 0: it is none. */
static unsigned prefix_of(const char *netmask)
{
	struct in_addr mask;
	uint32_t bits, holes;

	if (inet_pton(AF_INET, netmask, &mask) != 1)
		return 0;
	bits = ntohl(mask.s_addr);
	holes = ~bits;
	return holes & (holes + 1) ? 0 : (unsigned)__builtin_popcount(bits);
}

static void first_word(struct reader *reader, struct network_interface *out, char *word)
{
	char *slash = strchr(word, '/');
	uint64_t prefix = 0;

	if (slash)
		*slash = '\0';
	if (!address_take(reader, word, out->address))
		return;
	if (slash && take_number(slash + 1, 1, family(word) == 6 ? 128 : 32, &prefix))
		wrong(reader, "'%.8s' is no length of a prefix", slash + 1);
	out->prefix = (unsigned)prefix;
}

/* ifconfig(8): ADDRESS[/PREFIX] [netmask MASK] [broadcast ADDRESS] [mtu N] [up]. */
static void ifconfig_take(struct reader *reader, struct network_interface *out,
			  char *value)
{
	char *save, *word = strtok_r(value, " \t", &save);
	char ignored[ADDRESS_MAX]; /* a broadcast's: it follows from the other two */
	uint64_t mtu;

	out->has_config = true;
	if (!word) {
		wrong(reader, "IFCONFIG_%s says nothing", out->name);
		return;
	}
	first_word(reader, out, word);
	while ((word = strtok_r(NULL, " \t", &save))) {
		char *arg = strcmp(word, "up") ? strtok_r(NULL, " \t", &save) : NULL;

		if (!strcmp(word, "up"))
			continue;
		if (!arg)
			wrong(reader, "nothing after '%.32s'", word);
		else if (!strcmp(word, "netmask") && family(out->address) == 6)
			wrong(reader, "%s is of IPv6: /64 behind it, no netmask",
			      out->address);
		else if (!strcmp(word, "netmask") && prefix_of(arg))
			out->prefix = prefix_of(arg);
		else if (!strcmp(word, "netmask"))
			wrong(reader, "'%.46s' is no netmask", arg);
		else if (!strcmp(word, "broadcast"))
			(void)address_take(reader, arg, ignored);
		else if (!strcmp(word, "mtu") && !take_number(arg, 68, 65535, &mtu))
			out->mtu = (unsigned)mtu;
		else
			wrong(reader, "ifconfig's '%.32s %.32s' is not known here", word,
			      arg);
	}
	if (*out->address && !out->prefix)
		wrong(reader, "%s has an address without a netmask", out->name);
}

static void interfaces_take(struct reader *reader, char *value, bool dhcp)
{
	char *save;

	for (char *word = strtok_r(value, " \t", &save); word;
	     word = strtok_r(NULL, " \t", &save)) {
		struct network_interface *one = interface(reader, word);

		if (!one)
			continue;
		if (one->listed && one->dhcp != dhcp)
			wrong(reader, "%s is in both lists", one->name);
		one->dhcp |= dhcp;
		one->listed = true;
	}
}

static void servers_take(struct reader *reader, char *value)
{
	struct network *network = reader->network;
	char *save;

	for (char *word = strtok_r(value, " \t", &save); word;
	     word = strtok_r(NULL, " \t", &save)) {
		if (network->server_count == NETWORK_SERVERS_MAX) {
			wrong(reader, "more than %d name servers", NETWORK_SERVERS_MAX);
			return;
		}
		if (address_take(reader, word, network->servers[network->server_count]))
			network->server_count++;
	}
}

static const char *const names[] = { "DHCP_INTERFACES", "STATIC_INTERFACES", "GATEWAY",
				     "NAMESERVERS", "HOSTNAME" };
enum { DHCP, STATIC, GATEWAY, NAMESERVERS, HOSTNAME };

static void assign(struct reader *reader, const char *name, char *value)
{
	size_t i = 0;

	if (!strncmp(name, "IFCONFIG_", 9)) {
		struct network_interface *one = interface(reader, name + 9);

		if (one && one->has_config)
			wrong(reader, "a second %s", name);
		else if (one)
			ifconfig_take(reader, one, value);
		return;
	}
	while (i < ARRAY_LEN(names) && strcmp(names[i], name) != 0)
		i++;
	if (i == ARRAY_LEN(names)) {
		wrong(reader, "%.64s is not known", name);
		return;
	}
	if (reader->seen & 1u << i)
		wrong(reader, "a second %s", name);
	reader->seen |= 1u << i;
	if (i == DHCP || i == STATIC)
		interfaces_take(reader, value, i == DHCP);
	else if (i == GATEWAY && *value)
		(void)address_take(reader, value, reader->network->gateway);
	else if (i == NAMESERVERS)
		servers_take(reader, value);
	else if (i == HOSTNAME && *value && !is_name(value, 64))
		wrong(reader, "'%.64s' cannot be a host's name", value);
	else if (i == HOSTNAME)
		(void)snprintf(reader->network->hostname, 65, "%s", value);
}

/* NAME=word, NAME="words" or NAME='words', a comment after it; no expansion of any kind. */
static void line_read(struct reader *reader, char *line)
{
	char *name = line + strspn(line, " \t"), *equals = strchr(name, '='), *value,
	     *rest;
	size_t len;

	if (!*name || *name == '#')
		return;
	if (!equals || strspn(name, INTERFACE_CHARACTERS) != (size_t)(equals - name)) {
		wrong(reader, "not NAME=\"VALUE\"");
		return;
	}
	*equals = '\0';
	value = equals + 1;
	if (*value == '"' || *value == '\'') {
		char quote[] = { *value++, '\0' };

		len = strcspn(value, quote);
		if (!value[len]) {
			wrong(reader, "a quote that is not closed");
			return;
		}
		rest = value + len + 1;
	} else {
		len = strcspn(value, " \t#");
		rest = value + len;
	}
	if (*rest && rest[strspn(rest, " \t")] && rest[strspn(rest, " \t")] != '#') {
		wrong(reader, "something after the value: quote it");
		return;
	}
	value[len] = '\0';
	if (value[strcspn(value, "$`\\\"';&|<>(){}*?!~")])
		wrong(reader, "%.64s has a character that a shell would act on", name);
	else
		assign(reader, name, value);
}

/* fe80::/10 (RFC 4291, 2.5.6): as most routers of IPv6 say what they are called. It is near to every card. */
static bool is_link_local(const char *address)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET6, address, bytes) == 1 && bytes[0] == 0xfe &&
	       (bytes[1] & 0xc0) == 0x80;
}

bool network_near(const struct network_interface *one, const char *address)
{
	unsigned char here[16] = { 0 }, there[16] = { 0 };
	int kind = family(one->address);

	if (!kind || family(address) != kind)
		return false;
	if (is_link_local(address))
		return true;
	if (inet_pton(kind == 4 ? AF_INET : AF_INET6, one->address, here) != 1 ||
	    inet_pton(kind == 4 ? AF_INET : AF_INET6, address, there) != 1)
		return false;
	for (unsigned bit = 0; bit < one->prefix && bit < 128; bit++)
		if ((here[bit / 8] ^ there[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

/* A static interface has an IFCONFIG_, and who has one is listed. */
static void whole(struct reader *reader)
{
	struct network *network = reader->network;
	unsigned near = 0;

	reader->line = 0;
	for (unsigned i = 0; i < network->interface_count; i++) {
		const struct network_interface *one = &network->interfaces[i];

		if (!one->listed)
			wrong(reader, "%s has an IFCONFIG_%s, and is in no list",
			      one->name, one->name);
		else if (!one->dhcp && !one->has_config)
			wrong(reader, "%s is static, and there is no IFCONFIG_%s",
			      one->name, one->name);
		else if (one->dhcp && one->has_config)
			wrong(reader, "%s has an IFCONFIG_%s, and asks DHCP", one->name,
			      one->name);
		near += network_near(one, network->gateway);
	}
	if (near > 1 && is_link_local(network->gateway))
		wrong(reader,
		      "GATEWAY is link-local, and by which of %u interfaces it "
		      "is, nothing says",
		      near);
	if (!near && *network->gateway)
		wrong(reader,
		      "GATEWAY is in the network of no interface with an IFCONFIG_");
}

int network_read(const char *text, size_t len, struct network *out, network_error *error,
		 void *arg)
{
	struct take take = take_begin(text, len);
	struct network network = { 0 };
	struct reader reader = { .network = &network, .error = error, .arg = arg };
	char line[LINE_BYTES];

	while (take.at < take.end) {
		reader.line = take.line + 1;
		if (take_line(&take, line, sizeof(line))) {
			wrong(&reader, "not a line of text, of at most %d characters%s",
			      LINE_BYTES - 1, take_why(&take));
			break;
		}
		line_read(&reader, line);
	}
	whole(&reader);
	if (reader.wrong)
		return -1;
	*out = network;
	return 0;
}
