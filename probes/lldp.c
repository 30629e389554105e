/*
 * bee-lldp INTERFACE SECONDS: waits for the first LLDP frame that INTERFACE hears.
 *
 *   frame<TAB>bytes    in hexadecimal digits, from the Ethernet header on
 *   cut<TAB>length     the frame was longer than what is printed of it
 *   silent<TAB>seconds nothing was heard for so long
 *
 * Exit 0; 9 when there is no such interface, or it is down or without a link.
 *
 * Nothing is sent: the socket is never bound, so that there is no interface to send through, and
 * it has the one protocol that socket(2) was given. The interface's own filter of addresses gets
 * those of LLDP while the socket is there. The frame is not looked at here.
 */
#include "util.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define EXIT_ABSENT 9
#define FRAME_MAX                                                                        \
	9216 /* an LLDPDU is one frame (IEEE 802.1AB, 8.2); this is a jumbo one */
#define SECONDS_MAX 3600
#define FOREIGN_MAX 100000 /* frames of other interfaces that are passed over */

#ifndef ETH_P_LLDP
#define ETH_P_LLDP 0x88cc
#endif

/* IEEE 802.1AB-2016, 7.1: the nearest bridge, the nearest but repeaters, the nearest customer's. */
static const uint8_t groups[][ETH_ALEN] = {
	{ 0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e },
	{ 0x01, 0x80, 0xc2, 0x00, 0x00, 0x03 },
	{ 0x01, 0x80, 0xc2, 0x00, 0x00, 0x00 },
};

/* Its index, or 0 when nothing can be heard on it. */
static int listening_index(int sock, const char *name)
{
	struct ifreq request = { 0 };
	int index;

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(sock, SIOCGIFINDEX, &request)) {
		if (errno == ENODEV)
			return 0;
		err(1, "%s: SIOCGIFINDEX", name);
	}
	index = request.ifr_ifindex;
	if (ioctl(sock, SIOCGIFFLAGS, &request))
		err(1, "%s: SIOCGIFFLAGS", name);
	return request.ifr_flags & IFF_UP && request.ifr_flags & IFF_RUNNING ? index : 0;
}

static void join(int sock, int index)
{
	int on = 1;

	/* The port's own index also where it belongs to a bond. */
	if (setsockopt(sock, SOL_PACKET, PACKET_ORIGDEV, &on, sizeof(on)))
		warn("PACKET_ORIGDEV");
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		struct packet_mreq member = { .mr_ifindex = index,
					      .mr_type = PACKET_MR_MULTICAST,
					      .mr_alen = ETH_ALEN };

		memcpy(member.mr_address, groups[i], ETH_ALEN);
		if (setsockopt(sock, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &member,
			       sizeof(member)))
			warn("PACKET_ADD_MEMBERSHIP");
	}
}

static void print_frame(const uint8_t *bytes, size_t len)
{
	size_t have = len < FRAME_MAX ? len : FRAME_MAX;

	(void)fputs("frame\t", stdout);
	for (size_t i = 0; i < have; i++)
		(void)printf("%02x", bytes[i]);
	(void)putchar('\n');
	if (have < len)
		(void)printf("cut\t%zu\n", len);
}

/* True when a frame of this interface was there. The socket hears all of them. */
static bool take_frame(int sock, int index)
{
	static uint8_t bytes[FRAME_MAX];
	struct sockaddr_ll from = { 0 };
	socklen_t size = sizeof(from);
	ssize_t len = recvfrom(sock, bytes, sizeof(bytes), MSG_TRUNC | MSG_DONTWAIT,
			       (struct sockaddr *)&from, &size);

	/* ENETDOWN: some interface went down, perhaps another one. */
	if (len < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ENETDOWN)
			err(1, "recvfrom");
		return false;
	}
	if (from.sll_ifindex != index || from.sll_pkttype == PACKET_OUTGOING)
		return false;
	print_frame(bytes, (size_t)len);
	return true;
}

static void listen_until(int sock, int index, uint64_t seconds)
{
	nsec_t end = clock_now() + (nsec_t)seconds * NSEC_PER_SEC;

	for (unsigned i = 0; i < FOREIGN_MAX; i++) {
		struct pollfd wait = { .fd = sock, .events = POLLIN };
		nsec_t left = end - clock_now();
		struct timespec time = { left / NSEC_PER_SEC, left % NSEC_PER_SEC };

		if (left <= 0)
			break;
		if (ppoll(&wait, 1, &time, NULL) > 0 && take_frame(sock, index))
			return;
	}
	(void)printf("silent\t%llu\n", (unsigned long long)seconds);
}

int main(int argc, char **argv)
{
	uint64_t seconds;
	int sock, index;

	if (argc != 3 || !argv[1][0] || strlen(argv[1]) >= IFNAMSIZ ||
	    parse_u64(argv[2], SECONDS_MAX, &seconds))
		errx(BEE_USAGE, "usage: bee-lldp INTERFACE SECONDS");
	sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_LLDP));
	if (sock < 0)
		err(BEE_SOFTWARE, "no socket to listen on");
	index = listening_index(sock, argv[1]);
	if (index == 0)
		return EXIT_ABSENT;
	join(sock, index);
	listen_until(sock, index, seconds);
	return end_written(BEE_OK, BEE_IOERR);
}
