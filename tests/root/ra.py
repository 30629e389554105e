"""An IPv6 router on INTERFACE: ra.py INTERFACE MODE

`ra` tells one prefix (RFC 4861, 4.2 and 4.6), DNS and a small MTU; `flood` as many prefixes as it can, each once, as
the tool of that name does.
"""
import socket
import struct
import sys
import time

ALL_NODES = "ff02::1"


def advertisement(number):
    prefix = struct.pack(">8H", 0x2001, 0xDB8, number, 0, 0, 0, 0, 0)
    head = struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
    # 0xc0: on this link, and for addresses of one's own making.
    told = struct.pack(">BBBBIII16s", 3, 4, 64, 0xC0, 86400, 14400, 0, prefix)
    mtu = struct.pack(">BBHI", 5, 1, 0, 1280)
    dns = struct.pack(">BBHI16s", 25, 3, 0, 600, socket.inet_pton(socket.AF_INET6, "2001:db8::53"))
    return head + told + mtu + dns


def main(interface, mode):
    index = socket.if_nametoindex(interface)
    router = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    # A router's word counts only with the hop limit that no router lets through.
    router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    number = 1
    while True:
        try:
            router.sendto(advertisement(number & 0xFFFF), (ALL_NODES, 0, 0, index))
        except OSError:
            pass  # its own address is still tentative
        if mode == "flood":
            number += 1
        time.sleep(0.5 if mode == "ra" else 0.01)


if __name__ == "__main__":
    main(*sys.argv[1:])
