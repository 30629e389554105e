/* Cables: pairs of veth interfaces, by rtnetlink. */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define OWNER "bee:"
#define BUFFER_SIZE 8192

void link_mac(const char *id, unsigned number, uint8_t mac[6])
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (const char *at = id; *at; at++)
		hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
	hash = (hash ^ number) * UINT64_C(0x100000001b3);
	for (int i = 0; i < 6; i++)
		mac[i] = (uint8_t)(hash >> (8 * i));
	mac[0] = (uint8_t)((mac[0] & 0xfc) | 2); /* local, not a group's */
}

/* Sends, and takes what comes back up to the acknowledgement. 0 or -errno. */
static int talk(struct nlmsghdr *request, mnl_cb_t each, void *data)
{
	char buffer[BUFFER_SIZE * 4];
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int result = -EIO;

	if (!socket)
		return -errno;
	request->nlmsg_seq = (uint32_t)time(NULL);
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		result = -errno;
	else
		for (;;) {
			ssize_t len = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
			int state = len < 0 ? -1
					    : mnl_cb_run(buffer, (size_t)len,
							 request->nlmsg_seq,
							 mnl_socket_get_portid(socket),
							 each, data);

			if (state > MNL_CB_STOP)
				continue;
			result = state < 0 ? -errno : 0;
			break;
		}
	mnl_socket_close(socket);
	return result;
}

static struct nlmsghdr *request_new(char *buffer, uint16_t type, uint16_t flags,
				    int index, unsigned change)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *info;

	request->nlmsg_type = type;
	request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
	info->ifi_index = index;
	info->ifi_flags = change;
	info->ifi_change = change;
	return request;
}

static int pair_make(const char *outside, const char *inside, int net,
		     const uint8_t mac[6])
{
	char buffer[BUFFER_SIZE] = { 0 };
	struct nlmsghdr *request = request_new(
		buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, 0, 0);
	struct nlattr *info, *data, *peer;

	mnl_attr_put_strz(request, IFLA_IFNAME, outside);
	info = mnl_attr_nest_start(request, IFLA_LINKINFO);
	mnl_attr_put_strz(request, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(request, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(request, VETH_INFO_PEER);
	(void)mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_IFNAME, inside);
	mnl_attr_put(request, IFLA_ADDRESS, 6, mac);
	mnl_attr_put_u32(request, IFLA_NET_NS_FD, (uint32_t)net);
	mnl_attr_nest_end(request, peer);
	mnl_attr_nest_end(request, data);
	mnl_attr_nest_end(request, info);
	return talk(request, NULL, NULL);
}

static int pair_attach(int index, const char *id, int bridge)
{
	AUTO_FREE char *alias = xasprintf(OWNER "%s", id);
	char buffer[BUFFER_SIZE] = { 0 };
	struct nlmsghdr *request =
		request_new(buffer, RTM_NEWLINK, NLM_F_ACK, index, IFF_UP);

	mnl_attr_put_strz(request, IFLA_IFALIAS, alias);
	if (bridge)
		mnl_attr_put_u32(request, IFLA_MASTER, (uint32_t)bridge);
	return talk(request, NULL, NULL);
}

int link_make(const char *name, unsigned number, const char *id, int net,
	      const struct cable *cable)
{
	AUTO_FREE char *outside = xasprintf("%s%u", name, number);
	AUTO_FREE char *inside = xasprintf("eth%u", number);
	unsigned bridge = *cable->bridge ? if_nametoindex(cable->bridge) : 0;
	uint8_t mac[6];
	unsigned index;
	int result;

	if (*cable->bridge && !bridge)
		return -ENODEV;
	link_mac(id, number, mac);
	result = pair_make(outside, inside, net, cable->has_mac ? cable->mac : mac);
	if (result)
		return result;
	index = if_nametoindex(outside);
	result = index ? pair_attach((int)index, id, (int)bridge) : -errno;
	if (result)
		link_remove((int)index);
	return result;
}

int link_tap(const char *name, unsigned number, const char *id, const struct cable *cable,
	     uint8_t mac[6])
{
	unsigned bridge = *cable->bridge ? if_nametoindex(cable->bridge) : 0;
	struct ifreq wanted = { .ifr_flags = (short)(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR |
						     IFF_TUN_EXCL) };
	int fd, result;

	if (*cable->bridge && !bridge)
		return -ENODEV;
	(void)snprintf(wanted.ifr_name, sizeof(wanted.ifr_name), "%s%u", name, number);
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	result = ioctl(fd, TUNSETIFF, &wanted) ? -errno : 0;
	if (!result)
		result = pair_attach((int)if_nametoindex(wanted.ifr_name), id,
				     (int)bridge);
	if (result) {
		close(fd);
		return result;
	}
	if (cable->has_mac)
		memcpy(mac, cable->mac, 6);
	else
		link_mac(id, number, mac);
	return fd;
}

void link_remove(int index)
{
	char buffer[BUFFER_SIZE] = { 0 };

	(void)talk(request_new(buffer, RTM_DELLINK, NLM_F_ACK, index, 0), NULL, NULL);
}

struct search {
	void (*each)(int index, const char *id, void *data);
	void *data;
	int index;
};

static int alias_look(const struct nlattr *attr, void *data)
{
	const struct search *search = data;
	const char *alias = mnl_attr_get_payload(attr);

	if (mnl_attr_get_type(attr) == IFLA_IFALIAS &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0 &&
	    !strncmp(alias, OWNER, strlen(OWNER)))
		search->each(search->index, alias + strlen(OWNER), search->data);
	return MNL_CB_OK;
}

static int link_look(const struct nlmsghdr *header, void *data)
{
	struct search *search = data;
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);

	search->index = info->ifi_index;
	return mnl_attr_parse(header, sizeof(*info), alias_look, search);
}

void link_each(void (*each)(int index, const char *id, void *data), void *data)
{
	struct search search = { each, data, 0 };
	char buffer[BUFFER_SIZE] = { 0 };

	(void)talk(request_new(buffer, RTM_GETLINK, NLM_F_DUMP, 0, 0), link_look,
		   &search);
}
