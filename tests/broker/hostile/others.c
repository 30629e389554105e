/* Commands of BMCs and network cards. */
#include "hostile.h"

#include <errno.h>
#include <linux/ipmi.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

static bool ipmi_passes(unsigned netfn, unsigned cmd, unsigned length, int type,
			int channel)
{
	struct ipmi_system_interface_addr address = {
		.addr_type = type,
		.channel = (short)channel,
	};
	struct ipmi_req request = {
		.addr = (unsigned char *)&address,
		.addr_len = sizeof(address),
		.msg = { .netfn = (unsigned char)netfn,
			 .cmd = (unsigned char)cmd,
			 .data = asked->data,
			 .data_len = (unsigned short)length },
	};

	sent++;
	return ioctl(device, IPMICTL_SEND_COMMAND, &request) >= 0 || errno != EIO;
}

/* Each network function and command, to the BMC and by it to others. `each`: with data where some name a
 * command (IPMI 2.0, table 5-1: chassis, sensors, application, storage, transport, a group's). */
void all_ipmi(void)
{
	static const unsigned char named[] = { 0x00, 0x04, 0x06, 0x0a, 0x0c, 0x2c };

	static const unsigned lengths[] = { 0, 1, 4, 6, 9, 300 };
	static const int types[] = { 0x0c, 0x01, 0x41, 0x04, 0x81 },
			 channels[] = { 0xf, 0, 7 };

	for (unsigned netfn = 0; netfn < 64; netfn += quick ? 2 : 1)
		for (unsigned cmd = 0; cmd < 256; cmd += quick ? 2 : 1)
			for (unsigned i = 0; i < 6; i += quick ? 5 : 1)
				if (each && i &&
				    !memchr(named, (int)netfn, sizeof(named)))
					continue;
				else if (ipmi_passes(netfn, cmd, lengths[i], 0x0c, 0xf))
					printf("%02x/%02x %u\n", netfn, cmd, lengths[i]);
	for (unsigned t = 0; t < 5; t++)
		for (unsigned c = 0; c < 3; c++)
			if (ipmi_passes(6, 1, 0, types[t], channels[c]))
				printf("06/01 by %02x %x\n", (unsigned)types[t],
				       (unsigned)channels[c]);
}

/* Each parameter of the LAN, of each channel (`each`: of those that there are): which ones may be asked for. */
void all_lan(void)
{
	for (unsigned channel = 0; channel < (each ? 16 : 256); channel += quick ? 85 : 1)
		for (unsigned parameter = 0; parameter < 256; parameter++) {
			asked->data[0] = (unsigned char)channel;
			asked->data[1] = (unsigned char)parameter;
			if (ipmi_passes(0x0c, 2, 4, 0x0c, 0xf))
				printf("0c/02 %02x %02x\n", channel, parameter);
		}
}

/* Each question to a network driver, of the step's own interface and of others. */
void all_ethtool(void)
{
	const char *names[] = { own, "lo", "eth0", "", "lo0", "aaaaaaaaaaaaaaaa" };

	for (unsigned i = 0; i < 6; i++)
		for (unsigned question = 0; question < 3 * 256; question++) {
			struct ifreq request = { .ifr_data = (char *)asked->data };
			unsigned number = question < 256 ? question
					  : question < 512
						  ? question << 8
						  : 1u << (8 + question % 24) | 0x43;

			if (i && !strcmp(names[i], own))
				continue;
			memset(asked->data, 0, 64);
			memcpy(asked->data, &number, sizeof(number));
			memcpy(request.ifr_name, names[i], strnlen(names[i], IFNAMSIZ));
			sent++;
			if (ioctl(device, SIOCETHTOOL, &request) >= 0 || errno != EIO)
				printf("%02x/%s\n", number, names[i]);
		}
}
