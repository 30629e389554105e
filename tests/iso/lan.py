"""A switch's port that takes and sends VLAN 7 alone, for a card of QEMU's: Lan(path)

Behind it are a DHCP server that sends all that servers send (tests/root/dhcp.py), a router that tells an IPv6 prefix
(tests/root/ra.py), and who pings. `-netdev stream` carries each frame behind its length, 4 bytes big-endian.
"""
import os
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "root"))
import dhcp
import ra

VLAN = 7
CARD, SERVER = bytes.fromhex("525400000007"), bytes.fromhex("525400000001")
ADDRESS = bytes([192, 0, 2, 7])
NETDEV = "stream,id=lan,server=off,addr.type=unix,addr.path="
DOT1Q, IPV4, ARP, IPV6 = 0x8100, 0x0800, 0x0806, 0x86DD
ICMP, UDP, ICMPV6 = 1, 17, 58


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def tagged(to, kind, packet):
    return to + SERVER + struct.pack(">HHH", DOT1Q, VLAN, kind) + packet


def ipv4(to, protocol, body):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0, dhcp.SERVER, to)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def advertised():
    """RFC 4861, 4.2: from a link-local address to all nodes, with a hop limit that no router lets through."""
    source, to = socket.inet_pton(socket.AF_INET6, "fe80::1"), socket.inet_pton(socket.AF_INET6, ra.ALL_NODES)
    body = bytearray(ra.advertisement(VLAN))
    body[2:4] = struct.pack(">H", checksum(source + to + struct.pack(">II", len(body), ICMPV6) + bytes(body)))
    head = struct.pack(">IHBB16s16s", 6 << 28, len(body), ICMPV6, 255, source, to)
    return tagged(bytes.fromhex("333300000001"), IPV6, head + bytes(body))


class Lan:
    """`pongs` counts the answers to its pings, `untagged` the frames that asked DHCP outside of the VLAN."""

    def __init__(self, path):
        self.pongs, self.untagged = 0, 0
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(path)
        self.door.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        self.link = self.door.accept()[0]
        threading.Thread(target=self._tell, daemon=True).start()
        data = b""
        while True:
            more = self.link.recv(65536)
            if not more:
                return
            data += more
            while len(data) >= 4 and len(data) >= 4 + struct.unpack(">I", data[:4])[0]:
                end = 4 + struct.unpack(">I", data[:4])[0]
                self._frame(data[4:end])
                data = data[end:]

    def _send(self, frame):
        self.link.sendall(struct.pack(">I", len(frame)) + frame)

    def _tell(self):
        ping = struct.pack(">BBHHH", 8, 0, 0, 1, 1)
        ping = ping[:2] + struct.pack(">H", checksum(ping)) + ping[4:]
        try:
            while True:
                self._send(advertised())
                self._send(tagged(CARD, IPV4, ipv4(ADDRESS, ICMP, ping)))
                time.sleep(1)
        except OSError:
            pass  # the machine is off

    def _frame(self, frame):
        kind = struct.unpack(">H", frame[12:14])[0]
        if kind != DOT1Q:
            self.untagged += kind == IPV4 and frame[23] == UDP and frame[36:38] == b"\0\x43"
            return
        tag, kind = struct.unpack(">HH", frame[14:18])
        packet = frame[18:]
        if tag & 0xFFF != VLAN:
            return
        if kind == ARP and packet[6:8] == b"\0\1" and packet[24:28] == dhcp.SERVER:
            self._send(tagged(CARD, ARP, packet[:6] + b"\0\2" + SERVER + dhcp.SERVER + packet[8:18]))
        elif kind == IPV4 and packet[9] == ICMP and packet[20] == 0:
            self.pongs += 1
        elif kind == IPV4 and packet[9] == UDP and packet[22:24] == b"\0\x43":
            self._dhcp(packet[28:])

    def _dhcp(self, asked):
        reply = {dhcp.DISCOVER: dhcp.OFFER, dhcp.REQUEST: dhcp.ACK}.get(dhcp.parse(asked)[0])
        if reply:
            said = dhcp.answer(asked, reply, ADDRESS, {**dhcp.PLAIN, **dhcp.MODES["everything"]})
            said = struct.pack(">HHHH", 67, 68, 8 + len(said), 0) + said
            self._send(tagged(b"\xff" * 6, IPV4, ipv4(b"\xff" * 4, UDP, said)))
